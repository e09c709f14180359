"""`grouproom audit verify`: what nobody could have written is named, whatever it is, and ends nothing."""

from __future__ import annotations

import pytest

from models.audit import entries
from models.ids import parse_id
from tests.audit.forging import force
from tests.audit.log import begin, said
from tests.charting.scene import locked, notes, row_of
from tests.databases import ON_POSTGRES
from tests.world import World

pytestmark = pytest.mark.thorough

NAMES = "query ($id: ID!) { client(id: $id) { name } }"
NO_UTF8 = "CAST(x'ff' AS TEXT)"
only_sqlite = pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps whatever is written")
only_postgres = pytest.mark.skipif(not ON_POSTGRES, reason="only PostgreSQL knows moments that Python does not")


async def a_log(world: World) -> tuple[str, int]:
    """Read something, and give the practice's id as a statement takes it, and the number of its last entry."""
    for client in (world.client_ada, world.client_ben):
        await world.amara.ask(NAMES, id=client)
    practice = parse_id(world.practice)
    assert practice
    return row_of(world.practice), (await begin()).before[practice[1]]


async def two_notes(world: World) -> tuple[str, str, str]:
    """Give two locked notes, Ada's and Ben's, and what was added to Ada's."""
    session = await locked(by=world.amara, group=world.monday)
    found = await notes(session, by=world.amara)
    note, other = found[world.client_ada]["id"], found[world.client_ben]["id"]
    await world.amara.do("addAddendum", noteId=note, body="<p>Added</p>")
    await begin()
    [addendum] = (await notes(session, by=world.amara))[world.client_ada]["addenda"]
    return note, other, addendum["id"]


# The log


@pytest.mark.parametrize("seq", [0, -7])
async def test_an_entry_before_the_first_is_named(world: World, seq: int) -> None:
    practice, last = await a_log(world)
    columns = ",".join(entries.COLUMNS)
    chosen = columns.replace("id,", f"'{practice[1:-2]}f',", 1).replace("seq,batch", f"{seq},{seq}")
    made_up = (
        f"INSERT INTO audit_entry ({columns},hash) SELECT {chosen},hash FROM audit_entry"
        f" WHERE practice_id={practice} AND seq={last}"
    )
    # Of SQLite it is a trigger.
    lift = ["ALTER TABLE audit_entry DROP CONSTRAINT ck_audit_seq"] if ON_POSTGRES else []
    put_back = ["ALTER TABLE audit_entry ADD CONSTRAINT ck_audit_seq CHECK (seq >= 1 AND batch >= seq)"]
    await force(*lift, made_up)
    try:
        assert await said() == (f"Lakeside: entry {seq} was never written; all before it are.", False)
    finally:
        await force("DELETE FROM audit_entry WHERE seq<1", *(put_back if ON_POSTGRES else []))


COLUMNS = (
    "id",
    "user_id",
    "operation",
    "document",
    "address",
    "clients",
    "objects",
    "columns",
    "previous_hash",
    "hash",
)
WHATEVER = [
    *((column, value) for column in (*COLUMNS, "recorded_at") for value in ("x'0102'", NO_UTF8, "'zz'")),
    ("recorded_at", "7"),
    ("recorded_at", "'0001-01-01T00:00:00+14:00'"),
    ("batch", "'zz'"),
    ("times", NO_UTF8),
]


@only_sqlite
@pytest.mark.parametrize("column, value", WHATEVER)
async def test_an_entry_with_what_is_nothing_of_the_kind_is_named(world: World, column: str, value: str) -> None:
    practice, last = await a_log(world)
    await force(f"UPDATE audit_entry SET {column}={value} WHERE practice_id={practice} AND seq={last - 1}")
    said_of_it = f"Lakeside: entry {last - 1} is not as it was written; all before it are."
    assert await said() == (said_of_it, False)


@only_sqlite
@pytest.mark.parametrize("value", ["'zz'", "x'0102'", NO_UTF8])
async def test_an_entry_whose_number_is_none_is_missed(world: World, value: str) -> None:
    practice, last = await a_log(world)
    await force(f"UPDATE audit_entry SET seq={value} WHERE practice_id={practice} AND seq={last}")
    assert await said() == (f"Lakeside: entry {last} is missing; all before it are.", False)
    # Of notes the entry said nothing.
    assert (await said(notes=True))[1]


@only_sqlite
@pytest.mark.parametrize("value", ["x'0102'", NO_UTF8])
@pytest.mark.parametrize("column", ["client_id", "seqs", "batch"])
async def test_what_a_client_finds_is_named_where_it_is_nothing_of_the_kind(
    world: World, column: str, value: str
) -> None:
    practice, last = await a_log(world)
    one = f"(SELECT min(client_id) FROM audit_client WHERE practice_id={practice} AND batch={last})"
    here = f"practice_id={practice} AND batch={last} AND client_id={one}"
    await force(f"UPDATE audit_client SET {column}={value} WHERE {here}")
    line, good = await said()
    assert (good, "is not found by the clients whom it names" in line) == (False, True)


@only_sqlite
@pytest.mark.parametrize("value", ["x'0102'", NO_UTF8])
async def test_a_head_that_is_nothing_of_the_kind_is_noticed(world: World, value: str) -> None:
    practice, last = await a_log(world)
    await force(f"UPDATE audit_head SET hash={value} WHERE practice_id={practice}")
    assert await said() == (f"Lakeside: the entries after {last} are missing; all before it are.", False)


@only_postgres
@pytest.mark.parametrize("moment", ["20000-01-01", "infinity", "-infinity", "0044-03-15 BC"])
async def test_an_entry_of_a_moment_that_is_none_here_is_named(world: World, moment: str) -> None:
    practice, last = await a_log(world)
    await force(f"UPDATE audit_entry SET recorded_at='{moment}' WHERE practice_id={practice} AND seq={last}")
    assert await said() == (f"Lakeside: entry {last} is not as it was written; all before it are.", False)
    assert not (await said(notes=True))[0].startswith("Traceback")


@only_sqlite
async def test_an_entry_by_which_something_was_signed_is_named_with_the_notes(world: World) -> None:
    await two_notes(world)
    await force("UPDATE audit_entry SET address=x'0102' WHERE columns LIKE '%signature created%'")
    line, good = await said(notes=True)
    assert (good, "of the log is not as it was written" in line) == (False, True)


# Notes

OTHERWISE = [
    *(f"UPDATE chart_note SET {name}=upper({name}) WHERE id={{note}}" for name in ("client_id", "provider_id")),
    *(f"UPDATE chart_note SET {name}=upper({name}) WHERE id={{note}}" for name in ("appointment_id", "chart_id")),
    "UPDATE chart_note SET practice_id=upper(practice_id) WHERE id={note}",
    "UPDATE chart_note SET locked_at=replace(locked_at,'Z','+00:00') WHERE id={note}",
    "UPDATE chart_note SET created_at=replace(created_at,'Z','+00:00') WHERE id={note}",
    *(f"UPDATE signature SET {name}=upper({name}) WHERE note_id={{note}}" for name in ("id", "provider_id")),
    "UPDATE signature SET practice_id=upper(practice_id) WHERE note_id={note}",
    "UPDATE signature SET signed_at=replace(signed_at,'Z','+00:00') WHERE note_id={note}",
    "UPDATE signature SET note_id=upper(note_id) WHERE note_id={note}",
    *(f"UPDATE chart_note SET {name}=x'0102' WHERE id={{note}}" for name in ("body", "client_id", "locked_at", "seal")),
    *(
        f"UPDATE chart_note SET {name}={NO_UTF8} WHERE id={{note}}"
        for name in ("body", "client_id", "provider_id", "locked_at", "chain_no", "content_hash", "previous_hash")
    ),
    "UPDATE chart_note SET client_id='zz' WHERE id={note}",
    f"UPDATE signature SET attestation={NO_UTF8} WHERE note_id={{note}}",
    "UPDATE signature SET signed_as=x'0102' WHERE note_id={note}",
]


@only_sqlite
@pytest.mark.parametrize("statement", OTHERWISE)
async def test_a_note_that_is_spelled_otherwise_is_named_and_so_is_the_next(world: World, statement: str) -> None:
    note, other, _ = await two_notes(world)
    await force(statement.format(note=row_of(note)), f"UPDATE chart_note SET body=body||' ' WHERE id={row_of(other)}")
    line, good = await said(notes=True)
    assert (good, note in line, f"{other} is not as it was signed" in line) == (False, True, True)


@only_sqlite
@pytest.mark.parametrize(
    "value, shown", [("'zz'", "zz"), ("x'0102'", "b'\\x01\\x02"), (NO_UTF8, "b'\\xff"), ("'z'||body", "z<")]
)
async def test_an_id_that_is_none_is_shown_as_it_stands(world: World, value: str, shown: str) -> None:
    note, other, _ = await two_notes(world)
    await force(
        f"UPDATE chart_note SET id={value} WHERE id={row_of(note)}",
        f"UPDATE chart_note SET body=body||' ' WHERE id={row_of(other)}",
    )
    lines = (await said(notes=True))[0].splitlines()
    assert [line for line in lines if line.startswith(f"Lakeside: {shown}")]
    assert f"Lakeside: {other} is not as it was signed." in lines


@only_sqlite
@pytest.mark.parametrize(
    "change",
    [
        *(f"{name}=upper({name})" for name in ("id", "provider_id", "practice_id", "note_id")),
        "created_at=replace(created_at,'Z','+00:00')",
        "created_at=substr(created_at,1,11)||printf('%02d',(substr(created_at,12,2)+5)%24)||substr(created_at,14,13)||'+05:00'",
        *(f"{name}={value}" for name in ("body", "authored_as", "seal") for value in ("x'0102'", NO_UTF8)),
        f"previous_hash={NO_UTF8}",
        "note_id='zz'",
    ],
)
async def test_an_addendum_that_is_spelled_otherwise_is_named(world: World, change: str) -> None:
    _, _, addendum = await two_notes(world)
    await force(f"UPDATE addendum SET {change} WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert (good, addendum in line) == (False, True)


@only_postgres
@pytest.mark.parametrize("moment", ["20000-01-01", "infinity"])
@pytest.mark.parametrize("column", ["locked_at", "created_at"])
async def test_a_note_of_a_moment_that_is_none_here_is_named(world: World, column: str, moment: str) -> None:
    note, other, _ = await two_notes(world)
    await force(
        f"UPDATE chart_note SET {column}='{moment}' WHERE id={row_of(note)}",
        f"UPDATE chart_note SET body=body||' ' WHERE id={row_of(other)}",
    )
    line, good = await said(notes=True)
    assert (good, note in line, other in line) == (False, True, True)


@only_postgres
async def test_an_addendum_of_a_moment_that_is_none_here_is_named(world: World) -> None:
    _, _, addendum = await two_notes(world)
    await force(f"UPDATE addendum SET created_at='20000-01-01' WHERE id={row_of(addendum)}")
    line, good = await said(notes=True)
    assert (good, addendum in line) == (False, True)
