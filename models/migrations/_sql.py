"""What Tortoise's operations cannot say, for both databases: statements, and rules that are written as statements.

Released migrations are made of this: add to it, but do not change what it writes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tortoise.migrations.operations import RunSQL, TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class DialectSQL(RunSQL):
    """Runs each statement whole, on the database it is for.

    It is also how a column is altered: Tortoise's own operations rebuild the table on SQLite, and lose its indexes and
    triggers. `state` holds the operations that say what the statements did.
    """

    def __init__(
        self, *, sqlite: Iterable[str] = (), postgres: Iterable[str] = (), state: Sequence[TortoiseOperation] = ()
    ) -> None:
        super().__init__("")
        self.statements = {"sqlite": list(sqlite), "postgres": list(postgres)}
        self.state = state

    def state_forward(self, app_label: str, state: State) -> None:
        for operation in self.state:
            operation.state_forward(app_label, state)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor is None:
            return
        for statement in self.statements[state_editor.DIALECT]:
            if state_editor.collect_sql:
                state_editor.collected_sql.append(statement)
            else:
                await state_editor.client.execute_query(statement)


class Rule(Protocol):
    """Something that stays true of a table's rows, whoever writes them."""

    def sqlite(self) -> Iterable[str]: ...

    def postgres(self) -> Iterable[str]: ...


def enforce(rules: Iterable[Rule]) -> DialectSQL:
    """Put the rules into the database."""
    rules = list(rules)
    return DialectSQL(
        sqlite=[statement for rule in rules for statement in rule.sqlite()],
        postgres=[statement for rule in rules for statement in rule.postgres()],
    )


def _refuse(name: str, table: str, columns: Sequence[str], when: str) -> Iterable[str]:
    refusal = f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{name}'); END"
    yield f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} {refusal}"
    yield f"CREATE TRIGGER {name}_update BEFORE UPDATE OF {', '.join(columns)} ON {table} {refusal}"


@dataclass(frozen=True)
class Check:
    """A condition on the row itself, whose columns stand in braces; SQLite adds none to a table that exists."""

    name: str
    table: str
    condition: str

    def sqlite(self) -> Iterable[str]:
        columns = list(dict.fromkeys(re.findall(r"\{(\w+)\}", self.condition)))
        new = re.sub(r"\{(\w+)\}", r"NEW.\1", self.condition)
        return _refuse(self.name, self.table, columns, f"NOT ({new})")

    def postgres(self) -> Iterable[str]:
        yield f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} CHECK ({re.sub(r'[{}]', '', self.condition)})"


@dataclass(frozen=True)
class Unique:
    """At most one row with these values, among all or among some."""

    name: str
    table: str
    columns: str
    where: str = ""

    def sqlite(self) -> Iterable[str]:
        where = f" WHERE {self.where}" if self.where else ""
        yield f"CREATE UNIQUE INDEX {self.name} ON {self.table} ({self.columns}){where}"

    def postgres(self) -> Iterable[str]:
        return self.sqlite()


@dataclass(frozen=True)
class Indexed:
    """Quickly found by these columns, in a table that is no model."""

    name: str
    table: str
    columns: str

    def sqlite(self) -> Iterable[str]:
        yield f"CREATE INDEX {self.name} ON {self.table} ({self.columns})"

    def postgres(self) -> Iterable[str]:
        return self.sqlite()


@dataclass(frozen=True)
class Named:
    """A table whose rows others may point to from within the practice; to be said before `Within`."""

    table: str

    def sqlite(self) -> Iterable[str]:
        return ()

    def postgres(self) -> Iterable[str]:
        yield f"ALTER TABLE {self.table} ADD CONSTRAINT uq_{self.table}_in_practice UNIQUE (practice_id, id)"


@dataclass(frozen=True)
class Within:
    """The wall between practices: the row that is pointed to is of the same practice.

    On PostgreSQL this takes the place of the plain foreign key, whose name is the one PostgreSQL gives.
    """

    table: str
    column: str
    parent: str

    def sqlite(self) -> Iterable[str]:
        inside = f"SELECT 1 FROM {self.parent} WHERE id = NEW.{self.column} AND practice_id = NEW.practice_id"  # noqa: S608 - names that a migration spells out
        when = f"NEW.{self.column} IS NOT NULL AND NOT EXISTS ({inside})"
        return _refuse(f"wall_{self.table}_{self.column}", self.table, ["practice_id", self.column], when)

    def postgres(self) -> Iterable[str]:
        yield (
            f"ALTER TABLE {self.table} DROP CONSTRAINT {self.table}_{self.column}_fkey,"
            f" ADD CONSTRAINT wall_{self.table}_{self.column} FOREIGN KEY (practice_id, {self.column})"
            f" REFERENCES {self.parent} (practice_id, id) ON DELETE RESTRICT"
        )


STAYS_FUNCTION = """CREATE FUNCTION refuse_other_practice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, MESSAGE = TG_NAME;
END $$"""


@dataclass(frozen=True)
class Stays:
    """A row never goes to another practice; PostgreSQL needs `STAYS_FUNCTION` before."""

    table: str

    @property
    def name(self) -> str:
        return f"stays_{self.table}"

    def sqlite(self) -> Iterable[str]:
        yield (
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OF practice_id ON {self.table}"
            f" WHEN NEW.practice_id IS NOT OLD.practice_id BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
        )

    def postgres(self) -> Iterable[str]:
        yield (
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OF practice_id ON {self.table} FOR EACH ROW"
            " WHEN (NEW.practice_id IS DISTINCT FROM OLD.practice_id) EXECUTE FUNCTION refuse_other_practice()"
        )


@dataclass(frozen=True)
class Bytewise:
    """Compared byte by byte, as SQLite does anyway, so that both databases sort alike and an index serves the order."""

    table: str
    column: str
    length: int

    def sqlite(self) -> Iterable[str]:
        return ()

    def postgres(self) -> Iterable[str]:
        yield f'ALTER TABLE {self.table} ALTER COLUMN {self.column} TYPE varchar({self.length}) COLLATE "C"'
