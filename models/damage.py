"""Whether tables are whole: an index that says otherwise than its table lets a verification read what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.database import dialect
from models.standing import fetch_as_it_stands, shown

_MISSING = re.compile(r"row (\d+) missing from index")


async def damaged(tables: Iterable[str]) -> list[str]:
    """Say what is wrong with these tables and their indexes on SQLite, whose file anybody can write who has it."""
    if dialect() != "sqlite":
        return []
    found = []
    for table in tables:
        for row in await fetch_as_it_stands(f"PRAGMA integrity_check({table})"):
            said = str(row["integrity_check"])
            if said != "ok":
                found.append(f"{table}{await _which(table, said)}: {said}")
    return found


async def _which(table: str, said: str) -> str:
    """Name the row by its id, where it is counted."""
    counted = _MISSING.search(said)
    if counted is None:
        return ""
    nth = f"SELECT * FROM {table} NOT INDEXED ORDER BY rowid LIMIT 1 OFFSET {int(counted[1]) - 1}"  # noqa: S608 - a number and names of ours
    return "".join(f" {shown(row['id'])}" for row in await fetch_as_it_stands(nth) if "id" in row)
