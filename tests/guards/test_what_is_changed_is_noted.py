"""Rows that the log of audit names are written through `models/base.py`, which notes what is done to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import models
from models.base import Row

ROOT = Path(__file__).parents[2]
FLOORS = ("models", "resolvers")
# It is what notes; and what a migration does stands in the list of migrations that were taken.
NOTES = {"models/base.py"}
MIGRATIONS = "models/migrations/"
AUDITED = {
    name
    for name in models.__all__
    if isinstance(of := getattr(models, name), type) and issubclass(of, Row)
    if of.audited
}
UNNOTED = {
    (
        "models/charting/runs.py",
        "UPDATE chart_run",
    ): "which process works on a run and until when; what it does to notes is noted",
}
"""What is written past the log all the same, and why that hides nothing that was done to anybody's record."""
# In one statement, of which no row hears.
IN_BULK = {"bulk_create", "bulk_update", "update_or_create", "get_or_create"}
OF_MANY = {"update", "delete"}
QUERIES = {"filter", "all", "exclude", "select_for_update"}
WRITTEN = ("INSERT INTO ", "UPDATE ", "DELETE FROM ")
_TABLES = {getattr(models, name)._meta.db_table for name in AUDITED}


def unnoted(source: str) -> list[str]:
    """Say what in this module writes rows that the log should name, and leaves no note of it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += [(node.lineno, said) for said in _call(node.func)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "insert":
            found += [
                (node.lineno, f"insert {table}") for table in _TABLES if f"'{table}'" == ast.unparse(node.args[0])
            ]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [(node.lineno, said) for said in _statement(node.value)]
    return [f"{line}: {said}" for line, said in sorted(found)]


def _call(function: ast.Attribute) -> Iterator[str]:
    if function.attr in IN_BULK and (model := _model(function.value)) is not None:
        yield f"{model}.{function.attr}"
    asked = _query(function.value) if function.attr in OF_MANY else None
    if asked is not None and (model := _model(asked)) is not None:
        yield f"{model}, many at once: {function.attr}"


def _query(node: ast.expr) -> ast.expr | None:
    """Give what was asked for the rows, through however many `filter` and the like."""
    asked = None
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        asked = node.func.value if node.func.attr in QUERIES else asked
        node = node.func.value
    return asked if asked is None else node


def _model(node: ast.expr) -> str | None:
    """Give the audited model that is asked; of what is no model by its name, whatever it is: it may be one."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = node.id if isinstance(node, ast.Name) else node.attr
        known = isinstance(getattr(models, name, None), type)
        return None if known and name not in AUDITED else name
    return ast.unparse(node)


def _statement(text: str) -> Iterator[str]:
    for begins in WRITTEN:
        table = text.partition(begins)[2].partition(" ")[0].strip('"') if begins in text else ""
        if table in _TABLES:
            yield f"{begins}{table}"


def _modules() -> dict[str, str]:
    files = (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    named = {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}
    return {name: source for name, source in named.items() if name not in NOTES and not name.startswith(MIGRATIONS)}


def test_no_row_is_written_past_the_log_of_audit() -> None:
    found = {(name, said.partition(": ")[2]) for name, source in _modules().items() for said in unnoted(source)}
    assert found == UNNOTED.keys()


def test_the_modules_and_the_tables_are_looked_at() -> None:
    assert {"resolvers/groups.py", "models/charting/gate.py", "models/rosters.py"} <= _modules().keys()
    assert {"Client", "Group", "ChartNote", "EmergencyAccess", "ClientProvider"} <= AUDITED
    assert not {"SignIn", "IdempotencyKey", "Event", "AuditEntry"} & AUDITED


@pytest.mark.parametrize(
    "code",
    [
        "await Client.bulk_create(rows)",
        "await models.Client.bulk_create(rows)",
        "await type(row).bulk_update(rows, ['name'])",
        "await model.bulk_create(rows)",
        "await GroupShare.filter(group_id=group.id).delete()",
        "await Group.filter(id=group.id).exclude(name='').update(name='')",
        "await ChartEntry.all().delete()",
        "await ChartNote.filter(id=i).select_for_update().order_by('id').update(body='')",
        "await Client.get_or_create(name='')",
        'await fetch("UPDATE client SET name=$1 WHERE id=$2", [name, id])',
        'await fetch(f"DELETE FROM group_share WHERE group_id IN ({places})", ids)',
        'await fetch("INSERT INTO chart_note (id) VALUES ($1)", [id])',
        'await insert("chart_note", ("id",), [[id]])',
    ],
)
def test_a_writing_past_the_log_is_found(code: str) -> None:
    assert unnoted(dedent(code))


@pytest.mark.parametrize(
    "code",
    [
        "await Client.create_all(rows)",
        "await Client.delete_all(await Client.filter(id=id))",
        "await row.delete()",
        "await row.save(update_fields=['name'])",
        "await Event.bulk_create(rows)",
        "await SignIn.filter(id=id).update(ended_at=now())",
        "found.update(more)",
        'await insert("audit_client", ("seq",), [[seq]])',
        "hashlib.sha256(x).update(y)",
        'await fetch("UPDATE sign_in_throttle SET tries=0 WHERE email_hash=$1", [key])',
    ],
)
def test_what_is_noted_or_need_not_be_is_left_alone(code: str) -> None:
    assert unnoted(dedent(code)) == []
