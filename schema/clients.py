"""Clients: the people in care."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers import clients
from schema.fields import (
    EXPECTED_VERSION,
    IDEMPOTENCY_KEY,
    column,
    connection,
    given,
    many,
    mutation,
    shape,
    sole,
    value,
)
from schema.nodes import Node
from schema.paging import Connection, TimeOrder
from schema.practice import Money, Provider
from schema.problems import IdempotencyConflict, InvalidInput, VersionConflict

if TYPE_CHECKING:
    from schema.appointments import Appointment
    from schema.attendance import Attendance
    from schema.charting.shapes import ChartNote
    from schema.groups import Group, GroupMembership
    from schema.payments import Payment


@shape(models.Client, "clt")
class Client(Node):
    """A person in care."""

    first_name: str = column("first_name", "As in their papers.")
    last_name: str = column("last_name", "As in their papers.")
    preferred_name: str | None = column("preferred_name", "What they are called, where that is not the first name.")
    name: str = column("name", "The preferred or first name and the last name.")
    initials: str = column("initials", "For glanceable places.")
    date_of_birth: date | None = column("date_of_birth", "The day they were born.")
    email: str | None = column("email", "Where mail reaches them.")
    phone: str | None = column("phone", "Where a call reaches them.")
    active: bool = column("active", "Whether they are in care now.")
    balance: Money = value(
        "What the client owes now: all charges less all payments, whatever else the viewer may see. Negative is credit."
    )
    version: int = column("version", "Raised by each change.")

    @connection
    def appointments(
        self,
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="What ends after it.")
        ] = strawberry.UNSET,
        to: Annotated[datetime | None, strawberry.argument(description="What starts before it.")] = strawberry.UNSET,
        order: Annotated[
            TimeOrder, strawberry.argument(description="Which end comes first.")
        ] = TimeOrder.EARLIEST_FIRST,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Annotated[Appointment, strawberry.lazy("schema.appointments")]]:
        """Sessions on whose roster the client is."""
        raise NotImplementedError

    @connection
    def attendances(
        self,
        order: Annotated[TimeOrder, strawberry.argument(description="Which end comes first.")] = TimeOrder.LATEST_FIRST,
        unpaid_only: Annotated[bool, strawberry.argument(description="Those with something open.")] = False,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Annotated[Attendance, strawberry.lazy("schema.attendance")]]:
        """The client's own lines of all sessions: what came of each, what it cost, what is paid."""
        raise NotImplementedError

    @connection
    def chart_notes(
        self,
        order: Annotated[TimeOrder, strawberry.argument(description="Which end comes first.")] = TimeOrder.LATEST_FIRST,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Annotated[ChartNote, strawberry.lazy("schema.charting.shapes")]]:
        """The client's notes, by session."""
        raise NotImplementedError

    @connection
    def payments(
        self,
        order: Annotated[TimeOrder, strawberry.argument(description="Which end comes first.")] = TimeOrder.LATEST_FIRST,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Annotated[Payment, strawberry.lazy("schema.payments")]]:
        """What the client paid, by the day it was received."""
        raise NotImplementedError

    @many
    def providers(self) -> list[Provider]:
        """Who usually sees this client."""
        raise NotImplementedError

    @many
    def groups(self) -> list[Annotated[Group, strawberry.lazy("schema.groups")]]:
        """Group Memberships: the groups this client is in now, by name."""
        raise NotImplementedError

    @many
    def memberships(self) -> list[Annotated[GroupMembership, strawberry.lazy("schema.groups")]]:
        """All memberships, ended ones too."""
        raise NotImplementedError


@strawberry.type
class ClientsQuery:
    """What may be asked of clients."""

    @sole
    def client(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The client's id.")]
    ) -> Client | None:
        """A client; null when there is none with this id that the viewer may see."""
        raise NotImplementedError

    @connection
    def clients(
        self,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the name, in any case and without accents.")
        ] = strawberry.UNSET,
        active: Annotated[bool | None, strawberry.argument(description="Null is both.")] = True,
        not_in_group: Annotated[
            strawberry.ID | None, strawberry.argument(description="A group's id.")
        ] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Client] | None:
        """Clients the viewer can see, by last name. With `notInGroup`, only those who could be added to that group."""
        raise NotImplementedError


@strawberry.input(description="A new client.")
class CreateClientInput:
    """A new client."""

    first_name: str = strawberry.field(description="As in their papers.")
    last_name: str = strawberry.field(description="As in their papers.")
    preferred_name: str | None = strawberry.field(default=strawberry.UNSET, description="What they are called.")
    date_of_birth: date | None = strawberry.field(default=strawberry.UNSET, description="The day they were born.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where mail reaches them.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Where a call reaches them.")
    provider_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Who usually sees the client. A provider who leaves it out is meant."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CreateClientPayload:
    """The client is there."""

    client: Client = given("The new client.")


CreateClientResult = Annotated[
    CreateClientPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateClientResult", description="What came of adding a client."),
]


@strawberry.input(description="What changes about a client: what is left out stays, null clears.")
class UpdateClientInput:
    """What changes about a client."""

    id: strawberry.ID = strawberry.field(description="The client.")
    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="As in their papers.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="As in their papers.")
    preferred_name: str | None = strawberry.field(default=strawberry.UNSET, description="What they are called.")
    date_of_birth: date | None = strawberry.field(default=strawberry.UNSET, description="The day they were born.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where mail reaches them.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Where a call reaches them.")
    provider_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Who usually sees the client, all of them."
    )
    active: bool | None = strawberry.field(
        default=strawberry.UNSET, description="False ends care; true takes it up again."
    )
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class UpdateClientPayload:
    """The client is changed."""

    client: Client = given("The client as they are now.")


UpdateClientResult = Annotated[
    UpdateClientPayload | InvalidInput | VersionConflict | IdempotencyConflict,
    strawberry.union("UpdateClientResult", description="What came of changing a client."),
]


@strawberry.type
class ClientsMutation:
    """What may be done about clients."""

    @mutation(clients.create_client)
    def create_client(self, input: CreateClientInput) -> CreateClientResult | None:
        """Adds a client."""
        raise NotImplementedError

    @mutation(clients.update_client)
    def update_client(self, input: UpdateClientInput) -> UpdateClientResult | None:
        """Changes a client."""
        raise NotImplementedError
