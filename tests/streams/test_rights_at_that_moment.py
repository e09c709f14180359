"""A stream shows what may be known at that moment: when a right ends, it turns or ends within a second, everywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from grouproom.auditor import Auditor
from models import Event, SignIn, User
from models.base import now
from models.charting.closings import Closings
from models.database import fetch
from models.events import KEPT_FOR, Hearers
from models.practice import Role
from models.unit_of_work import unit_of_work
from resolvers.practice.sign_in import issue_token
from resolvers.viewer import OPERATOR
from subscriptions.follow import SignInEnded
from subscriptions.hub import ended_sign_ins
from tests.charting.scene import locked, time_is_over
from tests.client import Data, Person
from tests.command_line.machine import Server
from tests.databases import ON_POSTGRES, waiting_for_locks
from tests.runs.workers import comes_true
from tests.streams.follower import BOARD, CHANGES, STRETCH, Hall, calendar, parse_place, until, viewer_of
from tests.streams.processes import at
from tests.streams.sockets import serving, socket_of, told
from tests.wire.talk import closing, hear, subscribe
from tests.world import World, a_user, an_appointment, in_days, lines_of

SOON = 2.0
"""Seconds: a second, and another for a machine that is busy with tests."""
OURS = ("Monday", "MGG", "Ada", "Addie", "Ben", "Chloe")
ROUNDS = 8 if ON_POSTGRES else 3
"""On SQLite each waits for the other process to look."""
SIGN_OUT = "mutation { signOut }"


async def a_token(like: Person) -> Person:
    """Give the person with a sign-in of its own."""
    viewer = await viewer_of(like)
    user = await User.get(id=viewer.user_id)
    return Person(like.send, await unit_of_work(lambda: issue_token(OPERATOR, user, timedelta(hours=1))))


async def sign_in_id(person: Person) -> UUID:
    found = (await viewer_of(person)).sign_in_id
    assert found
    return found


async def expire(person: Person) -> None:
    """Let the person's sign-in be over by the clock, without anybody saying so."""
    await SignIn.filter(id=await sign_in_id(person)).update(expires_at=now())


async def test_a_stream_turns_to_busy_when_the_group_is_shared_no_more(world: World, hall: Hall) -> None:
    """N15."""
    session = await an_appointment(by=world.scheduler, group=world.monday, provider=world.bjorns, confirm_sharing=True)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    stream = await hall.changes(world.bjorn)
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED")
    full = await stream.text()
    assert all(name in full for name in ("Monday Grief Group", "Addie", "Ben", "Chloe"))
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    text = await stream.text()
    assert not [word for word in OURS if word in text]
    busy = json.loads(text)["data"]["calendarChanges"]
    assert (busy["kind"], busy["appointment"]["busyOnly"]) == ("UPDATED", True)
    await world.amara.do("updateGroup", id=world.monday, name="Monday Circle", initials="MC")
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(9))
    still = await stream.text()
    assert not [word for word in OURS if word in still]


async def test_a_client_who_left_is_told_when_a_past_session_moves_to_the_future_without_them(
    world: World, hall: Hall
) -> None:
    """N10: and who stayed is told once, however many left."""
    ben = await a_user(world.nobody, name="Ben", roles=[Role.CLIENT], client=world.client_ben)
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-1))
    for client in (world.client_ada, world.client_chloe):
        await world.amara.do("removeGroupMember", groupId=world.monday, clientId=client)
    adas, bens, offices = [await hall.changes(one) for one in (world.ada, ben, world.scheduler)]
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(2))
    assert (await adas.change("REMOVED", session))["appointment"] is None
    assert (await offices.change("UPDATED", session))["appointment"]["attendanceSummary"]["total"] == 1
    await bens.change("UPDATED", session)
    last = await an_appointment(by=world.amara, group=world.monday)
    await bens.change("CREATED", last)


async def test_a_stream_ends_when_its_sign_in_does(world: World, hall: Hall) -> None:
    other = await a_token(world.amara)
    ends, stays = await hall.changes(other), await hall.changes(world.amara)
    for stream in (ends, stays):
        stream.begin()
    await until(lambda: [len(group.members) for group in hall.hub.groups.values()] == [2])
    await other.ask(SIGN_OUT)
    with pytest.raises(SignInEnded):
        await ends.text()
    await stays.change("CREATED", await an_appointment(by=world.amara, group=world.monday))


async def test_nothing_that_came_later_is_told_though_the_end_was_not_noticed_yet(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group asks by itself, after each reading."""

    async def unnoticed(_: Iterable[UUID | None]) -> set[UUID]:
        return set()

    monkeypatch.setattr("subscriptions.hub.ended_sign_ins", unnoticed)
    session = await an_appointment(by=world.amara, group=world.monday)
    one = await a_token(world.amara)
    stream, board = (await hall.changes(one)).begin(), await hall.board(one, session)
    await board.next()
    board.begin()
    await until(lambda: len(hall.hub.groups) == 2)
    await expire(one)
    await world.amara.do("markAllAttended", appointmentId=session)
    for ended in (stream, board):
        with pytest.raises(SignInEnded):
            await ended.text()


async def test_who_is_still_catching_up_is_told_nothing_after_the_sign_in_has_ended(world: World, hall: Hall) -> None:
    one = await a_token(world.amara)
    session = await an_appointment(by=world.amara, group=world.monday)
    before = (await calendar(one))["cursor"]
    stream, board = await hall.changes(one, after=before), await hall.board(one, session)
    await one.ask(SIGN_OUT)
    await world.amara.do("markAllAttended", appointmentId=session)
    for ended in (stream, board):
        with pytest.raises(SignInEnded):
            await ended.text()


async def test_who_joins_while_it_is_asked_whose_sign_in_has_ended_is_asked_about_too(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await a_token(world.amara), await a_token(world.amara)
    stays, ends = await hall.changes(first), await hall.changes(second)
    stays.begin()
    await until(lambda: hall.hub.groups)
    [group] = hall.hub.groups.values()
    asking, go = asyncio.Event(), asyncio.Event()

    async def slowly(sign_ins: Iterable[UUID | None]) -> set[UUID]:
        asked = [*sign_ins]
        ended = await ended_sign_ins(asked)
        asking.set()
        await go.wait()
        return ended

    monkeypatch.setattr("subscriptions.follow.ended_sign_ins", slowly)
    session = await an_appointment(by=world.amara, group=world.monday)
    await asking.wait()
    # The group has read what is new, and asks about the one follower it has. Now another one comes in.
    ends.begin()
    await until(lambda: len(group.members) == 2)
    await expire(second)
    go.set()
    await stays.change("CREATED", session)
    with pytest.raises(SignInEnded):
        await ends.text()


async def test_a_socket_is_closed_with_4403_when_its_sign_in_ends_though_nothing_runs_on_it(
    world: World, hall: Hall
) -> None:
    one, two = await a_token(world.amara), await a_token(world.amara)
    nobody = Person(world.amara.send)
    async with (
        serving(hall) as served,
        socket_of(one, served) as idle,
        socket_of(one, served) as following,
        socket_of(two, served) as others,
        socket_of(nobody, served) as nobodys,
    ):
        await subscribe(following, "1", CHANGES, variables=STRETCH)
        await until(lambda: hall.hub.groups)
        await one.ask(SIGN_OUT)
        for ws in (idle, following):
            assert await closing(ws) == (4403, "The sign-in has ended")
        await until(lambda: len(hall.hub.members) == 1)
        for ws in (others, nobodys):
            await subscribe(ws, "1", "{ __typename }")
            assert (await hear(ws))["type"] == "next"
    await until(lambda: not hall.hub.members)


async def test_signing_out_on_one_process_closes_the_sockets_on_all(world: World, pair: list[Server]) -> None:
    one = await a_token(world.bjorn)
    addresses = [f"{server.address}/graphql" for server in pair]
    async with (
        socket_of(one, addresses[0]) as near,
        socket_of(one, addresses[1]) as far,
        socket_of(one, addresses[1]) as idle,
    ):
        for ws in (near, far):
            await subscribe(ws, "1", CHANGES, variables={**STRETCH, "after": (await calendar(one))["cursor"]})
        # All are under way once they tell of this.
        await an_appointment(by=world.amara, group=world.monday)
        assert {(await told(ws))["kind"] for ws in (near, far)} == {"CREATED"}
        await at(pair[0], one).ask(SIGN_OUT)
        async with asyncio.timeout(SOON):
            ends = await asyncio.gather(*(closing(ws) for ws in (near, far, idle)))
        assert {*ends} == {(4403, "The sign-in has ended")}


async def test_a_sign_in_that_expires_closes_the_sockets_on_all_processes(world: World, pair: list[Server]) -> None:
    one = await a_token(world.bjorn)
    addresses = [f"{server.address}/graphql" for server in pair]
    async with socket_of(one, addresses[0]) as near, socket_of(one, addresses[1]) as far:
        await subscribe(far, "1", CHANGES, variables=STRETCH)
        await expire(one)
        async with asyncio.timeout(SOON):
            ends = await asyncio.gather(closing(near), closing(far))
        assert {*ends} == {(4403, "The sign-in has ended")}


async def test_a_share_that_ends_on_one_process_ends_it_on_all(world: World, pair: list[Server]) -> None:
    session = await an_appointment(by=world.scheduler, group=world.monday, provider=world.bjorns, confirm_sharing=True)
    cursor = (await calendar(world.bjorn))["cursor"]
    addresses = [f"{server.address}/graphql" for server in pair]
    async with socket_of(world.bjorn, addresses[0]) as near, socket_of(world.bjorn, addresses[1]) as far:
        for ws in (near, far):
            await subscribe(ws, "board", BOARD, variables={"id": session})
            assert (await hear(ws))["payload"]["data"]["attendanceBoard"]["title"] == "Monday Grief Group"
            await subscribe(ws, "changes", CHANGES, variables={**STRETCH, "after": cursor})
        await at(pair[0], world.amara).do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
        async with asyncio.timeout(SOON):
            for ws in (near, far):
                heard = {message["id"]: message for message in [await hear(ws), await hear(ws)]}
                assert heard["board"]["payload"][0]["extensions"] == {"code": "NOT_FOUND"}
                busy = heard["changes"]["payload"]["data"]["calendarChanges"]
                assert (busy["kind"], busy["appointment"]["busyOnly"]) == ("UPDATED", True)
                assert not [word for word in OURS if word in json.dumps(heard)]


async def end_exactly(person: Person) -> int:
    """End a sign-in between two events, tell nobody, and give the last place in the log from before."""
    viewer = await viewer_of(person)

    async def end() -> int:
        # Who holds the counter's row has all later numbers committed after this.
        [row] = await fetch("UPDATE event_counter SET seq=seq WHERE practice_id=$1 RETURNING seq", [viewer.practice_id])
        await SignIn.filter(id=viewer.sign_in_id).update(ended_at=now())
        return int(row["seq"])

    return await unit_of_work(end)


async def places_until_closed(ws: ClientConnection) -> list[int]:
    """Give the places of all that is told until the socket is closed for the end of its sign-in."""
    places = []
    with suppress(ConnectionClosed):
        while True:
            places.append(parse_place((await told(ws))["cursor"])[1])
    assert ws.close_code == 4403
    return places


@pytest.mark.thorough
async def test_nothing_committed_after_the_end_of_a_sign_in_is_delivered(world: World, pair: list[Server]) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    over = asyncio.Event()

    async def keep_busy(by: Person) -> None:
        n = 0
        while not over.is_set():
            n += 1
            await by.do("rescheduleAppointment", id=session, startsAt=in_days(1 + n % 20))

    busy = asyncio.create_task(keep_busy(at(pair[0], world.amara)))
    try:
        for _ in range(ROUNDS):
            one = await a_token(world.bjorn)
            async with (
                socket_of(one, f"{pair[0].address}/graphql") as near,
                socket_of(one, f"{pair[1].address}/graphql") as far,
            ):
                for ws in (near, far):
                    await subscribe(ws, "1", CHANGES, variables={**STRETCH, "after": (await calendar(one))["cursor"]})
                    await told(ws)
                last = await end_exactly(one)
                async with asyncio.timeout(SOON):
                    heard = await asyncio.gather(places_until_closed(near), places_until_closed(far))
                for places in heard:
                    assert [place for place in places if place > last] == []
    finally:
        over.set()
        await busy


async def test_what_is_opened_in_an_emergency_shows_and_goes_in_open_streams(world: World, hall: Hall) -> None:
    session = await locked(by=world.amara, group=world.monday, starts_at=in_days(-3))
    board = "subscription ($id: ID!) { attendanceBoard(appointmentId: $id) { attendances { chartNote { body } } } }"
    stream = await hall.open(world.manager, board, id=session.id)
    assert _shown(await stream.next()) == 0
    calendars = [await hall.changes(person) for person in (world.manager, world.amara)]
    await world.manager.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.", minutes=1)
    await calendars[0].change("UPDATED", session.id)
    assert _shown(await stream.next()) == 1
    # The minute is over.
    await Event.all().update(at=now() - timedelta(seconds=120))
    await time_is_over()
    # It was over before these two processes were there.
    for process in [Auditor(KEPT_FOR) for _ in range(2)]:
        process.start()
        await process.stop()
    await calendars[0].change("UPDATED", session.id)
    assert _shown(await stream.next()) == 0
    # Once, though both noticed it; and to whoever wrote the notes it is nothing new.
    last = await an_appointment(by=world.amara, group=world.monday)
    for following in calendars:
        await following.change("CREATED", last)


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has one writer at a time")
async def test_of_two_processes_that_notice_at_once_what_is_over_one_tells_it(world: World, database_url: str) -> None:
    await locked(by=world.amara, group=world.monday, starts_at=in_days(-3))
    await world.manager.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.", minutes=1)
    await Event.all().update(at=now() - timedelta(seconds=120))
    await time_is_over()
    before = await Event.filter(hearers=Hearers.EMERGENCY.value).count()
    somebody = await asyncpg.connect(database_url)

    async def both_wait() -> bool:
        return await waiting_for_locks() == 2

    try:
        # Whoever writes into the log meanwhile holds both up, right before they write themselves.
        async with somebody.transaction():
            await somebody.execute("SELECT seq FROM event_counter FOR UPDATE")
            telling = [asyncio.create_task(Closings(now() - KEPT_FOR).tell()) for _ in range(2)]
            await comes_true(both_wait)
        await asyncio.gather(*telling)
    finally:
        await somebody.close()
    assert await Event.filter(hearers=Hearers.EMERGENCY.value).count() == before + 1


def _shown(board: Data) -> int:
    return sum(line["chartNote"] is not None for line in board["attendances"])
