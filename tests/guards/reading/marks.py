"""Marks: every text of somebody's carries one of its own, so that whoever is shown it, is seen to be."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator

from tests.databases import thawed
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import TABLES, Truth

MARK = re.compile(r"m(\w\w)([0-9a-f]{32})w")
ID = re.compile(r"[a-z]{3}_([0-9a-f]{32})")
# What is marked, in which column, and by the id of what: a client's texts by the client's, a chart's by the chart's.
MARKED = {
    "Client": ("cl", "email", "id"),
    "Group": ("gr", "name", "id"),
    "Appointment": ("ap", "cancel_reason", "id"),
    "Payment": ("pa", "reference", "id"),
    "Chart": ("ch", "group_notes", "id"),
    "ChartEntry": ("en", "client_notes", "id"),
    "ChartNote": ("no", "body", "id"),
    "Signature": ("si", "signed_as", "id"),
    "Addendum": ("ad", "body", "id"),
    "ChartRunStep": ("st", "reason", "id"),
    "EmergencyAccess": ("em", "reason", "id"),
}
SHOWING = frozenset(
    f"{kind}.{re.sub('_(.)', lambda letter: letter[1].upper(), column)}" for kind, (_, column, _) in MARKED.items()
)
"""The fields in which marks are shown."""
SECRET = ("Client", "Group", "Attendance", "ChartNote")
"""What is told by its id already: who is a client, of which group, and who came."""


async def mark() -> None:
    """Write a mark into each of these rows, whatever freezes them."""
    script = []
    for kind, (letters, column, key) in MARKED.items():
        table = TABLES[kind]._meta.db_table
        text = f"'m{letters}'||replace(CAST({key} AS text),'-','')||'w'"
        rows = f" WHERE {column} IS NOT NULL" if kind == "Appointment" else ""
        script.append(f'UPDATE "{table}" SET {column}={text}{rows};')
    await thawed("".join(script))


def mark_of(kind: str, wire: str) -> str:
    """Give the mark of a row by its id, to be written by somebody who changes the row."""
    return f"m{MARKED[kind][0]}{wire[4:]}w"


def own_marks(sight: Sight) -> set[tuple[str, str]]:
    """Give the marks that may stand in what this person is shown."""
    client = sight.viewer.client_id is not None
    found = set[tuple[str, str]]()
    for kind, (letters, _, _) in MARKED.items():
        for seen in sight.all(kind):
            if (kind == "Group" and not sight.knows(seen.row)) or (
                kind == "Appointment" and (client or not sight.in_full(seen.row))
            ):
                continue
            found.add((letters, seen.row.id.hex))
    return found | _assembled(sight)


def _assembled(sight: Sight) -> set[tuple[str, str]]:
    """Give the marks of what a note was made of: what was written for all, and for its own client."""
    entries = {(entry.chart_id, entry.client_id): entry.id.hex for entry in sight.truth.all("ChartEntry")}
    found = set[tuple[str, str]]()
    for note in (seen.row for seen in sight.all("ChartNote")):
        parts = {("ch", note.chart_id.hex), ("en", entries.get((note.chart_id, note.client_id), ""))}
        found |= parts & set(MARK.findall(note.body))
    return found


def own_ids(sight: Sight) -> set[str]:
    """Give the ids of rows of clients and groups that this person may be told."""
    # Of the rows that the log names to them, they were shown each once; in a scene chance has drawn which.
    logged = (seen.row for seen in sight.all("AuditEntry") if sight.runs_it or sight.did(seen.row))
    known = {id_ for entry in logged for id_ in _about(entry.objects)}
    return known | {seen.row.id.hex for kind in SECRET for seen in sight.all(kind)}


def _about(objects: str) -> Iterator[str]:
    """Give the ids of the rows that an entry of the log is about."""
    for packed in json.loads(objects).values():
        digits = b64decode(packed).hex()
        yield from (digits[n : n + 32] for n in range(0, len(digits), 32))


def secret_ids(truth: Truth) -> set[str]:
    """Give the ids of all such rows."""
    return {row.id.hex for kind in SECRET for row in truth.all(kind)}
