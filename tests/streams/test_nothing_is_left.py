"""When streams have ended, nothing of them is left: no task, no follower, no descriptor, no memory of them."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from models.problems import Unavailable
from subscriptions.appointments import CalendarSource
from subscriptions.attendance import BoardSource
from subscriptions.follow import Group, Member
from subscriptions.hub import Hub
from tests.streams.follower import BOARD, CHANGES, STRETCH, Follower, Hall, calendar, until
from tests.streams.sockets import serving, socket_of
from tests.week import Week
from tests.wire.talk import say, subscribe

pytestmark = pytest.mark.thorough

KINDS = (Member, Group, CalendarSource, BoardSource)


def left() -> Counter[str]:
    """Count what a stream could leave behind."""
    gc.collect()
    objects = Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))
    open_files = Path("/proc/self/fd")
    descriptors = len([*open_files.iterdir()]) if open_files.is_dir() else 0
    return objects + Counter(tasks=len(asyncio.all_tasks()), descriptors=descriptors)


async def settled(before: Counter[str]) -> None:
    """Wait until no more is there than before."""
    try:
        await until(lambda: not left() - before)
    except TimeoutError:
        assert left() - before == Counter()


async def test_three_hundred_streams_over_sockets_leave_nothing(week: Week, hall: Hall) -> None:
    rng = random.Random(1)  # noqa: S311 - drawn again the same
    people = [week.owner, week.amara, week.bjorn, week.scheduler, week.ada]
    async with serving(hall) as served:
        async with socket_of(week.owner, served) as ws:
            await subscribe(ws, "warm", CHANGES, variables=STRETCH)
            await until(lambda: hall.hub.groups)
        await until(lambda: not hall.hub.members)
        # The pool opens its connections when they are first needed, and keeps them.
        await asyncio.gather(*(calendar(week.owner) for _ in range(30)))
        before = left()
        async with AsyncExitStack() as exits:
            sockets = [await exits.enter_async_context(socket_of(people[n % 5], served)) for n in range(15)]
            for n in range(300):
                document, variables = (CHANGES, STRETCH) if n % 2 else (BOARD, {"id": week.coming})
                await subscribe(sockets[n % 15], str(n), document, variables=variables)
            await until(lambda: len(hall.hub.members) == 15 + 300 - 30)
            await week.amara.do("recordConfirmation", attendanceId=week.coming_ada, status="CONFIRMED")
            assert len(hall.hub.groups) < 15
            # Some are taken back by themselves; the rest go with their sockets, in good order or not.
            for n in rng.sample(range(300), 150):
                await say(sockets[n % 15], id=str(n), type="complete")
            for ws in sockets[:5]:
                ws.transport.abort()
        await until(lambda: not hall.hub.members)
        await settled(before)
    assert [*hall.hub.groups, *hall.hub._logs] == []


async def test_streams_that_end_by_a_refusal_leave_nothing(week: Week, hall: Hall) -> None:
    async def refused() -> None:
        await (await hall.board(week.bjorn, week.coming)).ends("NOT_FOUND")
        await (await hall.changes(week.amara, after="zz")).ends("BAD_USER_INPUT")
        await (await hall.changes(week.amara, providerIds=["x"], after=None)).ends("NOT_FOUND")
        hall.followers.clear()

    await refused()
    before = left()
    for _ in range(10):
        await refused()
    await settled(before)
    assert [*hall.hub.groups, *hall.hub.members, *hall.hub._logs] == []


async def test_a_stream_that_is_taken_back_at_any_moment_leaves_nothing(week: Week, hall: Hall) -> None:
    """Between any two steps: while it opens, catches up, joins, waits, and is told something."""
    before = left()
    for steps in range(40):
        await _begin_and_end(week, hall, steps)
    await settled(before)
    assert [*hall.hub.groups, *hall.hub.members, *hall.hub._logs] == []


async def _begin_and_end(week: Week, hall: Hall, steps: int) -> None:
    stream = await hall.changes(week.amara, after=None) if steps % 2 else await hall.board(week.amara, week.coming)
    reading = asyncio.ensure_future(_read(stream))
    for _ in range(steps):
        await asyncio.sleep(0)
    if steps % 3 == 0:
        hall.hub._dirty.set()
    reading.cancel()
    await asyncio.wait({reading})
    await stream.close()
    hall.followers.clear()


async def _read(stream: Follower) -> None:
    while True:
        await stream.next()


async def test_a_board_that_fails_for_one_sight_leaves_the_others(week: Week, hall: Hall) -> None:
    boards = [await hall.board(person, week.coming) for person in (week.ada, week.ada, week.amara)]
    for board in boards:
        await board.next()
        board.begin()
    await until(lambda: sum(len(group.members) for group in hall.hub.groups.values()) == 3)
    await week.amara.do("removeGroupMember", groupId=week.monday, clientId=week.client_ada)
    for board in boards[:2]:
        await board.ends("NOT_FOUND")
    await boards[2].next()
    await until(lambda: len(hall.hub.members) == 1)


async def test_a_bug_in_one_sight_ends_its_streams_and_no_others(
    week: Week, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, ends = await hall.changes(week.amara), [await hall.changes(week.owner) for _ in range(2)]
    for stream in (stays, *ends):
        stream.begin()
    await until(lambda: sum(len(group.members) for group in hall.hub.groups.values()) == 3)
    group = next(group for group in hall.hub.groups.values() if len(group.members) == 2)

    async def fail(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(group.source, "read", fail)
    await week.amara.do("recordConfirmation", attendanceId=week.coming_ada, status="CONFIRMED")
    for stream in ends:
        with pytest.raises(ZeroDivisionError):
            await stream.text()
    await stays.change("UPDATED", week.coming)
    again = await hall.changes(week.owner)
    again.begin()
    await until(lambda: sum(len(group.members) for group in hall.hub.groups.values()) >= 1)
    await week.amara.do("recordConfirmation", attendanceId=week.coming_ben, status="CONFIRMED")
    await again.change("UPDATED", week.coming)


async def test_streams_outlive_a_database_that_is_away_for_a_moment(
    week: Week, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subscriptions.follow.POLL_SECONDS", 0.01)
    stream = (await hall.changes(week.amara)).begin()
    await until(lambda: hall.hub.groups)
    [group] = hall.hub.groups.values()
    read, failures = group.source.read, iter((Unavailable(), ConnectionResetError(), Unavailable()))

    async def away(*given: Any) -> Any:
        for failure in failures:
            raise failure
        return await read(*given)

    monkeypatch.setattr(group.source, "read", away)
    await week.amara.do("recordConfirmation", attendanceId=week.coming_ada, status="CONFIRMED")
    await stream.change("UPDATED", week.coming)
    assert next(failures, None) is None


async def test_a_hub_that_stops_ends_its_streams(week: Week, database_url: str) -> None:
    hub = Hub("memory://")
    await hub.start()
    hall = Hall.of(hub)
    streams = [await hall.changes(week.amara), await hall.changes(week.ada), await hall.board(week.amara, week.coming)]
    await streams[2].next()
    for stream in streams:
        stream.begin()
    await until(lambda: len(hub.groups) == 3)
    gone = weakref.ref(next(iter(hub.groups.values())))
    await hub.stop()
    for stream in streams:
        await stream.ends("UNAVAILABLE")
    await until(lambda: gc.collect() is not None and gone() is None)
    assert [*hub.groups, *hub.members, *hub._logs] == []
