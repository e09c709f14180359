"""What the fields of templates, charts, notes and runs mean."""

from __future__ import annotations

from collections.abc import Iterator

from models import Appointment, Chart, ChartNote, ChartRun, Signature
from models.appointments import AppointmentKind, AppointmentStatus
from models.base import now
from models.charting.charts import ChartState, ChartTemplateKind
from models.charting.notes import ATTESTATION
from models.charting.runs import ChartRunState
from resolvers import access
from resolvers.appointments.meanings import by_start, latest_first
from resolvers.clients import last_name
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means

# Roots


@means("Query.chart")
def chart(row: Row, _q: Asking, id: Arg) -> Iterator[str]:
    """Find the chart with this id."""
    yield f"{row.id}={id:cht}"


@means("Query.chartRun")
def chart_run(row: Row, _q: Asking, id: Arg) -> Iterator[str]:
    """Find the run with this id."""
    yield f"{row.id}={id:run}"


@means("Subscription.chartChanges")
def chart_changes(row: Row, _q: Asking, chart_id: Arg) -> Iterator[str]:
    """Find the chart, as long as the viewer may see it."""
    yield f"{row.id}={chart_id:cht}"


@means("Subscription.chartRunProgress")
def chart_run_progress(row: Row, _q: Asking, run_id: Arg) -> Iterator[str]:
    """Find the run, as long as the viewer may see it."""
    yield f"{row.id}={run_id:run}"


def is_over(q: Asking, run: str) -> str:
    """Whether a run has ended, so that its stream does."""
    ended = f"x.state IN ('{ChartRunState.SUCCEEDED}','{ChartRunState.FAILED}')"
    return f"coalesce((SELECT {ended} FROM {q.all(ChartRun)} x WHERE x.id={run}),false)"


@means("Query.unchartedAppointments", order=by_start)
def uncharted_appointments(row: Row, q: Asking) -> Iterator[str]:
    """The viewer's own sessions that are over and whose notes are not locked."""
    if not q.scope.provider:
        yield "false"
        return
    yield f"{row.provider_id}={q.viewer('provider_id')}"
    yield access.known_to_provider(row, q)
    yield f"{row.status}='{AppointmentStatus.SCHEDULED}'"
    yield f"{row.ends_at}<={q.param('now', 'timestamptz', lambda _: now())}"
    chart = q.row(Chart)
    locked = f"{chart.appointment_id}={row.id} AND {chart.state}='{ChartState.LOCKED}'"
    yield f"NOT EXISTS (SELECT 1 FROM {q.see(Chart)} {chart} WHERE {locked})"


# Templates


@means("Practice.chartTemplates", order=lambda t, _: (t.name, t.id))
def practice_templates(row: Row, practice: Row, q: Asking, kinds: Arg | None, active: Arg | None) -> Iterator[str]:
    """The practice's templates, by name."""
    yield f"{row.practice_id}={practice.id}"
    if kinds is not None:
        yield q.dialect.among(row.kind, f"{kinds:list}")
    if active is not None:
        yield f"{row.active}={active}"


@means("Appointment.chartTemplates", order=lambda t, _: (t.name, t.id))
def session_templates(row: Row, session: Row, _q: Asking) -> Iterator[str]:
    """What the session's chart may begin with: for a group, the practice's own only."""
    yield f"{row.practice_id}={session.practice_id}"
    yield f"{row.active}"
    yield f"{row.kind}='{ChartTemplateKind.CUSTOM}' OR {session.kind}='{AppointmentKind.INDIVIDUAL}'"


# Charts


@means("Appointment.chart")
def session_chart(row: Row, session: Row, _q: Asking) -> Iterator[str]:
    """The session's chart, once charting has started."""
    yield f"{row.appointment_id}={session.id}"


def _by_last_name(row: Row, q: Asking) -> tuple[str, ...]:
    return last_name(row.client_id, q), row.id


@means("Chart.clientEntries", order=_by_last_name)
def client_entries(row: Row, of: Row, _q: Asking) -> Iterator[str]:
    """One per client on the roster, by last name."""
    yield f"{row.chart_id}={of.id}"


@means("Chart.notes", order=_by_last_name)
def notes(row: Row, of: Row, _q: Asking) -> Iterator[str]:
    """The assembled notes, by last name."""
    yield f"{row.chart_id}={of.id}"


@means("Chart.warnings", order=lambda w, _: (w.position, w.id))
def warnings(row: Row, of: Row, _q: Asking) -> Iterator[str]:
    """What was found when the chart was completed."""
    yield f"{row.chart_id}={of.id}"


@means("Chart.run")
def run(row: Row, of: Row, q: Asking) -> Iterator[str]:
    """The latest run of complete or lock."""
    latest = (
        f"SELECT x.id FROM {q.all(ChartRun)} x WHERE x.chart_id={of.id} ORDER BY x.created_at DESC,x.id DESC LIMIT 1"
    )
    yield f"{row.id}=({latest})"


@means("Chart.attestation")
def attestation(_of: Row, _q: Asking) -> str:
    """What the signature will say."""
    return "'" + ATTESTATION.replace("'", "''") + "'"


@means("Chart.viewerCanEdit")
def viewer_can_edit(of: Row, q: Asking) -> str:
    """Whether the viewer may write on it now."""
    return f"{of.state}='{ChartState.DRAFT}' AND ({access.CHANGEABLE[Chart](of, q)})"


@means("Chart.viewerCanLock")
def viewer_can_lock(of: Row, q: Asking) -> str:
    """Whether the viewer may sign it now."""
    return f"{of.state}='{ChartState.IN_REVIEW}' AND ({access.CHANGEABLE[Chart](of, q)})"


# Notes


@means("Attendance.chartNote")
def attendance_note(row: Row, line: Row, _q: Asking) -> Iterator[str]:
    """The client's own note of the session."""
    yield f"{row.appointment_id}={line.appointment_id}"
    yield f"{row.client_id}={line.client_id}"


def _by_session(row: Row, q: Asking, order: Arg | None = None) -> Keys:
    start = f"(SELECT a.starts_at FROM {q.all(Appointment)} a WHERE a.id={row.appointment_id})"
    return Keys((start, row.id), descending=latest_first(order), kinds=("timestamptz", "uuid"))


@means("Client.chartNotes", order=_by_session)
def client_notes(row: Row, client: Row, _q: Asking) -> Iterator[str]:
    """The client's notes, by session."""
    yield f"{row.client_id}={client.id}"


@means("ChartNote.locked")
def locked(note: Row, _q: Asking) -> str:
    """Whether it is signed and stays as it is."""
    return f"({note.locked_at} IS NOT NULL)"


@means("ChartNote.signatures", order=lambda s, _: (s.signed_at, s.id))
def signatures(row: Row, note: Row, _q: Asking) -> Iterator[str]:
    """Who signed it."""
    yield f"{row.note_id}={note.id}"


@means("ChartNote.addenda", order=lambda a, _: (a.created_at, a.id))
def addenda(row: Row, note: Row, _q: Asking) -> Iterator[str]:
    """What was added to it, oldest first."""
    yield f"{row.note_id}={note.id}"


@means("ChartNote.verified")
def verified(note: Row, q: Asking) -> dict[str, str]:
    """Give all that a note's hash and its seal are made of, and the hash that the note before it has now.

    Its signature is the only one there is, by the note's provider, at the moment of locking.
    """
    signature = (
        f"FROM {q.all(Signature)} s WHERE s.note_id={note.id}"
        f" AND s.provider_id={note.provider_id} AND s.signed_at={note.locked_at}"
        f" AND NOT EXISTS (SELECT 1 FROM {q.all(Signature)} o WHERE o.note_id={note.id} AND o.id<>s.id)"
    )
    before = (
        f"SELECT p.content_hash FROM {q.all(ChartNote)} p"
        f" WHERE p.client_id={note.client_id} AND p.chain_no={note.chain_no}-1"
    )
    text = q.dialect.text

    def hexed(column: str) -> str:
        return text(f"replace(CAST({column} AS text),'-','')")

    return {
        "note": hexed(note.id),
        "client": hexed(note.client_id),
        "appointment": hexed(note.appointment_id),
        "provider": hexed(note.provider_id),
        "body": text(note.body),
        "locked_at": q.dialect.moment(note.locked_at),
        "signed_as": text(f"(SELECT s.signed_as {signature})"),
        "attestation": text(f"(SELECT s.attestation {signature})"),
        "previous": text(note.previous_hash),
        "content_hash": text(note.content_hash),
        "before": text(f"({before})"),
        "practice": hexed(note.practice_id),
        "chart": hexed(note.chart_id),
        "chain_no": text(f"CAST({note.chain_no} AS text)"),
        "created_at": q.dialect.moment(note.created_at),
        "seal": text(note.seal),
    }


# Runs


@means("ChartRun.steps", order=_by_last_name)
def steps(row: Row, of: Row, _q: Asking) -> Iterator[str]:
    """One per attending client, by last name."""
    yield f"{row.run_id}={of.id}"
