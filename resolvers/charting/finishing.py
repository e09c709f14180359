"""Finishing: assembling the notes for review, signing and locking them, and adding to them later."""

from __future__ import annotations

from uuid import UUID

from models import Addendum, Chart, ChartRun, ChartRunStep
from models.base import now
from models.charting.charts import ChartState
from models.charting.gate import fill_entries
from models.charting.notes import ATTESTATION, signer
from models.charting.runs import ChartRunKind, ChartRunState, ChartRunStepState, queued
from models.charting.steps import attending, start_run
from models.events import record, within, written
from models.problems import InvalidInput, Refused, VersionConflict
from models.richtext import clean
from resolvers import access
from resolvers.acting import Given
from resolvers.viewer import Viewer


class AttendanceNotSet(Refused):
    """Somebody's attendance is not set yet."""

    def __init__(self, lines: list[UUID]) -> None:
        """Point to the lines."""
        super().__init__("AttendanceNotSet", "Say first who came and who did not.", lists={"attendances": lines})


class ChartNotReviewed(Refused):
    """Complete and review it first."""

    def __init__(self, chart: Chart) -> None:
        """Point to the chart."""
        super().__init__(
            "ChartNotReviewed", "Complete the chart and review its notes first.", nodes={"chart": ("Chart", chart.id)}
        )


class WarningsNotAcknowledged(Refused):
    """Read them first, then send their ids."""

    def __init__(self, warnings: list[UUID]) -> None:
        """Point to those that were not read."""
        super().__init__(
            "WarningsNotAcknowledged",
            "Read these warnings first.",
            lists={"warnings": warnings},
        )


async def complete_chart(viewer: Viewer, *, chart_id: str, expected_version: int | None = None) -> Given:
    """Assemble every attending client's note; until the chart is a draft again, a second call gives that run."""
    chart = await access.chart(viewer, chart_id, change=True, lock=True)
    if chart.state != ChartState.DRAFT and (found := await access.latest_run(chart, ChartRunKind.COMPLETE)):
        return Given("CompleteChartPayload", {"run": found.id})
    chart.refuse_unless(ChartState.DRAFT)
    session = await access.session_of_chart(chart)
    session.refuse_canceled("input.chartId")
    if expected_version not in {None, chart.version}:
        raise VersionConflict("Chart", chart.id)
    lines = await access.lines_of(session)
    unset = [line.id for line in lines if line.outcome is None]
    if unset:
        raise AttendanceNotSet(unset)
    await fill_entries(chart, lines)
    run = await _begin(viewer, chart, ChartRunKind.COMPLETE)
    chart.move(ChartState.ASSEMBLING)
    await chart.save(update_fields=["state", "version"])
    record(viewer.practice_id, within(session))
    return Given("CompleteChartPayload", {"run": run.id})


async def lock_chart(
    viewer: Viewer, *, chart_id: str, expected_version: int, acknowledged_warning_ids: list[str]
) -> Given:
    """Sign and lock every note that was reviewed; a second call gives the run that exists."""
    chart = await access.chart(viewer, chart_id, change=True, lock=True)
    if chart.state in {ChartState.LOCKING, ChartState.LOCKED}:
        found = await access.latest_run(chart, ChartRunKind.LOCK)
        return Given("LockChartPayload", {"run": found.id if found else None})
    if chart.state != ChartState.IN_REVIEW:
        raise ChartNotReviewed(chart)
    if expected_version != chart.version:
        raise VersionConflict("Chart", chart.id)
    warnings = await access.warnings_of(chart)
    read = {warning.id for warning in await access.chart_warnings(viewer, acknowledged_warning_ids)}
    if read - {warning.id for warning in warnings}:
        raise InvalidInput({"input.acknowledgedWarningIds": "One of these is no warning of this chart."})
    unread = [warning.id for warning in warnings if warning.id not in read]
    if unread:
        raise WarningsNotAcknowledged(unread)
    for warning in warnings:
        warning.acknowledged_by_id = viewer.provider_id
        warning.acknowledged_at = now()
        await warning.save(update_fields=["acknowledged_by_id", "acknowledged_at"])
    run = await _begin(viewer, chart, ChartRunKind.LOCK)
    chart.move(ChartState.LOCKING)
    await chart.save(update_fields=["state", "version"])
    record(viewer.practice_id, within(await access.session_of_chart(chart)))
    return Given("LockChartPayload", {"run": run.id})


async def retry_chart_run(viewer: Viewer, *, run_id: str) -> Given:
    """Try again what failed of a run, and only that."""
    run = await access.chart_run(viewer, run_id, lock=True)
    if run.state == ChartRunState.SUCCEEDED:
        raise InvalidInput({"input.runId": "Nothing of this run failed."})
    chart = await access.chart_by_row(run.chart_id)
    expected = ChartState.ASSEMBLING if run.kind == ChartRunKind.COMPLETE else ChartState.LOCKING
    if run.state == ChartRunState.FAILED:
        latest = await access.latest_run(chart)
        if chart.state != expected or latest is None or latest.id != run.id:
            raise InvalidInput({"input.runId": "The chart was reopened since: complete it again."})
        session = await access.session_of_chart(chart)
        if run.kind == ChartRunKind.COMPLETE:
            await fill_entries(chart, await access.lines_of(session))
        failed = await access.steps_of(run, ChartRunStepState.FAILED)
        for step in failed:
            step.state, step.reason = ChartRunStepState.WAITING.value, None
        await ChartRunStep.update_all(failed, ["state", "reason"])
        run.state, run.failed, run.finished_at = ChartRunState.QUEUED.value, 0, None
        await run.save(update_fields=["state", "failed", "finished_at"])
        queued()
        record(viewer.practice_id, written(session))
    return Given("RetryChartRunPayload", {"run": run.id})


async def add_addendum(viewer: Viewer, *, body: str, note_id: str | None = None, chart_id: str | None = None) -> Given:
    """Add to one client's locked note, or to every attending client's."""
    if (note_id is None) == (chart_id is None):
        raise InvalidInput(dict.fromkeys(("input.noteId", "input.chartId"), "Exactly one of the two is needed."))
    if note_id is not None:
        found = [await access.chart_note(viewer, note_id)]
    else:
        chart = await access.chart(viewer, chart_id or "", change=True, lock=True)
        found = await access.notes_of(chart, lock=True)
    path = "input.noteId" if note_id is not None else "input.chartId"
    if not found or any(note.locked_at is None for note in found):
        raise InvalidInput({path: "Only what is locked is added to: a draft is changed."})
    text = clean("input.body", body)
    if not text:
        raise InvalidInput({"input.body": "This is needed."})
    author = await _who_signs(viewer)
    assert viewer.practice_id is not None  # noqa: S101 - as below
    assert viewer.provider_id is not None  # noqa: S101 - only a clinician comes to a locked note that is added to
    before_it = await access.last_hashes(found)
    added = [
        Addendum.hashed(
            practice_id=viewer.practice_id,
            note_id=note.id,
            provider_id=viewer.provider_id,
            authored_as=author,
            body=text,
            previous_hash=before_it[note.id],
        )
        for note in found
    ]
    await Addendum.create_all(added)
    session = await access.session_of_note(found[0])
    record(viewer.practice_id, *(written(session, note.client_id) for note in found))
    return Given("AddAddendumPayload", {"addenda": [addendum.id for addendum in added]})


async def _begin(viewer: Viewer, chart: Chart, kind: ChartRunKind) -> ChartRun:
    assert viewer.provider_id is not None  # noqa: S101 - only a clinician comes to a chart
    return await start_run(
        chart,
        kind,
        await attending(chart.appointment_id),
        provider=viewer.provider_id,
        signed_as=await _who_signs(viewer),
        attestation=ATTESTATION,
    )


async def _who_signs(viewer: Viewer) -> str:
    assert viewer.provider_id is not None  # noqa: S101 - only a clinician comes to a chart
    [provider] = await access.providers_by_row(viewer, [viewer.provider_id])
    return signer(provider.name, provider.credentials)
