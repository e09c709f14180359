"""The demo's sessions, from three weeks back to three ahead: unset, set, paid and charted in every way there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from models import Attendance, ChartEntry
from models.base import now
from models.charting.runs import claim
from models.charting.steps import take_step
from models.ids import wire_id
from resolvers import access
from resolvers.acting import Given
from resolvers.appointments.scheduling import cancel_appointment, schedule_appointment
from resolvers.attendance import mark_all_attended, record_confirmation, set_attendance
from resolvers.charting.finishing import add_addendum, complete_chart, lock_chart
from resolvers.charting.templates import create_chart_template
from resolvers.charting.writing import save_chart, start_chart
from resolvers.payments import accept_payment
from resolvers.viewer import Viewer

WEEKS = range(-3, 4)
_GROUP_NOTES = (
    "<h2>Theme</h2><p>What helped since we last met.</p>"
    '<p class="indent-1"><em>Exercise:</em> breathing, ten minutes.</p>'
    "<ul><li>Check-in</li><li>Exercise</li><li>Plan for the week</li></ul>"
)
_OWN_NOTES = (
    "<p>Spoke early and listened well; <strong>sleeps better</strong>.</p>",
    "<p>Quiet today. Will call if the week gets hard.</p>",
    "<p>Tried the exercise at home twice.</p>",
    "<p>Brought up work; wants to try a shorter walk each day.</p>",
    "<p>Agreed to write down three good moments.</p>",
    "<p>Arrived late, stayed to the end and set a goal.</p>",
    "<p>Shared a setback, and what helped afterwards.</p>",
    "<p>Practised saying no; felt <u>proud</u> of it.</p>",
)
_CONFIRMATIONS = ("CONFIRMED", "PENDING", "DECLINED", "CONFIRMED", None)


@dataclass(frozen=True, slots=True)
class Weekly:
    """A group that meets each week, or one client who comes each week."""

    leader: Viewer
    weekday: int
    hour: int
    group: UUID | None = None
    client: UUID | None = None


async def plant_sessions(weekly: Sequence[Weekly], office: Mapping[str, Viewer], zone: str, second: Viewer) -> None:
    """Put each of them on the calendar and let the past ones have happened."""
    local = ZoneInfo(zone)
    monday = now().astimezone(local).date() - timedelta(days=now().astimezone(local).weekday())
    template = await create_chart_template(
        weekly[0].leader, name="Group session", body="<h1>Group session</h1><p>Goals and method of this session:</p>"
    )
    for week in WEEKS:
        for one in weekly:
            day = monday + timedelta(days=one.weekday, weeks=week)
            starts = datetime.combine(day, time(one.hour), local)
            session = await _schedule(one, starts)
            lines = [line.id for line in await _lines(one, session)]
            if starts + timedelta(hours=2) > now():
                await _confirm(office["scheduler"], lines)
            elif week < 0:
                await _happened(one, session, lines, week, office["biller"])
                await _charted(one, session, week, node_of(template, "template"))
    first = weekly[0]
    shared = datetime.combine(monday + timedelta(days=2, weeks=1), time(18), local)
    await _schedule(first, shared, by=office["scheduler"], on=second)
    canceled = await _schedule(first, datetime.combine(monday + timedelta(days=4, weeks=1), time(8), local))
    await cancel_appointment(first.leader, canceled, reason="The room is being painted.")


async def _schedule(one: Weekly, starts: datetime, *, by: Viewer | None = None, on: Viewer | None = None) -> str:
    provider = (on or one.leader).provider_id
    given = await schedule_appointment(
        by or one.leader,
        starts_at=starts,
        provider_id=wire_id("prv", provider) if provider else None,
        group_id=wire_id("grp", one.group) if one.group else None,
        client_id=wire_id("clt", one.client) if one.client else None,
        confirm_sharing=True,
    )
    return wire_id("apt", node_of(given, "appointment"))


async def _lines(one: Weekly, session: str) -> list[Attendance]:
    return sorted(await access.lines_of(await access.appointment(one.leader, session)), key=_by_client)


def _by_client(row: Attendance | ChartEntry) -> UUID:
    # In the order in which the clients were made, so that every demo tells the same of the same people.
    return row.client_id


async def _confirm(by: Viewer, lines: list[UUID]) -> None:
    for n, line in enumerate(lines):
        said = _CONFIRMATIONS[n % len(_CONFIRMATIONS)]
        if said is not None:
            await record_confirmation(by, attendance_id=wire_id("att", line), status=said)


async def _happened(one: Weekly, session: str, lines: list[UUID], week: int, biller: Viewer) -> None:
    if one.group is not None:
        for n, outcome in enumerate(("NO_SHOW", "LATE_CANCEL", "ABSENT")):
            if (week + one.weekday + n) % 3:
                await set_attendance(one.leader, attendance_id=wire_id("att", lines[n + 1]), outcome=outcome)
        custom = await access.service_code_by_code(one.leader, "SKILLS")
        if custom is not None and week == WEEKS[1]:
            last = wire_id("att", lines[-1])
            await set_attendance(
                one.leader, attendance_id=last, outcome="ATTENDED", service_code_id=wire_id("svc", custom.id)
            )
    await mark_all_attended(one.leader, appointment_id=session)
    for n, charge in enumerate(await _lines(one, session)):
        # The longer ago, the more is paid: all of it, half of it, and lately nothing.
        part = {-3: 1.0, -2: 0.5 if n % 2 else 1.0}.get(week, 0.0)
        minor = int((charge.fee_minor or 0) * part)
        if minor:
            await accept_payment(
                biller,
                client_id=wire_id("clt", charge.client_id),
                amount_minor=minor,
                method=("CASH", "CHECK", "EXTERNAL_CARD")[n % 3],
                attendance_id=wire_id("att", charge.id),
            )


async def _charted(one: Weekly, session: str, week: int, template: UUID) -> None:
    """Three weeks ago is locked, two weeks ago in review, and last week's is a draft."""
    began = await start_chart(
        one.leader, appointment_id=session, template_id=wire_id("tpl", template) if one.group else None
    )
    chart = wire_id("cht", node_of(began, "chart"))
    found = await access.chart(one.leader, chart)
    entries = [
        {
            "client_id": wire_id("clt", entry.client_id),
            "client_notes": _OWN_NOTES[n % len(_OWN_NOTES)],
            "expected_version": entry.version,
        }
        for n, entry in enumerate(sorted(await access.entries_of(found), key=_by_client))
        if week < -1 or n % 2 == 0
    ]
    if week == WEEKS[1] and one.weekday == 0:
        # What a reviewer is warned of: one member's note names another. It is in review and no more, and not the note
        # of the client who signs in, as whoever tries the demo may lock it.
        entries[3]["client_notes"] = "<p>Stayed to talk with Grace and Farid after the group.</p>"
    await save_chart(
        one.leader, chart_id=chart, expected_version=found.version, group_notes=_GROUP_NOTES, client_entries=entries
    )
    if week == -1:
        return
    await complete_chart(one.leader, chart_id=chart)
    await _run_out()
    if week == WEEKS[0]:
        found = await access.chart(one.leader, chart)
        await lock_chart(
            one.leader,
            chart_id=chart,
            expected_version=found.version,
            acknowledged_warning_ids=[wire_id("wrn", warning.id) for warning in await access.warnings_of(found)],
        )
        await _run_out()
        if one.weekday == 0:
            await add_addendum(one.leader, chart_id=chart, body="<p>Added later: the room was changed to 2B.</p>")


async def _run_out() -> None:
    while (taken := await claim("demo")) is not None:
        run, attempt = taken
        while await take_step(run, "demo", attempt):
            pass


def node_of(given: Given, name: str) -> UUID:
    """Give the one row of that name that a mutation gave."""
    made = given.nodes[name]
    if not isinstance(made, UUID):
        raise TypeError(f"A new {name} has one id.")
    return made
