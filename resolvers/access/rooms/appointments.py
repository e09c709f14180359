"""Sessions: who sees and books them."""

from __future__ import annotations

from uuid import UUID

from models import Appointment, Attendance, Client, Group, Provider
from models.database import connection, dialect
from models.problems import Forbidden
from resolvers.access.door import by_id, by_wire
from resolvers.access.holding import holds, known_to_provider, my_session, sees_client
from resolvers.access.rules import changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.viewer import Viewer


def latest(q: Asking) -> str:
    """Write how far the practice's log reaches."""
    return f"coalesce((SELECT c.seq FROM event_counter c WHERE c.practice_id={q.viewer('practice_id')}),0)"


@visible(Appointment)
def _appointment(appointment: Row, q: Asking) -> str:
    # Staff see that a time is taken on every calendar; whose it is, `in_full` says.
    if q.scope.office or q.scope.provider:
        return in_practice(appointment, q, "true")
    return in_practice(appointment, q, *([my_session(appointment.id, q)] if q.scope.client else []))


@changeable(Appointment)
def _may_change_appointment(appointment: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    return known_to_provider(appointment, q) if q.scope.provider else "false"


def may_schedule(viewer: Viewer) -> None:
    """Refuse whoever books no calendar."""
    if not (viewer.scope.rosters or viewer.scope.provider):
        raise Forbidden


async def appointment(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Appointment:
    """Give an appointment that the viewer may see, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs."""
    return await by_wire(viewer, Appointment, "apt", wire, change=change, lock=lock)


async def appointment_to_move(viewer: Viewer, wire: str) -> Appointment:
    """Give an appointment that is the viewer's to move, locked; before it its group, as who joins or leaves does."""
    if dialect() == "postgres":
        found = await appointment(viewer, wire, change=True)
        if found.group_id is not None:
            await Group.filter(id=found.group_id).select_for_update(no_key=True).get()
    return await appointment(viewer, wire, change=True, lock=True)


async def who_is_met(viewer: Viewer, session: Appointment) -> Group | Client:
    """Give the group or the client of an appointment, locked, to whoever may bring them to another calendar."""
    if session.group_id is not None:
        return await by_id(viewer, Group, session.group_id, change=True, lock=True)
    assert session.client_id is not None  # noqa: S101 - a check of the database
    return await by_id(viewer, Client, session.client_id, change=True, lock=True)


async def usually_sees(viewer: Viewer, whom: Group | Client, by: Provider) -> bool:
    """Whether the provider owns or shares the group; or is one of the client's own, or meets them in a group."""
    written = DIALECTS[dialect()]
    ask = Asking(written, viewer.scope)
    provider = ask.given("provider", "uuid")
    model = type(whom)
    row = ask.row(model)
    rule = holds(row, provider) if model is Group else sees_client(row, provider, ask)
    mine = f"{row.id}={ask.given('whom', 'uuid')}"
    sql, binds = ask.finish(f"SELECT 1 AS yes FROM {table_of(model)} {row} WHERE {mine} AND ({rule})")
    run = Run(viewer, given={"provider": by.id, "whom": whom.id})
    return bool(await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds]))


async def overlapping(viewer: Viewer, session: Appointment) -> list[UUID]:
    """Give the other sessions at the same time on this calendar, and of the same clients where the viewer may know."""
    written = DIALECTS[dialect()]
    ask = Asking(written, viewer.scope)
    row = ask.row(Appointment)
    kinds = {"id": "uuid", "provider": "uuid", "begin": "timestamptz", "end": "timestamptz"}
    given = {name: ask.given(name, kind) for name, kind in kinds.items()}
    ours, theirs = ask.row(Attendance), ask.row(Attendance)
    same = (
        f"SELECT 1 FROM {table_of(Attendance)} {ours} JOIN {ask.see(Attendance)} {theirs}"
        f" ON {theirs.client_id}={ours.client_id}"
        f" WHERE {ours.appointment_id}={given['id']} AND {theirs.appointment_id}={row.id}"
    )
    sql, binds = ask.finish(
        f"SELECT {row.id} AS id FROM {table_of(Appointment)} {row} WHERE ({ask.visible(Appointment, row)})"
        f" AND {row.id}<>{given['id']} AND {row.status}='SCHEDULED'"
        f" AND {row.starts_at}<{given['end']} AND {row.ends_at}>{given['begin']}"
        f" AND ({row.provider_id}={given['provider']} OR EXISTS ({same})) ORDER BY {row.starts_at},{row.id} LIMIT 100"
    )
    run = Run(
        viewer,
        given={"id": session.id, "provider": session.provider_id, "begin": session.starts_at, "end": session.ends_at},
    )
    found = await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds])
    return [UUID(str(row["id"])) for row in found]


async def any_outcome(session: Appointment) -> bool:
    """Whether anybody's attendance is set; nobody sets it until this unit is done."""
    lines = Attendance.filter(appointment_id=session.id).order_by("id")
    found = await (lines.select_for_update() if dialect() == "postgres" else lines)
    return any(line.outcome is not None for line in found)


async def group_of(session: Appointment) -> Group | None:
    """Give the group that a session is of; none where it is an individual one."""
    return await Group.get_or_none(id=session.group_id) if session.group_id else None
