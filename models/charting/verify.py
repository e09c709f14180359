"""Verifying: whether every locked note, and all that was added to it, is still as it was signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from models.base import wire_moment
from models.charting.notes import hash_of, hash_of_addendum
from models.database import fetch
from models.ids import wire_id

CLIENTS_AT_ONCE = 200

_NOTES = (
    "SELECT n.id,n.client_id,n.appointment_id,n.provider_id,n.body,n.locked_at,n.chain_no,n.previous_hash,"
    "n.content_hash,s.provider_id AS signer_id,s.signed_as,s.signed_at,s.attestation"
    " FROM chart_note n LEFT JOIN signature s ON s.note_id=n.id"
    " WHERE n.client_id IN ({}) AND n.locked_at IS NOT NULL ORDER BY n.client_id,n.chain_no,n.id"
)
_ADDENDA = (
    "SELECT a.id,a.note_id,a.provider_id,a.authored_as,a.body,a.created_at,a.previous_hash,a.content_hash"
    " FROM addendum a JOIN chart_note n ON n.id=a.note_id WHERE n.client_id IN ({}) ORDER BY a.note_id,a.id"
)


async def altered_notes(practice: UUID) -> tuple[int, list[str]]:
    """Say how many locked notes a practice has, and what of them is not as it was signed, in words with their ids."""
    ids = [row["id"] for row in await fetch("SELECT id FROM client WHERE practice_id=$1 ORDER BY id", [practice])]
    count, wrong = 0, list[str]()
    for start in range(0, len(ids), CLIENTS_AT_ONCE):
        some = ids[start : start + CLIENTS_AT_ONCE]
        places = ",".join(f"${n + 1}" for n in range(len(some)))
        notes = await fetch(_NOTES.format(places), some)
        addenda: dict[UUID, list[dict[str, Any]]] = {}
        for row in await fetch(_ADDENDA.format(places), some):
            addenda.setdefault(_id(row["note_id"]), []).append(row)
        count += len({_id(note["id"]) for note in notes})
        wrong += _wrong(notes, addenda)
    return count, wrong


def _wrong(notes: list[dict[str, Any]], addenda: dict[UUID, list[dict[str, Any]]]) -> Iterator[str]:
    last: dict[UUID, tuple[int, str | None]] = {}
    for note in notes:
        client, name = _id(note["client_id"]), wire_id("not", _id(note["id"]))
        number, before = last.get(client, (0, None))
        if note["chain_no"] == number:
            yield f"{name} has a second signature"
            continue
        if note["chain_no"] != number + 1:
            yield f"a note of {wire_id('clt', client)} before {name} is missing"
        elif note["previous_hash"] != before or _hash(note) != note["content_hash"]:
            yield f"{name} is not as it was signed"
        last[client] = (note["chain_no"], note["content_hash"])
        yield from _wrong_addenda(note["content_hash"], addenda.get(_id(note["id"]), []))


def _hash(note: dict[str, Any]) -> str | None:
    """Give the hash of what stands there; None where that is nothing that was ever signed."""
    try:
        return _hash_of(note)
    except (ValueError, TypeError):
        return None


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
    while (row := after.get(last)) is not None and _addendum_hash(row) == row["content_hash"]:
        last = row["content_hash"]
        known.add(_id(row["id"]))
    for row in found:
        if _id(row["id"]) not in known:
            yield f"{wire_id('add', _id(row['id']))} is not as it was written, or what stands before it"


def _addendum_hash(row: dict[str, Any]) -> str | None:
    try:
        return _addendum_hash_of(row)
    except (ValueError, TypeError):
        return None


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
