"""Attendance: what came of a session for each client on its roster."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from models.attendance import AttendanceOutcome as Outcomes
from models.attendance import ConfirmationStatus as Statuses
from resolvers import attendance
from schema.appointments import Appointment
from schema.clients import Client
from schema.fields import (
    EXPECTED_VERSION,
    IDEMPOTENCY_KEY,
    column,
    fact,
    given,
    many,
    mutation,
    one,
    rows,
    shape,
    sole_of,
    value,
)
from schema.nodes import Node
from schema.practice import Money, ServiceCode
from schema.problems import ChartLocked, IdempotencyConflict, InvalidInput, Problem, VersionConflict

if TYPE_CHECKING:
    from schema.charting.shapes import ChartNote
    from schema.payments import PaymentAllocation


@strawberry.enum(description="What the client said to a coming session.")
class ConfirmationStatus(Enum):
    """What the client said to a coming session."""

    NOT_ASKED = strawberry.enum_value(Statuses.NOT_ASKED.value, description="Nobody asked.")
    PENDING = strawberry.enum_value(Statuses.PENDING.value, description="Asked, and not answered yet.")
    CONFIRMED = strawberry.enum_value(Statuses.CONFIRMED.value, description="They will come.")
    DECLINED = strawberry.enum_value(Statuses.DECLINED.value, description="They will not come.")


@strawberry.enum(description="What came of it.")
class AttendanceOutcome(Enum):
    """What came of it."""

    ATTENDED = strawberry.enum_value(Outcomes.ATTENDED.value, description="They came.")
    NO_SHOW = strawberry.enum_value(Outcomes.NO_SHOW.value, description="They did not come, and did not say so.")
    LATE_CANCEL = strawberry.enum_value(
        Outcomes.LATE_CANCEL.value, description="They said too late that they would not."
    )
    ABSENT = strawberry.enum_value(Outcomes.ABSENT.value, description="Did not attend, no fee.")


@shape(models.Attendance, "att")
class Attendance(Node):
    """One client's line of one session."""

    appointment: Appointment = one("appointment_id", "The session.")
    client: Client = one("client_id", "Whose line it is.")
    confirmation: ConfirmationStatus = column("confirmation", "Shown until an outcome is set.")
    outcome: AttendanceOutcome | None = column("outcome", "Null until attendance is set.")
    attended: bool | None = fact("Yes or no at a glance; null until attendance is set.")
    service_code: ServiceCode | None = one("service_code_id", "Null when unset, or set with No Fee.")
    fee: Money | None = value("Null when unset; zero with No Fee.")
    paid: Money = value("The sum of the allocations.")
    balance: Money = value("Fee less what is paid.")
    last_changed_by: str | None = fact("Who set, cleared or confirmed it last, by name. For staff.")
    version: int = column("version", "Raised by each change.")

    @sole_of
    def chart_note(self) -> Annotated[ChartNote, strawberry.lazy("schema.charting.shapes")] | None:
        """The client's own note of the session."""
        raise NotImplementedError

    @many
    def allocations(self) -> list[Annotated[PaymentAllocation, strawberry.lazy("schema.payments")]]:
        """What was paid for it, payment by payment, oldest first."""
        raise NotImplementedError


@shape()
class AttendanceSummary:
    """Counts over the lines of a session that the viewer may see."""

    total: int = column("total", "How many lines.")
    attended: int = column("attended", "How many came.")
    missed: int = column("missed", "How many did not.")
    unset: int = column("unset", "Of how many it is not known yet.")
    confirmed: int = column("confirmed", "How many said that they would come.")
    charged: Money = value("The sum of fees.")
    paid: Money = value("What of the fees is paid.")


@shape()
class AttendanceOption:
    """One line of the attendance dropdown: an outcome together with what it charges."""

    outcome: AttendanceOutcome = column("outcome", "What came of it.")
    service_code: ServiceCode | None = one(
        "service_code_id",
        "Null is No Fee, which closes both halves of the list: with ATTENDED send `noFee`; ABSENT alone is enough.",
    )
    label: str = column("label", "For people.")


@shape()
class AttendanceOptions:
    """The attendance dropdown: Yes, then No."""

    @rows
    def attended(self) -> list[AttendanceOption]:
        """Standard and custom codes, then No Fee."""
        raise NotImplementedError

    @rows
    def not_attended(self) -> list[AttendanceOption]:
        """No show, late cancel, then No Fee."""
        raise NotImplementedError


@strawberry.input(description="What came of a session for one client.")
class SetAttendanceInput:
    """What came of a session for one client."""

    attendance_id: strawberry.ID = strawberry.field(description="The client's line.")
    outcome: AttendanceOutcome = strawberry.field(description="What came of it.")
    service_code_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Left out, the default code for ATTENDED, as mark-all sets it, and the system code for NO_SHOW and"
        " LATE_CANCEL. ABSENT has none.",
    )
    no_fee: bool = strawberry.field(default=False, description="Attended without a fee. ABSENT never has one.")
    fee_minor: int | None = strawberry.field(default=strawberry.UNSET, description="Left out, the code's own fee.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class SetAttendancePayload:
    """It is set."""

    attendance: Attendance = given("The line as it is now.")


@shape()
class AttendanceAlreadySet(Problem):
    """Clear it first."""

    attendance: Attendance = given("The line as it is.")


@shape()
class ServiceCodeNotAllowed(Problem):
    """A code that this outcome cannot carry: NO_SHOW and LATE_CANCEL take system codes only, ABSENT none."""

    service_code: ServiceCode = given("The code.")


SetAttendanceResult = Annotated[
    SetAttendancePayload
    | ChartLocked
    | AttendanceAlreadySet
    | ServiceCodeNotAllowed
    | VersionConflict
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SetAttendanceResult", description="What came of setting attendance."),
]


@strawberry.input(description="Whose attendance to forget.")
class ClearAttendanceInput:
    """Whose attendance to forget."""

    attendance_id: strawberry.ID = strawberry.field(description="The client's line.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class ClearAttendancePayload:
    """It is cleared."""

    attendance: Attendance = given("The line as it is now.")


@shape()
class AttendancePaid(Problem):
    """Money was taken for it: the owner, a manager or the biller refunds the payment first."""

    attendance: Attendance = given("The line as it is.")


ClearAttendanceResult = Annotated[
    ClearAttendancePayload | ChartLocked | AttendancePaid | VersionConflict | IdempotencyConflict,
    strawberry.union("ClearAttendanceResult", description="What came of clearing attendance."),
]


@strawberry.input(description="Which session everybody came to.")
class MarkAllAttendedInput:
    """Which session everybody came to."""

    appointment_id: strawberry.ID = strawberry.field(description="The session.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class MarkAllAttendedPayload:
    """Everybody who had no outcome came."""

    appointment: Appointment = given("The session.")
    marked: list[Attendance] = given("Those that this call marked.")


MarkAllAttendedResult = Annotated[
    MarkAllAttendedPayload | ChartLocked | InvalidInput | IdempotencyConflict,
    strawberry.union("MarkAllAttendedResult", description="What came of marking all."),
]


@strawberry.input(description="What a client said to a session.")
class RecordConfirmationInput:
    """What a client said to a session."""

    attendance_id: strawberry.ID = strawberry.field(description="The client's line.")
    status: ConfirmationStatus = strawberry.field(description="What they said. A client says CONFIRMED or DECLINED.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class RecordConfirmationPayload:
    """It is noted."""

    attendance: Attendance = given("The line as it is now.")


RecordConfirmationResult = Annotated[
    RecordConfirmationPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("RecordConfirmationResult", description="What came of noting it."),
]


@strawberry.type
class AttendanceMutation:
    """What may be done about attendance."""

    @mutation(attendance.set_attendance)
    def set_attendance(self, input: SetAttendanceInput) -> SetAttendanceResult | None:
        """Sets outcome and code by one choice. What is set must be cleared first."""
        raise NotImplementedError

    @mutation(attendance.clear_attendance)
    def clear_attendance(self, input: ClearAttendanceInput) -> ClearAttendanceResult | None:
        """Forgets what was set."""
        raise NotImplementedError

    @mutation(attendance.mark_all_attended)
    def mark_all_attended(self, input: MarkAllAttendedInput) -> MarkAllAttendedResult | None:
        """Marks every client who has no outcome yet as attended with the default code."""
        raise NotImplementedError

    @mutation(attendance.record_confirmation)
    def record_confirmation(self, input: RecordConfirmationInput) -> RecordConfirmationResult | None:
        """Notes what a client said to a session."""
        raise NotImplementedError
