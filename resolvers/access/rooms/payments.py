"""Money: who sees it, who takes it and who gives it back."""

from __future__ import annotations

from uuid import UUID

from models import Appointment, Attendance, Client, ClientProvider, Payment, PaymentAllocation
from models.database import dialect, fetch
from models.problems import Forbidden, NotFound
from resolvers.access.door import by_wire, rows
from resolvers.access.holding import known_to_provider
from resolvers.access.rules import any_of, changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row, table_of
from resolvers.viewer import Viewer


@visible(Payment)
def _payment(payment: Row, q: Asking) -> str:
    return in_practice(payment, q, *_reasons(payment, q))


def _reasons(payment: Row, q: Asking) -> list[str]:
    if q.scope.office:
        return ["true"]
    rules = []
    if q.scope.provider:
        usual = f"x.client_id={payment.client_id} AND x.provider_id={q.viewer('provider_id')}"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(ClientProvider)} x WHERE {usual})")
        session = q.row(Appointment)
        part = (
            f"SELECT 1 FROM {table_of(PaymentAllocation)} z JOIN {table_of(Attendance)} v ON v.id=z.attendance_id"
            f" JOIN {table_of(Appointment)} {session} ON {session.id}=v.appointment_id"
            f" WHERE z.payment_id={payment.id} AND ({known_to_provider(session, q)})"
        )
        rules.append(f"EXISTS ({part})")
    if q.scope.client:
        rules.append(f"{payment.client_id}={q.viewer('client_id')}")
    return rules


@visible(PaymentAllocation)
def _allocation(part: Row, q: Asking) -> str:
    if q.scope.office:
        return in_practice(part, q, "true")
    payment = q.row(Payment)
    known = f"{payment.id}={part.payment_id} AND ({any_of(*_reasons(payment, q))})"
    return in_practice(part, q, f"EXISTS (SELECT 1 FROM {table_of(Payment)} {payment} WHERE {known})")


@changeable(Payment)
def _may_refund(_payment: Row, q: Asking) -> str:
    return "true" if q.scope.admin or q.scope.biller else "false"


def may_take_payment(viewer: Viewer) -> None:
    """Refuse whoever takes no money."""
    if not (viewer.scope.office or viewer.scope.provider):
        raise Forbidden


async def payment(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Payment:
    """Give a payment that the viewer may see, or NOT_FOUND; with `change`, FORBIDDEN for who refunds nothing."""
    return await by_wire(viewer, Payment, "pay", wire, change=change, lock=lock)


async def allocations(of: Payment) -> list[PaymentAllocation]:
    """Give where the payment went, newest first."""
    return await PaymentAllocation.filter(payment_id=of.id).order_by("-created_at", "-id")


async def taken_minor(of: Client) -> int:
    """Give what was taken from the client in all."""
    [row] = await fetch("SELECT coalesce(sum(amount_minor),0) AS taken FROM payment WHERE client_id=$1", [of.id])
    return int(row["taken"])


async def open_charges(of: Client) -> dict[UUID, int]:
    """Give what is open of each of the client's charges, the oldest session first; none is cleared meanwhile."""
    if dialect() == "postgres":
        # A statement of its own: the next one sees what those wrote who had the lines until now.
        await fetch("SELECT id FROM attendance WHERE client_id=$1 AND fee_minor>0 ORDER BY id FOR UPDATE", [of.id])
    rows = await fetch(
        "SELECT t.id,t.fee_minor-coalesce((SELECT sum(x.amount_minor) FROM payment_allocation x"
        " WHERE x.attendance_id=t.id),0) AS open"
        " FROM attendance t JOIN appointment a ON a.id=t.appointment_id"
        " WHERE t.client_id=$1 AND t.fee_minor>0 ORDER BY a.starts_at,t.id",
        [of.id],
    )
    return {UUID(str(row["id"])): int(row["open"]) for row in rows if row["open"] > 0}


async def sees_payment(viewer: Viewer, taken: Payment) -> bool:
    """Whether the viewer may see a payment that was just taken."""
    try:
        await rows(viewer, Payment, [taken.id], change=False, lock=False)
    except NotFound:
        return False
    return True
