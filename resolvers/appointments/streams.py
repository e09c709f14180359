"""Who is told what of the calendar's log, and what a live board shows."""

from __future__ import annotations

from collections.abc import Iterator

from models import Appointment, Event
from models.appointments import AppointmentStatus
from models.events import EventKind, Hearers
from resolvers import access
from resolvers.appointments.meanings import place_at, stretch_of
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, means


@means("Subscription.calendarChanges")
def calendar_changes(q: Asking, from_: Arg, to: Arg, provider_ids: Arg | None) -> tuple[str, str, dict[str, str]]:
    """Tell what is in the stretch now, and what was in it and is no longer, or no longer the viewer's to see."""
    begin, end, whose = stretch_of(q, from_, to, provider_ids)
    now, event = q.row(Appointment), q.row(Event)
    practice = q.viewer("practice_id")
    after, upto, most = (q.given(name, "bigint") for name in ("after", "upto", "most"))
    inside = [f"{now.starts_at}<{end}", f"{now.ends_at}>{begin}", f"({q.visible(Appointment, now)})"]
    before = [f"{event.was_starts_at}<{end}", f"{event.was_ends_at}>{begin}"]
    if whose:
        inside.append(q.dialect.id_among(now.provider_id, whose))
        before.append(q.dialect.id_among(event.was_provider_id, whose))
    if not (q.scope.office or q.scope.provider):
        # Who left the roster is told so; of whom else it was, they never knew.
        me = q.viewer("client_id") if q.scope.client else "NULL"
        before.append(f"({event.was_client_id}={me} OR ({q.visible(Appointment, now)}))")
        before.append(f"NOT ({event.kind}='{EventKind.JOINED}' AND coalesce({event.about_client_id}={me},false))")
    heard = f"({' OR '.join(_heard(event, now, q))})"
    batch = (
        f"SELECT x.* FROM {q.all(Event)} x WHERE x.practice_id={practice} AND x.seq>{after} AND x.seq<={upto}"
        f" ORDER BY x.seq LIMIT {most}"
    )
    source = (
        f"SELECT {event.seq} AS seq,{event.kind} AS kind,{now.status} AS status,{now.id} AS id,"
        f"({' AND '.join(inside)}) AS is_in,coalesce(({' AND '.join(before)}),false) AS was_in,{heard} AS heard"
        f" FROM ({batch}) {event} JOIN {q.all(Appointment)} {now} ON {now.id}={event.appointment_id}"
    )
    kind = (
        f"CASE WHEN NOT s.is_in THEN 'REMOVED' WHEN s.status='{AppointmentStatus.CANCELED}' THEN 'CANCELED'"
        f" WHEN s.kind='{EventKind.CREATED}' OR NOT s.was_in THEN 'CREATED' ELSE 'UPDATED' END"
    )
    parts = {
        "kind": kind,
        "seq": "s.seq",
        "appointment_id": "s.id",
        "now_id": "CASE WHEN s.is_in THEN s.id END",
    }
    return f"s.seq AS seq FROM ({source}) s ORDER BY s.seq", "(s.heard AND (s.is_in OR s.was_in))", parts


def _heard(event: Row, now: Row, q: Asking) -> Iterator[str]:
    """Tell what is nobody else's only to whom it concerns: from how often others are told one could count people."""
    yield f"{event.hearers}='{Hearers.ALL}'"
    if q.scope.office:
        yield f"{event.hearers} IN ('{Hearers.KNOWING}','{Hearers.INSIDE}')"
    if q.scope.admin:
        yield f"{event.hearers}='{Hearers.EMERGENCY}'"
        yield access.opened_in_an_emergency(now, q)
    if q.scope.provider:
        yield f"{event.hearers}<>'{Hearers.EMERGENCY}' AND ({access.known_to_provider(now, q)})"
        yield f"coalesce({event.about_provider_id}={q.viewer('provider_id')},false)"
    if q.scope.client:
        yield f"{event.hearers}='{Hearers.KNOWING}'"
        yield f"coalesce({event.about_client_id}={q.viewer('client_id')},false)"


@means("CalendarChange.cursor")
def change_cursor(change: Row, q: Asking) -> dict[str, str]:
    """Give the place in the log up to which all was told."""
    return place_at(q, change.seq)


@means("Subscription.attendanceBoard")
def attendance_board(row: Row, q: Asking, appointment_id: Arg) -> Iterator[str]:
    """Find the session, as long as the viewer may know more of it than that the time is taken."""
    yield f"{row.id}={appointment_id:apt}"
    yield access.in_full(row, q)
