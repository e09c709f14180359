"""What meanings and access rules write their SQL with: names of rows, parameters, and tables cut to the viewer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from tortoise import fields
from tortoise.models import Model

from models.ids import row_id
from models.text import fold
from resolvers.reading.dialects import Dialect
from resolvers.reading.shapes import Arg, Ask
from resolvers.viewer import Scope, Viewer

_PLACE = re.compile("\x02(\\d+)\x03")
_KINDS: tuple[tuple[type, str], ...] = (
    (fields.UUIDField, "uuid"),
    (fields.BooleanField, "boolean"),
    (fields.DatetimeField, "timestamptz"),
    (fields.DateField, "date"),
    (fields.IntField, "int"),
)
_PARAMETERS = {
    "ID": "text",
    "String": "text",
    "Int": "int",
    "Boolean": "boolean",
    "DateTime": "timestamptz",
    "Date": "date",
}


@dataclass(slots=True)
class Run:
    """One reading: who reads, with which values."""

    viewer: Viewer
    args: list[dict[str, Any]] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    """What was read: table, row id and the client's id or empty, for each row that is PHI, as often as it was met."""


Bind = Callable[[Run], Any]


class Row:
    """A row of a statement under an alias: an attribute is the column's SQL, and an unknown one an error."""

    def __init__(self, alias: str, columns: dict[str, str], never_null: frozenset[str] = frozenset()) -> None:
        """Hold the alias, the kind of each column, and which columns always have a value."""
        self._alias = alias
        self._columns = columns
        self._never_null = never_null
        self._joins: list[str] | None = None

    @property
    def joins(self) -> list[str] | None:
        """What is joined to the row in its own FROM; None where it has none."""
        return self._joins

    def from_here(self, joins: list[str]) -> Row:
        """Let to-ones of this row be joined into the FROM that these joins belong to."""
        self._joins = joins
        return self

    def __str__(self) -> str:
        """Give the alias."""
        return self._alias

    def always(self, name: str) -> bool:
        """Whether the column always has a value."""
        return name in self._never_null

    def __getattr__(self, name: str) -> str:
        """Give the column."""
        if name not in self._columns:
            raise AttributeError(f"There is no column {name!r} here, only {sorted(self._columns)}.")
        return f"{self._alias}.{name}"


class Parts(Row):
    """A row that has no alias: each of its columns is an expression."""

    def __init__(self, expressions: dict[str, str]) -> None:
        """Hold the expressions by name."""
        super().__init__("", expressions)

    def __getattr__(self, name: str) -> str:
        """Give the expression."""
        return self._columns[name]


def columns_of(model: type[Model]) -> dict[str, str]:
    """Give the kind of each column of a table, as PostgreSQL names it."""
    meta = model._meta  # noqa: SLF001 - Tortoise's description of a model
    kinds = {}
    for name, column in meta.fields_db_projection.items():
        described = meta.fields_map[name]
        kinds[column] = next((kind for cls, kind in _KINDS if isinstance(described, cls)), "text")
    return kinds


def required_columns(model: type[Model]) -> frozenset[str]:
    """Give the columns of a table that are never null."""
    meta = model._meta  # noqa: SLF001
    return frozenset(column for name, column in meta.fields_db_projection.items() if not meta.fields_map[name].null)


def table_of(model: type[Model]) -> str:
    """Give a table's name in SQL."""
    return f'"{model._meta.db_table}"'  # noqa: SLF001


class Asking:
    """The statement that is being written: its parameters, aliases and conditions."""

    def __init__(self, dialect: Dialect, scope: Scope) -> None:
        """Begin for one database and one kind of viewer."""
        self.dialect = dialect
        self.scope = scope
        self.required: list[str] = []
        self.checks: list[Bind] = []
        self._common: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self._params: dict[object, tuple[int, str, Bind]] = {}
        self._aliases = iter(range(10_000))

    def alias(self) -> str:
        """Give a new alias."""
        return f"t{next(self._aliases)}"

    def row(self, model: type[Model]) -> Row:
        """Give a new row of a table."""
        return Row(self.alias(), columns_of(model), required_columns(model))

    def param(self, key: object, kind: str, bind: Bind) -> str:
        """Give the placeholder of a value that is found by `bind` when the statement runs; one for each key."""
        number, _, _ = self._params.setdefault((key, kind), (len(self._params), kind, bind))
        return f"\x02{number}\x03"

    def viewer(self, name: str) -> str:
        """Give the placeholder of something that the viewer is."""
        kind = "text" if name == "currency" else "uuid"
        return self.param(("viewer", name), kind, lambda run: getattr(run.viewer, name))

    def given(self, name: str, kind: str) -> str:
        """Give the placeholder of something that the run brings along."""
        return self.param(("given", name), kind, lambda run: run.given[name])

    def arg(self, ask: Ask) -> Arg:
        """Give an argument as meanings use it."""
        return Arg(ask, self._place, self._bind)

    def _bind(self, arg: Arg, kind: str, how: Callable[[dict[str, Any]], Any]) -> str:
        slot = arg.slot
        # It may refuse the arguments, and does so even where nothing that is selected asks for the value.
        self.checks.append(lambda run: how(run.args[slot]))
        return self.param(("bound", slot, arg.name, how), kind, lambda run: how(run.args[slot]))

    def _place(self, arg: Arg, how: str) -> str:
        slot, name = arg.slot, arg.name
        key = ("arg", slot, name, how)
        if how == "":
            return self.param(key, _PARAMETERS.get(arg.scalar, "text"), lambda run: run.args[slot][name])
        if how == "fold":
            return self.param(key, "text", lambda run: fold(run.args[slot][name]))
        if how == "list":
            return self.param(key, "text", lambda run: json_list(run.args[slot][name]))
        return self.param(key, "uuid", lambda run: row_id(how, run.args[slot][name]))

    def common(self, name: str, select: str) -> str:
        """Give the name of a set that the statement makes once, such as the groups that the viewer holds."""
        self._common[name] = select
        return name

    def see(self, model: type[Model]) -> str:
        """Give the name of a table's rows that the viewer may see, to select from.

        What they are is said once, at the head of the statement, and read wherever it is named as if it stood there:
        SQLite's parser holds 100 symbols, and a rule that stood at the bottom of a deep document would spend half.
        """
        name = f"see_{model._meta.db_table}"  # noqa: SLF001 - as `table_of`
        if name not in self._seen:
            row = self.row(model)
            self._seen[name] = f"SELECT {row}.* FROM {table_of(model)} {row} WHERE {self.visible(model, row)}"
        return name

    def all(self, model: type[Model]) -> str:
        """Give all rows of a table, for facts that count what the viewer may not see; each use stands on a list."""
        return table_of(model)

    def visible(self, model: type[Model], row: Row) -> str:
        """Give the condition under which the viewer may see the row."""
        from resolvers.access import VISIBLE  # noqa: PLC0415 - access writes its rules with this class

        return VISIBLE[model](row, self)

    def must_see(self, model: type[Model], identifier: str) -> None:
        """Answer the whole field NOT_FOUND unless the viewer may see the row with this id."""
        self.required.append(f"EXISTS (SELECT 1 FROM {self.see(model)} s WHERE s.id={identifier})")

    def finish(self, sql: str) -> tuple[str, list[tuple[str, Bind]]]:
        """Say first what may be seen, and number the parameters: PostgreSQL refuses one that is bound and not used."""
        kinds = {number: (kind, bind) for number, kind, bind in self._params.values()}
        used: dict[int, int] = {}

        def number(match: re.Match[str]) -> str:
            old = int(match[1])
            return self.dialect.placeholder(used.setdefault(old, len(used) + 1), kinds[old][0])

        sets = [f"{name} AS ({select})" for name, select in self._common.items()]
        sets += [f"{name} AS NOT MATERIALIZED ({rows})" for name, rows in self._seen.items()]
        text = _PLACE.sub(number, f"WITH {','.join(sets)} {sql}" if sets else sql)
        return text, [kinds[old] for old in used]


def json_list(values: Iterable[Any]) -> str:
    """Give texts as a JSON list."""
    return orjson.dumps([str(getattr(v, "value", v)) for v in values]).decode()
