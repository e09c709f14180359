"""The entry of a change: written in the same unit of work, and so there if and only if the change is."""

from __future__ import annotations

from uuid import UUID

from tortoise.models import Model

from models.attendance import CHARTED
from models.audit.buffer import note
from models.audit.entries import Asked, AuditAction, Entry, append, mark, named_by
from models.changes import Change, Verb, changes
from models.database import fetch
from models.unit_of_work import current_unit

# Whose record it is in, where that does not stand in the row itself.
_WHOSE = {
    "appointment_id": "SELECT client_id FROM attendance WHERE appointment_id IN ({})",
    "chart_id": "SELECT t.client_id FROM attendance t JOIN chart c ON c.appointment_id=t.appointment_id"  # noqa: S608 - no value in it
    " WHERE c.id IN ({}) AND " + CHARTED,
    "note_id": "SELECT client_id FROM chart_note WHERE id IN ({})",
    "payment_id": "SELECT client_id FROM payment WHERE id IN ({})",
    # A share opens the records of all who belong to the group.
    "group_id": "SELECT client_id FROM group_membership WHERE group_id IN ({})",
}
_OWN_ID = {"appointment": "appointment_id", "chart": "chart_id"}
# Of a run, each client has a step.
_NOBODYS = {"chart_run"}


def trace(asked: Asked, shown: list[str]) -> None:
    """Have the running unit of work end with an entry about what it changed, and what of that is shown."""
    unit = current_unit()
    # Where one unit does many things, as when the demo is planted, it is told once.
    if not unit.kept.setdefault("traced", False):
        unit.kept["traced"] = True
        unit.at_end.append(lambda: _write(asked, shown))


async def _write(asked: Asked, shown: list[str]) -> None:
    found = changes()
    if not found:
        # What changed nothing is not worth a transaction that writes.
        note(Entry(asked, AuditAction.READ if shown else AuditAction.EXECUTE, rows=shown))
        return
    verbs = {change.verb for change in found}
    clients = await _whose([change.row for change in found])
    # Who was only shown beside those whose record was changed is not told that theirs was.
    own, beside = list[str](), list[str]()
    for one in shown:
        (own if named_by(one) <= clients else beside).append(one)
    entries = [Entry(asked, AuditAction.READ, rows=beside)] if beside else []
    entry = Entry(
        asked,
        AuditAction(next(verb for verb in Verb if verb in verbs).value),
        rows=own + [mark(_table(change.row), change.row.pk) for change in found],
        clients=clients,
        columns=tuple(sorted({name for change in found for name in _columns(change)})),
    )
    await append(asked.practice_id, [*entries, entry])


def _table(row: Model) -> str:
    return str(row._meta.db_table)  # noqa: SLF001 - Tortoise's description of a model


def _columns(change: Change) -> list[str]:
    table = _table(change.row)
    if change.verb is not Verb.UPDATE:
        return [f"{table} {change.verb.value.lower()}d"]
    return [f"{table}.{column}" for column in change.columns or ("*",)]


async def _whose(rows: list[Model]) -> set[str]:
    clients = set[str]()
    asked: dict[str, set[UUID]] = {}
    for row in rows:
        table = _table(row)
        if table in _NOBODYS:
            continue
        own = row.pk if table == "client" else getattr(row, "client_id", None)
        # A warning may name a second one.
        clients |= {str(one) for one in (own, getattr(row, "named_id", None)) if one is not None}
        if own is not None:
            continue
        column = _OWN_ID.get(table) or next((name for name in _WHOSE if getattr(row, name, None)), None)
        if column is not None:
            asked.setdefault(column, set()).add(row.pk if table in _OWN_ID else getattr(row, column))
    for column, ids in asked.items():
        places = ",".join(f"${n + 1}" for n in range(len(ids)))
        clients |= {str(found["client_id"]) for found in await fetch(_WHOSE[column].format(places), sorted(ids))}
    return clients
