"""The log of audit of a real server: nothing is lost when it stops, and what is altered is named."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import stat
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from tests.command_line.conftest import Demo
from tests.command_line.machine import Machine, Server
from tests.databases import ON_POSTGRES
from tests.walk.browser import Person

# Servers and commands, all of them: too slow for `make test`.
pytestmark = pytest.mark.thorough

CLIENTS = "query Everybody { clients(first: 100) { edges { node { name } } } }"
LOG = "{ auditLog(first: 1) { totalCount edges { node { document action outcome } } } }"
READINGS = 25
LAKESIDE = ("--name", "Lakeside", "--time-zone", "America/Chicago", "--currency", "USD")


async def _read(server: Server, token: str, times: int) -> None:
    async with Person(server.address, token) as owner:
        for _ in range(times):
            await owner.ask(CLIENTS)


async def _token(machine: Machine, name: str = "owner") -> str:
    return (await machine.run("token", "create", "--user", f"{name}@demo.example")).done()


def _entries(said: str) -> int:
    return int(said.partition(": ")[2].split()[0])


async def test_a_server_that_is_stopped_has_written_all_that_was_read(demo: Demo) -> None:
    machine = demo.machine
    async with machine.serving() as server:
        token = await _token(machine)
        before = _entries((await machine.run("audit", "verify")).done())
        await _read(server, token, READINGS)
        await server.stop(signal.SIGTERM)
    after = (await machine.run("audit", "verify")).done()
    assert after == f"Lakeside Group Practice: {before + READINGS} entries are as they were written."


async def test_a_server_that_is_killed_leaves_a_log_that_goes_on(demo: Demo) -> None:
    machine = demo.machine
    async with machine.serving() as server:
        token = await _token(machine)
        await _read(server, token, READINGS)
        await server.stop(signal.SIGKILL)
    before = _entries((await machine.run("audit", "verify")).done())
    async with machine.serving() as server:
        await _read(server, token, 3)
        await server.stop(signal.SIGTERM)
    assert _entries((await machine.run("audit", "verify")).done()) == before + 3


async def test_two_servers_write_one_log_without_a_gap(demo: Demo) -> None:
    machine = demo.machine
    async with machine.serving() as one, machine.serving() as other:
        token = await _token(machine)
        before = _entries((await machine.run("audit", "verify")).done())
        await _read(one, token, 5)
        await _read(other, token, 5)
        for server in (one, other):
            await server.stop(signal.SIGTERM)
    assert _entries((await machine.run("audit", "verify")).done()) == before + 10


def _copied(demo: Demo, folder: Path) -> tuple[Machine, Path]:
    """Give another machine that has a copy of the database, as a file that is anybody's to alter."""
    planted, copy = Path(demo.machine.database.removeprefix("sqlite://")), folder / "copy.db"
    with sqlite3.connect(planted) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    shutil.copy(f"{planted}.secret", f"{copy}.secret")
    return Machine(folder, f"sqlite://{copy}"), copy


def _behind_the_index(copy: Path, table: str, change: str) -> None:
    """Change a table as somebody does who writes into the file: no index and no trigger hears of it."""
    beside = f"tbl_name='{table}' AND type IN ('index','trigger') AND sql IS NOT NULL"
    for steps in (
        [
            "CREATE TABLE kept AS SELECT * FROM sqlite_master WHERE " + beside,
            "DELETE FROM sqlite_master WHERE " + beside,
        ],
        [change],
        ["INSERT INTO sqlite_master SELECT * FROM kept", "DROP TABLE kept"],
    ):
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA writable_schema=ON")
            for step in steps:
                database.execute(step)
            database.commit()


@pytest.mark.skipif(ON_POSTGRES, reason="who has the file of the database alters it without a server")
@pytest.mark.parametrize(
    "table, column, notes",
    [
        ("audit_entry", "practice_id", False),
        ("audit_entry", "seq", False),
        ("chart_note", "appointment_id", True),
        ("chart_note", "client_id", True),
        ("signature", "note_id", True),
        ("addendum", "note_id", True),
    ],
)
async def test_what_only_an_index_still_says_right_is_named(
    demo: Demo, tmp_path: Path, table: str, column: str, *, notes: bool
) -> None:
    machine, copy = _copied(demo, tmp_path)
    with closing(sqlite3.connect(copy)) as database:
        [row] = database.execute(f"SELECT id FROM {table} ORDER BY rowid LIMIT 1 OFFSET 2").fetchone()
    other = f"(SELECT o.{column} FROM {table} o WHERE o.{column}<>{table}.{column} LIMIT 1)"
    _behind_the_index(
        copy, table, f"UPDATE {table} SET {column}=coalesce({other},hex(randomblob(18))) WHERE id='{row}'"
    )
    said = await machine.run("audit", "verify", *(["--notes"] if notes else []))
    assert (said.code, said.err) == (1, "")
    assert f"The database is damaged: {table} {row}: row 3 missing from index" in said.out


EMPTY_INDEX = """CREATE INDEX ix_listed ON practice(name,id) WHERE 0;
PRAGMA writable_schema=ON;
UPDATE sqlite_master SET sql='CREATE INDEX ix_listed ON practice(name,id)' WHERE name='ix_listed';"""
VIEW = "ALTER TABLE chart_note RENAME TO kept;CREATE VIEW chart_note AS SELECT * FROM kept;"


@pytest.mark.skipif(ON_POSTGRES, reason="who has the file of the database alters it without a server")
@pytest.mark.parametrize("lie", [EMPTY_INDEX, VIEW], ids=["an index that is empty", "a view for a table"])
async def test_what_only_seems_to_be_what_is_verified_is_named(demo: Demo, tmp_path: Path, lie: str) -> None:
    machine, copy = _copied(demo, tmp_path)
    with closing(sqlite3.connect(copy)) as database:
        database.executescript(lie)
        database.commit()
    for switch in ([], ["--notes"]):
        said = await machine.run("audit", "verify", *switch)
        assert (said.code, said.err) == (1, "")
        assert "The database is damaged: " in said.out


@pytest.mark.skipif(ON_POSTGRES, reason="who has the file of the database alters it without a server")
async def test_a_database_that_cannot_be_read_to_its_end_is_said_to_be_so(demo: Demo, tmp_path: Path) -> None:
    machine, copy = _copied(demo, tmp_path)
    with closing(sqlite3.connect(copy)) as database:
        database.execute("UPDATE practice SET name='Lakeside: 9 entries are as they were written.'||char(10)||char(27)")
        database.commit()
        said = (await machine.run("audit", "verify")).done()
        assert "written.\\n\\x1b: " in said
        assert len(said.splitlines()) == 1
        database.execute("DROP TABLE signature")
    gone = await machine.run("audit", "verify", "--notes")
    assert (gone.code, gone.err) == (1, "")
    assert gone.out.splitlines()[1].startswith("The database cannot be read to its end")
    [root] = sqlite3.connect(copy).execute("SELECT rootpage FROM sqlite_master WHERE name='audit_entry'").fetchone()
    with copy.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 8)
    broken = await machine.run("audit", "verify")
    assert broken.code == 1
    assert "Traceback" not in broken.err
    assert "The database" in broken.out + broken.err


@pytest.mark.skipif(ON_POSTGRES, reason="who has the file of the database alters it without a server")
async def test_one_altered_byte_is_named_and_ends_with_1(demo: Demo, tmp_path: Path) -> None:
    machine, copy = _copied(demo, tmp_path)
    for switch in ([], ["--notes"]):
        assert (await machine.run("audit", "verify", *switch)).done()
    with sqlite3.connect(copy) as database:
        for trigger in ("frozen_audit_entry_update", "frozen_chart_note_update"):
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE audit_entry SET outcome='Ok' WHERE seq=1")
        [note] = database.execute("SELECT id FROM chart_note WHERE locked_at IS NOT NULL LIMIT 1").fetchone()
        database.execute("UPDATE chart_note SET body=body||' ' WHERE id=?", [note])
    log = await machine.run("audit", "verify")
    assert (log.code, log.out) == (
        1,
        "Lakeside Group Practice: entry 1 is not as it was written; all before it are.\n",
    )
    notes = await machine.run("audit", "verify", "--notes")
    assert (notes.code, f"not_{note.replace('-', '')} is not as it was signed" in notes.out) == (1, True)


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps whatever is written")
async def test_what_cannot_be_read_is_named_and_ends_with_1(demo: Demo, tmp_path: Path) -> None:
    machine, copy = _copied(demo, tmp_path)
    with sqlite3.connect(copy) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE audit_entry SET address=x'0102',hash=CAST(x'ff' AS TEXT) WHERE seq=1")
        [(first,), (other,)] = database.execute("SELECT id FROM chart_note WHERE locked_at IS NOT NULL LIMIT 2")
        database.execute("UPDATE chart_note SET id=CAST(x'1bff' AS TEXT) WHERE id=?", [first])
        database.execute("UPDATE chart_note SET body=CAST(x'ff' AS TEXT) WHERE id=?", [other])
    log = await machine.run("audit", "verify")
    name = "Lakeside Group Practice"
    assert (log.code, log.err) == (1, "")
    assert log.out == f"{name}: entry 1 is not as it was written; all before it are.\n"
    notes = await machine.run("audit", "verify", "--notes")
    assert (notes.code, notes.err) == (1, "")
    for shown in (r"b'\x1b\xff", f"not_{other.replace('-', '')}"):
        assert f"{name}: {shown} is not as it was signed." in notes.out
    with sqlite3.connect(copy) as database:
        database.execute("DELETE FROM practice")
    for switch in ([], ["--notes"]):
        gone = await machine.run("audit", "verify", *switch)
        assert (gone.code, gone.err, "this practice is gone, and not its log and notes.\n" in gone.out) == (1, "", True)


async def test_what_was_the_last_entry_is_kept_in_a_file_and_asked_for_the_next_time(machine: Machine) -> None:
    assert (await machine.run("migrate")).done()
    assert (await machine.run("practice", "create", *LAKESIDE)).done()
    file = machine.folder / "elsewhere.heads"
    said = (await machine.run("audit", "verify", "--heads", str(file))).done()
    assert said == (await machine.run("audit", "verify")).done()
    practice, seq, written = file.read_text().split()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert int(seq) == _entries(said)
    file.write_text(f"{practice} {int(seq) + 1} {written}\n")
    cut = await machine.run("audit", "verify", "--heads", str(file))
    assert (cut.code, cut.out.endswith(f"the entries after {seq} are missing; all before it are.\n")) == (1, True)
    file.write_text(f"{practice} {'9' * 26} {written}\n")
    [other] = (await machine.run("audit", "verify", "--heads", str(file))).refused()
    assert other.endswith("is not one that this command wrote.")
    nowhere = await machine.run("audit", "verify", "--heads", str(machine.folder / "no" / "heads"))
    assert (nowhere.code, "no/heads cannot be used" in nowhere.err) == (1, True)
    assert (await machine.run("audit", "verify", "--heads", str(file), "--notes")).code == 2


async def test_the_secret_is_made_once_and_is_nobody_elses_to_read(machine: Machine) -> None:
    async with machine.serving():
        assert (await machine.run("practice", "create", *LAKESIDE)).done()
        [secret] = [path for path in machine.folder.rglob("*secret") if path.is_file()]
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        kept = secret.read_bytes()
    assert len(kept.strip()) >= 32
    assert (await machine.run("audit", "verify")).done()
    assert secret.read_bytes() == kept
    secret.write_text("another secret that is long enough")
    refused = await machine.run("audit", "verify")
    assert (refused.code, "GROUPROOM_SECRET_FILE" in refused.err) == (1, True)
    secret.write_text("short")
    refused = await machine.run("audit", "verify")
    assert (refused.code, "fewer than 32 bytes" in refused.err) == (1, True)


async def test_a_secret_that_is_named_is_there_and_nobody_elses_to_read(machine: Machine, tmp_path: Path) -> None:
    named = tmp_path / "mistyped"
    said = (await machine.run("migrate", GROUPROOM_SECRET_FILE=str(named))).refused()
    assert str(named) in said[0]
    assert "is not there" in said[0]
    assert not named.exists()
    named.write_text("a secret that is long enough for it")
    named.chmod(0o604)
    said = (await machine.run("migrate", GROUPROOM_SECRET_FILE=str(named))).refused()
    assert "chmod o=" in said[0]
    # Where secrets are mounted, a group may read them.
    named.chmod(0o640)
    assert (await machine.run("migrate", GROUPROOM_SECRET_FILE=str(named))).done()


async def test_somebody_who_is_deactivated_is_out_on_every_process_within_a_second(demo: Demo) -> None:
    machine, token = demo.machine, await _token(demo.machine, "bjorn")
    async with AsyncExitStack() as exits:
        people = [await exits.enter_async_context(Person(one.address, token)) for one in demo.starters]
        sockets = [await exits.enter_async_context(person.socket()) for person in people]
        for socket in sockets:
            await socket.ask(CLIENTS)
        assert (await machine.run("user", "deactivate", "--email", "bjorn@demo.example")).done() == ""
        for person in people:
            await person.denied("UNAUTHENTICATED", CLIENTS)
        # Twice as long, for a machine on which much else is tested.
        async with asyncio.timeout(2):
            for socket in sockets:
                await socket.connection.wait_closed()
        assert [socket.connection.close_code for socket in sockets] == [4403, 4403]
    assert (await machine.run("user", "activate", "--email", "bjorn@demo.example")).done() == ""
    refused = await machine.run("user", "deactivate", "--email", "nobody@demo.example")
    assert refused.refused() == ["--email: Nobody signs in with this address."]
