"""What is signed or logged stays, whichever statement is sent by somebody who has the database."""

from __future__ import annotations

import pytest

from models.database import dialect, fetch
from tests.audit.log import begin
from tests.charting.scene import in_review, locked, notes
from tests.databases import ON_POSTGRES
from tests.rows import everything
from tests.world import World

FROZEN = ["chart_note", "signature", "addendum", "audit_entry", "audit_client", "emergency_access"]
REPLACING = {
    "updated": "UPDATE {table} SET practice_id=practice_id",
    "deleted": "DELETE FROM {table}",
} | (
    {"emptied": "TRUNCATE {table} CASCADE"}
    if ON_POSTGRES
    else {
        "replaced by a copy": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "replaced by an upsert": "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    }
)


@pytest.fixture
async def signed(world: World) -> World:
    """A note that is locked and added to, an emergency, and a log about them."""
    session = await locked(by=world.amara, group=world.monday)
    note = (await notes(session, by=world.amara))[world.client_ada]["id"]
    await world.amara.do("addAddendum", noteId=note, body="<p>More</p>")
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="Urgent.")
    await begin()
    return world


@pytest.mark.parametrize("how", REPLACING)
@pytest.mark.parametrize("table", FROZEN)
async def test_what_is_frozen_stays_as_it_is(signed: World, table: str, how: str) -> None:
    before, entries = await everything(), await fetch(f"SELECT * FROM {table}")
    assert entries
    with pytest.raises(Exception, match=rf"frozen_\w+|{table}"):
        await fetch(REPLACING[how].format(table=table))
    assert await everything() == before
    assert await fetch(f"SELECT * FROM {table}") == entries
    del signed


SETTING_BACK = {
    "counted back": "UPDATE audit_head SET seq=seq-1",
    "counted back at once": "UPDATE audit_head SET seq=1,hash=''",
    "deleted": "DELETE FROM audit_head",
} | (
    {"emptied": "TRUNCATE audit_head CASCADE"}
    if ON_POSTGRES
    else {
        "replaced": "INSERT OR REPLACE INTO audit_head SELECT practice_id,1,hash,secret_name FROM audit_head",
        "replaced by an upsert": "INSERT INTO audit_head SELECT practice_id,1,hash,secret_name FROM audit_head"
        " WHERE true ON CONFLICT DO UPDATE SET seq=1",
        "given to another": "UPDATE OR REPLACE audit_head SET practice_id="
        "(SELECT id FROM practice p WHERE p.id<>audit_head.practice_id)",
    }
)


@pytest.mark.parametrize("how", SETTING_BACK)
async def test_the_head_of_the_log_is_not_set_back(world: World, how: str) -> None:
    await world.amara.ask("{ viewer { practice { name } } }")
    await begin()
    before = await fetch("SELECT * FROM audit_head")
    assert max(head["seq"] for head in before) > 1
    with pytest.raises(Exception, match=r"(frozen|stays)_audit_(head|entry)"):
        await fetch(SETTING_BACK[how])
    assert await fetch("SELECT * FROM audit_head") == before


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite lets one row take the place of another")
async def test_a_draft_does_not_take_the_place_of_a_locked_note(world: World) -> None:
    assert dialect() == "sqlite"
    await locked(by=world.amara, group=world.monday)
    await locked(by=world.amara, group=world.monday, starts_at="2026-01-12T18:00:00Z")
    before = await everything()
    first, other = [row["id"] for row in await fetch("SELECT id FROM chart_note ORDER BY chain_no,id LIMIT 2")]
    columns = [row["name"] for row in await fetch("PRAGMA table_info(chart_note)")]
    for unique in ("id", "chart_id", "chain_no"):
        kept = ",".join(
            column
            if column in {"practice_id", "client_id", unique}
            else "NULL"
            if column in {"locked_at", "content_hash", "chain_no", "previous_hash", "seal"}
            else f"'{other[:-1]}x'"
            if column == "id"
            else column
            for column in columns
        )
        with pytest.raises(Exception, match=r"frozen_chart_note|ck_note"):
            await fetch(f"INSERT OR REPLACE INTO chart_note SELECT {kept} FROM chart_note WHERE id='{first}'")
    assert await everything() == before


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite lets one row take the place of another")
async def test_a_draft_does_not_become_a_locked_note(world: World) -> None:
    await locked(by=world.amara, group=world.monday)
    await in_review(by=world.amara, group=world.monday, starts_at="2026-01-12T18:00:00Z")
    before = await everything()
    [note, *_] = [row["id"] for row in await fetch("SELECT id FROM chart_note WHERE locked_at IS NOT NULL")]
    with pytest.raises(Exception, match="frozen_chart_note"):
        await fetch(f"UPDATE OR REPLACE chart_note SET id='{note}' WHERE locked_at IS NULL")
    assert await everything() == before
