"""What stands in the database, table by table: to see that nothing changed, and to put everything back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.database import connection, dialect, fetch
from models.unit_of_work import unit_of_work
from tests.databases import tables

Rows = dict[str, list[dict[str, Any]]]

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
    """Give all rows of all tables."""
    return {
        table: sorted(await fetch(f'SELECT * FROM "{table}"'), key=lambda row: str(list(row.values())))
        for table in await tables()
    }


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
    """All rows as they were once, to be put back before the next test."""

    order: list[str]
    rows: Rows
    mark: object

    @classmethod
    async def take(cls) -> Snapshot:
        """Keep what there is now."""
        return cls(await _parents_first(), await everything(), await _mark())

    async def restore(self) -> None:
        """Put it back, unless nothing was written since."""
        if await _mark() != self.mark:
            await unit_of_work(self._put_back)
            self.mark = await _mark()

    async def _put_back(self) -> None:
        for table in reversed(self.order):
            await fetch(f'DELETE FROM "{table}"')
        for table in self.order:
            rows = self.rows[table]
            if rows:
                columns = ",".join(f'"{column}"' for column in rows[0])
                places = ",".join(f"${n}" if dialect() == "postgres" else "?" for n, _ in enumerate(rows[0], 1))
                values = [list(row.values()) for row in rows]
                await connection().execute_many(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', values)
