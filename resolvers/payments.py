"""Payments: what their fields mean, how they are taken and spread over charges, and how they are given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models import Attendance, Client, Payment, PaymentAllocation
from models.events import record, within
from models.ids import wire_id
from models.payments import MOST_OF_A_CLIENT_MINOR, spread
from models.problems import InvalidInput
from models.text import line
from resolvers import access
from resolvers.acting import Given
from resolvers.appointments.meanings import latest_first
from resolvers.clients import MOST_IN_A_LIST
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means
from resolvers.viewer import Viewer

# What the fields mean


def _money(q: Asking, minor: str) -> dict[str, str]:
    return {"minor": minor, "currency": q.viewer("currency")}


@means("Client.balance")
def balance(client: Row, q: Asking) -> dict[str, str]:
    """All charges less all payments, whatever else the viewer may see."""
    charges = f"SELECT sum(t.fee_minor) FROM {q.all(Attendance)} t WHERE t.client_id={client.id}"
    taken = f"SELECT sum(p.amount_minor-p.refunded_minor) FROM {q.all(Payment)} p WHERE p.client_id={client.id}"
    return _money(q, f"(coalesce(({charges}),0)-coalesce(({taken}),0))")


def _by_day(payment: Row, _q: Asking, order: Arg | None = None) -> Keys:
    return Keys((payment.received_on, payment.id), descending=latest_first(order))


@means("Client.payments", order=_by_day)
def client_payments(payment: Row, client: Row, _q: Asking) -> Iterator[str]:
    """What the client paid, by the day it was received."""
    yield f"{payment.client_id}={client.id}"


@means("Payment.amount")
def amount(payment: Row, q: Asking) -> dict[str, str]:
    """What was taken."""
    return _money(q, payment.amount_minor)


@means("Payment.refunded")
def refunded(payment: Row, q: Asking) -> dict[str, str]:
    """What was given back."""
    return _money(q, payment.refunded_minor)


@means("Payment.memo")
def memo(payment: Row, q: Asking) -> str:
    """What staff noted, for staff."""
    return payment.memo if q.scope.office or q.scope.provider else "CAST(NULL AS text)"


@means("Payment.unallocated")
def unallocated(payment: Row, q: Asking) -> dict[str, str]:
    """What went to no session and was not given back."""
    parts = f"SELECT sum(x.amount_minor) FROM {q.all(PaymentAllocation)} x WHERE x.payment_id={payment.id}"
    return _money(q, f"({payment.amount_minor}-{payment.refunded_minor}-coalesce(({parts}),0))")


def _oldest(part: Row, _q: Asking) -> tuple[str, ...]:
    return part.created_at, part.id


@means("Payment.allocations", order=_oldest)
def allocations(part: Row, payment: Row, _q: Asking) -> Iterator[str]:
    """Where it went, but for what was given back."""
    yield f"{part.payment_id}={payment.id}"
    yield f"{part.amount_minor}>0"


@means("Attendance.allocations", order=_oldest)
def attendance_allocations(part: Row, of: Row, _q: Asking) -> Iterator[str]:
    """What was paid for the session, payment by payment, oldest first."""
    yield f"{part.attendance_id}={of.id}"
    yield f"{part.amount_minor}>0"


@means("PaymentAllocation.amount")
def allocated(part: Row, q: Asking) -> dict[str, str]:
    """What of the payment went there."""
    return _money(q, part.amount_minor)


# What is done


async def accept_payment(  # noqa: PLR0913 - the fields of its input
    viewer: Viewer,
    *,
    client_id: str,
    amount_minor: int,
    method: str,
    reference: str | None = None,
    received_on: date | None = None,
    memo: str | None = None,
    statement_memo: str | None = None,
    attendance_id: str | None = None,
    allocations: list[dict[str, Any]] | None = None,
) -> Given:
    """Take money from a client: to the session first, then to the oldest open charges, then to credit."""
    access.may_take_payment(viewer)
    client = await access.client(viewer, client_id, lock=True)
    today = datetime.now(ZoneInfo(viewer.time_zone)).date()
    new = Payment(
        practice_id=viewer.practice_id,
        client_id=client.id,
        amount_minor=amount_minor,
        method=method,
        received_on=received_on or today,
    )
    new.check(today, reference, memo, statement_memo)
    if await access.taken_minor(client) + amount_minor > MOST_OF_A_CLIENT_MINOR:
        raise InvalidInput({"input.amountMinor": "This client's payments would be more than can be counted."})
    charges = await access.open_charges(client)
    if allocations is not None:
        if attendance_id is not None:
            raise InvalidInput({"input.allocations": "Either a session or an exact distribution."})
        parts = await _exact(viewer, client, amount_minor, charges, allocations)
    else:
        first = None
        if attendance_id is not None:
            [found] = await access.attendances(viewer, [attendance_id])
            if found.client_id != client.id:
                raise InvalidInput({"input.attendanceId": "This is another client's session."})
            first = found.id
        parts = spread(amount_minor, charges, first)
    await new.save()
    await PaymentAllocation.create_all(
        [
            PaymentAllocation(
                practice_id=viewer.practice_id, payment_id=new.id, attendance_id=attendance, amount_minor=minor
            )
            for attendance, minor in parts.items()
        ]
    )
    if not await access.sees_payment(viewer, new):
        raise InvalidInput({"input.attendanceId": "Name the session of yours that this is paid for."})
    await _tell(viewer, new, list(parts))
    return Given("AcceptPaymentPayload", {"payment": new.id, "client": client.id, "attendances": list(parts)})


async def refund_payment(
    viewer: Viewer, *, payment_id: str, amount_minor: int | None = None, reason: str | None = None
) -> Given:
    """Give money back: credit first, then what went to sessions, newest first."""
    seen = await access.payment(viewer, payment_id, change=True)
    client = await access.lock_client(seen.client_id)
    found = await access.payment(viewer, payment_id, change=True, lock=True)
    problems: dict[str, str] = {}
    why = line(problems, "input.reason", reason, 500, needed=False)
    if problems:
        raise InvalidInput(problems)
    parts = await access.allocations(found)
    credit = found.left_minor - sum(part.amount_minor for part in parts)
    wanted = found.left_minor if amount_minor is None else amount_minor
    found.give_back(wanted)
    found.refund_reason = why or found.refund_reason
    await found.save(update_fields=["refunded_minor", "status", "refund_reason"])
    rest = max(0, wanted - credit)
    lowered = []
    for part in parts:
        lost = min(rest, part.amount_minor)
        if lost:
            part.amount_minor -= lost
            rest -= lost
            await part.save(update_fields=["amount_minor"])
            lowered.append(part.attendance_id)
    await _tell(viewer, found, [part.attendance_id for part in parts])
    return Given("RefundPaymentPayload", {"payment": found.id, "client": client.id, "attendances": lowered})


async def _exact(
    viewer: Viewer, client: Client, amount_minor: int, charges: dict[UUID, int], wanted: list[dict[str, Any]]
) -> dict[UUID, int]:
    path = "input.allocations"
    if len(wanted) > MOST_IN_A_LIST:
        raise InvalidInput({path: f"At most {MOST_IN_A_LIST} sessions."})
    found_lines = await access.attendances(viewer, [part["attendance_id"] for part in wanted])
    lines = {wire_id("att", found.id): found for found in found_lines}
    parts: dict[UUID, int] = {}
    for n, part in enumerate(wanted):
        found = lines[part["attendance_id"]]
        minor = part["amount_minor"]
        at = f"{path}.{n}"
        if found.client_id != client.id:
            raise InvalidInput({f"{at}.attendanceId": "This is another client's session."})
        if found.id in parts:
            raise InvalidInput({f"{at}.attendanceId": "This session is named twice."})
        if not 1 <= minor <= charges.get(found.id, 0):
            raise InvalidInput({f"{at}.amountMinor": f"Between 1 and {charges.get(found.id, 0)} is open here."})
        parts[found.id] = minor
    if sum(parts.values()) > amount_minor:
        raise InvalidInput({path: "This is more than the payment."})
    return parts


async def _tell(viewer: Viewer, payment: Payment, lines: list[UUID]) -> None:
    sessions = await access.sessions_of(lines)
    record(viewer.practice_id, *(within(session, payment.client_id) for session in sessions))
