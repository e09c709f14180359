"""Access in an emergency: what is asked, and what comes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

import models
from resolvers.charting import emergency
from schema.clients import Client
from schema.fields import IDEMPOTENCY_KEY, column, connection, fact, given, mutation, one, shape
from schema.nodes import Node
from schema.paging import Connection
from schema.problems import IdempotencyConflict, InvalidInput


@shape(models.EmergencyAccess, "ema")
class EmergencyAccess(Node):
    """Somebody who keeps the practice opened a client's notes for a while, and said why.

    Whoever wrote notes of the client finds it among `emergencyAccesses`, and so does the client.
    """

    client: Client | None = one("client_id", "Whose notes; null where the viewer no longer sees the client.")
    by: str = fact("Who opened them.")
    reason: str = column("reason", "Why, in their words.")
    begun_at: datetime = column("begun_at", "From when on.")
    expires_at: datetime = column("expires_at", "Until when.")
    active: bool = fact("Whether they can still be read.")


@strawberry.input(description="Whose notes are to be read, and why.")
class BreakGlassInput:
    """Whose notes are to be read, and why."""

    client_id: strawberry.ID = strawberry.field(description="The client.")
    reason: str = strawberry.field(
        description="Why, in at most 500 characters; who treats the client, and they themselves, read it."
    )
    minutes: int = strawberry.field(default=60, description="For how long: 1 to 240.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class BreakGlassPayload:
    """The client's notes can be read."""

    access: EmergencyAccess = given("What was opened, and until when.")


BreakGlassResult = Annotated[
    BreakGlassPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("BreakGlassResult", description="What came of opening notes."),
]


@strawberry.type
class EmergencyQuery:
    """What may be asked of emergencies."""

    @connection
    def emergency_accesses(
        self,
        client_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only to this client's notes.")
        ] = strawberry.UNSET,
        active: Annotated[bool | None, strawberry.argument(description="Null is both.")] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[EmergencyAccess] | None:
        """When notes were opened in an emergency, newest first: for a provider, of clients whom they treat."""
        raise NotImplementedError


@strawberry.type
class EmergencyMutation:
    """What may be done in an emergency."""

    @mutation(emergency.break_glass)
    def break_glass(self, input: BreakGlassInput) -> BreakGlassResult | None:
        """Opens a client's notes to an owner or manager for a while; logged, and told to who treats the client."""
        raise NotImplementedError
