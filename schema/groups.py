"""Groups: who belongs to them, and who leads them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers import groups
from schema.clients import Client
from schema.fields import (
    EXPECTED_VERSION,
    IDEMPOTENCY_KEY,
    column,
    connection,
    fact,
    given,
    many,
    mutation,
    one,
    shape,
    sole,
)
from schema.nodes import Node
from schema.paging import Connection, TimeOrder
from schema.practice import Provider, ServiceCode
from schema.problems import IdempotencyConflict, InvalidInput, VersionConflict

if TYPE_CHECKING:
    from schema.appointments import Appointment


@shape(models.Group, "grp")
class Group(Node):
    """A therapy group."""

    name: str = fact(
        "The full name. It can reveal a diagnosis: reminders and glanceable places show `initials`, and so does this"
        " field to billers and clients."
    )
    initials: str = column("initials", "For reminders and glanceable places.")
    default_service_code: ServiceCode = one("default_service_code_id", "What 'mark all as attended' charges.")
    provider: Provider = one("provider_id", "The provider who owns the group.")
    archived_at: datetime | None = column("archived_at", "When it was put away; null when it was not.")
    viewer_can_edit: bool = fact("Whether the viewer may change the group and who belongs to it.")
    version: int = fact("Raised by each change of the group itself; 0 to whoever may not change it.")

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
        """The group's sessions."""
        raise NotImplementedError

    @many
    def providers(self) -> list[Provider]:
        """Everyone who schedules and charts on the group: its owner and those it is shared with."""
        raise NotImplementedError

    @many
    def members(self) -> list[GroupMembership]:
        """Current members, by last name; those of them that the viewer may see."""
        raise NotImplementedError


@shape(models.GroupMembership, "mem")
class GroupMembership(Node):
    """A client belongs to a group, or did."""

    group: Group = one("group_id", "The group.")
    client: Client = one("client_id", "The member.")
    joined_at: datetime = column("joined_at", "Since when.")
    left_at: datetime | None = column("left_at", "Until when; null while it lasts.")


@strawberry.type
class GroupsQuery:
    """What may be asked of groups."""

    @sole
    def group(self, id: Annotated[strawberry.ID, strawberry.argument(description="The group's id.")]) -> Group | None:
        """A group; null when there is none with this id that the viewer may see."""
        raise NotImplementedError

    @connection
    def groups(
        self,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the name, in any case and without accents.")
        ] = strawberry.UNSET,
        archived: Annotated[bool | None, strawberry.argument(description="Null is both.")] = False,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Group] | None:
        """Groups the viewer can see, by name. They stand above the clients in the client list."""
        raise NotImplementedError


@strawberry.input(description="A new group.")
class CreateGroupInput:
    """A new group."""

    name: str = strawberry.field(description="The full name.")
    initials: str = strawberry.field(description="What stands for the name in glanceable places.")
    default_service_code_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, the practice's 90853."
    )
    provider_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Needed only where the practice has several providers and the viewer is none of them.",
    )
    client_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Its first members; at most 100."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CreateGroupPayload:
    """The group is there."""

    group: Group = given("The new group.")


CreateGroupResult = Annotated[
    CreateGroupPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateGroupResult", description="What came of making a group."),
]


@strawberry.input(description="What changes about a group: what is left out stays.")
class UpdateGroupInput:
    """What changes about a group."""

    id: strawberry.ID = strawberry.field(description="The group.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="The full name.")
    initials: str | None = strawberry.field(default=strawberry.UNSET, description="What stands for the name.")
    default_service_code_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Acts forward only: what is charged already stays."
    )
    provider_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Hands the group over to another provider. Who had it goes on with it as one it is shared with.",
    )
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class UpdateGroupPayload:
    """The group is changed."""

    group: Group = given("The group as it is now.")


UpdateGroupResult = Annotated[
    UpdateGroupPayload | InvalidInput | VersionConflict | IdempotencyConflict,
    strawberry.union("UpdateGroupResult", description="What came of changing a group."),
]


@strawberry.input(description="Which group to put away.")
class ArchiveGroupInput:
    """Which group to put away."""

    id: strawberry.ID = strawberry.field(description="The group.")
    archived: bool = strawberry.field(default=True, description="False takes it back.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class ArchiveGroupPayload:
    """The group is put away, or taken back."""

    group: Group = given("The group as it is now.")


ArchiveGroupResult = Annotated[
    ArchiveGroupPayload | IdempotencyConflict,
    strawberry.union("ArchiveGroupResult", description="What came of putting a group away."),
]


@strawberry.input(
    description="Adding twice is the same as adding once. The client joins the sessions that have not started."
)
class AddGroupMemberInput:
    """Who joins which group."""

    group_id: strawberry.ID = strawberry.field(description="The group.")
    client_id: strawberry.ID = strawberry.field(description="Who joins.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class AddGroupMemberPayload:
    """The client is a member."""

    membership: GroupMembership = given("The membership.")
    group: Group = given("The group.")
    client: Client = given("The member.")
    appointments: list[Annotated[Appointment, strawberry.lazy("schema.appointments")]] = given(
        "The sessions that the client joined by this call."
    )


AddGroupMemberResult = Annotated[
    AddGroupMemberPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("AddGroupMemberResult", description="What came of adding a member."),
]


@strawberry.input(
    description="Ends the membership. Past sessions, notes and payments stay;"
    " sessions that have not started lose the client."
)
class RemoveGroupMemberInput:
    """Who leaves which group."""

    group_id: strawberry.ID = strawberry.field(description="The group.")
    client_id: strawberry.ID = strawberry.field(description="Who leaves.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class RemoveGroupMemberPayload:
    """The client is no member any more."""

    membership: GroupMembership | None = given("The membership as it ended; null when there was none.")
    group: Group = given("The group.")
    client: Client = given("Who left.")
    appointments: list[Annotated[Appointment, strawberry.lazy("schema.appointments")]] = given(
        "The sessions that the client left by this call."
    )


RemoveGroupMemberResult = Annotated[
    RemoveGroupMemberPayload | IdempotencyConflict,
    strawberry.union("RemoveGroupMemberResult", description="What came of removing a member."),
]


@strawberry.type
class GroupsMutation:
    """What may be done about groups."""

    @mutation(groups.create_group)
    def create_group(self, input: CreateGroupInput) -> CreateGroupResult | None:
        """Makes a group."""
        raise NotImplementedError

    @mutation(groups.update_group)
    def update_group(self, input: UpdateGroupInput) -> UpdateGroupResult | None:
        """Changes a group."""
        raise NotImplementedError

    @mutation(groups.archive_group)
    def archive_group(self, input: ArchiveGroupInput) -> ArchiveGroupResult | None:
        """Puts a group away, or takes it back."""
        raise NotImplementedError

    @mutation(groups.add_group_member)
    def add_group_member(self, input: AddGroupMemberInput) -> AddGroupMemberResult | None:
        """Makes a client a member of a group."""
        raise NotImplementedError

    @mutation(groups.remove_group_member)
    def remove_group_member(self, input: RemoveGroupMemberInput) -> RemoveGroupMemberResult | None:
        """Ends a client's membership of a group."""
        raise NotImplementedError
