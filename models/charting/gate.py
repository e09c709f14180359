"""What a chart lets happen to its session: it goes back from review, and once notes are made nothing changes."""

from __future__ import annotations

from uuid import UUID

from models.appointments import Appointment
from models.attendance import Attendance
from models.charting.charts import Chart, ChartEntry, ChartState
from models.charting.notes import ChartNote, ChartWarning
from models.database import dialect

MOVES_IN = (ChartState.DRAFT,)
"""Where a session that is charted may be moved or canceled."""
ATTENDANCE_CHANGES_IN = (ChartState.DRAFT, ChartState.IN_REVIEW)
"""Where what came of it may be said."""


async def chart_of(session: Appointment) -> Chart | None:
    """Give the session's chart, locked; none where charting has not started."""
    found = Chart.filter(appointment_id=session.id)
    return await (found.select_for_update(no_key=True) if dialect() == "postgres" else found).first()


async def back_to_draft(chart: Chart) -> None:
    """Forget what was assembled: nothing is signed that was not reviewed."""
    await ChartNote.delete_all(await ChartNote.filter(chart_id=chart.id, locked_at=None))
    await ChartWarning.delete_all(await ChartWarning.filter(chart_id=chart.id))
    chart.move(ChartState.DRAFT)
    await chart.save(update_fields=["state", "version"])


async def attendance_changes(session: Appointment) -> None:
    """Allow a change of attendance: in review it takes the chart back, and later it is refused."""
    chart = await chart_of(session)
    if chart is None:
        return
    chart.refuse_unless(*ATTENDANCE_CHANGES_IN)
    if chart.state == ChartState.IN_REVIEW:
        await back_to_draft(chart)


async def attendance_is_open(session: Appointment) -> None:
    """Refuse to mark a roster whose notes are being made or locked, even where nobody is left to be marked."""
    chart = await chart_of(session)
    if chart is not None:
        chart.refuse_unless(*ATTENDANCE_CHANGES_IN)


async def session_moves(session: Appointment) -> None:
    """Allow to move or cancel a session whose notes are still being drafted."""
    chart = await chart_of(session)
    if chart is not None:
        chart.refuse_unless(*MOVES_IN)


async def open_rosters(sessions: list[Appointment]) -> dict[UUID, Chart | None]:
    """Give the sessions whose roster may still change, each with its chart, which goes back from review to drafting."""
    found = Chart.filter(appointment_id__in=[session.id for session in sessions]).order_by("id")
    charts = await (found.select_for_update(no_key=True) if dialect() == "postgres" else found) if sessions else []
    by_session = {chart.appointment_id: chart for chart in charts}
    still: dict[UUID, Chart | None] = {}
    for session in sessions:
        chart = by_session.get(session.id)
        if chart is None or chart.state in {ChartState.DRAFT, ChartState.IN_REVIEW}:
            still[session.id] = chart
        if chart is not None and chart.state == ChartState.IN_REVIEW:
            await back_to_draft(chart)
    return still


async def expect_entries(charts: dict[UUID, Chart | None], lines: list[Attendance]) -> None:
    """Let the charts have an entry for each of these lines."""
    await ChartEntry.create_all(
        [
            ChartEntry(
                practice_id=chart.practice_id, chart_id=chart.id, client_id=line.client_id, attendance_id=line.id
            )
            for line in lines
            if (chart := charts[line.appointment_id]) is not None
        ]
    )


async def fill_entries(chart: Chart, lines: list[Attendance]) -> None:
    """Let the chart have an entry for each of its session's lines that has none."""
    known = set(await ChartEntry.filter(chart_id=chart.id).values_list("attendance_id", flat=True))
    await expect_entries({chart.appointment_id: chart}, [line for line in lines if line.id not in known])


async def forget_entries(lines: list[Attendance]) -> set[UUID]:
    """Take away the entries of these lines; give the lines about which something is written, whose entries stay."""
    entries = await ChartEntry.filter(attendance_id__in=[line.id for line in lines]) if lines else []
    await ChartEntry.delete_all([entry for entry in entries if not entry.client_notes])
    return {entry.attendance_id for entry in entries if entry.client_notes}
