"""Appointments and the calendar that shows them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

import models
from models.appointments import AppointmentKind as Kinds
from models.appointments import AppointmentStatus as Statuses
from models.places import seal
from resolvers.appointments import scheduling
from resolvers.reading.shapes import Events, Sole
from schema.fields import (
    EXPECTED_VERSION,
    IDEMPOTENCY_KEY,
    column,
    derived,
    fact,
    given,
    id_of,
    many,
    many_when,
    mutation,
    one,
    shape,
    sole,
    sole_of,
    stream,
    value,
    value_of,
)
from schema.groups import Group
from schema.nodes import Node
from schema.practice import Provider
from schema.problems import ChartLocked, IdempotencyConflict, InvalidInput, Problem, VersionConflict
from schema.search import Bookable

if TYPE_CHECKING:
    from schema.attendance import Attendance, AttendanceOptions, AttendanceSummary
    from schema.charting.shapes import Chart, ChartTemplate


def _sealed(practice: str, seq: str) -> str:
    """Give a place in the practice's log of events as clients keep it."""
    return seal(UUID(practice), int(seq))


@strawberry.enum(description="With one client, or with a group.")
class AppointmentKind(Enum):
    """With one client, or with a group."""

    INDIVIDUAL = strawberry.enum_value(Kinds.INDIVIDUAL.value, description="With one client.")
    GROUP = strawberry.enum_value(Kinds.GROUP.value, description="With a group.")


@strawberry.enum(description="Whether a session takes place.")
class AppointmentStatus(Enum):
    """Whether a session takes place."""

    SCHEDULED = strawberry.enum_value(Statuses.SCHEDULED.value, description="It takes place, or did.")
    CANCELED = strawberry.enum_value(Statuses.CANCELED.value, description="It was called off, and is kept.")


@shape(models.Appointment, "apt")
class Appointment(Node):
    """A session on a provider's calendar."""

    kind: AppointmentKind | None = fact("Null where `busyOnly`.")
    status: AppointmentStatus = column("status", "Whether it takes place.")
    title: str = fact("The group's name, or the client's. Just `Busy` where the viewer may know no more.")
    short_title: str = fact("The same by initials, for glanceable places.")
    busy_only: bool = fact(
        "True where the viewer may know only that the time is taken: no group, no attendances, no chart."
    )
    provider: Provider = one("provider_id", "Whose calendar it is on.")
    group: Group | None = one("group_id", "Null for an individual appointment.")
    starts_at: datetime = column("starts_at", "When it starts.")
    ends_at: datetime = column("ends_at", "When it ends.")
    attendance_summary: Annotated[AttendanceSummary, strawberry.lazy("schema.attendance")] | None = value(
        "Counts for glanceable places, over the same rows, so that nobody downloads a roster to draw a badge."
        " Null where `busyOnly`."
    )
    attendance_options: Annotated[AttendanceOptions, strawberry.lazy("schema.attendance")] | None = value(
        "The attendance dropdown. Null where the viewer may not set attendance."
    )
    canceled_at: datetime | None = column("canceled_at", "When it was called off.")
    cancel_reason: str | None = fact("For staff.")
    viewer_can_reschedule: bool = fact("Whether the viewer may move or cancel it.")
    viewer_can_set_attendance: bool = fact("Whether the viewer may say who came.")
    viewer_can_take_payment: bool = fact("Whether the viewer may take money for it.")
    viewer_can_chart: bool = fact("Whether the viewer may write its notes.")
    version: int = column("version", "Raised by each change of time, calendar or status.")

    @many_when("viewerCanChart")
    def chart_templates(self) -> list[Annotated[ChartTemplate, strawberry.lazy("schema.charting.shapes")]] | None:
        """The Chart Entry Style dropdown: for a group, custom templates only. Null where the viewer may not chart."""
        raise NotImplementedError

    @sole_of
    def chart(self) -> Annotated[Chart, strawberry.lazy("schema.charting.shapes")] | None:
        """The session's chart, once charting has started. Null too for those who may not read notes."""
        raise NotImplementedError

    @many
    def attendances(self) -> list[Annotated[Attendance, strawberry.lazy("schema.attendance")]]:
        """One per client who was on the roster when the session started, by last name; those that the viewer may see.

        A session that was scheduled after its start has the roster of then. An individual appointment has one.
        """
        raise NotImplementedError


@shape()
class Calendar:
    """A stretch of the calendar, and where its stream of changes goes on from."""

    cursor: str = derived(
        _sealed, "Pass it to `calendarChanges(after:)`: nothing between this answer and the stream is missed."
    )

    @many
    def appointments(self) -> list[Appointment]:
        """In order of start."""
        raise NotImplementedError


@strawberry.type
class AppointmentsQuery:
    """What may be asked of appointments."""

    @sole
    def appointment(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The appointment's id.")]
    ) -> Appointment | None:
        """An appointment; null when there is none with this id that the viewer may see."""
        raise NotImplementedError

    @value_of
    def calendar(
        self,
        from_: Annotated[datetime, strawberry.argument(name="from", description="Included.")],
        to: Annotated[datetime, strawberry.argument(description="Not included.")],
        provider_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Whose calendars.")
        ] = strawberry.UNSET,
        include_canceled: Annotated[bool, strawberry.argument(description="Canceled ones too.")] = False,
    ) -> Calendar | None:
        """A stretch of the calendar of at most 62 days: all that overlaps `from` (included) to `to` (not included).

        Without `providerIds`, all that the viewer may see; an empty list is none.
        """
        raise NotImplementedError


@strawberry.input(description="What to put on a calendar.")
class ScheduleAppointmentInput:
    """What to put on a calendar."""

    provider_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, the viewer's own calendar."
    )
    group_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly one of `groupId` and `clientId`."
    )
    client_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly one of `groupId` and `clientId`."
    )
    starts_at: datetime = strawberry.field(description="When it starts.")
    duration_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, the default code's length."
    )
    confirm_sharing: bool = strawberry.field(
        default=False, description="Said yes to: this group doesn't usually see this provider. It shares the group."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class ScheduleAppointmentPayload:
    """It is on the calendar."""

    appointment: Appointment = given("The new appointment.")
    overlaps: list[Appointment] = given(
        "Appointments of the same provider at the same time, and of the same clients where the viewer may see those."
        " A warning, not a refusal."
    )


@shape()
class NotUsuallySeen(Problem):
    """Asks for `confirmSharing`."""

    message: str = given("This group doesn't usually see this provider.")
    match: Bookable = given("Who was to be put on the calendar.")
    provider: Provider = given("Whose calendar it is.")


ScheduleAppointmentResult = Annotated[
    ScheduleAppointmentPayload | NotUsuallySeen | InvalidInput | IdempotencyConflict,
    strawberry.union("ScheduleAppointmentResult", description="What came of scheduling."),
]


@strawberry.input(description="Where to move an appointment.")
class RescheduleAppointmentInput:
    """Where to move an appointment."""

    id: strawberry.ID = strawberry.field(description="The appointment.")
    starts_at: datetime = strawberry.field(description="When it starts now.")
    duration_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, as long as it was."
    )
    provider_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Moves it to another provider's calendar, with the same alert as scheduling there.",
    )
    confirm_sharing: bool = strawberry.field(
        default=False, description="Said yes to: this group doesn't usually see this provider. It shares the group."
    )
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class RescheduleAppointmentPayload:
    """It is moved."""

    appointment: Appointment = given("The appointment as it is now.")
    overlaps: list[Appointment] = given("As when scheduling.")


RescheduleAppointmentResult = Annotated[
    RescheduleAppointmentPayload | ChartLocked | NotUsuallySeen | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("RescheduleAppointmentResult", description="What came of moving an appointment."),
]


@strawberry.input(description="What to call off.")
class CancelAppointmentInput:
    """What to call off."""

    id: strawberry.ID = strawberry.field(description="The appointment.")
    reason: str | None = strawberry.field(default=strawberry.UNSET, description="For staff; never shown to clients.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CancelAppointmentPayload:
    """It is called off."""

    appointment: Appointment = given("The appointment as it is now.")


CancelAppointmentResult = Annotated[
    CancelAppointmentPayload | ChartLocked | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("CancelAppointmentResult", description="What came of calling an appointment off."),
]


@strawberry.input(description="Whose share of which group ends.")
class UnshareGroupInput:
    """Whose share of which group ends."""

    group_id: strawberry.ID = strawberry.field(description="The group.")
    provider_id: strawberry.ID = strawberry.field(description="The provider who loses it.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class UnshareGroupPayload:
    """The share has ended."""

    group: Group = given("The group.")


UnshareGroupResult = Annotated[
    UnshareGroupPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("UnshareGroupResult", description="What came of ending a share."),
]


@strawberry.type
class AppointmentsMutation:
    """What may be done about appointments."""

    @mutation(scheduling.schedule_appointment)
    def schedule_appointment(self, input: ScheduleAppointmentInput) -> ScheduleAppointmentResult | None:
        """Puts a group or a client on a calendar."""
        raise NotImplementedError

    @mutation(scheduling.reschedule_appointment)
    def reschedule_appointment(self, input: RescheduleAppointmentInput) -> RescheduleAppointmentResult | None:
        """Moves an appointment in time, or to another calendar."""
        raise NotImplementedError

    @mutation(scheduling.cancel_appointment)
    def cancel_appointment(self, input: CancelAppointmentInput) -> CancelAppointmentResult | None:
        """Calls an appointment off; it is kept."""
        raise NotImplementedError

    @mutation(scheduling.unshare_group)
    def unshare_group(self, input: UnshareGroupInput) -> UnshareGroupResult | None:
        """Ends what scheduling on another provider's calendar began.

        Open streams of that provider lose the group at once.
        """
        raise NotImplementedError


@strawberry.enum(description="What happened to an appointment, or to the stream.")
class ChangeKind(Enum):
    """What happened to an appointment, or to the stream."""

    CREATED = strawberry.enum_value("CREATED", description="New, or moved into this stretch of the calendar.")
    UPDATED = strawberry.enum_value("UPDATED", description="Also when its group or client was renamed.")
    CANCELED = strawberry.enum_value("CANCELED", description="It was called off.")
    REMOVED = strawberry.enum_value(
        "REMOVED", description="It left this stretch of the calendar, or the viewer lost sight of it."
    )
    RESET = strawberry.enum_value(
        "RESET", description="Too far behind to replay: fetch the calendar again. The stream goes on."
    )
    CHECKPOINT = strawberry.enum_value(
        "CHECKPOINT",
        description="Nothing to see: keep this cursor, so that a quiet stretch does not grow too old to resume.",
    )


@shape()
class CalendarChange:
    """One change in a stretch of the calendar."""

    cursor: str = derived(_sealed, "Pass it as `after` to go on from here.")
    kind: ChangeKind = column("kind", "What happened.")
    appointment_id: strawberry.ID | None = id_of("apt", "appointment_id", "Null for RESET and CHECKPOINT.")
    appointment: Appointment | None = one("now_id", "The appointment as it is now; null when it was removed.")


@strawberry.type
class AppointmentsSubscription:
    """What streams of appointments there are."""

    @stream(Events())
    def calendar_changes(
        self,
        from_: Annotated[datetime, strawberry.argument(name="from", description="Included.")],
        to: Annotated[datetime, strawberry.argument(description="Not included; at most 62 days later.")],
        provider_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Whose calendars.")
        ] = strawberry.UNSET,
        after: Annotated[
            str | None, strawberry.argument(description="A cursor of the calendar or of a change.")
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[CalendarChange, None]:
        """Changes in a stretch of the calendar.

        With `after`, everything since that cursor comes first, in order and once, also after a broken connection or a
        restart. An appointment that the viewer lost sight of is REMOVED, and the stream goes on.
        """
        raise NotImplementedError

    @stream(Sole())
    def attendance_board(
        self, appointment_id: Annotated[strawberry.ID, strawberry.argument(description="The session.")]
    ) -> AsyncGenerator[Appointment, None]:
        """The live board of a session: as it is now, then again after each change.

        Attendance, confirmation and payment are changes, and so is one of its chart.
        """
        raise NotImplementedError
