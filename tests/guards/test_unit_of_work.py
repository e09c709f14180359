"""One mutation, one unit of work: all of it is written, or nothing, and whatever happens the database goes on."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from models import Practice, Provider, ServiceCode
from models import unit_of_work as module
from models.database import connection, fetch
from models.ids import uuid7
from models.problems import Refused, Unavailable
from models.unit_of_work import DEADLINE_SECONDS, TRIES, drain, inside_unit_of_work, unit_of_work
from tests.databases import ON_POSTGRES

pytestmark = pytest.mark.usefixtures("database")

AT_ONCE = 20
_names = count(1)


async def add_practice(name: str = "Practice") -> UUID:
    """Write two rows that belong together."""
    practice = await Practice.create(name=f"{name} {next(_names)}", time_zone="UTC", currency="USD")
    await ServiceCode.create(
        practice_id=practice.id, code="90853", label="Group", kind="STANDARD", fee_minor=0, duration_minutes=60
    )
    return practice.id


async def written() -> set[UUID]:
    """Give the practices that are there, each with its code and no code without a practice."""

    async def read() -> set[UUID]:
        practices = {practice.id for practice in await Practice.all()}
        assert sorted(practices) == sorted([code.practice_id for code in await ServiceCode.all()])
        return practices

    return await unit_of_work(read)


async def expect_whole() -> None:
    """Show that nothing is held: neither lock nor transaction nor connection, and as many units as ever get through."""
    await drain()
    if ON_POSTGRES:
        assert client()._pool.get_idle_size() == client()._pool.get_size()
    else:
        assert not client()._lock.locked()
        assert not client()._connection.in_transaction
    before = await written()
    async with asyncio.timeout(10):
        added = await asyncio.gather(*(unit_of_work(add_practice) for _ in range(AT_ONCE)))
    assert await written() == before | set(added)


def client() -> Any:
    """Give Tortoise's client of the database, also inside a unit."""
    held: Any = connection()
    return getattr(held, "_parent", held)


async def from_outside(sql: str, *values: Any) -> list[Any]:
    """Ask over a connection that is none of the units'."""
    if not ON_POSTGRES:
        with closing(sqlite3.connect(client().filename)) as other:
            return other.execute(sql, values).fetchall()
    ours = client()
    outside = await asyncpg.connect(
        host=ours.host, port=ours.port, user=ours.user, password=ours.password, database=ours.database
    )
    try:
        return list(await outside.fetch(sql, *values))
    finally:
        await outside.close()


class Attempts:
    """A body that fails in the given ways, one after the other, and then writes."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.number = 0

    async def __call__(self) -> UUID:
        self.number += 1
        added = await add_practice()
        if self.failures:
            raise self.failures.pop(0)
        return added


def locked() -> OperationalError:
    """Make what Tortoise raises when SQLite is busy."""
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError(cause)


# All or nothing


async def test_what_a_unit_gives_is_written() -> None:
    added = await unit_of_work(add_practice)
    assert await written() == {added}


@pytest.mark.parametrize("refusal", [Refused("TooMany", "No."), ZeroDivisionError(), KeyError("x")])
async def test_an_exception_rolls_everything_back_and_is_not_tried_again(refusal: Exception) -> None:
    attempts = Attempts(refusal)
    with pytest.raises(type(refusal)) as raised:
        await unit_of_work(attempts)
    assert raised.value is refusal
    assert attempts.number == 1
    assert await written() == set()
    await expect_whole()


async def test_a_unit_cannot_hold_another() -> None:
    async def outer() -> None:
        await add_practice()
        await unit_of_work(add_practice)

    with pytest.raises(RuntimeError, match="cannot hold another"):
        await unit_of_work(outer)
    assert await written() == set()
    await expect_whole()


async def test_a_unit_knows_that_it_is_one_and_its_caller_is_none() -> None:
    async def body() -> bool:
        return inside_unit_of_work()

    assert await unit_of_work(body)
    assert not inside_unit_of_work()


async def test_nobody_else_sees_a_unit_before_it_is_committed() -> None:
    async def body() -> None:
        await add_practice()
        assert await from_outside("SELECT id FROM practice") == []

    await unit_of_work(body)


# Again


@pytest.mark.parametrize(
    "failure",
    [
        locked(),
        asyncpg.SerializationError("x"),
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.LockNotAvailableError("x"),
        asyncpg.ConnectionDoesNotExistError("x"),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionResetError("x"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_what_others_cause_is_tried_again(failure: Exception) -> None:
    attempts = Attempts(failure, failure)
    added = await unit_of_work(attempts)
    assert attempts.number == 3
    assert await written() == {added}


async def test_what_others_cause_again_and_again_is_unavailable() -> None:
    attempts = Attempts(*(locked() for _ in range(TRIES)))
    with pytest.raises(Unavailable):
        await unit_of_work(attempts)
    assert attempts.number == TRIES == 4
    assert await written() == set()
    await expect_whole()


async def test_who_comes_second_to_something_unique_finds_the_first() -> None:
    identifier = uuid7()
    await Practice.create(id=identifier, name="First", time_zone="UTC", currency="USD")
    tried: list[Practice | None] = []

    async def find_or_make() -> str:
        # The first time as if the other had not been there yet.
        found = await Practice.get_or_none(id=identifier) if tried else None
        tried.append(found)
        made = found or await Practice.create(id=identifier, name="Second", time_zone="UTC", currency="USD")
        return made.name

    assert await unit_of_work(find_or_make) == "First"


async def test_what_is_wrong_stays_wrong_and_is_tried_once() -> None:
    tried = []

    async def ask_for_nothing() -> None:
        tried.append(1)
        await fetch("SELECT * FROM locked_and_busy")

    with pytest.raises(OperationalError, match="locked_and_busy"):
        await unit_of_work(ask_for_nothing)
    assert len(tried) == 1


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite takes a value of any type")
async def test_a_value_that_cannot_be_sent_is_tried_once() -> None:
    tried = []

    async def send_nonsense() -> None:
        tried.append(1)
        await fetch("SELECT $1::int AS it", ["nonsense"])

    with pytest.raises(OperationalError, match="nonsense"):
        await unit_of_work(send_nonsense)
    assert len(tried) == 1
    await expect_whole()


# Cancelled


async def test_a_caller_who_is_cancelled_leaves_when_the_unit_has_ended() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def body() -> UUID:
        begun.set()
        await go.wait()
        return await add_practice()

    caller = asyncio.create_task(unit_of_work(body))
    await begun.wait()
    caller.cancel()
    done, _ = await asyncio.wait({caller}, timeout=0)
    assert not done
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert len(await written()) == 1


async def storm(units: int, *, strike: Callable[[asyncio.Task[UUID]], object]) -> tuple[set[UUID], int]:
    """Run units, strike most at a random moment; give what was reported as committed, and how many were cancelled."""
    chance = random.Random(20260301)  # noqa: S311 - no secret, and the same in each run
    loop = asyncio.get_running_loop()
    reported: set[UUID] = set()
    cancelled, takes = 0, 0.0

    async def one(number: int) -> None:
        nonlocal cancelled, takes
        begun = loop.time()
        task = asyncio.create_task(unit_of_work(add_practice))
        # One in four is spared, and shows how long a unit takes at present.
        spared = number % 4 == 0
        blow = None if spared else loop.call_later(chance.uniform(0, 1.2 * takes), strike, task)
        try:
            reported.add(await task)
        except asyncio.CancelledError:
            cancelled += 1
        finally:
            if blow:
                blow.cancel()
        if spared:
            takes = loop.time() - begun

    async def some() -> None:
        for number in range(units // AT_ONCE):
            await one(number)

    async with asyncio.timeout(60):
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return reported, cancelled


async def test_two_thousand_units_cancelled_at_random_moments_leave_everything_whole() -> None:
    reported, cancelled = await storm(2000, strike=asyncio.Task.cancel)
    assert cancelled > 100
    assert len(reported) > 100
    assert reported <= await written()
    await expect_whole()


async def test_units_whose_own_tasks_are_cancelled_as_at_a_shutdown_leave_everything_whole() -> None:
    def strike(_: asyncio.Task[UUID]) -> None:
        for running in list(module._running)[:1]:
            running.cancel()

    reported, cancelled = await storm(500, strike=strike)
    assert cancelled > 50
    assert reported <= await written()
    await expect_whole()


# The deadline


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units have a moment only."""
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0.05)


def test_a_unit_ends_before_the_database_would_end_it() -> None:
    assert DEADLINE_SECONDS < 30


@pytest.mark.usefixtures("short_deadline")
async def test_a_unit_that_takes_too_long_is_rolled_back_and_tried_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    async def wait_for_nothing() -> None:
        tried.append(await add_practice())
        await asyncio.Event().wait()

    with pytest.raises(Unavailable):
        await unit_of_work(wait_for_nothing)
    # What follows may take its time, on a busy machine too.
    monkeypatch.undo()
    assert len(tried) == 1
    assert await written() == set()
    await expect_whole()


async def test_waiting_for_ones_turn_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    # As many as there are connections.
    left = 10 if ON_POSTGRES else 1
    full, go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        nonlocal left
        left -= 1
        if not left:
            full.set()
        await go.wait()

    holders = [asyncio.create_task(unit_of_work(hold)) for _ in range(left)]
    await full.wait()
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0.05)
    with pytest.raises(Unavailable):
        await unit_of_work(add_practice)
    monkeypatch.undo()
    go.set()
    await asyncio.gather(*holders)
    await expect_whole()


# The database fails


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server that could end a connection")
async def test_connections_that_are_terminated_while_idle_cost_nobody_anything() -> None:
    await expect_whole()
    await from_outside(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'grouproom'"
    )
    await expect_whole()


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server that could end a connection")
async def test_a_unit_whose_connection_is_terminated_is_tried_again() -> None:
    tried = []

    async def lose_the_connection_once() -> UUID:
        tried.append(1)
        added = await add_practice()
        if len(tried) == 1:
            await fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return added

    added = await unit_of_work(lose_the_connection_once)
    assert len(tried) == 2
    assert await written() == {added}
    await expect_whole()


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server that could end a connection")
async def test_a_connection_lost_before_the_commit_is_answered_is_not_tried_again() -> None:
    tried = []

    async def lose_the_connection_at_last() -> None:
        tried.append(await add_practice())
        [row] = await fetch("SELECT pg_backend_pid() AS pid")
        await from_outside("SELECT pg_terminate_backend($1, 5000)", row["pid"])

    with pytest.raises(Unavailable):
        await unit_of_work(lose_the_connection_at_last)
    assert len(tried) == 1
    await expect_whole()


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL locks rows, and has transactions that begin whoever writes")
async def test_a_begin_refused_while_another_process_writes_leaves_everything_whole() -> None:
    await connection().execute_script("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(client().filename, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await unit_of_work(add_practice)
        other.execute("ROLLBACK")
        await expect_whole()
    finally:
        other.close()
        await connection().execute_script("PRAGMA busy_timeout = 5000")


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL ends what it cannot commit")
async def test_a_commit_that_sqlite_refuses_is_rolled_back() -> None:
    async def point_to_nothing() -> None:
        await fetch("PRAGMA defer_foreign_keys = ON")
        await Provider.create(practice_id=uuid7(), name="Nobody's", sort_name="nobody's")

    with pytest.raises(IntegrityError):
        await unit_of_work(point_to_nothing)
    assert await Provider.all().count() == 0
    await expect_whole()


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL's pool cleans what comes back to it")
async def test_what_a_cancelled_statement_left_open_on_sqlite_is_not_committed_by_the_next_unit() -> None:
    await connection().execute_script("BEGIN; INSERT INTO sign_in_throttle VALUES ('x', 'y', 1, 'z')")
    await unit_of_work(add_practice)
    assert await fetch("SELECT * FROM sign_in_throttle") == []


# Two at once


async def take_a_seat(practice: UUID) -> None:
    """Read, and write what follows from it."""
    held = await Practice.select_for_update().get(id=practice)
    await asyncio.sleep(0)
    held.group_size_limit += 1
    await held.save(update_fields=["group_size_limit"])


async def seats(practice: UUID) -> int:
    return (await Practice.get(id=practice)).group_size_limit


async def test_twenty_who_read_and_then_write_lose_nothing() -> None:
    practice = await unit_of_work(add_practice)
    before = await seats(practice)
    await asyncio.gather(*(unit_of_work(lambda: take_a_seat(practice)) for _ in range(AT_ONCE)))
    assert await seats(practice) == before + AT_ONCE


OTHER_PROCESS = """
import asyncio, sys
from uuid import UUID
from models import Practice
from models.database import close_database, open_database
from models.unit_of_work import unit_of_work
async def take_a_seat():
    held = await Practice.select_for_update().get(id=UUID(sys.argv[2]))
    held.group_size_limit += 1
    await held.save(update_fields=["group_size_limit"])
async def main():
    await open_database(sys.argv[1])
    print("open", flush=True)
    for _ in range(60):
        await unit_of_work(take_a_seat)
    await close_database()
asyncio.run(main())
"""


async def test_two_processes_that_read_and_then_write_lose_nothing(database: str) -> None:
    practice = await unit_of_work(add_practice)
    before = await seats(practice)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, database, str(practice), stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"open\n"
    tried = count()

    async def take_one() -> None:
        next(tried)
        await take_a_seat(practice)

    for _ in range(60):
        await unit_of_work(take_one)
    assert await other.wait() == 0
    assert await seats(practice) == before + 120
    assert next(tried) == 60, "a unit that has begun is not turned back by one of another process"
