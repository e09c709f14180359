"""Whether the database is whole: a view, or an index that says otherwise than its table, would have rows seem right."""

from __future__ import annotations

import re
from collections.abc import Collection

from models.database import dialect
from models.standing import fetch_as_it_stands, readable, shown

_MISSING = re.compile(r"row (\d+) missing from index (\w+)")
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type='table'",
    "postgres": "SELECT relname AS name FROM pg_class"
    " WHERE relkind='r' AND NOT relrowsecurity AND pg_table_is_visible(oid)",
}


async def damaged(tables: Collection[str]) -> list[str]:
    """Say which of these are no tables of which all is seen; and on SQLite, what is wrong with its file."""
    real = {row["name"] for row in await fetch_as_it_stands(_TABLES[dialect()])}
    found = [f"{table} is no table of which all is seen" for table in tables if table not in real]
    if dialect() == "sqlite":
        for row in await fetch_as_it_stands("PRAGMA integrity_check"):
            said = str(row["integrity_check"])
            if said != "ok":
                found.append(f"{await _which(said, tables)}{readable(said)}")
    return found


async def _which(said: str, tables: Collection[str]) -> str:
    """Name the row by its table and id, where it is counted and the table is one of these."""
    counted = _MISSING.search(said)
    if counted is None:
        return ""
    [of] = await fetch_as_it_stands("SELECT tbl_name FROM sqlite_master WHERE name=$1", [counted[2]])
    table = str(of["tbl_name"])
    if table not in tables:
        return ""
    nth = f'SELECT * FROM "{table}" NOT INDEXED ORDER BY rowid LIMIT 1 OFFSET {int(counted[1]) - 1}'  # noqa: S608 - a number and names of ours
    rows = await fetch_as_it_stands(nth)
    return "".join(f"{table} {shown(row['id'])}: " for row in rows if "id" in row)
