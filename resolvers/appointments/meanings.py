"""What the fields of appointments and calendars mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models import Appointment, Attendance, Chart, Client, Group, Provider
from models.appointments import AppointmentStatus
from models.charting.charts import ChartState
from models.charting.gate import ATTENDANCE_CHANGES_IN, MOVES_IN
from models.ids import row_id
from models.problems import BadInput
from resolvers import access
from resolvers.clients import MOST_IN_A_LIST
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means

LONGEST_STRETCH = timedelta(days=62)
BUSY = "'Busy'"


@means("Query.appointment")
def appointment(row: Row, _q: Asking, id: Arg) -> Iterator[str]:
    """Find the appointment with this id."""
    yield f"{row.id}={id:apt}"


# Stretches of time


def _stretch(given: dict[str, Any]) -> Any:
    from_, to = given["from"], given["to"]
    if not from_ < to:
        raise BadInput("`from` is before `to`.", field="from")
    return to


def _refuse_long(from_: datetime, to: datetime, time_zone: str) -> None:
    # Days on the practice's wall count too: where the clock is set back, as many of them last an hour longer.
    length = to - from_
    # A zone may lead out of the years that there are.
    is_shown = from_.year > MINYEAR and to.year < MAXYEAR
    if is_shown and LONGEST_STRETCH < length < LONGEST_STRETCH + timedelta(days=1):
        zone = ZoneInfo(time_zone)
        length = to.astimezone(zone).replace(tzinfo=None) - from_.astimezone(zone).replace(tzinfo=None)
    if length > LONGEST_STRETCH:
        raise BadInput(f"A stretch has at most {LONGEST_STRETCH.days} days.", field="to")


def _providers(given: dict[str, Any]) -> list[Any]:
    if len(given["providerIds"]) > MOST_IN_A_LIST:
        raise BadInput(f"At most {MOST_IN_A_LIST} providers.", field="providerIds")
    return [row_id("prv", wire) for wire in dict.fromkeys(given["providerIds"])]


def _known_providers(given: dict[str, Any]) -> list[Any]:
    return [i for i in _providers(given) if i is not None]


def stretch_of(q: Asking, from_: Arg, to: Arg, provider_ids: Arg | None) -> tuple[str, str, str | None]:
    """Give a stretch as parameters: from, to, and the providers whose calendars it is of, who must be seen."""
    whose = None
    if provider_ids is not None:
        whose = provider_ids.bound(q.dialect.ids_kind, _known_providers)
        count = provider_ids.bound("int", lambda given: len(_providers(given)))
        seen = q.row(Provider)
        q.required.append(
            f"(SELECT count(*) FROM {q.see(Provider)} {seen} WHERE {q.dialect.id_among(seen.id, whose)})={count}"
        )
    end, slot = to.bound("timestamptz", _stretch), to.slot
    q.checks.append(lambda run: _refuse_long(run.args[slot]["from"], run.args[slot]["to"], run.viewer.time_zone))
    return f"{from_}", end, whose


@means("Query.calendar")
def calendar(q: Asking, from_: Arg, to: Arg, provider_ids: Arg | None, include_canceled: Arg) -> dict[str, str]:
    """Give the stretch that its fields are cut from."""
    begin, end, whose = stretch_of(q, from_, to, provider_ids)
    return {"is_there": "1", "begin": begin, "end": end, "whose": whose or "", "canceled": f"{include_canceled}"}


@means("Calendar.appointments", order=lambda a, _: (a.starts_at, a.id))
def calendar_appointments(row: Row, stretch: Row, q: Asking) -> Iterator[str]:
    """All that overlaps the stretch, in order of start."""
    yield f"{row.starts_at}<{stretch.end}"
    yield f"{row.ends_at}>{stretch.begin}"
    yield f"{row.status}='{AppointmentStatus.SCHEDULED}' OR {stretch.canceled}"
    if stretch.whose:
        yield q.dialect.id_among(row.provider_id, stretch.whose)


@means("Calendar.cursor")
def calendar_cursor(_stretch: Row, q: Asking) -> dict[str, str]:
    """Give the place in the log that belongs to the same moment as the appointments."""
    return place_at(q, access.latest(q))


def place_at(q: Asking, seq: str) -> dict[str, str]:
    """Give a place in the practice's log, to be sealed."""
    text = q.dialect.text
    return {
        "practice": text(f"CAST({q.viewer('practice_id')} AS TEXT)"),
        "seq": text(f"CAST({seq} AS TEXT)"),
    }


def in_time(row: Row, from_: Arg | None, to: Arg | None) -> Iterator[str]:
    """Overlap a stretch that may be open at either end."""
    if from_ is not None:
        yield f"{row.ends_at}>{from_}"
    if to is not None:
        yield f"{row.starts_at}<{to}"


def by_start(row: Row, _q: Asking, order: Arg | None = None) -> Keys:
    """Order by start, as asked."""
    return Keys((row.starts_at, row.id), descending=latest_first(order))


def latest_first(order: Arg | None) -> bool:
    """Whether the latest is asked for first."""
    return order is not None and getattr(order.known, "value", order.known) == "LATEST_FIRST"


@means("Client.appointments", order=by_start)
def client_appointments(row: Row, client: Row, q: Asking, from_: Arg | None, to: Arg | None) -> Iterator[str]:
    """Those on whose roster the client is, as far as the viewer may know that."""
    yield from in_time(row, from_, to)
    line = q.row(Attendance)
    yield (
        f"EXISTS (SELECT 1 FROM {q.see(Attendance)} {line}"
        f" WHERE {line.appointment_id}={row.id} AND {line.client_id}={client.id})"
    )


@means("Group.appointments", order=by_start)
def group_appointments(row: Row, group: Row, q: Asking, from_: Arg | None, to: Arg | None) -> Iterator[str]:
    """The group's sessions that the viewer may know to be its."""
    yield from in_time(row, from_, to)
    yield f"{row.group_id}={group.id}"
    yield access.in_full(row, q)


# One appointment


def _or_busy(row: Row, q: Asking, shown: str) -> str:
    full = access.in_full(row, q)
    return shown if full == "true" else f"CASE WHEN {full} THEN {shown} ELSE {BUSY} END"


def _group_or_client(row: Row, q: Asking, of_group: str, of_client: str, group: Row, client: Row) -> str:
    named = f"(SELECT {of_group} FROM {q.see(Group)} {group} WHERE {group.id}={row.group_id})"
    called = f"(SELECT {of_client} FROM {q.see(Client)} {client} WHERE {client.id}={row.client_id})"
    return f"coalesce({named},{called},{BUSY})"


@means("Appointment.kind")
def kind(row: Row, q: Asking) -> str:
    """Give the kind, to those who may know it."""
    full = access.in_full(row, q)
    return row.kind if full == "true" else f"CASE WHEN {full} THEN {row.kind} END"


@means("Appointment.title")
def title(row: Row, q: Asking) -> str:
    """Give the group's name as the viewer sees it, or the client's."""
    group, client = q.row(Group), q.row(Client)
    known = access.full_name(group, q)
    name = group.name if known == "true" else f"CASE WHEN {known} THEN {group.name} ELSE {group.initials} END"
    return _or_busy(row, q, _group_or_client(row, q, name, client.name, group, client))


@means("Appointment.shortTitle")
def short_title(row: Row, q: Asking) -> str:
    """Give the initials of either."""
    group, client = q.row(Group), q.row(Client)
    return _or_busy(row, q, _group_or_client(row, q, group.initials, client.initials, group, client))


@means("Appointment.busyOnly")
def busy_only(row: Row, q: Asking) -> str:
    """Whether the viewer may know only that the time is taken."""
    full = access.in_full(row, q)
    return "false" if full == "true" else f"NOT ({full})"


@means("Appointment.cancelReason")
def cancel_reason(row: Row, q: Asking) -> str:
    """Give why, to staff who may know the session."""
    if not (q.scope.office or q.scope.provider):
        return "CAST(NULL AS text)"
    full = access.in_full(row, q)
    return row.cancel_reason if full == "true" else f"CASE WHEN {full} THEN {row.cancel_reason} END"


@means("Appointment.viewerCanReschedule")
def viewer_can_reschedule(row: Row, q: Asking) -> str:
    """Whether the viewer may move or cancel it, as far as its notes are."""
    return _while_chart_is(MOVES_IN, row, q)


def _while_chart_is(states: Iterable[ChartState], row: Row, q: Asking) -> str:
    """Whether a session that takes place is the viewer's to change, and its chart in one of these states or none."""
    if (mine := access.CHANGEABLE[Appointment](row, q)) == "false":
        return "false"
    chart = q.row(Chart)
    among = ",".join(f"'{state}'" for state in states)
    beyond = f"{chart.appointment_id}={row.id} AND {chart.state} NOT IN ({among})"
    # All charts: that a session is not to be changed any more is no secret of who writes its notes.
    is_open = f"NOT EXISTS (SELECT 1 FROM {q.all(Chart)} {chart} WHERE {beyond})"
    return f"{row.status}='{AppointmentStatus.SCHEDULED}' AND {is_open} AND ({mine})"


@means("Appointment.viewerCanSetAttendance")
def viewer_can_set_attendance(row: Row, q: Asking) -> str:
    """Whether the viewer may say who came, as far as its notes are."""
    return _while_chart_is(ATTENDANCE_CHANGES_IN, row, q)


@means("Appointment.viewerCanTakePayment")
def viewer_can_take_payment(row: Row, q: Asking) -> str:
    """Whether the viewer may take money for it."""
    if q.scope.office:
        return "true"
    return access.CHANGEABLE[Appointment](row, q) if q.scope.provider else "false"


@means("Appointment.viewerCanChart")
def viewer_can_chart(row: Row, q: Asking) -> str:
    """Whether the viewer may write its notes: a clinician who knows the session, before it is called off."""
    if not q.scope.provider:
        return "false"
    chart = q.row(Chart)
    begun = f"EXISTS (SELECT 1 FROM {q.see(Chart)} {chart} WHERE {chart.appointment_id}={row.id})"
    takes_place = f"{row.status}='{AppointmentStatus.SCHEDULED}'"
    return f"({takes_place} OR {begun}) AND ({access.known_to_provider(row, q)})"
