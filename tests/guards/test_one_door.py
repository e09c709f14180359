"""Rows are read through one door: the reader for what is shown, `resolvers/access/` for what is changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from tortoise.models import Model

import models

ROOT = Path(__file__).parents[2]
FLOORS = ("resolvers", "schema", "subscriptions", "grouproom")
# Of the log and of sign-ins `subscriptions` reads ids and numbers, to know whom to wake; it shows nothing.
DOORS = ("resolvers/access/", "resolvers/reading/", "subscriptions/")
TABLES = {name for name in models.__all__ if isinstance(getattr(models, name), type)}

# Where all rows of a table are read, whoever asks, and why that tells nobody more than they may know.
ALL_ROWS: dict[tuple[str, str], str] = {
    (
        "resolvers/appointments/meanings.py",
        "Chart",
    ): "whether a session that the viewer may change is open to it; of its notes no more than that",
    (
        "resolvers/appointments/streams.py",
        "Appointment",
    ): "what was in the stretch and is the viewer's no more is REMOVED, by id",
    ("resolvers/access/rooms/audit.py", "AuditEntry"): "the first of what is alike in a client's own record",
    ("resolvers/appointments/streams.py", "Event"): "ids and times; each is told under the rules of its appointment",
    ("resolvers/attendance.py", "Appointment"): "the start of a session whose line the viewer sees",
    ("resolvers/attendance.py", "PaymentAllocation"): "what is paid of a charge that the viewer sees, whoever took it",
    ("resolvers/audit.py", "User"): "the name of who did what stands in an entry that the viewer sees",
    ("resolvers/charting/emergency.py", "User"): "the name of who opened notes, in an access that the viewer sees",
    ("resolvers/charting/meanings.py", "Appointment"): "the start of a session whose note the viewer sees",
    ("resolvers/charting/meanings.py", "ChartNote"): "the hash of the client's note before one that the viewer sees",
    ("resolvers/charting/meanings.py", "ChartRun"): "the latest run of a chart that the viewer sees",
    ("resolvers/charting/meanings.py", "Signature"): "what is under the hash of a note that the viewer sees",
    ("resolvers/payments.py", "Attendance"): "the balance of a client that the viewer sees counts all sessions",
    ("resolvers/payments.py", "Payment"): "the balance of a client that the viewer sees counts all payments",
    ("resolvers/payments.py", "PaymentAllocation"): "what is left of a payment that the viewer sees",
}

# What a model is asked for rows with; making, saving and deleting a row that is at hand is free.
QUERIES = {
    "all",
    "annotate",
    "earliest",
    "exclude",
    "exists",
    "fetch_for_list",
    "filter",
    "first",
    "get",
    "get_or_create",
    "get_or_none",
    "in_bulk",
    "last",
    "latest",
    "raw",
    "select_for_update",
    "update_or_create",
}
STATEMENTS = {"connection", "execute_query", "execute_query_dict", "execute_script", "get_connection", "in_transaction"}
SEEN = {"see", "all"}
# In capitals, as all SQL here is written; in sentences people come from somewhere too.
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+\"?(?P<name>\w+)")
_BEFORE_TABLE = re.compile(r"\b(?:FROM|JOIN)\s*\"?$")
_READS = re.compile(r"\bselect\b.*\bfrom\b", re.IGNORECASE | re.DOTALL)


def offences(source: str) -> list[str]:
    """Say what in this module reads rows, line by line."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [(node.lineno, said) for said in _call(node, parents)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_docstring(node, parents):
            found += [(node.lineno, f"names the table {m['name']}") for m in _TABLE.finditer(node.value)]
        elif isinstance(node, ast.JoinedStr):
            found += [(node.lineno, said) for said in _formatted(node)]
    return [f"{line}: {said}" for line, said in sorted(found)]


def _call(node: ast.Call, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in QUERIES and isinstance(node.func, ast.Attribute):
        model = _model(node.func.value)
        if model and not _changes_by_id(node, parents):
            yield f"asks {model}.{name}"
    if name in STATEMENTS:
        yield f"calls {name}"
    if name == "fetch":
        sql = _text(node.args[0]) if node.args else None
        if sql is None:
            yield "fetches what cannot be read here"
        elif _READS.search(sql):
            yield "fetches rows"


def _model(node: ast.expr) -> str | None:
    """Give the model that is asked: by its name, as `models.Name`, or as the type of a row."""
    if isinstance(node, ast.Name) and node.id in TABLES:
        return node.id
    if isinstance(node, ast.Attribute) and node.attr in TABLES:
        return node.attr
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
        return "type(…)"
    return None


def _changes_by_id(node: ast.Call, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it is `Model.filter(id…).delete()` or `.update(…)`: rows that came through the door before."""
    chained = parents.get(node)
    by_id = bool(node.keywords) and {k.arg for k in node.keywords} <= {"id", "id__in"} and not node.args
    return by_id and isinstance(chained, ast.Attribute) and chained.attr in {"delete", "update"}


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return None


def _formatted(node: ast.JoinedStr) -> Iterator[str]:
    """A table that is put into a text comes from `q.see`, or from `q.all` where that is on the list."""
    for before, after in zip(node.values, node.values[1:], strict=False):
        if isinstance(before, ast.Constant) and isinstance(after, ast.FormattedValue):
            value = after.value
            seen = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in SEEN
            if _BEFORE_TABLE.search(str(before.value)) and not seen:
                yield f"selects from {ast.unparse(value)}"


def _is_docstring(node: ast.Constant, parents: dict[ast.AST, ast.AST]) -> bool:
    return isinstance(parents.get(node), ast.Expr)


def all_rows(source: str) -> set[str]:
    """Name the models all of whose rows are asked for, as `q.all(Model)`."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        call.args[0].id
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "all"
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id in TABLES
    }


def _modules() -> dict[str, str]:
    files = (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}


def test_rows_are_read_only_through_the_door() -> None:
    found = {name: offences(source) for name, source in _modules().items() if not name.startswith(DOORS)}
    assert {name: said for name, said in found.items() if said} == {}


def test_all_rows_of_a_table_are_read_only_where_it_is_said_why() -> None:
    found = {(name, model) for name, source in _modules().items() for model in all_rows(source)}
    assert found == set(ALL_ROWS)


def test_every_floor_and_every_table_is_looked_at() -> None:
    looked_at = {name.partition("/")[0] for name in _modules()}
    assert {"resolvers", "schema", "grouproom"} <= looked_at
    assert all(issubclass(getattr(models, name), Model) for name in TABLES)
    assert {"Client", "Group", "GroupMembership"} <= TABLES


@pytest.mark.parametrize(
    "code",
    [
        "rows = await Client.filter(practice_id=viewer.practice_id)",
        "row = await models.Client.get(id=id)",
        "row = await models.clients.Client.get_or_none(id=id)",
        "await Client.filter(active=False).delete()",
        "rows = await type(row).all()",
        'rows = await fetch("select name from client")',
        "rows = await fetch(sql)",
        'rows = await fetch(f"UPDATE client SET x=1 WHERE id IN (SELECT {id} FROM {name})")',
        "rows = await connection().execute_query(sql)",
        "async with in_transaction():\n    pass",
        'sql = "EXISTS (SELECT 1 FROM client_access a WHERE a.client_id=1)"',
        "sql = f'SELECT 1 FROM \"client\" c WHERE c.id={id}'",
        'sql = f"SELECT 1 FROM {table_of(Client)} c"',
        'sql = f"SELECT 1 FROM {q.see(Client)} c JOIN {name} x ON true"',
    ],
)
def test_another_door_is_found(code: str) -> None:
    assert offences(code)


@pytest.mark.parametrize(
    "code",
    [
        "row = await Client.create(practice_id=viewer.practice_id)",
        "await Client.bulk_create(rows)",
        "await ClientProvider.filter(id__in=gone).delete()",
        "row = await access.client(viewer, id, lock=True)",
        "value = plans.get(key)",
        'sql = f"EXISTS (SELECT 1 FROM {q.see(Client)} c WHERE c.id={row.id})"',
        'sql = f"SELECT 1 FROM ({select}) s"',
        'await fetch("SELECT 1")',
        'await fetch("UPDATE sign_in_throttle SET tries=0 WHERE email_hash=$1", [key])',
        '"""A person who is seen from everywhere."""',
    ],
)
def test_what_goes_through_the_door_is_left_alone(code: str) -> None:
    assert offences(dedent(code)) == []


def test_all_rows_are_found_where_they_are_asked_for() -> None:
    assert all_rows('paid = f"SELECT sum(amount) FROM {q.all(Client)} x"') == {"Client"}
    assert all_rows("rows = list(all(things))") == set()
