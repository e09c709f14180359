"""What stands in a row as it is answered, and where the rules of all other fields are noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from babel.numbers import format_currency, get_currency_precision
from graphql import GraphQLError

from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import Seen

PLAIN = {
    "Practice": "id name timeZone currency groupSizeLimit",
    "Provider": "id name credentials active",
    "ServiceCode": "id code label kind durationMinutes active",
    "Client": "id firstName lastName preferredName initials dateOfBirth email phone active version",
    "Group": "id initials archivedAt",
    "GroupMembership": "id joinedAt leftAt",
    "Viewer": "id name email",
    "Appointment": "id status startsAt endsAt canceledAt version",
    "Attendance": "id confirmation outcome version",
    "Payment": "id method status reference receivedOn statementMemo",
    "PaymentAllocation": "id",
    "ChartTemplate": "id name kind body active version",
    "Chart": "id state templateBody groupNotes lastChangedBy version",
    "ChartEntry": "id clientNotes lastChangedBy version",
    "ChartWarning": "id kind message",
    "ChartNote": "id body lockedAt contentHash",
    "Signature": "signedAs signedAt attestation",
    "Addendum": "id body authoredAs createdAt",
    "ChartRun": "id kind state total done failed startedAt finishedAt",
    "ChartRunStep": "state reason",
    "EmergencyAccess": "id reason begunAt expiresAt",
    "AuditEntry": "id recordedAt action operation channel outcome times hash",
}
# The row that a column points to, where this person sees it.
POINTS = {
    "Group.defaultServiceCode": ("default_service_code_id", "ServiceCode"),
    "Group.provider": ("provider_id", "Provider"),
    "GroupMembership.group": ("group_id", "Group"),
    "GroupMembership.client": ("client_id", "Client"),
    "Viewer.practice": ("practice_id", "Practice"),
    "Viewer.provider": ("provider_id", "Provider"),
    "Viewer.client": ("client_id", "Client"),
    "Appointment.provider": ("provider_id", "Provider"),
    "Appointment.group": ("group_id", "Group"),
    "Attendance.appointment": ("appointment_id", "Appointment"),
    "Attendance.client": ("client_id", "Client"),
    "Attendance.serviceCode": ("service_code_id", "ServiceCode"),
    "Payment.client": ("client_id", "Client"),
    "PaymentAllocation.payment": ("payment_id", "Payment"),
    "PaymentAllocation.attendance": ("attendance_id", "Attendance"),
    "Chart.appointment": ("appointment_id", "Appointment"),
    "Chart.template": ("template_id", "ChartTemplate"),
    "ChartEntry.client": ("client_id", "Client"),
    "ChartEntry.attendance": ("attendance_id", "Attendance"),
    "ChartWarning.client": ("client_id", "Client"),
    "ChartNote.client": ("client_id", "Client"),
    "ChartNote.appointment": ("appointment_id", "Appointment"),
    "ChartNote.provider": ("provider_id", "Provider"),
    "Signature.signedBy": ("provider_id", "Provider"),
    "Addendum.note": ("note_id", "ChartNote"),
    "Addendum.author": ("provider_id", "Provider"),
    "ChartRun.chart": ("chart_id", "Chart"),
    "ChartRunStep.client": ("client_id", "Client"),
    "EmergencyAccess.client": ("client_id", "Client"),
}
# What the rules make, whole.
MADE = {
    "Money",
    "SearchHit",
    "PageInfo",
    "Calendar",
    "AttendanceSummary",
    "AttendanceOptions",
    "AttendanceOption",
    *(
        f"{kind}{part}"
        for kind in (
            "Group",
            "Client",
            "Appointment",
            "Attendance",
            "Payment",
            "ChartNote",
            "EmergencyAccess",
            "AuditEntry",
        )
        for part in ("Connection", "Edge")
    ),
}

Rule = Callable[..., Any]
R = TypeVar("R", bound=Rule)
FIELDS: dict[str, Rule] = {}


def answers(name: str) -> Callable[[R], R]:
    def note(rule: R) -> R:
        FIELDS[name] = rule
        return rule

    return note


def written(value: Any) -> Any:
    """Give a moment or a day as answers write it."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        return text.rstrip("0").rstrip(".") + "Z"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


def refusal(code: str) -> GraphQLError:
    return GraphQLError("Refused.", extensions={"code": code})


def money(sight: Sight, minor: int) -> dict[str, Any]:
    currency = sight.viewer.currency
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return {
        "amountMinor": minor,
        "currency": currency,
        "formatted": format_currency(amount, currency, locale="en_US"),
    }


def moment(text: str) -> datetime:
    """Read a moment as a client writes it."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def following(sight: Sight, kind: str, column: str, identifier: UUID) -> list[Seen]:
    """Give the rows of a kind that point to a row, in no order."""
    return [seen for seen in sight.rows[kind].values() if getattr(seen.row, column) == identifier]
