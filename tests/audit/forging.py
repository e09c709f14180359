"""What somebody can do to notes who has the database and not the secret: alter them, and make all hashes anew."""

from __future__ import annotations

from uuid import UUID

from models import Addendum, ChartNote, Signature
from models.base import wire_moment
from models.charting.notes import hash_of, hash_of_addendum
from tests.charting.scene import tamper


async def rehash(client: UUID) -> None:
    """Make the hashes of a client's whole record, as it stands now, so that each fits."""
    previous = None
    for note in await ChartNote.filter(client_id=client, locked_at__not_isnull=True).order_by("chain_no"):
        signature = await Signature.get(note_id=note.id)
        assert note.locked_at is not None
        made = hash_of(
            note=note.id,
            client=client,
            appointment=note.appointment_id,
            provider=note.provider_id,
            body=note.body,
            locked_at=wire_moment(note.locked_at),
            signed_as=signature.signed_as,
            attestation=signature.attestation,
            previous=previous,
        )
        await _set("chart_note", note.id, previous, made)
        last = previous = made
        for addendum in await Addendum.filter(note_id=note.id).order_by("created_at", "id"):
            added = hash_of_addendum(
                addendum=addendum.id,
                note=note.id,
                provider=addendum.provider_id,
                authored_as=addendum.authored_as,
                body=addendum.body,
                created_at=wire_moment(addendum.created_at),
                previous=last,
            )
            await _set("addendum", addendum.id, last, added)
            last = added


async def _set(table: str, row: UUID, previous: str | None, made: str) -> None:
    before = "NULL" if previous is None else f"'{previous}'"
    await tamper(f"UPDATE {table} SET previous_hash={before}, content_hash='{made}' WHERE id='{row}'")
