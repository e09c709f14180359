"""What is signed or logged stays, whichever statement is sent by somebody who has the database."""

from __future__ import annotations

import pytest
from tortoise.exceptions import IntegrityError

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


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("table", FROZEN)
async def test_what_is_frozen_stays_as_it_is(table: str) -> None:
    before, entries = await everything(), await fetch(f"SELECT * FROM {table}")
    assert entries
    for how, statement in REPLACING.items():
        with pytest.raises(Exception, match=rf"frozen_\w+|{table}"):
            await fetch(statement.format(table=table))
        assert await everything() == before, how
        assert await fetch(f"SELECT * FROM {table}") == entries, how


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


PLACES = ("rowid", "_rowid_", "oid")
# Keys that are free, so that nothing but its place is a row's in common with the one it would take the place of.
_FREE = {"id": "'free' || {t}.id"}
_DRAFT = "(SELECT {what} FROM chart_note WHERE locked_at IS NULL LIMIT 1)"
FREE = {
    "chart_note": _FREE | {"chain_no": "chain_no+1000", "chart_id": _DRAFT.format(what="chart_id")},
    "signature": _FREE | {"note_id": _DRAFT.format(what="id")},
    "addendum": _FREE,
    "audit_entry": _FREE | {"seq": "seq+1000", "batch": "batch+1000"},
    "emergency_access": _FREE,
    "audit_head": {"practice_id": "(SELECT id FROM practice WHERE id NOT IN (SELECT practice_id FROM audit_head))"},
}


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite numbers rows")
@pytest.mark.usefixtures("database_url")
async def test_every_frozen_table_whose_rows_sqlite_numbers_is_tried_here() -> None:
    frozen = "SELECT 1 FROM sqlite_master t WHERE t.type='trigger' AND t.tbl_name=m.name AND t.name LIKE 'frozen%'"
    numbered = f"m.type='table' AND m.sql NOT LIKE '%WITHOUT ROWID%' AND EXISTS ({frozen})"
    assert FREE.keys() == {row["name"] for row in await fetch(f"SELECT name FROM sqlite_master m WHERE {numbered}")}


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite lets one row take the place of another")
@pytest.mark.parametrize("table", FREE)
async def test_no_row_takes_the_place_of_a_frozen_one_by_the_number_that_sqlite_gave_it(
    signed: World, table: str
) -> None:
    await in_review(by=signed.amara, group=signed.monday, starts_at="2026-01-12T18:00:00Z")
    await begin()
    before, rows = await everything(), await fetch(f"SELECT rowid,* FROM {table}")
    columns = [row["name"] for row in await fetch(f"PRAGMA table_info({table})")]
    values = ",".join(FREE[table].get(column, column).format(t=table) for column in columns)
    frozen = "locked_at IS NOT NULL" if table == "chart_note" else "true"
    for place in PLACES:
        taking = f"SELECT {place},{values} FROM {table} WHERE {frozen} LIMIT 1"
        with pytest.raises(IntegrityError, match=f"^frozen_{table}$"):
            await fetch(f"INSERT OR REPLACE INTO {table} ({place},{','.join(columns)}) {taking}")
        assert await everything() == before, place
        assert await fetch(f"SELECT rowid,* FROM {table}") == rows, place


MOVING = {
    "chart_note": "UPDATE OR REPLACE chart_note SET {place}=(SELECT rowid FROM chart_note WHERE locked_at IS NOT NULL)"
    " WHERE locked_at IS NULL",
    "audit_head": "UPDATE OR REPLACE audit_head SET {place}=(SELECT max(rowid) FROM audit_head)"
    " WHERE rowid=(SELECT min(rowid) FROM audit_head)",
}


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite lets one row take the place of another")
@pytest.mark.parametrize("table", MOVING)
async def test_no_row_moves_to_where_a_frozen_one_is(signed: World, table: str) -> None:
    """Of the other tables no row changes at all."""
    await in_review(by=signed.amara, group=signed.monday, starts_at="2026-01-12T18:00:00Z")
    await signed.elsewhere.eve.ask("{ viewer { practice { name } } }")
    await begin()
    before, rows = await everything(), await fetch(f"SELECT rowid,* FROM {table}")
    for place in PLACES:
        with pytest.raises(IntegrityError, match=f"^frozen_{table}$"):
            await fetch(MOVING[table].format(place=place))
        assert await everything() == before, place
        assert await fetch(f"SELECT rowid,* FROM {table}") == rows, place
