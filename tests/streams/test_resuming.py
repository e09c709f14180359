"""Cut at any moment and taken up again from its last cursor, a stream has told everything, in order and once."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from models.database import fetch
from subscriptions import appointments, follow
from tests.client import Person
from tests.command_line.machine import Server
from tests.rows import Snapshot
from tests.streams.follower import CHANGES, PATIENCE, Hall, calendar, parse_place
from tests.streams.life import Life
from tests.streams.processes import servers
from tests.streams.sockets import serving, socket_of
from tests.wire.talk import hear, subscribe
from tests.world import World, an_appointment, in_days

ALL = {"from": in_days(-26, 0), "to": in_days(36, 0)}
"""A stretch that nothing in the tests' lives ever leaves."""


@dataclass
class Listener:
    """Follows the calendar, over as many streams as it takes, and keeps what it was told."""

    cursor: str
    places: list[int] = field(default_factory=list)

    def hears(self, change: Any) -> None:
        """Keep what was told, and the cursor to go on from."""
        self.cursor = change["cursor"]
        if change["kind"] != "CHECKPOINT":
            assert change["kind"] != "RESET"
            self.places.append(parse_place(self.cursor)[1])

    @property
    def place(self) -> int:
        """How far everything was told."""
        return parse_place(self.cursor)[1]


async def logged(person: Person, after: int) -> list[int]:
    """Give all places of the log behind this one, in the order of its numbers, of what the office is told."""
    practice, _ = parse_place((await calendar(person))["cursor"])
    told = "practice_id=$1 AND seq>$2 AND hearers<>'CHARTING'"
    rows = await fetch(f"SELECT seq FROM event WHERE {told} ORDER BY seq", [practice, after])
    return [int(row["seq"]) for row in rows]


async def listener(person: Person) -> Listener:
    """Give somebody who has just asked for the calendar."""
    return Listener((await calendar(person, **ALL))["cursor"])


@asynccontextmanager
async def meanwhile(lives: list[Life]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let lives go on until told to stop."""
    over = asyncio.Event()

    async def go_on(life: Life) -> None:
        while not over.is_set():
            await life.happens()
            await asyncio.sleep(0)

    going = [asyncio.create_task(go_on(life)) for life in lives]

    async def stop() -> None:
        over.set()
        await asyncio.gather(*going)

    try:
        yield stop
    finally:
        await stop()


@pytest.mark.parametrize("seed", range(2))
async def test_cut_at_random_moments_nothing_is_missed_doubled_or_reordered(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(appointments, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(follow, "MOST_WAITING", 2)
    hall.hub.quiet_seconds = 0.01
    rng = random.Random(seed)  # noqa: S311 - drawn again the same
    listeners = [await listener(world.scheduler) for _ in range(3)]
    began = listeners[0].place
    cuts = 0
    # One stays all the time: so there is now a group to come back to, and now there is none.
    async with meanwhile([Life(world, random.Random(seed + n)) for n in (10, 20)]) as stop:  # noqa: S311 - as above
        while cuts < 40 or max(one.place for one in listeners) < began + 25:
            one = rng.choice(listeners)
            stream = await hall.changes(world.scheduler, **ALL, after=one.cursor)
            for _ in range(rng.randrange(6)):
                one.hears(await stream.next())
            if rng.random() < 0.5:
                stream.begin()
                for _ in range(rng.randrange(5)):
                    await asyncio.sleep(0)
            await stream.close()
            cuts += 1
        await stop()
    expected = await logged(world.scheduler, began)
    for one in listeners:
        stream = await hall.changes(world.scheduler, **ALL, after=one.cursor)
        while one.place < expected[-1]:
            one.hears(await stream.next())
        assert one.places == expected


async def read_on(one: Listener, person: Person, server: str, until: Callable[[], bool]) -> None:
    """Follow over a socket until something is so, or the socket is gone."""
    with suppress(ConnectionClosed, OSError):
        async with socket_of(person, server) as ws:
            await subscribe(ws, "1", CHANGES, variables={**ALL, "after": one.cursor})
            while not until():
                message = await hear(ws)
                one.hears(message["payload"]["data"]["calendarChanges"])


async def test_over_sockets_that_are_cut_nothing_is_missed_doubled_or_reordered(world: World, hall: Hall) -> None:
    hall.hub.quiet_seconds = 0.05
    rng = random.Random(1)  # noqa: S311 - drawn again the same
    one = await listener(world.scheduler)
    began = one.place
    async with serving(hall) as served, meanwhile([Life(world, random.Random(2))]) as stop:  # noqa: S311 - as above
        cuts = 0
        while cuts < 12 or one.place < began + 15:
            cuts += 1
            async with socket_of(world.scheduler, served) as ws:
                await subscribe(ws, "1", CHANGES, variables={**ALL, "after": one.cursor})
                for _ in range(rng.randrange(8)):
                    one.hears((await hear(ws))["payload"]["data"]["calendarChanges"])
                ws.transport.abort()
        await stop()
        expected = await logged(world.scheduler, began)
        await read_on(one, world.scheduler, served, lambda: one.place >= expected[-1])
    assert one.places == expected


async def test_over_a_server_that_is_killed_and_started_again_nothing_is_missed_doubled_or_reordered(
    world: World, rehearsed: tuple[World, Snapshot], database_url: str, tmp_path: Path
) -> None:
    """N2."""
    one = await listener(world.scheduler)
    began = one.place

    async def following(server: Server) -> asyncio.Task[None]:
        heard = len(one.places)
        task = asyncio.create_task(read_on(one, world.scheduler, f"{server.address}/graphql", lambda: False))
        async with asyncio.timeout(PATIENCE):
            while len(one.places) < heard + 5:  # noqa: ASYNC110 - another process tells it
                await asyncio.sleep(0.002)
        return task

    async with meanwhile([Life(world, random.Random(3))]) as stop:  # noqa: S311 - drawn again the same
        for _ in range(2):
            async with servers(tmp_path, database_url, many=1) as [server]:
                task = await following(server)
                await server.stop(signal.SIGKILL)
                await task
        await stop()
        expected = await logged(world.scheduler, began)
        async with servers(tmp_path, database_url, many=1) as [server]:
            address = f"{server.address}/graphql"
            await read_on(one, world.scheduler, address, lambda: one.place >= expected[-1])
            stopped = asyncio.create_task(read_on(one, world.scheduler, address, lambda: False))
            await an_appointment(by=world.amara, client=world.client_ada)
            last = (await logged(world.scheduler, began))[-1]
            async with asyncio.timeout(PATIENCE):
                while one.place < last:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.002)
            # A server that is asked to end does so at once, though somebody follows.
            async with asyncio.timeout(PATIENCE / 2):
                assert await server.stop(signal.SIGTERM) in {0, -signal.SIGTERM}
            await stopped
            assert "Traceback" not in server.said
            assert "exceeded" not in server.said
    assert one.places == [*expected, last]
    rehearsed[1].mark = None
