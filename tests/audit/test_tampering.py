"""`grouproom audit verify`: whatever is altered in the log is found, and named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from grouproom.cli_audit import verified
from models import secret
from models.audit import entries
from models.audit import verify as verifying
from models.audit.buffer import flush
from models.audit.entries import OtherSecret
from models.audit.verify import refuse_other_secret
from models.database import fetch
from models.ids import parse_id
from models.standing import fetch_as_it_stands
from tests.audit.log import begin, said
from tests.charting.scene import row_of, tamper
from tests.databases import ON_POSTGRES
from tests.rows import count
from tests.world import World

NAMES = "query ($id: ID!) { client(id: $id) { name } }"


async def a_log(world: World) -> tuple[str, int]:
    """Read something, and give the practice's id as a statement takes it, and the number of its last entry."""
    for client in (world.client_ada, world.client_ben, world.client_chloe):
        await world.amara.ask(NAMES, id=client)
    since = await begin()
    practice = parse_id(world.practice)
    assert practice
    return row_of(world.practice), since.before[practice[1]]


async def test_a_log_that_nobody_altered_is_said_to_be_so(world: World) -> None:
    _, last = await a_log(world)
    assert await said() == (f"Lakeside: {last} entries are as they were written.", True)


@dataclass(frozen=True)
class Altered:
    """A statement that somebody runs who has the database, and what is then said of the entry before the last."""

    what: str
    statement: str
    then: str = "entry {n} is not as it was written"

    def __str__(self) -> str:
        return self.what


HERE = "practice_id={p} AND seq={n}"
ALTERED = [
    Altered(column, f"UPDATE audit_entry SET {column}={value} WHERE {HERE}")
    for column, value in {
        "recorded_at": "'2026-01-05T18:00:00.000000Z'",
        "user_id": "(SELECT id FROM user_account WHERE practice_id={p} AND name LIKE 'Carol%')",
        "roles": "'OWNER'",
        "action": "'EXECUTE'",
        "operation": "'node'",
        "document": "'Other'",
        "channel": "'SOCKET'",
        "sign_in_id": "NULL",
        "address": "'192.0.2.2'",
        "outcome": "'NOT_FOUND'",
        "times": "2",
        "clients": '\'{{"client":""}}\'',
        "objects": "'{{}}'",
        "columns": "'[\"client.name\"]'",
        "fields_read": "'[]'",
        "previous_hash": "hash",
        "hash": "previous_hash",
    }.items()
] + [
    Altered("an entry is taken away", f"DELETE FROM audit_entry WHERE {HERE}", "entry {n} is missing"),
    Altered(
        "the last entries are taken away",
        "DELETE FROM audit_entry WHERE practice_id={p} AND seq>={n}",
        "the entries after {m} are missing",
    ),
    Altered(
        "a client finds it under another number",
        "UPDATE audit_client SET seqs='0'||seqs WHERE practice_id={p} AND ','||seqs||',' LIKE '%,{n},%'",
        "entry ",
    ),
    Altered(
        "a client does not find it any more",
        "DELETE FROM audit_client WHERE practice_id={p} AND ','||seqs||',' LIKE '%,{n},%'",
        "entry {n} is not found by the clients whom it names",
    ),
    Altered(
        "a client finds what is not there",
        "INSERT INTO audit_client (practice_id,client_id,batch,seqs)"
        " SELECT practice_id,client_id,batch+1000,'1' FROM audit_client WHERE practice_id={p} LIMIT 1",
        "a client is named by no entry",
    ),
]


@pytest.mark.parametrize("altered", ALTERED, ids=str)
async def test_an_altered_entry_is_named(world: World, altered: Altered) -> None:
    practice, last = await a_log(world)
    n = last - 1
    statement = altered.statement.format(p=practice, n=n)
    await tamper(statement)
    line, good = await said()
    assert not good
    assert line.startswith(f"Lakeside: {altered.then.format(n=n, m=n - 1)}")


async def test_an_entry_that_is_made_up_is_named(world: World) -> None:
    practice, last = await a_log(world)
    columns = ",".join(entries.COLUMNS)
    chosen = columns.replace("id,", f"'{UUID(int=7)}',", 1).replace("seq,batch", "seq+1,batch+1")
    await tamper(
        f"INSERT INTO audit_entry ({columns},hash) SELECT {chosen},hash FROM audit_entry"
        f" WHERE practice_id={practice} AND seq={last}"
    )
    line, good = await said()
    assert (good, line.startswith(f"Lakeside: entry {last + 1} is not as it was written")) == (False, True)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET outcome='x'", "DELETE FROM audit_entry", "DELETE FROM audit_client"]
)
async def test_nobody_alters_it_by_a_statement_alone(world: World, statement: str) -> None:
    await a_log(world)
    before = await count("audit_entry"), await count("audit_client")
    with pytest.raises(Exception, match="frozen_audit"):
        await fetch(statement)
    assert (await count("audit_entry"), await count("audit_client")) == before


async def test_with_another_secret_nothing_is_written_behind_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_log(world)
    await refuse_other_secret()
    monkeypatch.setattr(secret, "_secret", [b"another secret of more than 32 bytes"])
    with pytest.raises(OtherSecret, match="GROUPROOM_SECRET_FILE"):
        await refuse_other_secret()


async def test_a_tampered_log_is_told_from_its_practice_and_not_of_others(world: World) -> None:
    practice, last = await a_log(world)
    await flush()
    await tamper(f"UPDATE audit_entry SET outcome='x' WHERE practice_id={practice} AND seq={last}")
    lines, good = await verified(notes=False)
    assert not good
    assert [line for line in lines if line.startswith("Elsewhere") and "as they were written" in line]


async def test_with_another_secret_nothing_is_changed_either(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_log(world)
    with monkeypatch.context() as patch:
        patch.setattr(secret, "_secret", [b"another secret of more than 32 bytes"])
        with pytest.raises(AssertionError, match="INTERNAL"):
            await world.amara.do("updateClient", id=world.client_ada, phone="+1 312 555 0100")
    assert (await said())[1]


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps an id in other letters")
@pytest.mark.parametrize("column", ["id", "sign_in_id"])
async def test_an_id_in_other_letters_is_named(world: World, column: str) -> None:
    practice, last = await a_log(world)
    await tamper(f"UPDATE audit_entry SET {column}=upper({column}) WHERE practice_id={practice} AND seq={last}")
    line, good = await said()
    assert (good, f"entry {last} is not as it was written" in line) == (False, True)


async def test_a_log_that_grows_while_it_is_read_is_no_altered_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice, last = await a_log(world)
    grown: list[str] = []

    async def meanwhile(sql: str, values: list[Any]) -> list[dict[str, Any]]:
        if "audit_head" in sql and f"'{values[0]}'" == practice and not grown:
            grown.append(sql)
            await world.amara.ask(NAMES, id=world.client_ada)
            await flush()
        return await fetch_as_it_stands(sql, values)

    monkeypatch.setattr(verifying, "fetch_as_it_stands", meanwhile)
    assert await said() == (f"Lakeside: {last + 1} entries are as they were written.", True)
