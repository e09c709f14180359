"""A database of before addenda had hashes, notes seals and events hearers has them when it is taken to today."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from models import Addendum, secret
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, OtherSecret, append
from models.audit.packed import unpack
from models.audit.verify import altered
from models.base import wire_moment
from models.charting.notes import ATTESTATION, hash_of, hash_of_addendum
from models.charting.verify import altered_notes
from models.database import MigrationError, dialect, fetch
from models.ids import uuid7
from models.migrate import migrate
from models.secret import use_secret
from models.unit_of_work import unit_of_work
from tests.audit.forging import rehash
from tests.charting.scene import tamper
from tests.databases import SECRET
from tests.guards import catalog

BEFORE = "0006_charting_rules"
AFTER = ["0007_audit", "0008_audit_rules", "0009_seals", "0010_named_in_warnings", "0011_unmoved", "0012_hearers"]
PRACTICE, PROVIDER, CLIENT, USER = (uuid7() for _ in range(4))
NOTES = [uuid7(), uuid7()]
STARTS = datetime(2026, 11, 2, 16, tzinfo=UTC)
# The first note was added to three times, twice in the same moment; the other once.
ADDED = [(0, timedelta(days=1)), (0, timedelta(0)), (1, timedelta(hours=2)), (0, timedelta(days=1))]
ADDENDA = [(uuid7(), NOTES[note], STARTS + timedelta(days=2, microseconds=120_000) + later) for note, later in ADDED]


async def write(table: str, **given: Any) -> None:
    """Write a row as it was then: the models are those of today."""
    common = {"practice_id": PRACTICE, "created_at": STARTS}
    columns = await catalog.columns(table)
    row = {name: value for name, value in common.items() if name in columns} | given
    places = ",".join(f"${n + 1}" for n in range(len(row)))
    await fetch(f"INSERT INTO {table} ({','.join(row)}) VALUES ({places})", list(row.values()))


async def plant() -> None:
    """Write a practice as it was: two locked notes, and what was added to them."""
    await write("practice", id=PRACTICE, name="P", time_zone="UTC", currency="USD", group_size_limit=12)
    await write("provider", id=PROVIDER, name="Amara", sort_name="amara", active=True)
    person = {"first_name": "Ada", "last_name": "Stone", "name": "Ada Stone", "initials": "AS", "active": True}
    await write("client", id=CLIENT, **person, sort_name="stone", search_name="ada stone", version=1)
    account = {"name": "Amara", "email": "a@p.example", "email_key": "a@p.example", "password_hash": "-"}
    await write("user_account", id=USER, **account, roles="PROVIDER", provider_id=PROVIDER)
    await write("sign_in", id=uuid7(), user_id=USER, token_hash="t", expires_at=STARTS)
    last = None
    for number, note in enumerate(NOTES, 1):
        last = await _note(note, number, last)
    for addendum, note, created_at in ADDENDA:
        said = {"authored_as": "Amara, LCSW", "body": "<p>Žofie “added” this</p>", "created_at": created_at}
        await write("addendum", id=addendum, note_id=note, provider_id=PROVIDER, **said)


async def _note(note: UUID, number: int, previous: str | None) -> str:
    session, chart, locked = uuid7(), uuid7(), STARTS + timedelta(days=number, microseconds=1)
    times = {"starts_at": STARTS + timedelta(days=number - 1), "ends_at": STARTS + timedelta(days=number - 1, hours=1)}
    session_of = {"kind": "INDIVIDUAL", "provider_id": PROVIDER, "client_id": CLIENT, "status": "SCHEDULED"}
    await write("appointment", id=session, **session_of, **times, version=1)
    texts = {"template_body": "", "group_notes": ""}
    await write("chart", id=chart, appointment_id=session, state="LOCKED", **texts, version=1)
    whose: dict[str, Any] = {"client": CLIENT, "appointment": session, "provider": PROVIDER}
    signed: dict[str, Any] = {"signed_as": "Amara, LCSW", "attestation": ATTESTATION}
    content = hash_of(
        note=note, **whose, body="<p>Ours</p>", locked_at=wire_moment(locked), **signed, previous=previous
    )
    ids = {f"{name}_id": value for name, value in whose.items()}
    chained = {"chain_no": number, "previous_hash": previous, "content_hash": content, "locked_at": locked}
    await write("chart_note", id=note, chart_id=chart, **ids, body="<p>Ours</p>", **chained)
    await write("signature", id=uuid7(), note_id=note, provider_id=PROVIDER, **signed, signed_at=locked)
    return content


async def migrate_as_then(address: str, then: Callable[[], Awaitable[None]], last: str = BEFORE) -> list[str]:
    """Take the steps that there were then, and no others."""
    take_all = MigrationExecutor.migrate

    async def take_some(executor: MigrationExecutor, **given: Any) -> None:
        await take_all(executor, [MigrationTarget("models", last)], **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MigrationExecutor, "migrate", take_some)
        return await migrate(address, then)


@pytest.fixture(autouse=True)
def _the_suites_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret, "_secret", [SECRET])


@pytest.fixture
async def old_database(other_database: str) -> str:
    """The address of a database that has gone as far as it went before."""
    taken = await migrate_as_then(other_database, plant)
    assert taken[-1] == BEFORE
    return other_database


async def test_what_was_added_to_notes_is_hashed_in_its_order(old_database: str) -> None:
    async def look() -> None:
        last = {row["id"]: row["content_hash"] for row in await fetch("SELECT id,content_hash FROM chart_note")}
        last = {UUID(str(note)): content for note, content in last.items()}
        for row in await Addendum.all().order_by("created_at", "id"):
            assert row.previous_hash == last[row.note_id]
            last[row.note_id] = hash_of_addendum(
                addendum=row.id,
                note=row.note_id,
                provider=PROVIDER,
                authored_as="Amara, LCSW",
                body="<p>Žofie “added” this</p>",
                created_at=wire_moment(next(moment for one, _, moment in ADDENDA if one == row.id)),
                previous=row.previous_hash,
            )
            assert row.content_hash == last[row.note_id]
        assert await Addendum.all().count() == len(ADDENDA)
        assert await altered_notes(PRACTICE) == (2, [])

    assert await migrate(old_database, look, secret=lambda: SECRET) == AFTER


async def test_what_was_added_is_frozen_again(old_database: str) -> None:
    async def refuse() -> None:
        for table, change in (("addendum", "body=''"), ("chart_note", "body=''"), ("signature", "signed_as=''")):
            with pytest.raises(IntegrityError, match=f"frozen_{table}"):
                await fetch(f"UPDATE {table} SET {change}")
            with pytest.raises(IntegrityError, match=f"frozen_{table}"):
                await fetch(f"DELETE FROM {table}")

    assert await migrate(old_database, refuse, secret=lambda: SECRET) == AFTER
    assert await migrate(old_database) == []


async def test_nothing_that_was_there_is_lost_or_changed(old_database: str) -> None:
    kept: dict[str, list[dict[str, Any]]] = {}
    names = ("practice", "provider", "client", "user_account", "sign_in", "chart_note", "signature", "addendum")

    async def remember() -> None:
        for name in names:
            kept[name] = await fetch(f"SELECT * FROM {name} ORDER BY id")

    async def compare() -> None:
        for name in names:
            now = await fetch(f"SELECT * FROM {name} ORDER BY id")
            assert [{column: row[column] for column in kept[name][0]} for row in now] == kept[name]

    assert await migrate_as_then(old_database, remember) == []
    assert await migrate(old_database, compare, secret=lambda: SECRET) == AFTER


# Seals


async def sealed(table: str) -> list[str]:
    return [row["seal"] for row in await fetch(f"SELECT seal FROM {table} ORDER BY id")]


async def test_what_was_signed_before_there_were_seals_is_sealed(old_database: str) -> None:
    async def look() -> None:
        seals = await sealed("chart_note") + await sealed("addendum")
        assert len({seal for seal in seals if len(seal) == 64}) == len(NOTES) + len(ADDENDA)
        [entry] = await fetch("SELECT action,operation,channel,columns,objects FROM audit_entry")
        assert (entry["action"], entry["operation"], entry["channel"]) == ("UPDATE", "migrate", "COMMAND_LINE")
        assert entry["columns"] == '["addendum.seal","chart_note.seal"]'
        objects = {"addendum": sorted(addendum for addendum, _, _ in ADDENDA), "chart_note": sorted(NOTES)}
        assert unpack(entry["objects"]) == objects
        assert await altered(PRACTICE) == (1, None)

    await migrate(old_database, look, secret=lambda: SECRET)


async def test_without_the_secret_nothing_is_sealed_and_no_step_taken(
    old_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret, "_secret", [])
    with pytest.raises(RuntimeError, match="no secret"):
        await migrate(old_database)
    assert await migrate(old_database, secret=lambda: SECRET) == AFTER


async def log(action: AuditAction = AuditAction.READ, *columns: str) -> None:
    asked = Asked(PRACTICE, None, "", "clients", AuditChannel.COMMAND_LINE)
    await unit_of_work(lambda: append(PRACTICE, [Entry(asked, action, columns=columns)]))


async def test_with_another_secret_than_the_logs_nothing_is_sealed_and_no_step_taken(old_database: str) -> None:
    use_secret(b"another secret, of 32 bytes and more")
    await migrate_as_then(old_database, log, last=AFTER[1])
    with pytest.raises(OtherSecret):
        await migrate(old_database, secret=lambda: SECRET)
    assert await migrate(old_database, secret=lambda: b"another secret, of 32 bytes and more") == AFTER[2:]


GONE = {
    "sqlite": "SELECT 'DROP TRIGGER ' || name AS undo FROM sqlite_master"
    " WHERE type='trigger' AND (name LIKE '%in_place' OR name LIKE 'ck_note_sealed%'"
    " OR name LIKE 'wall_chart_warning_named%' OR name LIKE 'frozen_audit_head%')",
    "postgres": "SELECT 'DROP TRIGGER ' || tgname || ' ON audit_head' AS undo FROM pg_trigger"
    " WHERE tgname LIKE 'frozen_audit_head%' UNION SELECT 'ALTER TABLE chart_note DROP CONSTRAINT ck_note_sealed'",
}


async def undo_seals() -> None:
    """Take the database back to before there were seals, with what is signed as it stands."""
    for row in await fetch(GONE[dialect()]):
        await fetch(row["undo"])
    await fetch("DROP INDEX ix_warning_named")
    for column in ("chart_note.seal", "addendum.seal", "chart_warning.named_id"):
        await fetch("ALTER TABLE {} DROP COLUMN {}".format(*column.split(".")))
    await fetch("DELETE FROM tortoise_migrations WHERE name>=$1", [AFTER[2]])


async def test_whoever_undoes_the_seals_of_forged_notes_gets_no_new_ones(old_database: str) -> None:
    async def forge() -> None:
        await tamper("UPDATE chart_note SET body='<p>Theirs</p>' WHERE chain_no=1")
        await rehash(CLIENT)
        await undo_seals()

    async def look() -> None:
        assert "seal" not in await catalog.columns("chart_note")
        assert await altered(PRACTICE) == (1, None)

    await migrate(old_database, forge, secret=lambda: SECRET)
    for _ in range(2):
        with pytest.raises(MigrationError, match="sealed before"):
            await migrate(old_database, secret=lambda: SECRET)
    assert await migrate_as_then(old_database, look, last=AFTER[1]) == []


async def test_nothing_is_sealed_that_was_locked_when_there_were_seals(old_database: str) -> None:
    async def lock() -> None:
        await log(AuditAction.UPDATE, "chart_note.locked_at", "chart_note.seal")

    await migrate_as_then(old_database, lock, last=AFTER[1])
    with pytest.raises(MigrationError, match="sealed before"):
        await migrate(old_database, secret=lambda: SECRET)


# Events


async def test_what_was_told_to_some_is_told_to_no_others(old_database: str) -> None:
    async def happen() -> None:
        for seq, inside in enumerate((None, False, True), 1):
            more = {} if inside is None else {"inside": inside}
            await write("event", id=uuid7(), seq=seq, kind="UPDATED", appointment_id=uuid7(), at=STARTS, **more)

    async def look() -> None:
        told = [row["hearers"] for row in await fetch("SELECT hearers FROM event ORDER BY seq")]
        assert told == ["ALL", "ALL", "INSIDE"]

    await migrate_as_then(old_database, happen, last=AFTER[4])
    assert await migrate(old_database, look, secret=lambda: SECRET) == AFTER[5:]
