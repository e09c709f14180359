"""What the fields of templates, charts, notes and runs answer to somebody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.charting.notes import ATTESTATION
from tests.guards.reading.answers_about_sessions import by_session, can_chart
from tests.guards.reading.fields import answers, following
from tests.guards.reading.pages import page
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import Seen


@answers("Query.chart")
def chart(_: Any, sight: Sight, id: str) -> Seen | None:
    return sight.find("Chart", id)


@answers("Query.chartRun")
def chart_run(_: Any, sight: Sight, id: str) -> Seen | None:
    return sight.find("ChartRun", id)


@answers("Query.unchartedAppointments")
def uncharted(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    """The person's own sessions that are over, as long as they may chart them."""
    now = datetime.now(UTC)
    rows = [
        a
        for a in sight.all("Appointment")
        if a.row.provider_id == sight.me
        and sight.leads(a.row)
        and a.row.status == "SCHEDULED"
        and a.row.ends_at <= now
        and not any(c.row.state == "LOCKED" for c in following(sight, "Chart", "appointment_id", a.row.id))
    ]
    return page("Query.unchartedAppointments", sight, rows, by_session(sight), asked)


# templates


def _by_name(templates: list[Seen]) -> list[Seen]:
    return sorted(templates, key=lambda t: (t.row.name, t.row.id.hex))


@answers("Practice.chartTemplates")
def practice_templates(
    _: Seen, sight: Sight, *, active: bool | None = None, kinds: list[str] | None = None
) -> list[Seen]:
    found = sight.all("ChartTemplate")
    return _by_name([t for t in found if active in {None, t.row.active} and (kinds is None or t.row.kind in kinds)])


@answers("Appointment.chartTemplates")
def session_templates(seen: Seen, sight: Sight) -> list[Seen] | None:
    """Those that may be chosen here: a group has custom ones only."""
    if not can_chart(seen, sight):
        return None
    alone = seen.row.kind == "INDIVIDUAL"
    return _by_name([t for t in sight.all("ChartTemplate") if t.row.active and (alone or t.row.kind == "CUSTOM")])


# charts


def _only(found: list[Seen]) -> Seen | None:
    assert len(found) <= 1
    return found[0] if found else None


@answers("Appointment.chart")
def session_chart(seen: Seen, sight: Sight) -> Seen | None:
    return _only(following(sight, "Chart", "appointment_id", seen.row.id))


@answers("Chart.clientEntries")
def entries(seen: Seen, sight: Sight) -> list[Seen]:
    return [entry for entry in sight.by_last_name("ChartEntry") if entry.row.chart_id == seen.row.id]


@answers("Chart.notes")
def notes(seen: Seen, sight: Sight) -> list[Seen]:
    return [note for note in sight.by_last_name("ChartNote") if note.row.chart_id == seen.row.id]


@answers("Chart.warnings")
def warnings(seen: Seen, sight: Sight) -> list[Seen]:
    return sorted(following(sight, "ChartWarning", "chart_id", seen.row.id), key=lambda w: w.row.position)


@answers("Chart.run")
def latest_run(seen: Seen, sight: Sight) -> Seen | None:
    runs = following(sight, "ChartRun", "chart_id", seen.row.id)
    return max(runs, key=lambda run: run.row.created_at, default=None)


@answers("Chart.attestation")
def attestation(_: Seen, __: Sight) -> str:
    return ATTESTATION


@answers("Chart.viewerCanEdit")
def can_edit(seen: Seen, _: Sight) -> bool:
    """Whoever reads a chart leads its session."""
    return bool(seen.row.state == "DRAFT")


@answers("Chart.viewerCanLock")
def can_lock(seen: Seen, _: Sight) -> bool:
    return bool(seen.row.state == "IN_REVIEW")


@answers("ChartRun.steps")
def steps(seen: Seen, sight: Sight) -> list[Seen]:
    return [step for step in sight.by_last_name("ChartRunStep") if step.row.run_id == seen.row.id]


# notes


@answers("Attendance.chartNote")
def line_note(seen: Seen, sight: Sight) -> Seen | None:
    session = following(sight, "ChartNote", "appointment_id", seen.row.appointment_id)
    return _only([note for note in session if note.row.client_id == seen.row.client_id])


@answers("Client.chartNotes")
def client_notes(seen: Seen, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = following(sight, "ChartNote", "client_id", seen.row.id)
    return page("Client.chartNotes", sight, rows, by_session(sight), asked)


@answers("ChartNote.locked")
def locked(seen: Seen, _: Sight) -> bool:
    return seen.row.locked_at is not None


@answers("ChartNote.verified")
def verified(seen: Seen, sight: Sight) -> bool | None:
    return None if seen.row.locked_at is None else seen.row.id not in sight.truth.altered


@answers("ChartNote.signatures")
def signatures(seen: Seen, sight: Sight) -> list[Seen]:
    found = following(sight, "Signature", "note_id", seen.row.id)
    return sorted(found, key=lambda s: (s.row.signed_at, s.row.id.hex))


@answers("ChartNote.addenda")
def addenda(seen: Seen, sight: Sight) -> list[Seen]:
    found = following(sight, "Addendum", "note_id", seen.row.id)
    return sorted(found, key=lambda a: (a.row.created_at, a.row.id.hex))
