"""Verifying: whether the log of audit is still what was written, from its first entry to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from models.audit.entries import COLUMNS, OtherSecret, secret_name, signature
from models.audit.packed import unpack
from models.database import fetch
from models.sqlite_client import moment

MOST_AT_ONCE = 2_000
_MOMENTS = {"recorded_at"}
_IDS = {"id", "practice_id", "user_id", "sign_in_id"}


async def refuse_other_secret() -> None:
    """Refuse to go on with another secret: what was written before could not be verified with it."""
    if await fetch("SELECT 1 AS yes FROM audit_head WHERE secret_name<>$1 LIMIT 1", [secret_name()]):
        raise OtherSecret


async def altered(practice: UUID) -> tuple[int, str | None]:  # noqa: PLR0911 - one for each thing that may be wrong
    """Say how many entries a practice's log has, and what is wrong with the first that is not as it was written."""
    seq, last, found = 0, "", 0
    async for rows, touched in _batches(practice):
        named: dict[tuple[str, int], list[str]] = {}
        for row in rows:
            seq += 1
            if row["seq"] != seq:
                return seq - 1, f"entry {seq} is missing"
            values = _values(row)
            if values is None or row["previous_hash"] != last or signature(values) != row["hash"]:
                return seq - 1, f"entry {seq} is not as it was written"
            for client in unpack(row["clients"])["client"]:
                named.setdefault((str(client), int(row["batch"])), []).append(str(seq))
            last = row["hash"]
        if rows[-1]["seq"] != rows[-1]["batch"]:
            return seq, f"the entries after {seq} are missing"
        expected = {key: ",".join(numbers) for key, numbers in named.items()}
        if expected != touched:
            wrong = {key: numbers for key, numbers in expected.items() if touched.get(key) != numbers}
            first = min((int(numbers.split(",")[0]) for numbers in wrong.values()), default=int(rows[0]["seq"]))
            return first - 1, f"entry {first} is not found by the clients whom it names"
        found += len(touched)
    head = await fetch("SELECT seq,hash FROM audit_head WHERE practice_id=$1", [practice])
    if (int(head[0]["seq"]), head[0]["hash"]) != (seq, last) if head else seq > 0:
        return seq, f"the entries after {seq} are missing"
    [count] = await fetch("SELECT count(*) AS n FROM audit_client WHERE practice_id=$1", [practice])
    if count["n"] != found:
        return seq, "a client is named by no entry"
    return seq, None


async def _batches(practice: UUID) -> AsyncIterator[tuple[list[dict[str, Any]], dict[tuple[str, int], str]]]:
    """Give entries in whole batches, with what is kept of them for each client: as it stands there, to the letter."""
    after = 0
    while True:
        rows = await fetch(
            f"SELECT {_columns()} FROM audit_entry e WHERE e.practice_id=$1 AND e.seq>$2 ORDER BY e.seq LIMIT $3",  # noqa: S608 - no value in it
            [practice, after, MOST_AT_ONCE],
        )
        if not rows:
            return
        begun = rows[-1]["batch"]
        if rows[-1]["seq"] != begun and rows[0]["batch"] != begun:
            rows = [row for row in rows if row["batch"] != begun]
        kept = await fetch(
            "SELECT seqs,client_id,batch FROM audit_client WHERE practice_id=$1 AND batch>$2 AND batch<=$3",
            [practice, after, rows[-1]["batch"]],
        )
        yield rows, {(str(row["client_id"]), int(row["batch"])): str(row["seqs"]) for row in kept}
        after = int(rows[-1]["seq"])


def _columns() -> str:
    return ",".join(f"e.{column}" for column in (*COLUMNS, "hash"))


def _values(row: dict[str, Any]) -> list[Any] | None:
    """Give what an entry says; None where it stands there in another spelling than ours, or is nothing of the kind."""
    try:
        values = [_value(column, row[column]) for column in COLUMNS]
    except (ValueError, TypeError):
        return None
    # SQLite keeps whatever is written: an id in other letters would be found by nobody.
    alike = all(_spelled(value) == row[column] for column, value in zip(COLUMNS, values, strict=True))
    return values if alike or not isinstance(row["id"], str) else None


def _value(column: str, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if column in _IDS:
        return UUID(value)
    return datetime.fromisoformat(value) if column in _MOMENTS else value


def _spelled(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return moment(value) if isinstance(value, datetime) else value
