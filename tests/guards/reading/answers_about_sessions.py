"""What the fields of appointments, attendance and payments answer to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.guards.reading.fields import answers, following, moment, money, refusal, written
from tests.guards.reading.pages import LOG, page
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import Seen

LONGEST = timedelta(days=62)


@answers("Query.appointment")
def appointment(_: Any, sight: Sight, id: str) -> Seen | None:
    return sight.find("Appointment", id)


# stretches of time


@answers("Query.calendar")
def calendar(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    begin, end = moment(asked["from"]), moment(asked["to"])
    zone = ZoneInfo(sight.viewer.time_zone)
    on_the_wall = _on_the_wall(end, zone) - _on_the_wall(begin, zone)
    if not begin < end or min(end - begin, on_the_wall) > LONGEST:
        raise refusal("BAD_USER_INPUT")
    whose = asked.get("providerIds")
    calendars = None
    if whose is not None:
        if len(whose) > 100:
            raise refusal("BAD_USER_INPUT")
        found = [sight.find("Provider", wire) for wire in whose]
        if None in found:
            raise refusal("NOT_FOUND")
        calendars = {seen.row.id for seen in found if seen is not None}
    rows = [
        a
        for a in sight.all("Appointment")
        if a.row.starts_at < end
        and a.row.ends_at > begin
        and (calendars is None or a.row.provider_id in calendars)
        and (asked["includeCanceled"] or a.row.status == "SCHEDULED")
    ]
    practice = sight.viewer.practice_id
    assert practice is not None
    return {
        "appointments": sorted(rows, key=lambda a: (a.row.starts_at, a.row.id.hex)),
        "cursor": f"{LOG}{practice.hex}\0{sight.truth.log.get(practice, 0)}",
    }


def _on_the_wall(when: datetime, zone: ZoneInfo) -> datetime:
    # A zone may lead out of the years that there are; a day is more than any of them is off.
    shown = timedelta(days=1) < when - datetime.min.replace(tzinfo=UTC) and when.year < 9999
    return when.astimezone(zone).replace(tzinfo=None) if shown else when.replace(tzinfo=None)


def by_session(sight: Sight) -> Any:
    """Give the key of rows that hang on sessions: when that session starts."""

    def key(seen: Seen) -> tuple[str, str]:
        session = seen.row if seen.kind == "Appointment" else sight.truth.row("Appointment", seen.row.appointment_id)
        return written(session.starts_at), seen.row.id.hex

    return key


def _in_time(sessions: list[Seen], asked: Mapping[str, Any]) -> list[Seen]:
    if asked.get("from") is not None:
        sessions = [a for a in sessions if a.row.ends_at > moment(asked["from"])]
    if asked.get("to") is not None:
        sessions = [a for a in sessions if a.row.starts_at < moment(asked["to"])]
    return sessions


@answers("Client.appointments")
def client_appointments(seen: Seen, sight: Sight, **asked: Any) -> dict[str, Any]:
    """As far as this person may know that the client is on a roster."""
    expected = {line.row.appointment_id for line in following(sight, "Attendance", "client_id", seen.row.id)}
    sessions = [a for a in sight.all("Appointment") if a.row.id in expected]
    return page("Client.appointments", sight, _in_time(sessions, asked), by_session(sight), asked)


@answers("Group.appointments")
def group_appointments(seen: Seen, sight: Sight, **asked: Any) -> dict[str, Any]:
    """Those that this person may know to be the group's."""
    sessions = [a for a in following(sight, "Appointment", "group_id", seen.row.id) if sight.in_full(a.row)]
    return page("Group.appointments", sight, _in_time(sessions, asked), by_session(sight), asked)


# one session


@answers("Appointment.busyOnly")
def busy_only(seen: Seen, sight: Sight) -> bool:
    return not sight.in_full(seen.row)


@answers("Appointment.kind")
def kind(seen: Seen, sight: Sight) -> str | None:
    return seen.row.kind if sight.in_full(seen.row) else None


@answers("Appointment.title")
def title(seen: Seen, sight: Sight) -> str:
    if not sight.in_full(seen.row):
        return "Busy"
    if seen.row.group_id is not None:
        return sight.called(sight.truth.row("Group", seen.row.group_id))
    client = sight.truth.row("Client", seen.row.client_id)
    return f"{client.preferred_name or client.first_name} {client.last_name}"


@answers("Appointment.shortTitle")
def short_title(seen: Seen, sight: Sight) -> str:
    if not sight.in_full(seen.row):
        return "Busy"
    of = ("Group", seen.row.group_id) if seen.row.group_id is not None else ("Client", seen.row.client_id)
    return str(sight.truth.row(*of).initials)


@answers("Appointment.cancelReason")
def cancel_reason(seen: Seen, sight: Sight) -> str | None:
    staff = sight.client is None and sight.in_full(seen.row)
    return seen.row.cancel_reason if staff else None


def _may_change(seen: Seen, sight: Sight, *states: str) -> bool:
    """Nobody changes what is canceled, nor what is beyond these states, whoever may know of the notes."""
    open_ = sight.truth.charted(seen.row.id) in {None, *states}
    return bool(seen.row.status == "SCHEDULED" and open_ and (sight.books or sight.leads(seen.row)))


@answers("Appointment.viewerCanReschedule")
def can_reschedule(seen: Seen, sight: Sight) -> bool:
    return _may_change(seen, sight, "DRAFT")


@answers("Appointment.viewerCanSetAttendance")
def can_set_attendance(seen: Seen, sight: Sight) -> bool:
    """Nobody comes to what is canceled; a biller sets nothing."""
    return _may_change(seen, sight, "DRAFT", "IN_REVIEW")


@answers("Appointment.viewerCanTakePayment")
def can_take_payment(seen: Seen, sight: Sight) -> bool:
    return sight.office or sight.leads(seen.row)


@answers("Appointment.viewerCanChart")
def can_chart(seen: Seen, sight: Sight) -> bool:
    """A chart that was begun before the session was called off can be written on."""
    takes_place = seen.row.status == "SCHEDULED" or sight.truth.charted(seen.row.id) is not None
    return bool(sight.leads(seen.row) and takes_place)


@answers("Appointment.attendances")
def attendances(seen: Seen, sight: Sight) -> list[Seen]:
    return [line for line in sight.by_last_name("Attendance") if line.row.appointment_id == seen.row.id]


@answers("Appointment.attendanceSummary")
def summary(seen: Seen, sight: Sight) -> dict[str, Any] | None:
    """Counts over the lines that this person sees."""
    if not sight.in_full(seen.row):
        return None
    lines = [line.row for line in following(sight, "Attendance", "appointment_id", seen.row.id)]
    return {
        "total": len(lines),
        "attended": sum(line.outcome == "ATTENDED" for line in lines),
        "missed": sum(line.outcome in {"NO_SHOW", "LATE_CANCEL", "ABSENT"} for line in lines),
        "unset": sum(line.outcome is None for line in lines),
        "confirmed": sum(line.confirmation == "CONFIRMED" for line in lines),
        "charged": money(sight, sum(line.fee_minor or 0 for line in lines)),
        "paid": money(sight, sum(sight.truth.paid[line.id] for line in lines)),
    }


@answers("Appointment.attendanceOptions")
def options(seen: Seen, sight: Sight) -> dict[str, Any] | None:
    """Yes: standard and custom codes, then No Fee. No: no show, late cancel, then No Fee."""
    if not can_set_attendance(seen, sight):
        return None
    codes = sorted((c for c in sight.all("ServiceCode") if c.row.active), key=lambda c: (c.row.code, c.row.id.hex))
    yes = [_option("ATTENDED", f"{c.row.code} {c.row.label}", c) for c in codes if c.row.kind in {"STANDARD", "CUSTOM"}]
    no = [
        _option(outcome, c.row.label, c)
        for outcome, other in (("NO_SHOW", "LATE_CANCEL"), ("LATE_CANCEL", "NO_SHOW"))
        for c in codes
        if c.row.kind == "SYSTEM" and c.row.code != other
    ]
    return {
        "attended": [*yes, _option("ATTENDED", "No Fee")],
        "notAttended": [*no, _option("ABSENT", "No Fee")],
    }


def _option(outcome: str, label: str, code: Seen | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "serviceCode": code, "label": label}


# attendance


@answers("Client.attendances")
def client_attendances(seen: Seen, sight: Sight, **asked: Any) -> dict[str, Any]:
    lines = following(sight, "Attendance", "client_id", seen.row.id)
    if asked["unpaidOnly"]:
        lines = [line for line in lines if _open(line, sight) > 0]
    return page("Client.attendances", sight, lines, by_session(sight), asked)


def _open(line: Seen, sight: Sight) -> int:
    return int(line.row.fee_minor or 0) - sight.truth.paid[line.row.id]


@answers("Attendance.attended")
def attended(seen: Seen, _: Sight) -> bool | None:
    return None if seen.row.outcome is None else seen.row.outcome == "ATTENDED"


@answers("Attendance.fee")
def fee(seen: Seen, sight: Sight) -> dict[str, Any] | None:
    return None if seen.row.outcome is None else money(sight, seen.row.fee_minor)


@answers("Attendance.paid")
def paid(seen: Seen, sight: Sight) -> dict[str, Any]:
    """All that was paid, whatever else this person sees."""
    return money(sight, sight.truth.paid[seen.row.id])


@answers("Attendance.balance")
def balance(seen: Seen, sight: Sight) -> dict[str, Any]:
    return money(sight, _open(seen, sight))


@answers("Attendance.lastChangedBy")
def changed_by(seen: Seen, sight: Sight) -> str | None:
    return seen.row.last_changed_by if sight.client is None else None


@answers("Attendance.allocations")
def line_allocations(seen: Seen, sight: Sight) -> list[Seen]:
    return _parts(sight, "attendance_id", seen.row.id)


# payments


def _parts(sight: Sight, column: str, identifier: UUID) -> list[Seen]:
    """What is left of where the money went, oldest first."""
    parts = [part for part in following(sight, "PaymentAllocation", column, identifier) if part.row.amount_minor]
    return sorted(parts, key=lambda part: (part.row.created_at, part.row.id.hex))


@answers("Client.balance")
def client_balance(seen: Seen, sight: Sight) -> dict[str, Any]:
    """All charges less all payments, whatever else this person sees."""
    return money(sight, sight.truth.owed[seen.row.id])


@answers("Client.payments")
def client_payments(seen: Seen, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = following(sight, "Payment", "client_id", seen.row.id)
    return page("Client.payments", sight, rows, lambda p: (written(p.row.received_on), p.row.id.hex), asked)


@answers("Payment.amount")
def amount(seen: Seen, sight: Sight) -> dict[str, Any]:
    return money(sight, seen.row.amount_minor)


@answers("Payment.refunded")
def refunded(seen: Seen, sight: Sight) -> dict[str, Any]:
    return money(sight, seen.row.refunded_minor)


@answers("Payment.memo")
def memo(seen: Seen, sight: Sight) -> str | None:
    return seen.row.memo if sight.client is None else None


@answers("Payment.allocations")
def allocations(seen: Seen, sight: Sight) -> list[Seen]:
    return _parts(sight, "payment_id", seen.row.id)


@answers("Payment.unallocated")
def unallocated(seen: Seen, sight: Sight) -> dict[str, Any]:
    spent = sum(part.amount_minor for part in sight.truth.parts[seen.row.id])
    return money(sight, seen.row.amount_minor - seen.row.refunded_minor - spent)


@answers("PaymentAllocation.amount")
def allocated(seen: Seen, sight: Sight) -> dict[str, Any]:
    return money(sight, seen.row.amount_minor)
