"""What stands in the database, table by table: to see that nothing changed, and to put everything back."""

from __future__ import annotations

from dataclasses import dataclass

from models.database import connection, dialect, fetch
from tests.databases import tables, unruled

Rows = dict[str, list[str]]


_POINTERS = {
    "sqlite": 'SELECT m.name AS child,f."table" AS parent FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f'
    " WHERE m.type='table'",
    "postgres": "SELECT CAST(CAST(conrelid AS regclass) AS text) AS child,CAST(CAST(confrelid AS regclass) AS text)"
    " AS parent FROM pg_constraint WHERE contype='f'",
}


async def _parents_first() -> list[str]:
    parents: dict[str, set[str]] = {name: set() for name in await tables()}
    for row in await fetch(_POINTERS[dialect()]):
        parents[row["child"].strip('"')].add(row["parent"].strip('"'))
    ordered: list[str] = []
    while len(ordered) < len(parents):
        ordered += [name for name in parents if name not in ordered and parents[name] <= {name, *ordered}]
    return ordered


async def everything() -> Rows:
    """Give all rows of all tables, each as a text; but that somebody asked is written down, whatever came of it."""
    names = [name for name in await tables() if not name.startswith("audit_")]
    if dialect() == "postgres":
        each = (f"SELECT '{name}' AS name, to_jsonb(r)::text AS row FROM \"{name}\" r" for name in names)
        found = [(row["name"], row["row"]) for row in await fetch(" UNION ALL ".join(each))]
    else:
        found = [(name, str(row)) for name in names for row in await fetch(f'SELECT * FROM "{name}"')]
    return {name: sorted(row for table, row in found if table == name) for name in names}


async def count(table: str) -> int:
    """Say how many rows a table has."""
    [row] = await fetch(f'SELECT count(*) AS n FROM "{table}"')
    number: int = row["n"]
    return number


def changed(before: Rows, after: Rows) -> list[str]:
    """Name the tables whose rows differ."""
    return [table for table in before if before[table] != after[table]]


async def _mark() -> object:
    """Give something that is another after every write to the database."""
    if dialect() == "postgres":
        return await fetch("SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS mark")
    [row] = await fetch("SELECT total_changes() AS mark")
    return row["mark"]


@dataclass(slots=True)
class Snapshot:
    """A copy of all rows inside the database, to be put back before the next test."""

    copies: dict[str, str]
    mark: object

    @classmethod
    async def take(cls, name: str) -> Snapshot:
        """Keep what there is now, under a name."""
        # On PostgreSQL the next test may have another connection, which sees no temporary table of this one's.
        kept = f"kept.{name}_" if dialect() == "postgres" else f"temp.{name}_"
        if dialect() == "postgres":
            await connection().execute_script("CREATE SCHEMA IF NOT EXISTS kept")
        copies = {table: f"{kept}{table}" for table in await _parents_first()}
        for table, copy in copies.items():
            await connection().execute_script(f'CREATE TABLE {copy} AS SELECT * FROM "{table}"')
        return cls(copies, await _mark())

    async def restore(self) -> None:
        """Put it back, unless nothing was written since: the tables that differ, as most tests write to few."""
        if await _mark() == self.mark:
            return
        differing = " UNION ALL ".join(
            f"SELECT '{table}' AS name WHERE (SELECT count(*) FROM \"{table}\")<>(SELECT count(*) FROM {copy})"
            f' OR EXISTS(SELECT * FROM "{table}" EXCEPT SELECT * FROM {copy})'
            for table, copy in self.copies.items()
        )
        found = {row["name"] for row in await fetch(differing)}
        # The triggers that say which practice a row is of look for what it points to.
        put = [f'INSERT INTO "{table}" SELECT * FROM {copy};' for table, copy in self.copies.items() if table in found]
        await unruled(found, "".join([*(f'DELETE FROM "{table}";' for table in found), *put]))
        self.mark = await _mark()
