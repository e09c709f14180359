"""What somebody can do to notes who has the database and not the secret: alter them, and make all hashes anew."""

from __future__ import annotations

from uuid import UUID

from models import Addendum, ChartNote, Signature
from models.base import wire_moment
from models.charting.notes import hash_of, hash_of_addendum
from models.database import connection, fetch
from tests.charting.scene import tamper
from tests.databases import ON_POSTGRES, unruled


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


async def force(*statements: str) -> None:
    """Run statements as somebody does who has taken away all rules, and puts them back."""
    script = "".join(f"{statement};" for statement in statements)
    if ON_POSTGRES:
        await unruled({"audit_entry"}, script)
        return
    rules = await fetch("SELECT name,sql FROM sqlite_master WHERE type='trigger'")
    drop = "".join(f"DROP TRIGGER {rule['name']};" for rule in rules)
    put_back = "".join(f"{rule['sql']};" for rule in rules)
    try:
        await connection().execute_script(f"PRAGMA foreign_keys=OFF;BEGIN;{drop}{script}{put_back}COMMIT")
    except BaseException:
        await fetch("ROLLBACK")
        raise
    finally:
        await connection().execute_script("PRAGMA foreign_keys=ON")
