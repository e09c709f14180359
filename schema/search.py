"""Who can be put on a calendar: one search by part of a name."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from schema.clients import Client
from schema.fields import column, find_node, find_nodes, one_of, rows, shape
from schema.groups import Group
from schema.nodes import Node


@strawberry.enum(description="Whose clients and groups are searched.")
class SearchScope(Enum):
    """Whose clients and groups are searched."""

    MINE = strawberry.enum_value("MINE", description="Clients and groups of the provider whose calendar it is.")
    ALL = strawberry.enum_value(
        "ALL", description="Every client and group that the viewer may see, whoever's calendar it is."
    )


Bookable = Annotated[
    Client | Group, strawberry.union("Bookable", description="Who an appointment can be with: a client, or a group.")
]


@shape()
class SearchHit:
    """A client or a group that was found."""

    match: Bookable = one_of("kind", {"Client": "client_id", "Group": "group_id"}, "Who was found.")
    usually_sees_provider: bool | None = column(
        "usually",
        "False shows the alert: this group (or client) doesn't usually see this provider."
        " Null when no provider was asked for.",
    )


@strawberry.type
class SearchQuery:
    """What may be found by name or by id."""

    @find_node
    def node(self, id: Annotated[strawberry.ID, strawberry.argument(description="An id of any type.")]) -> Node | None:
        """Whatever has this id; null when that is nothing the viewer may see."""
        raise NotImplementedError

    @find_nodes
    def nodes(
        self, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Ids of any types; at most 100.")]
    ) -> list[Node | None] | None:
        """In the order asked, null where there is nothing to see. At most 100, as in every list of an input."""
        raise NotImplementedError

    @rows
    def search(
        self,
        text: Annotated[str, strawberry.argument(description="Part of the name, in any case and without accents.")],
        provider_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose calendar it is.")
        ] = strawberry.UNSET,
        scope: Annotated[SearchScope, strawberry.argument(description="Whose clients and groups.")] = SearchScope.MINE,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
    ) -> list[SearchHit] | None:
        """Who can be put on `providerId`'s calendar: clients and groups whose name contains `text`, groups first.

        Fewer than two characters find nothing. Left out, `providerId` is the viewer's own; for a viewer without a
        calendar MINE is ALL.
        """
        raise NotImplementedError
