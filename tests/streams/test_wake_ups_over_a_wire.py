"""The wire carries wake-ups from process to process; while it is broken nothing is lost but a moment."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from broadcaster import Broadcast
from broadcaster._backends.memory import MemoryBackend

from models import events
from models.database import fetch
from subscriptions import wire
from subscriptions.hub import Hub
from tests.client import Data
from tests.databases import ON_POSTGRES
from tests.streams.follower import PATIENCE, Follower, Hall, calendar, until
from tests.streams.servers import Proxy, RedisServer, needs_redis, proxy, redis_server
from tests.world import World, an_appointment, in_days, lines_of

NEVER = 100 * PATIENCE
on_postgres = pytest.mark.skipif(not ON_POSTGRES, reason="the wire is a PostgreSQL of the suite's own")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is measured in seconds be over in a moment."""
    monkeypatch.setattr(wire, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(wire, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(wire, "GIVE_UP_SECONDS", 0.5)
    monkeypatch.setattr(wire, "SHORTEST_PAUSE", 0.02)
    monkeypatch.setattr(wire, "LONGEST_PAUSE", 0.1)


@pytest.fixture(autouse=True)
def nothing_else_is_said(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Only the wire complains, not asyncio of what was left behind."""
    yield
    gc.collect()
    assert {record.name for record in caplog.records} <= {"grouproom.wire"}, caplog.text


@dataclass
class Processes:
    """Hubs of three processes, as it were: one commits, one is woken by the wire alone, one only polls."""

    here: Hub
    there: Hall
    poller: Hall
    streams: list[Follower] = field(default_factory=list)

    async def hear(self, world: World) -> None:
        """Follow the calendar in both of the other processes."""
        self.streams = [(await hall.changes(world.amara)).begin() for hall in (self.there, self.poller)]
        await until(lambda: all(hall.hub.groups for hall in (self.there, self.poller)))

    async def told(self, session: str) -> None:
        """Expect that both say so."""
        for stream in self.streams:
            await stream.change("CREATED", session)


@asynccontextmanager
async def processes(url: str) -> AsyncIterator[Processes]:
    async with AsyncExitStack() as exits:
        hubs = [Hub(url, poll_seconds=NEVER), Hub(url, poll_seconds=NEVER), Hub("memory://", poll_seconds=0.02)]
        for hub in hubs:
            await hub.start()
            exits.push_async_callback(hub.stop)
        # Only the first of them is told what this process commits.
        for hub in hubs[1:]:
            events.LISTENERS.remove(hub.wake)
            exits.callback(events.LISTENERS.append, hub.wake)
        there, poller = Hall.of(hubs[1]), Hall.of(hubs[2])
        exits.push_async_callback(there.close)
        exits.push_async_callback(poller.close)
        yield Processes(hubs[0], there, poller)


async def everything_goes_on(world: World, others: Processes) -> None:
    """Ask and change something in every room, while the wire is broken; those who poll are told of each."""
    poller = others.streams[1]
    session = await an_appointment(by=world.amara, group=world.monday)
    await poller.change("CREATED", session)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    changes: list[tuple[str, Data]] = [
        ("rescheduleAppointment", {"id": session, "startsAt": in_days(8)}),
        ("setAttendance", {"attendanceId": line, "outcome": "ATTENDED"}),
        ("clearAttendance", {"attendanceId": line}),
    ]
    for mutation, given in changes:
        await world.amara.do(mutation, **given)
        assert session in str(await calendar(world.bjorn))
        await poller.change("UPDATED", session)


async def caught_up(world: World, others: Processes) -> None:
    """Expect that the one who is only woken has been told everything, and is woken again."""
    stream = others.streams[0]
    told = [await stream.next() for _ in range(4)]
    assert [change["kind"] for change in told] == ["CREATED", "UPDATED", "UPDATED", "UPDATED"]
    await others.told(await an_appointment(by=world.amara, group=world.monday))


@needs_redis
async def test_redis_wakes_other_processes_and_may_be_stopped_and_restarted(world: World, tmp_path: Path) -> None:
    async with redis_server(tmp_path) as redis, processes(redis.url) as others:
        await others.hear(world)
        await others.told(await an_appointment(by=world.amara, group=world.monday))
        await redis.kill()
        await everything_goes_on(world, others)
        await redis.start()
        await caught_up(world, others)


@needs_redis
async def test_a_redis_that_is_away_from_the_start_is_found_when_it_comes(world: World, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    async with processes(redis.url) as others:
        await others.hear(world)
        await everything_goes_on(world, others)
        await redis.start()
        try:
            await caught_up(world, others)
        finally:
            await redis.kill()


@needs_redis
async def test_trying_in_vain_leaves_nothing_behind(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    make = wire._broadcast

    def counted(url: str) -> Broadcast:
        tries.append(url)
        return make(url)

    monkeypatch.setattr(wire, "_broadcast", counted)
    hub = Hub(RedisServer(tmp_path).url, poll_seconds=NEVER)
    await hub.start()
    try:
        await until(lambda: len(tries) >= 3)
        before = len(asyncio.all_tasks())
        await until(lambda: len(tries) >= 13)
        assert len(asyncio.all_tasks()) <= before + 2
    finally:
        await hub.stop()


@needs_redis
async def test_a_redis_that_falls_silent_is_left_for_a_new_connection(world: World, tmp_path: Path) -> None:
    async with redis_server(tmp_path) as redis, proxy(redis.port) as (carrier, port):
        await _falls_silent(world, carrier, f"redis://127.0.0.1:{port}")


@on_postgres
async def test_a_postgres_that_falls_silent_is_left_for_a_new_connection(world: World, database_url: str) -> None:
    parts = urlsplit(database_url)
    async with proxy(parts.port or 5432) as (carrier, port):
        user = parts.netloc.rpartition("@")[0]
        url = parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        await _falls_silent(world, carrier, url)


async def _falls_silent(world: World, carrier: Proxy, url: str) -> None:
    async with processes(url) as others:
        await others.hear(world)
        await others.told(await an_appointment(by=world.amara, group=world.monday))
        carrier.freeze()
        await everything_goes_on(world, others)
        await caught_up(world, others)


@on_postgres
async def test_postgres_wakes_other_processes_and_may_end_the_connections_that_listen(
    world: World, database_url: str
) -> None:
    async with processes(database_url) as others:
        await others.hear(world)
        await others.told(await an_appointment(by=world.amara, group=world.monday))
        for _ in range(3):
            await _end_listeners(database_url)
        await everything_goes_on(world, others)
        await caught_up(world, others)


async def _end_listeners(database_url: str) -> None:
    ended = await fetch(
        "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity"
        " WHERE datname=current_database() AND application_name<>'grouproom' AND pid<>pg_backend_pid()"
    )
    assert all(row["ended"] for row in ended)


async def test_the_wire_takes_the_address_of_a_database_that_insists_on_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []

    async def connect(address: str, *, ssl: object) -> None:
        asked.append((address, ssl))

    monkeypatch.setattr(asyncpg, "connect", connect)
    for url in ("postgres://u:p%40ss@h:5/db", "postgresql://h/db?ssl=true", "postgres://h/db?ssl=true&user=me"):
        await wire._broadcast(url)._backend.connect()
    assert asked == [
        ("postgres://u:p%40ss@h:5/db", None),
        ("postgresql://h/db", True),
        ("postgres://h/db?user=me", True),
    ]


async def test_an_address_that_is_none_is_said_and_streams_poll(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with processes("redis://127.0.0.1:port") as others:
        await others.hear(world)
        await everything_goes_on(world, others)
    assert "ValueError" in caplog.text


async def test_a_process_hears_the_others_and_not_itself() -> None:
    heard: list[str] = []
    one, other = wire.Wire("memory://", heard.append), wire.Wire("memory://", lambda _: None)
    for sender in (other, one):
        for message in ("first", "second", wire.BEAT):
            one._take(f"{message} {sender._me}")
    assert heard == ["first", "second"]


async def test_a_wire_ends_though_it_is_just_subscribing(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def subscribe(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(MemoryBackend, "subscribe", subscribe)
    one = wire.Wire("memory://", lambda _: None)
    one.start()
    await begun.wait()
    async with asyncio.timeout(PATIENCE):
        await one.stop()


async def test_no_more_wake_ups_wait_for_a_broken_wire_than_a_thousand(database: str) -> None:
    broken = wire.Wire("redis://127.0.0.1:1", lambda _: None)
    for n in range(5000):
        broken.tell(str(n))
        broken.tell("the same")
    assert len(broken._waiting) == wire.MOST_WAITING
