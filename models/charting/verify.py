"""Verifying: whether every locked note, and all that was added to it, is still as it was signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from models.audit.created import created
from models.base import wire_moment
from models.charting.notes import hash_of, hash_of_addendum
from models.charting.seals import seal_of, seal_of_addendum
from models.database import fetch
from models.ids import wire_id

CLIENTS_AT_ONCE = 200
ROWS_AT_ONCE = 1_000

_NOTES = (
    "SELECT n.id,n.practice_id,n.chart_id,n.client_id,n.appointment_id,n.provider_id,n.body,n.created_at,n.locked_at,"
    "n.chain_no,n.previous_hash,n.content_hash,n.seal,s.provider_id AS signer_id,s.signed_as,s.signed_at,s.attestation"
    " FROM chart_note n LEFT JOIN signature s ON s.note_id=n.id"
    " WHERE n.client_id IN ({}) AND (n.locked_at IS NOT NULL OR s.id IS NOT NULL)"
    " ORDER BY n.client_id,n.chain_no,n.id"
)
_ADDENDA = (
    "SELECT a.id,a.practice_id,a.note_id,a.provider_id,a.authored_as,a.body,a.created_at,a.previous_hash,"
    "a.content_hash,a.seal"
    " FROM addendum a JOIN chart_note n ON n.id=a.note_id WHERE n.client_id IN ({}) ORDER BY a.note_id,a.id"
)

_STANDING = (
    "SELECT t.id FROM {} t JOIN chart_note n ON n.id=t.note_id AND n.practice_id=t.practice_id"
    " WHERE t.practice_id=$1 AND t.id IN ({})"
)


async def altered_notes(practice: UUID) -> tuple[int, list[str]]:
    """Say how many locked notes a practice has, and what of them is not as it was signed, in words with their ids."""
    found = await fetch("SELECT DISTINCT client_id FROM chart_note WHERE practice_id=$1 ORDER BY client_id", [practice])
    ids = [row["client_id"] for row in found]
    count, wrong = 0, list[str]()
    for start in range(0, len(ids), CLIENTS_AT_ONCE):
        some = ids[start : start + CLIENTS_AT_ONCE]
        places = ",".join(f"${n + 1}" for n in range(len(some)))
        # First what stands behind: what is locked and added to meanwhile is then seen as locked, or not at all.
        addenda: dict[UUID, list[dict[str, Any]]] = {}
        for row in await fetch(_ADDENDA.format(places), some):
            addenda.setdefault(_id(row["note_id"]), []).append(row)
        notes = await fetch(_NOTES.format(places), some)
        count += len({_id(note["id"]) for note in notes if note["locked_at"] is not None})
        wrong += _wrong(notes, addenda)
    return count, wrong + [said async for said in _missing(practice)]


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
        places = ",".join(f"${n + 2}" for n in range(len(some)))
        there |= {_id(row["id"]) for row in await fetch(_STANDING.format(table, places), [practice, *some])}
    return there


def _wrong(notes: list[dict[str, Any]], addenda: dict[UUID, list[dict[str, Any]]]) -> Iterator[str]:
    last: dict[UUID, tuple[int, str | None]] = {}
    for note in notes:
        client, name = _id(note["client_id"]), wire_id("not", _id(note["id"]))
        number, before = last.get(client, (0, None))
        if note["locked_at"] is None:
            yield f"{name} was signed and is not locked"
            continue
        if note["chain_no"] == number:
            yield f"{name} has a second signature"
            continue
        if note["chain_no"] != number + 1:
            yield f"a note of {wire_id('clt', client)} before {name} is missing"
        elif note["previous_hash"] != before or not _is_whole(note):
            yield f"{name} is not as it was signed"
        # SQLite keeps whatever is written.
        last[client] = (note["chain_no"] if isinstance(note["chain_no"], int) else number, note["content_hash"])
        yield from _wrong_addenda(note["content_hash"], addenda.pop(_id(note["id"]), []))
    for rest in addenda.values():
        for row in rest:
            yield f"{wire_id('add', _id(row['id']))} is added to what is not locked"


def _is_whole(note: dict[str, Any]) -> bool:
    """Whether hash and seal are those of what stands there; False where that is nothing that was ever signed."""
    try:
        return bool(_hash_of(note) == note["content_hash"] and _seal_of(note) == note["seal"])
    except (ValueError, TypeError):
        return False


def _seal_of(note: dict[str, Any]) -> str:
    return seal_of(
        note=_id(note["id"]),
        practice=_id(note["practice_id"]),
        chart=_id(note["chart_id"]),
        chain_no=note["chain_no"],
        created_at=_moment(note["created_at"]),
        content_hash=note["content_hash"],
    )


def _hash_of(note: dict[str, Any]) -> str | None:
    if note["signer_id"] is None or _id(note["signer_id"]) != _id(note["provider_id"]):
        return None
    if _moment(note["signed_at"]) != _moment(note["locked_at"]):
        return None
    return hash_of(
        note=_id(note["id"]),
        client=_id(note["client_id"]),
        appointment=_id(note["appointment_id"]),
        provider=_id(note["provider_id"]),
        body=note["body"],
        locked_at=_moment(note["locked_at"]),
        signed_as=note["signed_as"],
        attestation=note["attestation"],
        previous=note["previous_hash"],
    )


def _wrong_addenda(note_hash: str, found: list[dict[str, Any]]) -> Iterator[str]:
    after = {row["previous_hash"]: row for row in found}
    last, known = note_hash, set[UUID]()
    while (row := after.get(last)) is not None and _is_whole_addendum(row):
        last = row["content_hash"]
        known.add(_id(row["id"]))
    for row in found:
        if _id(row["id"]) not in known:
            yield f"{wire_id('add', _id(row['id']))} is not as it was written, or what stands before it"


def _is_whole_addendum(row: dict[str, Any]) -> bool:
    try:
        ids = {"addendum": _id(row["id"]), "practice": _id(row["practice_id"])}
        sealed = seal_of_addendum(**ids, content_hash=row["content_hash"])
        return bool(_addendum_hash_of(row) == row["content_hash"] and sealed == row["seal"])
    except (ValueError, TypeError):
        return False


def _addendum_hash_of(row: dict[str, Any]) -> str:
    return hash_of_addendum(
        addendum=_id(row["id"]),
        note=_id(row["note_id"]),
        provider=_id(row["provider_id"]),
        authored_as=row["authored_as"],
        body=row["body"],
        created_at=_moment(row["created_at"]),
        previous=row["previous_hash"],
    )


def _id(value: object) -> UUID:
    return UUID(str(value))


def _moment(value: Any) -> str:
    return wire_moment(value if isinstance(value, datetime) else datetime.fromisoformat(value))
