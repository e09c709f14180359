"""Verifying: whether every locked note, and all that was added to it, is still as it was signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from models.audit.created import created
from models.base import wire_moment
from models.charting.notes import hash_of, hash_of_addendum
from models.charting.seals import seal_of, seal_of_addendum
from models.database import fetch
from models.ids import wire_id
from models.standing import NOT_OURS, fetch_as_it_stands, named, parsed, places, selected

CLIENTS_AT_ONCE = 200
ROWS_AT_ONCE = 1_000

_NOTE = (
    "id,practice_id,chart_id,client_id,appointment_id,provider_id,body,created_at,locked_at,chain_no,previous_hash,"
    "content_hash,seal"
)
_SIGNATURE = "signed_as,signed_at,attestation"
_ADDENDUM = "id,practice_id,note_id,provider_id,authored_as,body,created_at,previous_hash,content_hash,seal"
_NOTES = (
    "SELECT {},{},s.id AS signature_id,s.practice_id AS signature_practice_id,s.provider_id AS signer_id"
    " FROM chart_note n LEFT JOIN signature s ON s.note_id=n.id"
    " WHERE n.client_id IN ({}) AND (n.locked_at IS NOT NULL OR s.id IS NOT NULL)"
    " ORDER BY n.client_id,n.chain_no,n.id"
)
_ADDENDA = (
    "SELECT {} FROM addendum a JOIN chart_note n ON n.id=a.note_id WHERE n.client_id IN ({}) ORDER BY a.note_id,a.id"
)

# Also of notes that were moved elsewhere, as what was signed here tells.
_CLIENTS = (
    "SELECT client_id FROM chart_note WHERE practice_id=$1 UNION SELECT n.client_id FROM signature s"
    " JOIN chart_note n ON n.id=s.note_id WHERE s.practice_id=$1 ORDER BY client_id"
)
# What is nowhere shown, since it points to nothing.
_LOST = (
    "SELECT t.id FROM {table} t LEFT JOIN {of} o ON o.id=t.{column} AND o.practice_id=t.practice_id"
    " WHERE t.practice_id=$1 AND o.id IS NULL ORDER BY t.id"
)
_POINTING = (
    ("not", "chart_note", "client_id", "client"),
    ("signature", "signature", "note_id", "chart_note"),
    ("add", "addendum", "note_id", "chart_note"),
)

_STANDING = (
    "SELECT t.id FROM {} t JOIN chart_note n ON n.id=t.note_id AND n.practice_id=t.practice_id"
    " WHERE t.practice_id=$1 AND t.id IN ({})"
)


async def altered_notes(practice: UUID) -> tuple[int, list[str]]:
    """Say how many locked notes a practice has, and what of them is not as it was signed, in words with their ids."""
    found = await fetch_as_it_stands(_CLIENTS, [practice])
    ids = [row["client_id"] for row in found]
    count, wrong = 0, list[str]()
    for start in range(0, len(ids), CLIENTS_AT_ONCE):
        some = ids[start : start + CLIENTS_AT_ONCE]
        # First what stands behind: what is locked and added to meanwhile is then seen as locked, or not at all.
        addenda: dict[Any, list[dict[str, Any]]] = {}
        for row in await fetch_as_it_stands(_ADDENDA.format(selected("a", _ADDENDUM), places(some)), some):
            addenda.setdefault(row["note_id"], []).append(row)
        chosen = selected("n", _NOTE), selected("s", _SIGNATURE), places(some)
        notes = await fetch_as_it_stands(_NOTES.format(*chosen), some)
        count += len({note["id"] for note in notes if note["locked_at"] is not None})
        wrong += _wrong(notes, addenda)
    return count, wrong + [said async for said in _lost(practice)] + [said async for said in _missing(practice)]


async def _lost(practice: UUID) -> AsyncIterator[str]:
    for prefix, table, column, of in _POINTING:
        for row in await fetch_as_it_stands(_LOST.format(table=table, column=column, of=of), [practice]):
            yield f"{named(prefix, row['id'])} is of no {of.removeprefix('chart_')}"


async def _missing(practice: UUID) -> AsyncIterator[str]:
    """Say what is gone of which the log tells: nothing that is left speaks of a record's newest note or addendum."""
    async for seq, made in created(practice, ("signature", "addendum")):
        if made is None:
            yield f"entry {seq} of the log is not as it was written"
            continue
        for table, ids in made.items():
            there = await _there(table, practice, ids)
            prefix = "add" if table == "addendum" else table
            for row in ids:
                if row not in there:
                    yield f"{wire_id(prefix, row)} or its note is missing: entry {seq} of the log names it"


async def _there(table: str, practice: UUID, ids: list[UUID]) -> set[UUID]:
    there = set[UUID]()
    for start in range(0, len(ids), ROWS_AT_ONCE):
        some = ids[start : start + ROWS_AT_ONCE]
        numbers = ",".join(f"${n + 2}" for n in range(len(some)))
        there |= {UUID(str(row["id"])) for row in await fetch(_STANDING.format(table, numbers), [practice, *some])}
    return there


def _wrong(notes: list[dict[str, Any]], addenda: dict[Any, list[dict[str, Any]]]) -> Iterator[str]:
    last: dict[Any, tuple[int, Any]] = {}
    for note in notes:
        # By the letter, as everybody else finds it.
        client, name = note["client_id"], named("not", note["id"])
        number, before = last.get(client, (0, None))
        if note["locked_at"] is None:
            yield f"{name} was signed and is not locked"
            continue
        if note["chain_no"] == number:
            yield f"{name} has a second signature"
            continue
        if note["chain_no"] != number + 1:
            yield f"a note of {named('clt', client)} before {name} is missing"
        elif note["previous_hash"] != before or not _is_whole(note):
            yield f"{name} is not as it was signed"
        # SQLite keeps whatever is written.
        last[client] = (note["chain_no"] if isinstance(note["chain_no"], int) else number, note["content_hash"])
        yield from _wrong_addenda(note["content_hash"], addenda.pop(note["id"], []))
    for rest in addenda.values():
        for row in rest:
            yield f"{named('add', row['id'])} is added to what is not locked"


def _is_whole(note: dict[str, Any]) -> bool:
    """Whether hash and seal are those of what stands there; False where that is nothing that was ever signed."""
    try:
        note = {column: parsed(column, value) for column, value in note.items()}
        return bool(_hash_of(note) == note["content_hash"] and _seal_of(note) == note["seal"])
    except NOT_OURS:
        return False


def _seal_of(note: dict[str, Any]) -> str:
    return seal_of(
        note=note["id"],
        practice=note["practice_id"],
        chart=note["chart_id"],
        chain_no=note["chain_no"],
        created_at=wire_moment(note["created_at"]),
        content_hash=note["content_hash"],
    )


def _hash_of(note: dict[str, Any]) -> str | None:
    signed = note["signature_practice_id"], note["signer_id"], note["signed_at"]
    if signed != (note["practice_id"], note["provider_id"], note["locked_at"]):
        return None
    return hash_of(
        note=note["id"],
        client=note["client_id"],
        appointment=note["appointment_id"],
        provider=note["provider_id"],
        body=note["body"],
        locked_at=wire_moment(note["locked_at"]),
        signed_as=note["signed_as"],
        attestation=note["attestation"],
        previous=note["previous_hash"],
    )


def _wrong_addenda(note_hash: str, found: list[dict[str, Any]]) -> Iterator[str]:
    after = {row["previous_hash"]: row for row in found}
    last, known = note_hash, set[Any]()
    while (row := after.get(last)) is not None and _is_whole_addendum(row):
        last = row["content_hash"]
        known.add(row["id"])
    for row in found:
        if row["id"] not in known:
            yield f"{named('add', row['id'])} is not as it was written, or what stands before it"


def _is_whole_addendum(row: dict[str, Any]) -> bool:
    try:
        row = {column: parsed(column, value) for column, value in row.items()}
        ids = {"addendum": row["id"], "practice": row["practice_id"]}
        sealed = seal_of_addendum(**ids, content_hash=row["content_hash"])
        return bool(_addendum_hash_of(row) == row["content_hash"] and sealed == row["seal"])
    except NOT_OURS:
        return False


def _addendum_hash_of(row: dict[str, Any]) -> str:
    return hash_of_addendum(
        addendum=row["id"],
        note=row["note_id"],
        provider=row["provider_id"],
        authored_as=row["authored_as"],
        body=row["body"],
        created_at=wire_moment(row["created_at"]),
        previous=row["previous_hash"],
    )
