"""A subscriber that does not read delays nobody, and what waits for it is bounded; nothing of it is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

import pytest
from websockets.exceptions import ConnectionClosed

from grouproom.graphql.adapter import SocketAdapter
from models.database import fetch
from models.places import seal as place
from subscriptions import appointments, follow
from tests.streams.follower import CHANGES, STRETCH, Follower, Hall, calendar, parse_place, until, viewer_of
from tests.streams.sockets import lazy_socket_of, serving, socket_of, told
from tests.wire.talk import subscribe
from tests.world import World, an_appointment

pytestmark = pytest.mark.thorough


async def a_log(world: World, *, sessions: int, renamings: int) -> None:
    """Let much happen: each new name of a group is an event of each of its sessions."""
    for _ in range(sessions):
        await an_appointment(by=world.amara, group=world.monday)
    await rename(world, renamings)


async def rename(world: World, times: int) -> None:
    for _ in range(times):
        await world.amara.do("updateGroup", id=world.monday, name=f"Monday Grief Group {next(_names)}")


_names = count(1)


async def beginning(world: World) -> str:
    """Give the place before all that happened."""
    practice = (await viewer_of(world.amara)).practice_id
    assert practice
    return place(practice, 0)


async def latest() -> int:
    [row] = await fetch("SELECT max(seq) AS seq FROM event")
    return int(row["seq"])


async def heard(stream: Follower, upto: int) -> list[int]:
    """Give the places of all that is told up to this one."""
    places: list[int] = []
    while not places or places[-1] < upto:
        change = await stream.next()
        assert change["kind"] not in {"RESET", "CHECKPOINT"}
        places.append(parse_place(change["cursor"])[1])
    return places


@pytest.mark.parametrize("at_once", [1, 7, 50, 200])
async def test_who_was_away_is_told_all_that_was_missed_and_then_what_comes(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(appointments, "MOST_AT_ONCE", at_once)
    monkeypatch.setattr(follow, "MOST_WAITING", 4)
    await a_log(world, sessions=10, renamings=4)
    stream = await hall.changes(world.amara, after=await beginning(world))
    assert await heard(stream, 50) == [*range(1, 51)]
    await rename(world, 1)
    assert await heard(stream, 60) == [*range(51, 61)]


@pytest.mark.parametrize("at_once", [1, 7, 200])
async def test_one_deed_with_more_events_than_may_wait_is_told_to_all_by_one_reading(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(appointments, "MOST_AT_ONCE", at_once)
    monkeypatch.setattr(follow, "MOST_WAITING", 4)
    await a_log(world, sessions=10, renamings=0)
    streams = [await hall.changes(world.amara) for _ in range(3)]
    for n in range(2):
        for stream in streams:
            stream.begin()
        await until(lambda: [len(group.members) for group in hall.hub.groups.values()] == [3])
        await rename(world, 1)
        expected = [*range(11 + 10 * n, 21 + 10 * n)]
        assert [await heard(stream, expected[-1]) for stream in streams] == [expected] * 3


async def test_one_who_does_not_read_delays_nobody_and_catches_up(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MOST_WAITING", 8)
    monkeypatch.setattr(appointments, "MOST_AT_ONCE", 5)
    await a_log(world, sessions=5, renamings=0)
    quick, slow = await hall.changes(world.amara), await hall.changes(world.amara)
    slow.begin()
    await until(lambda: hall.hub.groups)
    [group] = hall.hub.groups.values()
    [idle] = group.members
    most = 0
    for n in range(1, 20):
        await rename(world, 1)
        assert await heard(quick, 5 + 5 * n) == [*range(1 + 5 * n, 6 + 5 * n)]
        most = max(most, len(idle.waiting))
    assert 0 < most < follow.MOST_WAITING + appointments.MOST_AT_ONCE
    assert await heard(slow, 100) == [*range(6, 101)]
    slow.begin()
    quick.begin()
    await until(lambda: len(group.members) == 2)
    await rename(world, 1)
    assert await heard(slow, 105) == await heard(quick, 105) == [*range(101, 106)]


async def test_a_board_that_nobody_reads_holds_no_more_than_its_last_state(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    board = await hall.board(world.amara, session)
    await board.next()
    board.begin()
    await until(lambda: hall.hub.groups)
    [group] = hall.hub.groups.values()
    [idle] = group.members
    for n in range(2, 8):
        await rename(world, 1)
        await until(lambda n=n: group.cursor == n)  # type: ignore[misc]
        assert len(idle.waiting) <= 1


async def test_a_client_that_does_not_read_delays_no_other_and_misses_nothing(world: World, hall: Hall) -> None:
    await a_log(world, sessions=10, renamings=0)
    async with (
        serving(hall) as served,
        socket_of(world.amara, served) as quick,
        lazy_socket_of(world.amara, served) as lazy,
    ):
        for ws in (quick, lazy):
            await subscribe(ws, "1", CHANGES, variables={**STRETCH, "after": (await calendar(world.amara))["cursor"]})
        await until(lambda: [len(group.members) for group in hall.hub.groups.values()] == [2])
        for _ in range(15):
            await rename(world, 1)
        assert [parse_place((await told(quick))["cursor"])[1] for _ in range(150)] == [*range(11, 161)]
        # It has lost its place in the group, and so holds nothing but what is on its way.
        members = {member: len(member.waiting) for group in hall.hub.groups.values() for member in group.members}
        assert min(members.values()) == 0
        assert max(members.values()) < follow.MOST_WAITING + appointments.MOST_AT_ONCE
        assert [parse_place((await told(lazy))["cursor"])[1] for _ in range(150)] == [*range(11, 161)]


async def test_a_client_that_reads_nothing_for_too_long_loses_its_socket_and_goes_on_by_another(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SocketAdapter, "send_seconds", 0.2)
    await a_log(world, sessions=10, renamings=0)
    async with serving(hall) as served:
        async with lazy_socket_of(world.amara, served) as lazy:
            await subscribe(lazy, "1", CHANGES, variables={**STRETCH, "after": await beginning(world)})
            await until(lambda: hall.hub.groups)
            for _ in range(15):
                await rename(world, 1)
            await until(lambda: not hall.hub.members)
            cursors = []
            with suppress(ConnectionClosed):
                while True:
                    cursors.append((await told(lazy))["cursor"])
        async with socket_of(world.amara, served) as again:
            await subscribe(again, "1", CHANGES, variables={**STRETCH, "after": cursors[-1]})
            places = [parse_place(cursor)[1] for cursor in cursors]
            while places[-1] < 160:
                places.append(parse_place((await told(again))["cursor"])[1])
    assert places == [*range(1, 161)]


async def test_a_client_that_reads_nothing_is_not_waited_for_when_its_sign_in_ends(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SocketAdapter, "send_seconds", 0.2)
    await a_log(world, sessions=10, renamings=15)
    async with serving(hall) as served, lazy_socket_of(world.amara, served) as lazy:
        await subscribe(lazy, "1", CHANGES, variables={**STRETCH, "after": await beginning(world)})
        await until(lambda: len(hall.hub.members) == 2)
        await world.amara.ask("mutation { signOut }")
        async with asyncio.timeout(5):
            await until(lambda: not hall.hub.members)
