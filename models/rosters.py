"""Rosters: who is expected at a session. Each keeps its own, taken when it was scheduled.

Joining and leaving a group act on its sessions that have not started; what was stays. A session that is moved back to
what is to come is expected anew.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from models.appointments import Appointment, AppointmentStatus
from models.attendance import Attendance
from models.base import now
from models.charting.gate import chart_of, expect_entries, forget_entries, open_rosters
from models.clients import Client
from models.database import dialect
from models.events import EventKind, Hearers, before, record, within
from models.groups import Group, GroupMembership
from models.payments import PaymentAllocation


async def take_roster(appointment: Appointment) -> None:
    """Expect the client of an individual session, or the members that its group has now and that are in care."""
    if appointment.client_id is not None:
        clients = [appointment.client_id]
    else:
        clients = await _in_care(await _members(appointment))
    await Attendance.create_all([_line(appointment, client) for client in clients])


async def renew_roster(appointment: Appointment) -> list[UUID]:
    """Expect at a group's session that is to come again whom the group has now; give who is expected no more."""
    chart = await chart_of(appointment)
    members = await _members(appointment)
    found = Attendance.filter(appointment_id=appointment.id).order_by("id")
    lines = await (found.select_for_update() if dialect() == "postgres" else found)
    free = await _free([line for line in lines if line.client_id not in members])
    written = await forget_entries(free)
    left = [line for line in free if line.id not in written]
    await Attendance.delete_all(left)
    known = {line.client_id for line in lines}
    new = [_line(appointment, client) for client in await _in_care(members) if client not in known]
    await Attendance.create_all(new)
    await expect_entries({appointment.id: chart}, new)
    return [line.client_id for line in left]


async def join_coming_sessions(group: Group, client: Client) -> list[UUID]:
    """Put the client on the rosters of the group's sessions that have not started; give those they were not on."""
    coming = await _coming(group)
    known = await _lines(coming, client)
    charts = await open_rosters([session for session in coming if session.id not in known])
    joined = [session for session in coming if session.id in charts]
    lines = [_line(session, client.id) for session in joined]
    await Attendance.create_all(lines)
    await expect_entries(charts, lines)
    record(group.practice_id, *(replace(within(session, client.id), kind=EventKind.JOINED) for session in joined))
    return [session.id for session in joined]


async def leave_coming_sessions(group: Group, client: Client) -> list[UUID]:
    """Take the client off the rosters of the group's sessions that have not started, and give those.

    A line that was set already, paid or written about is a record of something: it stays.
    """
    coming = await _coming(group)
    known = await _lines(coming, client)
    free = {line.appointment_id: line for line in await _free(list(known.values()))}
    charts = await open_rosters([session for session in coming if session.id in free])
    written = await forget_entries([line for s, line in free.items() if s in charts])
    left = {s: line for s, line in free.items() if s in charts and line.id not in written}
    await Attendance.delete_all(list(left.values()))
    sessions = [session for session in coming if session.id in left]
    record(group.practice_id, *(within(session, client.id, gone=client.id) for session in sessions))
    return [session.id for session in sessions]


async def tell_sessions_of_group(group: Group, hearers: Hearers, provider: UUID | None = None) -> None:
    """Tell the streams that all sessions of a group changed: it is called otherwise now, or seen by other providers.

    Nobody else is told: they would learn which of their busy times belong together.
    """
    sessions = await Appointment.filter(group_id=group.id).order_by("starts_at", "id")
    told = (replace(before(session), hearers=hearers, about_provider=provider) for session in sessions)
    record(group.practice_id, *told)


async def tell_sessions_of_client(client: Client) -> None:
    """Tell the streams that all sessions of a client changed: they are called otherwise now."""
    ids = await Attendance.filter(client_id=client.id).values_list("appointment_id", flat=True)
    sessions = await Appointment.filter(id__in=list(ids)).order_by("starts_at", "id") if ids else []
    record(client.practice_id, *(within(session, client.id) for session in sessions))


def _line(session: Appointment, client: UUID) -> Attendance:
    return Attendance(practice_id=session.practice_id, appointment_id=session.id, client_id=client)


async def _members(session: Appointment) -> set[UUID]:
    """Give who belongs to the group of a session now."""
    now_in = GroupMembership.filter(group_id=session.group_id, left_at=None)
    return {membership.client_id for membership in await now_in}


async def _in_care(clients: set[UUID]) -> list[UUID]:
    return [client.id for client in await Client.filter(id__in=list(clients), active=True)] if clients else []


async def _free(lines: list[Attendance]) -> list[Attendance]:
    """Give those of the lines that are neither set nor paid."""
    paid = await PaymentAllocation.filter(attendance_id__in=[line.id for line in lines]) if lines else []
    ids = {part.attendance_id for part in paid}
    return [line for line in lines if line.outcome is None and line.id not in ids]


async def _coming(group: Group) -> list[Appointment]:
    """Give the sessions of a group, which is locked itself, that have not started.

    Locked after their group and before their lines and charts, as everywhere: a chart that is being started is waited
    for, and one that is started afterwards finds the roster as it is then.
    """
    coming = Appointment.filter(group_id=group.id, status=AppointmentStatus.SCHEDULED.value, starts_at__gt=now())
    # Not against rows that only point to a session, such as the notes that a run makes.
    locked = coming.order_by("id").select_for_update(no_key=True) if dialect() == "postgres" else coming
    return sorted(await locked, key=lambda session: (session.starts_at, session.id))


async def _lines(sessions: list[Appointment], client: Client) -> dict[UUID, Attendance]:
    if not sessions:
        return {}
    lines = Attendance.filter(client_id=client.id, appointment_id__in=[session.id for session in sessions])
    # Locked, so that none that is to go is set meanwhile.
    found = await (lines.order_by("id").select_for_update() if dialect() == "postgres" else lines)
    return {line.appointment_id: line for line in found}
