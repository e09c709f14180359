"""Verifying: whether the log of audit is still what was written, from its first entry to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from models.audit.entries import COLUMNS, secret_name, signature
from models.audit.packed import unpack
from models.database import fetch

MOST_AT_ONCE = 2_000
_MOMENTS = {"recorded_at"}
_IDS = {"id", "practice_id", "user_id", "sign_in_id"}


class OtherSecret(Exception):
    """The log of audit was signed with another secret than the one at hand."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The log of audit is signed with another secret than the one at hand."
            " Set GROUPROOM_SECRET_FILE to the file that was used before."
        )


async def refuse_other_secret() -> None:
    """Refuse to go on with another secret: what was written before could not be verified with it."""
    if await fetch("SELECT 1 AS yes FROM audit_head WHERE secret_name<>$1 LIMIT 1", [secret_name()]):
        raise OtherSecret


async def altered(practice: UUID) -> tuple[int, str | None]:
    """Say how many entries a practice's log has, and what is wrong with the first that is not as it was written."""
    seq, last = 0, ""
    async for row in _entries(practice):
        seq += 1
        if row["seq"] != seq:
            return seq - 1, f"entry {seq} is missing"
        if row["previous_hash"] != last or signature(_values(row)) != row["hash"]:
            return seq - 1, f"entry {seq} is not as it was written"
        if sorted(row["touched"]) != unpack(row["clients"])["client"]:
            return seq - 1, f"entry {seq} is not found by the clients whom it names"
        last = row["hash"]
    head = await fetch("SELECT seq,hash FROM audit_head WHERE practice_id=$1", [practice])
    if (int(head[0]["seq"]), head[0]["hash"]) != (seq, last) if head else seq > 0:
        return seq, f"the entries after {seq} are missing"
    return seq, None


async def _entries(practice: UUID) -> AsyncIterator[dict[str, Any]]:
    after = 0
    while True:
        rows = await fetch(
            f"SELECT {_columns()} FROM audit_entry e WHERE e.practice_id=$1 AND e.seq>$2 ORDER BY e.seq LIMIT $3",  # noqa: S608 - no value in it
            [practice, after, MOST_AT_ONCE],
        )
        if not rows:
            return
        touched: dict[int, list[UUID]] = {}
        for found in await fetch(
            "SELECT seqs,client_id FROM audit_client WHERE practice_id=$1 AND batch>=$2 AND batch<=$3",
            [practice, rows[0]["batch"], rows[-1]["batch"]],
        ):
            for seq in str(found["seqs"]).split(","):
                touched.setdefault(int(seq), []).append(UUID(str(found["client_id"])))
        for row in rows:
            yield {**row, "touched": touched.get(int(row["seq"]), [])}
        after = int(rows[-1]["seq"])


def _columns() -> str:
    return ",".join(f"e.{column}" for column in (*COLUMNS, "hash"))


def _values(row: dict[str, Any]) -> list[Any]:
    return [_value(column, row[column]) for column in COLUMNS]


def _value(column: str, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if column in _IDS:
        return UUID(value)
    return datetime.fromisoformat(value) if column in _MOMENTS else value
