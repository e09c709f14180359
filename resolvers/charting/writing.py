"""Writing: starting a chart, saving its parts, and going back to them from review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models import Chart, ChartEntry
from models.appointments import AppointmentKind
from models.charting.charts import ChartState
from models.charting.gate import back_to_draft, fill_entries
from models.charting.runs import ChartRunState
from models.events import record, within, written
from models.problems import InvalidInput, VersionConflict
from models.richtext import clean
from resolvers import access
from resolvers.acting import Given
from resolvers.clients import MOST_IN_A_LIST
from resolvers.viewer import Viewer


async def start_chart(viewer: Viewer, *, appointment_id: str, template_id: str | None = None) -> Given:
    """Start the session's chart with an entry for each client on its roster; one that is started keeps what it has."""
    session = await access.charted_session(viewer, appointment_id)
    chart = await access.chart_of_session(session)
    if chart is None:
        session.refuse_canceled("input.appointmentId")
        template = await access.chart_template(viewer, template_id) if template_id is not None else None
        chart = Chart(practice_id=viewer.practice_id, appointment_id=session.id, last_changed_by=viewer.name)
        chart.use(template, group=session.kind == AppointmentKind.GROUP)
        await chart.save()
        record(viewer.practice_id, written(session))
    if chart.state == ChartState.DRAFT:
        # One that was started before may miss a part: until sessions were locked, who joined meanwhile got none.
        await fill_entries(chart, await access.lines_of(session))
    return Given("StartChartPayload", {"chart": chart.id})


async def save_chart(
    viewer: Viewer,
    *,
    chart_id: str,
    expected_version: int,
    client_entries: list[dict[str, Any]] | None = None,
    **given: Any,
) -> Given:
    """Save parts of a draft: the chart's own against its version, each client's entry against that entry's."""
    chart = await access.chart(viewer, chart_id, change=True, lock=True)
    chart.refuse_unless(ChartState.DRAFT)
    session = await access.session_of_chart(chart)
    if given and expected_version != chart.version:
        raise VersionConflict("Chart", chart.id)
    changed = await _take(viewer, chart, given, group=session.kind == AppointmentKind.GROUP)
    entries = await _take_entries(viewer, chart, client_entries or [])
    if changed:
        chart.version += 1
        chart.last_changed_by = viewer.name
        await chart.save(update_fields=["template_id", "template_body", "group_notes", "last_changed_by", "version"])
    for entry in entries:
        await entry.save(update_fields=["client_notes", "last_changed_by", "version"])
    if changed or entries:
        record(viewer.practice_id, written(session))
    return Given("SaveChartPayload", {"chart": chart.id})


async def reopen_chart(viewer: Viewer, *, chart_id: str) -> Given:
    """Go back from review to drafting, or from a completion that failed; what is locked stays so."""
    chart = await access.chart(viewer, chart_id, change=True, lock=True)
    if chart.state == ChartState.ASSEMBLING:
        run = await access.latest_run(chart)
        if run is None or run.state != ChartRunState.FAILED:
            chart.refuse_unless(ChartState.IN_REVIEW)
    elif chart.state != ChartState.DRAFT:
        chart.refuse_unless(ChartState.IN_REVIEW)
    if chart.state != ChartState.DRAFT:
        await back_to_draft(chart)
        record(viewer.practice_id, within(await access.session_of_chart(chart)))
    return Given("ReopenChartPayload", {"chart": chart.id})


async def _take(viewer: Viewer, chart: Chart, given: dict[str, Any], *, group: bool) -> bool:
    was = (chart.template_id, chart.template_body, chart.group_notes)
    if "template_id" in given:
        wire = given["template_id"]
        template = await access.chart_template(viewer, wire) if wire is not None else None
        if (template.id if template else None) != chart.template_id:
            chart.use(template, group=group)
    if "template_body" in given:
        if group:
            raise InvalidInput({"input.templateBody": "A group's chart cannot change its template's text."})
        chart.template_body = clean("input.templateBody", given["template_body"])
    if "group_notes" in given:
        chart.group_notes = clean("input.groupNotes", given["group_notes"])
    return was != (chart.template_id, chart.template_body, chart.group_notes)


async def _take_entries(viewer: Viewer, chart: Chart, wanted: list[dict[str, Any]]) -> list[ChartEntry]:
    path = "input.clientEntries"
    if len(wanted) > MOST_IN_A_LIST:
        raise InvalidInput({path: f"At most {MOST_IN_A_LIST} at once."})
    known = {entry.client_id: entry for entry in await access.entries_of(chart)}
    seen = await access.clients_by_wire(viewer, [part["client_id"] for part in wanted])
    named: set[UUID] = set()
    changed: list[ChartEntry] = []
    for n, part in enumerate(wanted):
        entry = known.get(seen[part["client_id"]])
        if entry is None:
            raise InvalidInput({f"{path}.{n}.clientId": "This client is not on the session's roster."})
        if entry.client_id in named:
            raise InvalidInput({f"{path}.{n}.clientId": "This client is named twice."})
        named.add(entry.client_id)
        if part["expected_version"] != entry.version:
            raise VersionConflict("ChartEntry", entry.id)
        text = clean(f"{path}.{n}.clientNotes", part["client_notes"])
        if text != entry.client_notes:
            entry.client_notes = text
            entry.last_changed_by = viewer.name
            entry.version += 1
            changed.append(entry)
    return changed
