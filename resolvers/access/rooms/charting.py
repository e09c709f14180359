"""Notes: who reads, writes and signs them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models import (
    Addendum,
    Appointment,
    Attendance,
    Chart,
    ChartEntry,
    ChartNote,
    ChartRun,
    ChartRunStep,
    ChartTemplate,
    ChartWarning,
    EmergencyAccess,
    Signature,
)
from models.database import connection, dialect
from models.ids import row_id
from models.problems import Forbidden, NotFound
from resolvers.access.door import by_wire, rows
from resolvers.access.holding import known_to_provider, my_client
from resolvers.access.rooms.appointments import appointment
from resolvers.access.rules import any_of, changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.viewer import Viewer


@visible(ChartTemplate)
def _template(template: Row, q: Asking) -> str:
    return in_practice(template, q, *(["true"] if q.scope.admin or q.scope.provider else []))


def _charted(appointment_id: str, q: Asking) -> list[str]:
    """Give the rule for what only clinicians who know the session may read: the office works without note text."""
    if not q.scope.provider:
        return []
    session = q.row(Appointment)
    known = f"{session.id}={appointment_id} AND ({known_to_provider(session, q)})"
    return [f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})"]


@visible(Chart)
def _chart(chart: Row, q: Asking) -> str:
    return in_practice(chart, q, *_charted(chart.appointment_id, q))


@visible(ChartEntry, ChartWarning, ChartRun)
def _of_chart(row: Row, q: Asking) -> str:
    if not q.scope.provider:
        return in_practice(row, q)
    session = q.row(Appointment)
    charted = f"{table_of(Chart)} i JOIN {table_of(Appointment)} {session} ON {session.id}=i.appointment_id"
    known = f"i.id={row.chart_id} AND ({known_to_provider(session, q)})"
    return in_practice(row, q, f"EXISTS (SELECT 1 FROM {charted} WHERE {known})")


def _opened(client_id: str, q: Asking) -> list[str]:
    """Give the rule for what is read in an emergency: who keeps the practice said why, and it is not over."""
    if not q.scope.admin:
        return []
    return [f"{client_id} IN (SELECT client_id FROM {_open(q)})"]


def _open(q: Asking) -> str:
    mine = f"user_id={q.viewer('user_id')} AND expires_at>{q.dialect.this_moment}"
    return q.common("opened", f"SELECT client_id FROM {table_of(EmergencyAccess)} WHERE {mine}")


def opened_in_an_emergency(appointment: Row, q: Asking) -> str:
    """Whether notes of somebody on the session's roster are opened to the viewer, who keeps the practice."""
    roster = f"SELECT client_id FROM {table_of(Attendance)} WHERE appointment_id={appointment.id}"
    return f"EXISTS (SELECT 1 FROM {_open(q)} WHERE client_id IN ({roster}))"


@visible(ChartNote)
def _note(note: Row, q: Asking) -> str:
    rules = [*_charted(note.appointment_id, q), *_opened(note.client_id, q)]
    if q.scope.client:
        rules.append(_my_note(note, q))
    return in_practice(note, q, *rules)


def _my_note(note: Row, q: Asking) -> str:
    return f"({note.client_id}={q.viewer('client_id')} AND {note.locked_at} IS NOT NULL)"


@visible(Signature, Addendum)
def _of_note(row: Row, q: Asking) -> str:
    note, session = q.row(ChartNote), q.row(Appointment)
    rules = [f"({known_to_provider(session, q)})"] if q.scope.provider else []
    rules += _opened(note.client_id, q)
    if q.scope.client:
        rules.append(_my_note(note, q))
    noted = f"{table_of(ChartNote)} {note} JOIN {table_of(Appointment)} {session} ON {session.id}={note.appointment_id}"
    return in_practice(row, q, f"EXISTS (SELECT 1 FROM {noted} WHERE {note.id}={row.note_id} AND ({any_of(*rules)}))")


@visible(ChartRunStep)
def _step(step: Row, q: Asking) -> str:
    if not q.scope.provider:
        return in_practice(step, q)
    session = q.row(Appointment)
    run = (
        f"{table_of(ChartRun)} o JOIN {table_of(Chart)} i ON i.id=o.chart_id"
        f" JOIN {table_of(Appointment)} {session} ON {session.id}=i.appointment_id"
    )
    return in_practice(
        step, q, f"EXISTS (SELECT 1 FROM {run} WHERE o.id={step.run_id} AND ({known_to_provider(session, q)}))"
    )


@visible(EmergencyAccess)
def _emergency(access: Row, q: Asking) -> str:
    """Who keeps the practice sees all; whose client it is, who wrote of them, and they themselves, are thereby told.

    Not only who wrote what is there now: a draft can be taken back, and with it what was read of it.
    """
    if q.scope.admin:
        return in_practice(access, q, "true")
    rules = []
    if q.scope.provider:
        wrote = f"k.client_id={access.client_id} AND k.provider_id={q.viewer('provider_id')}"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(ChartNote)} k WHERE {wrote})")
        added = f"k.client_id={access.client_id} AND a.provider_id={q.viewer('provider_id')}"
        both = f"{table_of(ChartNote)} k JOIN {table_of(Addendum)} a ON a.note_id=k.id"
        rules += [f"EXISTS (SELECT 1 FROM {both} WHERE {added})", my_client(access.client_id, q)]
    if q.scope.client:
        rules.append(f"{access.client_id}={q.viewer('client_id')}")
    return in_practice(access, q, *rules)


def may_break_glass(viewer: Viewer) -> None:
    """Refuse whoever does not keep the practice."""
    if not viewer.scope.admin:
        raise Forbidden


@changeable(ChartTemplate)
def _may_change_template(_template: Row, q: Asking) -> str:
    return "true" if q.scope.admin or q.scope.provider else "false"


@changeable(Chart)
def _may_chart(chart: Row, q: Asking) -> str:
    return " OR ".join(_charted(chart.appointment_id, q)) or "false"


@changeable(ChartNote)
def _may_add(note: Row, q: Asking) -> str:
    return " OR ".join(_charted(note.appointment_id, q)) or "false"


def may_create_template(viewer: Viewer) -> None:
    """Refuse whoever makes no templates."""
    if not (viewer.scope.admin or viewer.scope.provider):
        raise Forbidden


async def chart(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Chart:
    """Give a chart that the viewer may read, or NOT_FOUND."""
    return await by_wire(viewer, Chart, "cht", wire, change=change, lock=lock)


async def chart_run(viewer: Viewer, wire: str, *, lock: bool = False) -> ChartRun:
    """Give a run that the viewer may follow, or NOT_FOUND."""
    return await by_wire(viewer, ChartRun, "run", wire, lock=lock)


async def chart_note(viewer: Viewer, wire: str) -> ChartNote:
    """Give a note that the viewer may add to, or NOT_FOUND; FORBIDDEN to its client."""
    return await by_wire(viewer, ChartNote, "not", wire, change=True, lock=True)


async def chart_warnings(viewer: Viewer, wires: Iterable[str]) -> list[ChartWarning]:
    """Give all of these warnings, or NOT_FOUND."""
    ids = [row_id("wrn", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await rows(viewer, ChartWarning, known, change=False, lock=False)


async def chart_template(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> ChartTemplate:
    """Give a template of the practice, or NOT_FOUND."""
    return await by_wire(viewer, ChartTemplate, "tpl", wire, change=change, lock=lock)


async def charted_session(viewer: Viewer, wire: str) -> Appointment:
    """Give an appointment that the viewer may chart, locked; NOT_FOUND, or FORBIDDEN where it may only be seen."""
    found = await appointment(viewer, wire, lock=True)
    if not viewer.scope.provider:
        raise Forbidden
    written = DIALECTS[dialect()]
    ask = Asking(written, viewer.scope)
    row = ask.row(Appointment)
    sql, binds = ask.finish(
        f"SELECT 1 AS yes FROM {table_of(Appointment)} {row} WHERE {row.id}={ask.given('id', 'uuid')}"
        f" AND ({known_to_provider(row, ask)})"
    )
    run = Run(viewer, given={"id": found.id})
    if not await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds]):
        raise Forbidden
    return found


async def chart_of_session(session: Appointment) -> Chart | None:
    """Give the chart of a session that came through the door."""
    return await Chart.get_or_none(appointment_id=session.id)


async def chart_by_row(chart_id: UUID) -> Chart:
    """Give the chart that a run is of, locked."""
    found = Chart.filter(id=chart_id)
    return await (found.select_for_update(no_key=True) if dialect() == "postgres" else found).get()


async def session_of_chart(of: Chart) -> Appointment:
    """Give the session that a chart is of."""
    return await Appointment.get(id=of.appointment_id)


async def session_of_note(note: ChartNote) -> Appointment:
    """Give the session that a note is of."""
    return await Appointment.get(id=note.appointment_id)


async def entries_of(of: Chart) -> list[ChartEntry]:
    """Give the entries of a chart, locked."""
    found = ChartEntry.filter(chart_id=of.id).order_by("id")
    return await (found.select_for_update() if dialect() == "postgres" else found)


async def warnings_of(of: Chart) -> list[ChartWarning]:
    """Give the warnings of a chart."""
    return await ChartWarning.filter(chart_id=of.id).order_by("position")


async def notes_of(of: Chart, *, lock: bool = False) -> list[ChartNote]:
    """Give the notes of a chart."""
    found = ChartNote.filter(chart_id=of.id).order_by("id")
    return await (found.select_for_update() if lock and dialect() == "postgres" else found)


async def last_hashes(notes: list[ChartNote]) -> dict[UUID, str]:
    """Give for each locked note the hash of what was added to it last, or its own."""
    hashes = {note.id: note.content_hash or "" for note in notes}
    added = await Addendum.filter(note_id__in=list(hashes))
    # By their links and not by their times, as a clock may be set back.
    followed = {addendum.previous_hash for addendum in added}
    return hashes | {one.note_id: one.content_hash for one in added if one.content_hash not in followed}


async def latest_run(of: Chart, kind: str | None = None) -> ChartRun | None:
    """Give the chart's latest run, or its latest of a kind."""
    found = ChartRun.filter(chart_id=of.id, **({"kind": str(kind)} if kind else {}))
    return await found.order_by("-created_at", "-id").first()


async def session_id_of_run(run: ChartRun) -> UUID:
    """Give the session that a run is about."""
    return (await Chart.get(id=run.chart_id)).appointment_id


async def steps_of(run: ChartRun, state: str) -> list[ChartRunStep]:
    """Give the steps of a run that are in a state, to be changed."""
    return await ChartRunStep.filter(run_id=run.id, state=str(state)).order_by("id")
