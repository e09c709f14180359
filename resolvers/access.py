"""May I? Which rows a viewer may see and change, and the one door to rows that are to be changed.

The reader puts `VISIBLE` on every table it touches, at every depth. A row is visible only if everything it must point
to is. Not yours and not there look the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from tortoise.models import Model

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
    Client,
    ClientProvider,
    Group,
    GroupMembership,
    GroupShare,
    IdempotencyKey,
    Payment,
    PaymentAllocation,
    Practice,
    Provider,
    ServiceCode,
    Signature,
    SignIn,
    User,
)
from models.base import now
from models.database import connection, dialect, fetch
from models.ids import row_id
from models.problems import Forbidden, NotFound
from models.text import is_line
from resolvers.reading.asking import Asking, Row, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.run import Plans
from resolvers.viewer import Viewer

M = TypeVar("M", bound=Model)
Rule = Callable[[Row, Asking], str]


def _any(*rules: str) -> str:
    return " OR ".join(rules) or "false"


def _in_practice(row: Row, q: Asking, *rules: str) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')} AND ({_any(*rules)})"


# Who holds what


def holds(group: Row, provider: str) -> str:
    """Whether a provider owns or shares the group."""
    share = f"SELECT 1 FROM {table_of(GroupShare)} s WHERE s.group_id={group.id} AND s.provider_id={provider}"
    return f"{group.provider_id}={provider} OR EXISTS ({share})"


def _my_client(client_id: str, q: Asking) -> str:
    mine = f"a.provider_id={q.viewer('provider_id')} AND a.client_id={client_id}"
    return f"EXISTS (SELECT 1 FROM client_access a WHERE {mine})"


# What is the viewer's own is made once for the whole statement. It also keeps it flat: SQLite's parser up to 3.45 gives
# up on deep nesting, and every rule stands inside of what a document nests.


def i_hold(group_id: str, q: Asking) -> str:
    """Whether the viewer, a provider, owns or shares the group."""
    me = q.viewer("provider_id")
    held = q.common(
        "held",
        f"SELECT id FROM {table_of(Group)} WHERE provider_id={me}"
        f" UNION SELECT group_id FROM {table_of(GroupShare)} WHERE provider_id={me}",
    )
    # Never null, also for what is of no group: it is asked under NOT as well.
    return f"({group_id} IS NOT NULL AND {group_id} IN (SELECT id FROM {held}))"


def sees_client(client: Row, provider: str, q: Asking) -> str:
    """Whether a provider is one of the client's own, or holds a group that they are in now.

    As far as the viewer may know: of a roster out of their sight nothing is told.
    """
    own = f"SELECT 1 FROM {q.see(ClientProvider)} x WHERE x.client_id={client.id} AND x.provider_id={provider}"
    group = q.row(Group)
    belongs = (
        f"SELECT 1 FROM {q.see(GroupMembership)} m JOIN {q.see(Group)} {group} ON {group.id}=m.group_id"
        f" WHERE m.client_id={client.id} AND m.left_at IS NULL AND {group.archived_at} IS NULL"
        f" AND ({holds(group, provider)})"
    )
    return f"EXISTS ({own}) OR EXISTS ({belongs})"


def in_full(appointment: Row, q: Asking) -> str:
    """Whether the viewer may know more of an appointment than that the time is taken."""
    if q.scope.office:
        return "true"
    rules = []
    if q.scope.provider:
        rules.append(known_to_provider(appointment, q))
    if q.scope.client:
        rules.append(_my_session(appointment.id, q))
    return _any(*rules)


def latest(q: Asking) -> str:
    """Write how far the practice's log reaches."""
    return f"coalesce((SELECT c.seq FROM event_counter c WHERE c.practice_id={q.viewer('practice_id')}),0)"


def known_to_provider(appointment: Row, q: Asking) -> str:
    """Whether the provider may know the session: their own client's with them, or one of a group they hold."""
    own = f"({appointment.group_id} IS NULL AND {appointment.provider_id}={q.viewer('provider_id')})"
    # A session without a group is of none that they hold: left to IN, that would be unknown, and so would its opposite.
    return f"{own} OR ({appointment.group_id} IS NOT NULL AND {i_hold(appointment.group_id, q)})"


def _my_session(appointment_id: str, q: Asking) -> str:
    mine = f"SELECT appointment_id FROM {table_of(Attendance)} WHERE client_id={q.viewer('client_id')}"
    return f"{appointment_id} IN (SELECT appointment_id FROM {q.common('my_sessions', mine)})"


def _ever_mine(group_id: str, q: Asking) -> str:
    mine = f"SELECT group_id FROM {table_of(GroupMembership)} WHERE client_id={q.viewer('client_id')}"
    return f"{group_id} IN (SELECT group_id FROM {q.common('my_groups', mine)})"


# Which rows may be seen


def _practice(practice: Row, q: Asking) -> str:
    return f"{practice.id}={q.viewer('practice_id')}"


def _user(user: Row, q: Asking) -> str:
    return _in_practice(user, q, f"{user.id}={q.viewer('user_id')}")


def _provider(provider: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return _in_practice(provider, q, "true")
    rules = []
    if q.scope.client:
        me = q.viewer("client_id")
        sees = f"SELECT 1 FROM {table_of(ClientProvider)} x WHERE x.provider_id={provider.id} AND x.client_id={me}"
        group = q.row(Group)
        leads = f"SELECT 1 FROM {table_of(Group)} {group} WHERE ({holds(group, provider.id)})"
        met = f"SELECT 1 FROM {table_of(Appointment)} w WHERE w.provider_id={provider.id} AND {_my_session('w.id', q)}"
        wrote = f"k.provider_id={provider.id} AND k.client_id={me} AND k.locked_at IS NOT NULL"
        signed = f"SELECT 1 FROM {table_of(ChartNote)} k WHERE {wrote}"
        rules = [f"EXISTS ({reason})" for reason in (sees, f"{leads} AND {_ever_mine(group.id, q)}", met, signed)]
    return _in_practice(provider, q, *rules)


def _service_code(code: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return _in_practice(code, q, "true")
    rules = []
    if q.scope.client:
        # No list of codes is a client's; but a group cannot be seen without its own.
        mine = f"g.default_service_code_id={code.id} AND {_ever_mine('g.id', q)}"
        rules = [f"EXISTS (SELECT 1 FROM {table_of(Group)} g WHERE {mine})"]
    return _in_practice(code, q, *rules)


def _client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(client, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(_my_client(client.id, q))
    if q.scope.client:
        rules.append(f"{client.id}={q.viewer('client_id')}")
    return _in_practice(client, q, *rules)


def _group(group: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(group, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(i_hold(group.id, q))
    if q.scope.client:
        rules.append(_ever_mine(group.id, q))
    return _in_practice(group, q, *rules)


def _membership(membership: Row, q: Asking) -> str:
    if q.scope.rosters:
        return _in_practice(membership, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(i_hold(membership.group_id, q))
    if q.scope.client:
        rules.append(f"{membership.client_id}={q.viewer('client_id')}")
    return _in_practice(membership, q, *rules)


def _appointment(appointment: Row, q: Asking) -> str:
    # Staff see that a time is taken on every calendar; whose it is, `in_full` says.
    if q.scope.office or q.scope.provider:
        return _in_practice(appointment, q, "true")
    return _in_practice(appointment, q, *([_my_session(appointment.id, q)] if q.scope.client else []))


def _attendance(line: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(line, q, "true")
    rules = []
    if q.scope.provider:
        session = q.row(Appointment)
        known = f"{session.id}={line.appointment_id} AND ({known_to_provider(session, q)})"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})")
    if q.scope.client:
        rules.append(f"{line.client_id}={q.viewer('client_id')}")
    return _in_practice(line, q, *rules)


def _payment(payment: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(payment, q, "true")
    rules = []
    if q.scope.provider:
        usual = f"x.client_id={payment.client_id} AND x.provider_id={q.viewer('provider_id')}"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(ClientProvider)} x WHERE {usual})")
        session = q.row(Appointment)
        part = (
            f"SELECT 1 FROM {table_of(PaymentAllocation)} z JOIN {table_of(Attendance)} v ON v.id=z.attendance_id"
            f" JOIN {table_of(Appointment)} {session} ON {session.id}=v.appointment_id"
            f" WHERE z.payment_id={payment.id} AND ({known_to_provider(session, q)})"
        )
        rules.append(f"EXISTS ({part})")
    if q.scope.client:
        rules.append(f"{payment.client_id}={q.viewer('client_id')}")
    return _in_practice(payment, q, *rules)


def _allocation(part: Row, q: Asking) -> str:
    payment = q.row(Payment)
    known = f"{payment.id}={part.payment_id} AND ({_payment(payment, q)})"
    return _in_practice(part, q, f"EXISTS (SELECT 1 FROM {table_of(Payment)} {payment} WHERE {known})")


def _template(template: Row, q: Asking) -> str:
    return _in_practice(template, q, *(["true"] if q.scope.admin or q.scope.provider else []))


def _charted(appointment_id: str, q: Asking) -> list[str]:
    """Give the rule for what only clinicians who know the session may read: the office works without note text."""
    if not q.scope.provider:
        return []
    session = q.row(Appointment)
    known = f"{session.id}={appointment_id} AND ({known_to_provider(session, q)})"
    return [f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})"]


def _chart(chart: Row, q: Asking) -> str:
    return _in_practice(chart, q, *_charted(chart.appointment_id, q))


def _of_chart(row: Row, q: Asking) -> str:
    if not q.scope.provider:
        return _in_practice(row, q)
    session = q.row(Appointment)
    charted = f"{table_of(Chart)} i JOIN {table_of(Appointment)} {session} ON {session.id}=i.appointment_id"
    known = f"i.id={row.chart_id} AND ({known_to_provider(session, q)})"
    return _in_practice(row, q, f"EXISTS (SELECT 1 FROM {charted} WHERE {known})")


def _note(note: Row, q: Asking) -> str:
    rules = _charted(note.appointment_id, q)
    if q.scope.client:
        rules.append(_my_note(note, q))
    return _in_practice(note, q, *rules)


def _my_note(note: Row, q: Asking) -> str:
    return f"({note.client_id}={q.viewer('client_id')} AND {note.locked_at} IS NOT NULL)"


def _of_note(row: Row, q: Asking) -> str:
    note, session = q.row(ChartNote), q.row(Appointment)
    rules = [f"({known_to_provider(session, q)})"] if q.scope.provider else []
    if q.scope.client:
        rules.append(_my_note(note, q))
    noted = f"{table_of(ChartNote)} {note} JOIN {table_of(Appointment)} {session} ON {session.id}={note.appointment_id}"
    return _in_practice(row, q, f"EXISTS (SELECT 1 FROM {noted} WHERE {note.id}={row.note_id} AND ({_any(*rules)}))")


def _step(step: Row, q: Asking) -> str:
    if not q.scope.provider:
        return _in_practice(step, q)
    session = q.row(Appointment)
    run = (
        f"{table_of(ChartRun)} o JOIN {table_of(Chart)} i ON i.id=o.chart_id"
        f" JOIN {table_of(Appointment)} {session} ON {session.id}=i.appointment_id"
    )
    return _in_practice(
        step, q, f"EXISTS (SELECT 1 FROM {run} WHERE o.id={step.run_id} AND ({known_to_provider(session, q)}))"
    )


def _link(link: Row, q: Asking) -> str:
    # Nothing is read from a link but its two ends, each of which has a rule of its own.
    return _in_practice(link, q, "true")


VISIBLE: dict[type[Model], Rule] = {
    Practice: _practice,
    User: _user,
    Provider: _provider,
    ServiceCode: _service_code,
    Client: _client,
    ClientProvider: _link,
    Group: _group,
    GroupShare: _link,
    GroupMembership: _membership,
    Appointment: _appointment,
    Attendance: _attendance,
    Payment: _payment,
    PaymentAllocation: _allocation,
    ChartTemplate: _template,
    Chart: _chart,
    ChartEntry: _of_chart,
    ChartWarning: _of_chart,
    ChartRun: _of_chart,
    ChartRunStep: _step,
    ChartNote: _note,
    Signature: _of_note,
    Addendum: _of_note,
}


def full_name(group: Row, q: Asking) -> str:
    """Whether the viewer may know the group by more than its initials, as its name can reveal a diagnosis."""
    if q.scope.rosters:
        return "true"
    return i_hold(group.id, q) if q.scope.provider else "false"


# Which of them may be changed


def _may_change_client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return "true"
    return _my_client(client.id, q) if q.scope.provider else "false"


def _may_change_group(group: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    return i_hold(group.id, q) if q.scope.provider else "false"


def _may_change_appointment(appointment: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    return known_to_provider(appointment, q) if q.scope.provider else "false"


def _may_change_attendance(line: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    if not q.scope.provider:
        return "false"
    session = q.row(Appointment)
    known = f"{session.id}={line.appointment_id} AND ({known_to_provider(session, q)})"
    return f"EXISTS (SELECT 1 FROM {table_of(Appointment)} {session} WHERE {known})"


def _may_change_template(_template: Row, q: Asking) -> str:
    return "true" if q.scope.admin or q.scope.provider else "false"


def _may_chart(chart: Row, q: Asking) -> str:
    return " OR ".join(_charted(chart.appointment_id, q)) or "false"


def _may_add(note: Row, q: Asking) -> str:
    return " OR ".join(_charted(note.appointment_id, q)) or "false"


def _may_refund(_payment: Row, q: Asking) -> str:
    return "true" if q.scope.admin or q.scope.biller else "false"


def _may_change_service_code(_code: Row, q: Asking) -> str:
    return "true" if q.scope.admin else "false"


CHANGEABLE: dict[type[Model], Rule] = {
    Client: _may_change_client,
    Group: _may_change_group,
    ServiceCode: _may_change_service_code,
    Appointment: _may_change_appointment,
    Attendance: _may_change_attendance,
    Payment: _may_refund,
    ChartTemplate: _may_change_template,
    Chart: _may_chart,
    ChartNote: _may_add,
}


def may_create_client(viewer: Viewer) -> None:
    """Refuse whoever may not add clients."""
    if not (viewer.scope.office or viewer.scope.provider):
        raise Forbidden


def may_create_group(viewer: Viewer) -> None:
    """Refuse whoever may not make groups."""
    if not (viewer.scope.rosters or viewer.scope.provider):
        raise Forbidden


def may_schedule(viewer: Viewer) -> None:
    """Refuse whoever books no calendar."""
    if not (viewer.scope.rosters or viewer.scope.provider):
        raise Forbidden


def may_take_payment(viewer: Viewer) -> None:
    """Refuse whoever takes no money."""
    if not (viewer.scope.office or viewer.scope.provider):
        raise Forbidden


def may_create_template(viewer: Viewer) -> None:
    """Refuse whoever makes no templates."""
    if not (viewer.scope.admin or viewer.scope.provider):
        raise Forbidden


def may_create_service_code(viewer: Viewer) -> None:
    """Refuse whoever may not change what the practice charges."""
    if not viewer.scope.admin:
        raise Forbidden


# The door

_statements: Plans[tuple[str, list[Any]]] = Plans(200)


async def _rows(viewer: Viewer, model: type[M], ids: list[UUID], *, change: bool, lock: bool) -> list[M]:
    written = DIALECTS[dialect()]
    scope = viewer.scope

    def write() -> tuple[str, list[Any]]:
        ask = Asking(written, scope)
        row = ask.row(model)
        wanted = written.id_among(row.id, ask.param("ids", written.ids_kind, lambda run: run.given["ids"]))
        may = CHANGEABLE[model](row, ask) if change else "true"
        locked = f" FOR UPDATE OF {row}" if lock and written.name == "postgres" else ""
        sql = (
            f"SELECT {row}.*,({may}) AS may_change FROM {table_of(model)} {row}"
            f" WHERE {wanted} AND ({ask.visible(model, row)}) ORDER BY {row.id}{locked}"
        )
        return ask.finish(sql)

    sql, binds = _statements.get((written.name, model, scope, change, lock), write)
    run = Run(viewer, given={"ids": ids})
    found = await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds])
    if len(found) < len(ids):
        raise NotFound
    if not all(row.pop("may_change") for row in found):
        raise Forbidden
    return [model._init_from_db(**row) for row in found]  # noqa: SLF001 - what Tortoise makes of its own rows


# Who holds one of these can give it to others, and to themselves.
_GIVEN: set[type[Model]] = {Client, Group}


async def _row(
    viewer: Viewer, model: type[M], prefix: str, wire: str, *, change: bool = False, lock: bool = False
) -> M:
    wanted = row_id(prefix, wire)
    if wanted is None:
        raise NotFound
    return await _one(viewer, model, wanted, change=change, lock=lock)


async def _one(viewer: Viewer, model: type[M], wanted: UUID, *, change: bool, lock: bool) -> M:
    [found] = await _rows(viewer, model, [wanted], change=change, lock=lock)
    if change and lock and model in _GIVEN and dialect() == "postgres":
        # A right that ended while this waited for the lock is missed only by a statement that begins after it.
        [found] = await _rows(viewer, model, [wanted], change=True, lock=False)
    return found


async def client(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Client:
    """Give a client of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, Client, "clt", wire, change=change, lock=lock)


async def clients(viewer: Viewer, wires: Iterable[str]) -> list[Client]:
    """Give all of these clients, locked, or NOT_FOUND."""
    ids = [row_id("clt", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, Client, known, change=False, lock=True)


async def group(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Group:
    """Give a group of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, Group, "grp", wire, change=change, lock=lock)


async def appointment(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Appointment:
    """Give an appointment that the viewer may see, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs."""
    return await _row(viewer, Appointment, "apt", wire, change=change, lock=lock)


async def attendance(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Attendance:
    """Give a client's line of a session, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to set."""
    return await _row(viewer, Attendance, "att", wire, change=change, lock=lock)


async def attendances(viewer: Viewer, wires: Iterable[str]) -> list[Attendance]:
    """Give all of these lines, or NOT_FOUND."""
    ids = [row_id("att", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, Attendance, known, change=False, lock=True)


async def payment(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Payment:
    """Give a payment that the viewer may see, or NOT_FOUND; with `change`, FORBIDDEN for who refunds nothing."""
    return await _row(viewer, Payment, "pay", wire, change=change, lock=lock)


async def chart(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Chart:
    """Give a chart that the viewer may read, or NOT_FOUND."""
    return await _row(viewer, Chart, "cht", wire, change=change, lock=lock)


async def chart_run(viewer: Viewer, wire: str, *, lock: bool = False) -> ChartRun:
    """Give a run that the viewer may follow, or NOT_FOUND."""
    return await _row(viewer, ChartRun, "run", wire, lock=lock)


async def chart_note(viewer: Viewer, wire: str) -> ChartNote:
    """Give a note that the viewer may add to, or NOT_FOUND; FORBIDDEN to its client."""
    return await _row(viewer, ChartNote, "not", wire, change=True, lock=True)


async def chart_warnings(viewer: Viewer, wires: Iterable[str]) -> list[ChartWarning]:
    """Give all of these warnings, or NOT_FOUND."""
    ids = [row_id("wrn", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, ChartWarning, known, change=False, lock=False)


async def chart_template(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> ChartTemplate:
    """Give a template of the practice, or NOT_FOUND."""
    return await _row(viewer, ChartTemplate, "tpl", wire, change=change, lock=lock)


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


async def clients_by_wire(viewer: Viewer, wires: Iterable[str]) -> dict[str, UUID]:
    """Give the row ids of clients by their ids, all of whom the viewer sees, or NOT_FOUND."""
    asked = {wire: row_id("clt", wire) for wire in wires}
    known = [i for i in asked.values() if i is not None]
    if len(known) < len(asked):
        raise NotFound
    if known:
        await _rows(viewer, Client, list(dict.fromkeys(known)), change=False, lock=False)
    return {wire: i for wire, i in asked.items() if i is not None}


async def provider(viewer: Viewer, wire: str) -> Provider:
    """Give a provider of the practice, or NOT_FOUND."""
    return await _row(viewer, Provider, "prv", wire)


async def providers(viewer: Viewer, wires: Iterable[str]) -> list[Provider]:
    """Give all of these providers, or NOT_FOUND."""
    ids = [row_id("prv", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, Provider, known, change=False, lock=False)


async def providers_by_row(viewer: Viewer, ids: list[UUID]) -> list[Provider]:
    """Give these providers of the practice."""
    return await _rows(viewer, Provider, ids, change=False, lock=False)


async def service_code(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> ServiceCode:
    """Give a service code of the practice, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, ServiceCode, "svc", wire, change=change, lock=lock)


async def service_code_by_code(viewer: Viewer, code: str) -> ServiceCode | None:
    """Give the practice's code that is spelled so."""
    return await ServiceCode.get_or_none(practice_id=viewer.practice_id, code=code)


async def only_provider(viewer: Viewer) -> Provider | None:
    """Give the practice's provider where there is but one."""
    active = await Provider.filter(practice_id=viewer.practice_id, active=True).limit(2)
    return active[0] if len(active) == 1 else None


# What hangs on a row that came through the door


async def minutes_of_code(code: UUID) -> int:
    """Give how long a session of this code lasts."""
    return (await ServiceCode.get(id=code)).duration_minutes


async def who_is_met(viewer: Viewer, session: Appointment) -> Group | Client:
    """Give the group or the client of an appointment, locked, to whoever may bring them to another calendar."""
    if session.group_id is not None:
        return await _one(viewer, Group, session.group_id, change=True, lock=True)
    assert session.client_id is not None  # noqa: S101 - a check of the database
    return await _one(viewer, Client, session.client_id, change=True, lock=True)


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


async def session_of(line: Attendance) -> Appointment:
    """Give the session that a line is of."""
    return await Appointment.get(id=line.appointment_id)


async def group_of(session: Appointment) -> Group | None:
    """Give the group that a session is of; none where it is an individual one."""
    return await Group.get_or_none(id=session.group_id) if session.group_id else None


async def code_by_row(code: UUID) -> ServiceCode:
    """Give the service code that a row of the practice points to."""
    return await ServiceCode.get(id=code)


async def unset_lines(session: Appointment) -> list[Attendance]:
    """Give the lines of a session that have no outcome, locked, by last name."""
    lines = Attendance.filter(appointment_id=session.id, outcome=None).order_by("id")
    found = await (lines.select_for_update() if dialect() == "postgres" else lines)
    clients = await Client.filter(id__in=[line.client_id for line in found])
    names = {client.id: client.sort_name for client in clients}
    return sorted(found, key=lambda line: (names[line.client_id], line.id))


async def chart_of_session(session: Appointment) -> Chart | None:
    """Give the chart of a session that came through the door."""
    return await Chart.get_or_none(appointment_id=session.id)


async def chart_by_row(chart_id: UUID) -> Chart:
    """Give the chart that a run or a note is of, locked."""
    found = Chart.filter(id=chart_id)
    return await (found.select_for_update() if dialect() == "postgres" else found).get()


async def session_of_chart(of: Chart) -> Appointment:
    """Give the session that a chart is of."""
    return await Appointment.get(id=of.appointment_id)


async def lines_of(session: Appointment) -> list[Attendance]:
    """Give the lines of a session, by last name."""
    return await Attendance.filter(appointment_id=session.id).order_by("client__sort_name", "id")


async def entries_of(of: Chart) -> list[ChartEntry]:
    """Give the entries of a chart, locked."""
    found = ChartEntry.filter(chart_id=of.id).order_by("id")
    return await (found.select_for_update() if dialect() == "postgres" else found)


async def warnings_of(of: Chart) -> list[ChartWarning]:
    """Give the warnings of a chart."""
    return await ChartWarning.filter(chart_id=of.id).order_by("position")


async def notes_of(of: Chart) -> list[ChartNote]:
    """Give the notes of a chart."""
    return await ChartNote.filter(chart_id=of.id).order_by("id")


async def latest_run(of: Chart, kind: str | None = None) -> ChartRun | None:
    """Give the chart's latest run, or its latest of a kind."""
    found = ChartRun.filter(chart_id=of.id, **({"kind": str(kind)} if kind else {}))
    return await found.order_by("-created_at", "-id").first()


async def session_id_of_run(run: ChartRun) -> UUID:
    """Give the session that a run is about."""
    return (await Chart.get(id=run.chart_id)).appointment_id


def steps_of(run: ChartRun, state: str) -> Any:
    """Give the steps of a run that are in a state, to be changed."""
    return ChartRunStep.filter(run_id=run.id, state=str(state))


async def lock_client(client_id: UUID) -> Client:
    """Give the client of a payment, locked: one client's money moves one step at a time."""
    found = Client.filter(id=client_id)
    return await (found.select_for_update() if dialect() == "postgres" else found).get()


async def allocations(of: Payment) -> list[PaymentAllocation]:
    """Give where the payment went, newest first."""
    return await PaymentAllocation.filter(payment_id=of.id).order_by("-created_at", "-id")


async def taken_minor(of: Client) -> int:
    """Give what was taken from the client in all."""
    [row] = await fetch("SELECT coalesce(sum(amount_minor),0) AS taken FROM payment WHERE client_id=$1", [of.id])
    return int(row["taken"])


async def open_charges(of: Client) -> dict[UUID, int]:
    """Give what is open of each of the client's charges, the oldest session first; none is cleared meanwhile."""
    if dialect() == "postgres":
        # A statement of its own: the next one sees what those wrote who had the lines until now.
        await fetch("SELECT id FROM attendance WHERE client_id=$1 AND fee_minor>0 ORDER BY id FOR UPDATE", [of.id])
    rows = await fetch(
        "SELECT t.id,t.fee_minor-coalesce((SELECT sum(x.amount_minor) FROM payment_allocation x"
        " WHERE x.attendance_id=t.id),0) AS open"
        " FROM attendance t JOIN appointment a ON a.id=t.appointment_id"
        " WHERE t.client_id=$1 AND t.fee_minor>0 ORDER BY a.starts_at,t.id",
        [of.id],
    )
    return {UUID(str(row["id"])): int(row["open"]) for row in rows if row["open"] > 0}


async def sees_payment(viewer: Viewer, taken: Payment) -> bool:
    """Whether the viewer may see a payment that was just taken."""
    try:
        await _rows(viewer, Payment, [taken.id], change=False, lock=False)
    except NotFound:
        return False
    return True


async def sessions_of(lines: list[UUID]) -> list[Appointment]:
    """Give the sessions that these lines are of."""
    ids = await Attendance.filter(id__in=lines).values_list("appointment_id", flat=True) if lines else []
    return await Appointment.filter(id__in=list(ids)).order_by("starts_at", "id") if ids else []


async def paid_minor(line: Attendance) -> int:
    """Give what was paid for a line."""
    parts = await PaymentAllocation.filter(attendance_id=line.id)
    return sum(part.amount_minor for part in parts)


async def membership(of: Group, who: Client) -> GroupMembership | None:
    """Give the client's current membership of the group."""
    return await GroupMembership.get_or_none(group_id=of.id, client_id=who.id, left_at=None)


async def ever_members(of: Group) -> list[UUID]:
    """Give the clients who belong or belonged to the group."""
    return [row["client_id"] for row in await GroupMembership.filter(group_id=of.id).distinct().values("client_id")]


async def share(of: Group, with_: UUID) -> GroupShare | None:
    """Give the provider's share of the group."""
    return await GroupShare.get_or_none(group_id=of.id, provider_id=with_)


async def usual_providers(of: Client) -> list[ClientProvider]:
    """Give who usually sees the client."""
    return await ClientProvider.filter(client_id=of.id)


async def answered(viewer: Viewer, operation: str, key: str) -> IdempotencyKey | None:
    """Give what this person was answered under this key."""
    return await IdempotencyKey.get_or_none(
        practice_id=viewer.practice_id, user_id=viewer.user_id, operation=operation, key=key
    )


# Before anybody is signed in


async def user_by_email(email_key: str) -> User | None:
    """Give who signs in with this address."""
    return await User.get_or_none(email_key=email_key) if is_line(email_key, 254) else None


async def is_there_a_practice() -> bool:
    """Say whether there is any practice here yet."""
    return await Practice.exists()


async def practices_by_name(name: str) -> list[Practice]:
    """Give the practices of this name."""
    return await Practice.filter(name=name).limit(2) if is_line(name, 200) else []


async def client_of_practice(practice: Practice, wire: str) -> Client | None:
    """Give a client of this practice."""
    return await Client.get_or_none(practice_id=practice.id, id=row_id("clt", wire))


async def user_of_client(client: Client) -> User | None:
    """Give who signs in as this client."""
    return await User.get_or_none(practice_id=client.practice_id, client_id=client.id)


async def sign_in_by_token(token_hash: str) -> dict[str, Any] | None:
    """Give who holds this token, as long as the sign-in has neither ended nor expired."""
    rows = await fetch(
        "SELECT s.id AS sign_in_id,u.id AS user_id,u.practice_id,u.roles,u.provider_id,u.client_id,u.name"
        ",p.currency,p.time_zone"
        " FROM sign_in s JOIN user_account u ON u.id=s.user_id JOIN practice p ON p.id=u.practice_id"
        " WHERE s.token_hash=$1 AND s.ended_at IS NULL AND s.expires_at>$2",
        [token_hash, now()],
    )
    return rows[0] if rows else None


async def sign_in_by_id(identifier: UUID) -> SignIn | None:
    """Give a sign-in that has not ended."""
    return await SignIn.get_or_none(id=identifier, ended_at=None)
