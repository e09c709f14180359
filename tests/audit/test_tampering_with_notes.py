"""`grouproom audit verify --notes`: whatever is altered in signed notes, or taken away, is named."""

from __future__ import annotations

import pytest

from models.audit import created
from models.charting import verify as verifying
from models.ids import row_id
from tests.audit.forging import rehash
from tests.audit.log import begin, said
from tests.charting.scene import Session, a_chart, in_review, locked, notes, row_of, tamper
from tests.databases import thawed, unruled
from tests.rows import count
from tests.world import World

RECORD = "query ($id: ID!) { client(id: $id) { chartNotes { edges { node { id verified } } } } }"


async def test_notes_that_nobody_altered_are_said_to_be_so(world: World) -> None:
    await locked(by=world.amara, group=world.monday)
    assert await said(notes=True) == ("Lakeside: 3 locked notes are as they were signed.", True)


async def _with_addenda(world: World) -> tuple[Session, str, str]:
    first = await locked(by=world.amara, group=world.monday)
    await locked(by=world.amara, group=world.monday, starts_at="2026-01-12T18:00:00Z")
    note = (await notes(first, by=world.amara))[world.client_ada]["id"]
    for text in ("<p>First</p>", "<p>Second</p>"):
        await world.amara.do("addAddendum", noteId=note, body=text)
    added = (await notes(first, by=world.amara))[world.client_ada]["addenda"]
    return first, note, added[0]["id"]


NOTES = {
    "one byte of its text": "UPDATE chart_note SET body=replace(body,'anniversaries','anniversarie5') WHERE id={note}",
    "when it was locked": "UPDATE chart_note SET locked_at='2026-01-05T18:00:00.000000Z' WHERE id={note}",
    "its place in the record": "UPDATE chart_note SET chain_no=3 WHERE id={note}",
    "its hash": "UPDATE chart_note SET content_hash='0' WHERE id={note}",
    "who signed": "UPDATE signature SET signed_as='Somebody' WHERE note_id={note}",
    "when it was signed": "UPDATE signature SET signed_at='2026-01-05T18:00:00.000000Z' WHERE note_id={note}",
    "what was attested": "UPDATE signature SET attestation='Nothing' WHERE note_id={note}",
    "that it was signed": "DELETE FROM signature WHERE note_id={note}",
}


@pytest.mark.parametrize("statement", NOTES.values(), ids=NOTES.keys())
async def test_an_altered_note_is_named(world: World, statement: str) -> None:
    """N6."""
    _, note, _ = await _with_addenda(world)
    await tamper(statement.format(note=row_of(note)))
    line, good = await said(notes=True)
    assert not good
    assert note in line


@pytest.mark.parametrize(
    "change",
    ["body=replace(body,'First','Last')", "authored_as='Somebody'", "created_at='2026-01-05T18:00:00.000000Z'"],
)
async def test_an_altered_addendum_is_named(world: World, change: str) -> None:
    _, _, addendum = await _with_addenda(world)
    await tamper(f"UPDATE addendum SET {change} WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert not good
    assert addendum in line


async def test_an_addendum_that_is_taken_away_is_noticed_by_the_next(world: World) -> None:
    _, _, addendum = await _with_addenda(world)
    await tamper(f"DELETE FROM addendum WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert not good
    assert "add_" in line


async def test_a_note_that_is_taken_away_is_noticed_by_the_next(world: World) -> None:
    _, note, _ = await _with_addenda(world)
    row = row_of(note)
    await tamper(
        f"DELETE FROM addendum WHERE note_id={row};DELETE FROM signature WHERE note_id={row};"
        f"DELETE FROM chart_note WHERE id={row}"
    )
    line, good = await said(notes=True)
    assert not good
    assert world.client_ada in line


# Whoever has no secret makes all hashes anew, and no seal


async def verified(world: World, client: str) -> dict[str, bool | None]:
    """Say which notes of a client are verified."""
    edges = (await world.amara.ask(RECORD, id=client))["client"]["chartNotes"]["edges"]
    return {edge["node"]["id"]: edge["node"]["verified"] for edge in edges}


async def forge(world: World, statement: str) -> None:
    """Alter Ada's record, and make all of its hashes fit."""
    await tamper(statement)
    client = row_id("clt", world.client_ada)
    assert client
    await rehash(client)


async def test_a_note_is_altered_with_all_hashes_behind_it_and_named(world: World) -> None:
    """164.312(c)(2)."""
    _, note, _ = await _with_addenda(world)
    await forge(world, f"UPDATE chart_note SET body='<p>Nothing.</p>' WHERE id={row_of(note)}")
    assert await verified(world, world.client_ada) == dict.fromkeys(await verified(world, world.client_ada), False)
    line, good = await said(notes=True)
    assert not good
    assert f"{note} is not as it was signed" in line


async def test_the_newest_note_is_altered_with_its_hash_and_named(world: World) -> None:
    _, note, _ = await _with_addenda(world)
    newest = next(one for one in await verified(world, world.client_ada) if one != note)
    await forge(world, f"UPDATE chart_note SET body='<p>Nothing.</p>' WHERE id={row_of(newest)}")
    assert await verified(world, world.client_ada) == {note: True, newest: False}
    assert await said(notes=True) == (f"Lakeside: {newest} is not as it was signed.", False)


@pytest.mark.parametrize("change", ["body='<p>Nothing.</p>'", "authored_as='Somebody'"])
async def test_an_addendum_is_altered_with_all_hashes_behind_it_and_named(world: World, change: str) -> None:
    _, _, addendum = await _with_addenda(world)
    await forge(world, f"UPDATE addendum SET {change} WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert (good, addendum in line) == (False, True)


async def test_an_addendum_that_is_moved_to_another_note_is_named(world: World) -> None:
    _, note, addendum = await _with_addenda(world)
    newest = next(one for one in await verified(world, world.client_ada) if one != note)
    await forge(world, f"UPDATE addendum SET note_id={row_of(newest)} WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert (good, addendum in line) == (False, True)


@pytest.mark.parametrize("change", ["created_at='2026-01-05T18:00:00.000000Z'", "chart_id={chart}", "seal='{zeros}'"])
async def test_what_no_hash_says_of_a_note_is_sealed(world: World, change: str) -> None:
    _, note, _ = await _with_addenda(world)
    chart = row_of((await a_chart(by=world.amara, client=world.client_ben)).chart)
    await tamper(f"UPDATE chart_note SET {change.format(chart=chart, zeros='0' * 64)} WHERE id={row_of(note)}")
    assert (await verified(world, world.client_ada))[note] is False
    assert await said(notes=True) == (f"Lakeside: {note} is not as it was signed.", False)


async def test_a_note_that_is_made_up_with_a_signature_and_a_hash_is_named(world: World) -> None:
    await locked(by=world.amara, group=world.monday)
    held = await in_review(by=world.amara, group=world.monday, starts_at="2026-01-12T18:00:00Z")
    note = (await notes(held, by=world.amara))[world.client_ada]["id"]
    when = "'2026-01-13T18:00:00.000000Z'"
    row = row_of(note)
    await forge(
        world,
        f"UPDATE chart_note SET locked_at={when},chain_no=2,content_hash='',seal='{'0' * 64}' WHERE id={row};"
        "INSERT INTO signature (id,practice_id,note_id,provider_id,signed_as,signed_at,attestation)"
        f" SELECT id,practice_id,id,provider_id,'Amara',{when},'Yes.' FROM chart_note WHERE id={row}",
    )
    assert (await verified(world, world.client_ada))[note] is False
    assert await said(notes=True) == (f"Lakeside: {note} is not as it was signed.", False)


# Of what was newest, only the log tells

NEWEST = {
    "a record's only note": "DELETE FROM signature WHERE note_id={note};DELETE FROM chart_note WHERE id={note}",
    "that it was signed": "DELETE FROM signature WHERE note_id={note}",
    "that it is locked": "UPDATE chart_note SET {unlocked} WHERE id={note}",
    "that it is locked and signed": "DELETE FROM signature WHERE note_id={note};"
    "UPDATE chart_note SET {unlocked} WHERE id={note}",
}
UNLOCKED = "locked_at=NULL,chain_no=NULL,previous_hash=NULL,content_hash=NULL,seal=NULL"


@pytest.mark.parametrize("statement", NEWEST.values(), ids=NEWEST)
async def test_what_is_taken_from_a_records_newest_note_is_noticed(world: World, statement: str) -> None:
    session = await locked(by=world.amara, group=world.monday)
    row = row_of((await notes(session, by=world.amara))[world.client_ada]["id"])
    await begin()
    assert (await said(notes=True))[1]
    await tamper(statement.format(note=row, unlocked=UNLOCKED))
    line, good = await said(notes=True)
    assert (good, "signature_" in line or "not_" in line) == (False, True)


async def test_a_note_that_is_not_locked_any_more_is_named(world: World) -> None:
    _, note, addendum = await _with_addenda(world)
    await tamper(f"UPDATE chart_note SET {UNLOCKED} WHERE id={row_of(note)}")
    line, _ = await said(notes=True)
    assert f"{note} was signed and is not locked" in line
    assert f"{addendum} is added to what is not locked" in line


async def test_the_newest_addendum_that_is_taken_away_is_named(world: World) -> None:
    session, _, first = await _with_addenda(world)
    newest = (await notes(session, by=world.amara))[world.client_ada]["addenda"][-1]["id"]
    assert newest != first
    await tamper(f"DELETE FROM addendum WHERE id={row_of(newest)}")
    line, good = await said(notes=True)
    assert (good, line.startswith(f"Lakeside: {newest} or its note is missing")) == (False, True)


async def test_a_note_that_is_taken_from_under_its_signature_is_noticed(world: World) -> None:
    session = await locked(by=world.amara, group=world.monday)
    note = (await notes(session, by=world.amara))[world.client_ada]["id"]
    await unruled({"chart_note"}, f"DELETE FROM chart_note WHERE id={row_of(note)};")
    line, good = await said(notes=True)
    assert (good, line.startswith("Lakeside: signature_")) == (False, True)


async def test_much_of_the_log_is_read_in_little_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session, _, _ = await _with_addenda(world)
    monkeypatch.setattr(created, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(verifying, "ROWS_AT_ONCE", 1)
    assert (await said(notes=True))[1]
    newest = (await notes(session, by=world.amara))[world.client_ada]["addenda"][-1]["id"]
    await tamper(f"DELETE FROM addendum WHERE id={row_of(newest)}")
    assert newest in (await said(notes=True))[0]


async def test_what_is_older_than_the_log_is_not_missed(world: World) -> None:
    await _with_addenda(world)
    locked_notes = await count("signature")
    await thawed("DELETE FROM audit_client;DELETE FROM audit_entry;DELETE FROM audit_head;")
    assert await said(notes=True) == (f"Lakeside: {locked_notes} locked notes are as they were signed.", True)


async def test_an_entry_that_was_altered_to_name_nothing_is_named(world: World) -> None:
    await _with_addenda(world)
    await tamper("UPDATE audit_entry SET objects='{}' WHERE columns LIKE '%signature created%'")
    line, good = await said(notes=True)
    assert (good, "of the log is not as it was written" in line) == (False, True)
