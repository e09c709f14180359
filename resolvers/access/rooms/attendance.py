"""Lines of sessions: who sees and sets them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models import Appointment, Attendance, Client, PaymentAllocation
from models.database import dialect
from models.ids import row_id
from models.problems import NotFound
from resolvers.access.door import by_wire, rows
from resolvers.access.holding import known_to_provider
from resolvers.access.rules import changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row, table_of
from resolvers.viewer import Viewer


@visible(Attendance)
def _attendance(line: Row, q: Asking) -> str:
    if q.scope.office:
        return in_practice(line, q, "true")
    rules = []
    if q.scope.provider:
        session = q.row(Appointment)
        known = f"{session.id}={line.appointment_id} AND ({known_to_provider(session, q)})"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})")
    if q.scope.client:
        rules.append(f"{line.client_id}={q.viewer('client_id')}")
    return in_practice(line, q, *rules)


@changeable(Attendance)
def _may_change_attendance(line: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    if not q.scope.provider:
        return "false"
    session = q.row(Appointment)
    known = f"{session.id}={line.appointment_id} AND ({known_to_provider(session, q)})"
    return f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})"


async def attendance(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Attendance:
    """Give a client's line of a session, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to set."""
    return await by_wire(viewer, Attendance, "att", wire, change=change, lock=lock)


async def attendance_to_set(viewer: Viewer, wire: str, *, change: bool = True) -> tuple[Attendance, Appointment]:
    """Give a line and its session, locked: the session first, so that no chart is started and completed meanwhile."""
    line = await attendance(viewer, wire, change=change)
    found = Appointment.filter(id=line.appointment_id)
    if dialect() != "postgres":
        return line, await found.get()
    session = await found.select_for_update(no_key=True).get()
    return await attendance(viewer, wire, change=change, lock=True), session


async def attendances(viewer: Viewer, wires: Iterable[str]) -> list[Attendance]:
    """Give all of these lines, or NOT_FOUND."""
    ids = [row_id("att", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await rows(viewer, Attendance, known, change=False, lock=True)


async def unset_lines(session: Appointment) -> list[Attendance]:
    """Give the lines of a session that have no outcome, locked, by last name."""
    lines = Attendance.filter(appointment_id=session.id, outcome=None).order_by("id")
    found = await (lines.select_for_update() if dialect() == "postgres" else lines)
    clients = await Client.filter(id__in=[line.client_id for line in found])
    names = {client.id: client.sort_name for client in clients}
    return sorted(found, key=lambda line: (names[line.client_id], line.id))


async def lines_of(session: Appointment) -> list[Attendance]:
    """Give the lines of a session, by last name."""
    return await Attendance.filter(appointment_id=session.id).order_by("client__sort_name", "id")


async def sessions_of(lines: list[UUID]) -> list[Appointment]:
    """Give the sessions that these lines are of."""
    ids = await Attendance.filter(id__in=lines).values_list("appointment_id", flat=True) if lines else []
    return await Appointment.filter(id__in=list(ids)).order_by("starts_at", "id") if ids else []


async def paid_minor(line: Attendance) -> int:
    """Give what was paid for a line."""
    parts = await PaymentAllocation.filter(attendance_id=line.id)
    return sum(part.amount_minor for part in parts)
