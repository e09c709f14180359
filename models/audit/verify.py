"""Verifying: whether the log of audit is still what was written, from its first entry to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.audit.entries import COLUMNS, OtherSecret, secret_name, signature
from models.audit.packed import unpack
from models.database import fetch
from models.standing import NOT_OURS, fetch_as_it_stands, parsed, selected

MOST_AT_ONCE = 2_000


async def refuse_other_secret() -> None:
    """Refuse to go on with another secret: what was written before could not be verified with it."""
    if await fetch("SELECT 1 AS yes FROM audit_head WHERE secret_name<>$1 LIMIT 1", [secret_name()]):
        raise OtherSecret


async def altered(practice: UUID) -> tuple[int, str | None]:
    """Say how many entries a practice's log has, and what is wrong with the first that is not as it was written."""
    walk = _Walk(practice)
    while True:
        seen = walk.seq
        fault = await walk.go_on()
        if fault is not None:
            return walk.seq, fault
        fault = await walk.end()
        # A log that grew meanwhile has more to see.
        if fault is None or walk.seq == seen:
            return walk.seq, fault


async def hash_at(practice: UUID, seq: int) -> str | None:
    """Give the hash of the entry with this number; None where there is none."""
    found = await fetch_as_it_stands("SELECT hash FROM audit_entry WHERE practice_id=$1 AND seq=$2", [practice, seq])
    return str(found[0]["hash"]) if found else None


@dataclass(slots=True)
class _Walk:
    """How far a practice's log was seen to be as it was written."""

    practice: UUID
    seq: int = 0
    last: str = ""
    clients: int = 0

    async def go_on(self) -> str | None:
        """Look at all entries behind the last one, and say what is wrong with the first that is not as it was."""
        async for rows, touched in _batches(self.practice, self.seq):
            named: dict[tuple[str, int], list[str]] = {}
            for row in rows:
                seq = self.seq + 1
                if row["seq"] != seq:
                    return f"entry {seq} is missing"
                if row["previous_hash"] != self.last or not is_as_written(row):
                    return f"entry {seq} is not as it was written"
                for client in unpack(row["clients"])["client"]:
                    named.setdefault((str(client), int(row["batch"])), []).append(str(seq))
                self.seq, self.last = seq, row["hash"]
            if rows[-1]["seq"] != rows[-1]["batch"]:
                return f"the entries after {self.seq} are missing"
            expected = {key: ",".join(numbers) for key, numbers in named.items()}
            if expected != touched:
                wrong = {key: numbers for key, numbers in expected.items() if touched.get(key) != numbers}
                first = min((int(numbers.split(",")[0]) for numbers in wrong.values()), default=int(rows[0]["seq"]))
                self.seq = first - 1
                return f"entry {first} is not found by the clients whom it names"
            self.clients += len(touched)
        return None

    async def end(self) -> str | None:
        """Say what is wrong with the end: the head is the last entry, and nothing is there beside what was seen."""
        # At one moment: what is written between two statements would look like a fault.
        [found] = await fetch_as_it_stands(
            "SELECT (SELECT seq FROM audit_head WHERE practice_id=$1) AS seq,"
            "(SELECT hash FROM audit_head WHERE practice_id=$1) AS hash,"
            "(SELECT count(*) FROM audit_client WHERE practice_id=$1) AS clients,"
            "(SELECT count(*) FROM audit_entry WHERE practice_id=$1) AS entries,"
            "(SELECT min(seq) FROM audit_entry WHERE practice_id=$1) AS first",
            [self.practice],
        )
        if (found["seq"] or 0, found["hash"] or "") != (self.seq, self.last):
            return f"the entries after {self.seq} are missing"
        if found["entries"] != self.seq:
            return f"entry {found['first']} was never written"
        return None if found["clients"] == self.clients else "a client is named by no entry"


async def _batches(
    practice: UUID, after: int
) -> AsyncIterator[tuple[list[dict[str, Any]], dict[tuple[str, int], str]]]:
    """Give entries in whole batches, with what is kept of them for each client: as it stands there, to the letter."""
    while True:
        rows = await fetch_as_it_stands(
            f"SELECT {columns()} FROM audit_entry e WHERE e.practice_id=$1 AND e.seq>$2 ORDER BY e.seq LIMIT $3",  # noqa: S608 - no value in it
            [practice, after, MOST_AT_ONCE],
        )
        if not rows:
            return
        begun = rows[-1]["batch"]
        if rows[-1]["seq"] != begun and rows[0]["batch"] != begun:
            rows = [row for row in rows if row["batch"] != begun]
        kept = await fetch_as_it_stands(
            "SELECT seqs,client_id,batch FROM audit_client WHERE practice_id=$1 AND batch>$2 AND batch<=$3",
            [practice, after, rows[-1]["batch"]],
        )
        yield rows, {(str(row["client_id"]), row["batch"]): str(row["seqs"]) for row in kept}
        after = int(rows[-1]["seq"])


def columns() -> str:
    """Name all that an entry is verified by, of `audit_entry e`."""
    return selected("e", ",".join((*COLUMNS, "hash")))


def is_as_written(row: dict[str, Any]) -> bool:
    """Whether an entry is what was signed; not where something stands there that was never written."""
    try:
        return bool(signature([parsed(column, row[column]) for column in COLUMNS]) == row["hash"])
    except NOT_OURS:
        return False
