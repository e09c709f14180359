"""Attendance: what came of a session for each client on its roster, and what it costs them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.practice import MOST_FEE_MINOR, ServiceCode, ServiceCodeKind
from models.problems import InvalidInput, Refused


class ConfirmationStatus(StrEnum):
    """What the client said to a coming session."""

    NOT_ASKED = "NOT_ASKED"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"


class AttendanceOutcome(StrEnum):
    """What came of it."""

    ATTENDED = "ATTENDED"
    NO_SHOW = "NO_SHOW"
    LATE_CANCEL = "LATE_CANCEL"
    ABSENT = "ABSENT"


# Whose notes may come of a session: all on its roster of whom it is not said that they did not come.
CHARTED = f"(outcome IS NULL OR outcome='{AttendanceOutcome.ATTENDED}')"

# Which kinds of code each outcome can carry: a code that may go on a claim never stands beside a No.
_CARRIES = {
    AttendanceOutcome.ATTENDED: {ServiceCodeKind.STANDARD, ServiceCodeKind.CUSTOM},
    AttendanceOutcome.NO_SHOW: {ServiceCodeKind.SYSTEM},
    AttendanceOutcome.LATE_CANCEL: {ServiceCodeKind.SYSTEM},
    AttendanceOutcome.ABSENT: set(),
}
# The system code of an outcome has its name.
_SYSTEM_CODES = {"NO_SHOW", "LATE_CANCEL"}


class ServiceCodeNotAllowed(Refused):
    """A code that this outcome cannot carry."""

    def __init__(self, code: ServiceCode) -> None:
        """Point to the code."""
        super().__init__(
            "ServiceCodeNotAllowed",
            "This code cannot stand beside this outcome.",
            nodes={"service_code": ("ServiceCode", code.id)},
        )


class AttendanceAlreadySet(Refused):
    """It must be cleared first."""

    def __init__(self, line: Attendance) -> None:
        """Point to the attendance."""
        super().__init__(
            "AttendanceAlreadySet",
            "Attendance is set already. Clear it first, then choose anew.",
            nodes={"attendance": ("Attendance", line.id)},
        )


class AttendancePaid(Refused):
    """Money was taken for it."""

    def __init__(self, line: Attendance) -> None:
        """Point to the attendance."""
        super().__init__(
            "AttendancePaid",
            "Money was taken for this session: the owner, a manager or the biller refunds the payment first.",
            nodes={"attendance": ("Attendance", line.id)},
        )


class Attendance(Row):
    """One client's line of one session."""

    practice = reference("Practice")
    practice_id: UUID
    appointment = reference("Appointment")
    appointment_id: UUID
    client = reference("Client")
    client_id: UUID
    confirmation = fields.CharField(max_length=10, default=ConfirmationStatus.NOT_ASKED.value)
    outcome = fields.CharField(max_length=12, null=True)
    service_code = reference("ServiceCode", null=True)
    service_code_id: UUID | None
    fee_minor = fields.IntField(null=True)
    last_changed_by = fields.CharField(max_length=200, null=True)
    version = fields.IntField(default=1)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "attendance"
        indexes = (
            Index(fields=("practice_id",), name="ix_attendance_practice"),
            Index(fields=("appointment_id", "client_id"), name="ix_attendance_appointment"),
            Index(fields=("client_id", "appointment_id"), name="ix_attendance_client"),
            Index(fields=("service_code_id",), name="ix_attendance_code"),
        )

    def choose(self, outcome: AttendanceOutcome, code: ServiceCode | None, fee_minor: int | None, *, by: str) -> None:
        """Set outcome and code by one choice; what is set already must be cleared first."""
        if self.outcome is not None:
            raise AttendanceAlreadySet(self)
        if code is not None:
            own = code.code not in _SYSTEM_CODES or code.code == outcome.value
            if code.kind not in _CARRIES[outcome] or not own:
                raise ServiceCodeNotAllowed(code)
            if not code.active:
                raise InvalidInput({"input.serviceCodeId": "This code is not in use any more."})
        if fee_minor is not None and not 0 <= fee_minor <= MOST_FEE_MINOR:
            raise InvalidInput({"input.feeMinor": f"A fee is between 0 and {MOST_FEE_MINOR} in minor units."})
        self._fill(outcome, code, fee_minor, by)

    def attend(self, code: ServiceCode, *, by: str) -> None:
        """Note that the client of a line that is not set came, charged by the default code."""
        self._fill(AttendanceOutcome.ATTENDED, code, None, by)

    def _fill(self, outcome: AttendanceOutcome, code: ServiceCode | None, fee_minor: int | None, by: str) -> None:
        self.outcome = outcome.value
        self.service_code_id = code.id if code else None
        self.fee_minor = fee_minor if fee_minor is not None else code.fee_minor if code else 0
        self.touch(by)

    def clear(self, *, by: str) -> None:
        """Forget what was set."""
        self.outcome = self.service_code_id = self.fee_minor = None
        self.touch(by)

    def confirm(self, status: ConfirmationStatus, *, by: str) -> None:
        """Note what the client said."""
        self.confirmation = status.value
        self.touch(by)

    def touch(self, by: str) -> None:
        """Note who changed it last."""
        self.last_changed_by = by
        self.version += 1
