"""What the log of audit says was made: to be compared with what is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any
from uuid import UUID

from models.audit.packed import unpack
from models.audit.verify import columns, is_as_written
from models.standing import fetch_as_it_stands

MOST_AT_ONCE = 5_000


async def created(practice: UUID, tables: Collection[str]) -> AsyncIterator[tuple[int, dict[str, list[UUID]] | None]]:
    """Give each entry by which rows of these tables were made: its number, and which of their rows it names.

    None stands for the rows where the entry is not as it was written. Many entries are looked at, and few held.
    """
    made = " OR ".join(f"columns LIKE '%\"{table} created\"%'" for table in tables)
    after: Any = 0
    while (until := await _until(practice, after)) is not None:
        rows = await fetch_as_it_stands(
            f"SELECT {columns()} FROM audit_entry e WHERE practice_id=$1 AND seq>$2 AND seq<=$3 AND ({made})"  # noqa: S608 - names of tables
            " ORDER BY seq",
            [practice, after, until],
        )
        for row in rows:
            named = unpack(row["objects"]) if is_as_written(row) else None
            yield row["seq"], None if named is None else {table: named.get(table, []) for table in tables}
        after = until


async def _until(practice: UUID, after: Any) -> Any:
    """Give the number of the last of the entries that are looked at next; None after the last of all."""
    [found] = await fetch_as_it_stands(
        "SELECT max(seq) AS seq FROM"
        " (SELECT seq FROM audit_entry WHERE practice_id=$1 AND seq>$2 ORDER BY seq LIMIT $3) s",
        [practice, after, MOST_AT_ONCE],
    )
    return found["seq"]
