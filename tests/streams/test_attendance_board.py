"""The live board: the session as it is now, then again after each change, for as long as it may be known."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from models.events import LISTENERS
from subscriptions.attendance import BoardSource
from subscriptions.follow import Told
from subscriptions.hub import ended_sign_ins
from tests.client import Data, Person
from tests.streams.follower import Hall, calendar, until
from tests.streams.sockets import serving, socket_of
from tests.wire.talk import hear, subscribe
from tests.world import World, an_appointment, in_days, lines_of


def outcomes(board: Data) -> list[str | None]:
    """Give what came of it for each client, by last name."""
    return [line["outcome"] for line in board["attendances"]]


def confirmations(board: Data) -> list[str]:
    """Give what each client has said of coming, by last name."""
    return [line["confirmation"] for line in board["attendances"]]


async def appointment(person: Person, session: str) -> Any:
    """Give the session as the calendar shows it to this person."""
    return next(one for one in (await calendar(person))["appointments"] if one["id"] == session)


async def test_the_state_comes_first_and_again_after_each_change(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = await lines_of(session, by=world.amara)
    ada, ben, _ = line.values()
    board = await hall.board(world.carol, session)
    assert outcomes(await board.next()) == [None] * 3
    changes: list[tuple[Person, str, Data]] = [
        (world.amara, "setAttendance", {"attendanceId": ben, "outcome": "NO_SHOW", "feeMinor": 5000}),
        (world.ada, "recordConfirmation", {"attendanceId": ada, "status": "CONFIRMED"}),
        (world.amara, "markAllAttended", {"appointmentId": session}),
        (world.carol, "acceptPayment", _payment(world, ben)),
        (world.amara, "clearAttendance", {"attendanceId": ada}),
        (world.scheduler, "addGroupMember", {"groupId": world.monday, "clientId": world.client_dora}),
        (world.amara, "updateGroup", {"id": world.monday, "initials": "MCG"}),
        (world.amara, "rescheduleAppointment", {"id": session, "startsAt": in_days(8)}),
    ]
    for by, mutation, given in changes:
        await by.do(mutation, **given)
        assert await board.next() == await appointment(world.carol, session), mutation
    assert outcomes(await appointment(world.carol, session)) == [None, "NO_SHOW", "ATTENDED", None]


def _payment(world: World, line: str) -> Data:
    return {
        "clientId": world.client_ben,
        "amountMinor": 5000,
        "method": "CASH",
        "attendanceId": line,
        "idempotencyKey": "board",
    }


async def test_what_changes_nothing_of_the_session_is_not_told(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    board = await hall.board(world.amara, session)
    await board.next()
    await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("updateClient", id=world.client_ada, phone="110")
    await world.amara.do("markAllAttended", appointmentId=session)
    assert outcomes(await board.next()) == ["ATTENDED"] * 3


async def test_a_burst_is_told_once(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    board = await hall.board(world.amara, session)
    await board.next()
    board.begin()
    await until(lambda: hall.hub.groups)
    for line in (await lines_of(session, by=world.amara)).values():
        for status in ("PENDING", "DECLINED", "CONFIRMED"):
            await world.amara.do("recordConfirmation", attendanceId=line, status=status)
    [group] = hall.hub.groups.values()
    await until(lambda: group.cursor == 10)
    # What was on its way before anybody looked away, and then only how it ended.
    told = [await board.next(), await board.next()]
    assert told[-1] == await appointment(world.amara, session)
    board.begin()
    await world.amara.do("markAllAttended", appointmentId=session)
    assert outcomes(await board.next()) == ["ATTENDED"] * 3


async def test_a_change_is_told_though_the_next_is_none_of_the_board_s(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, other = [await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(n)) for n in (1, 2)]
    board = await hall.board(world.amara, session)
    await board.next()
    board.begin()
    await until(lambda: hall.hub.groups)

    async def meanwhile(*given: Any) -> Any:
        """Let something happen elsewhere while what has been read of the board is about to be told."""
        asking.undo()
        [group] = hall.hub.groups.values()
        read = group.log.latest
        await world.amara.do("markAllAttended", appointmentId=other)
        await until(lambda: group.log.latest > read)
        return await ended_sign_ins(*given)

    with monkeypatch.context() as asking:
        asking.setattr("subscriptions.follow.ended_sign_ins", meanwhile)
        await world.amara.do("markAllAttended", appointmentId=session)
        assert outcomes(await board.next(2)) == ["ATTENDED"] * 3


async def test_who_opens_a_board_between_two_changes_is_told_the_second_though_others_were_told_it_early(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    ada, ben, _ = (await lines_of(session, by=world.amara)).values()
    first = await hall.board(world.amara, session)
    await first.next()
    first.begin()
    await until(lambda: hall.hub.groups)
    [group] = hall.hub.groups.values()
    read, asked, may = BoardSource.now, asyncio.Event(), asyncio.Event()

    async def slowly(source: BoardSource) -> Told:
        """Let those who follow already wait for a busy database, and nobody else."""
        if source is group.source:
            asked.set()
            await may.wait()
        return await read(source)

    monkeypatch.setattr(BoardSource, "now", slowly)
    await world.amara.do("setAttendance", attendanceId=ada, outcome="ATTENDED")
    await asked.wait()
    second = await hall.board(world.amara, session)
    assert outcomes(await second.next()) == ["ATTENDED", None, None]
    # Another process commits a second change, and this one has not looked yet when the first is read.
    LISTENERS.remove(hall.hub.wake)
    await world.amara.do("setAttendance", attendanceId=ben, outcome="ATTENDED")
    LISTENERS.append(hall.hub.wake)
    may.set()
    assert outcomes(await first.next()) == ["ATTENDED", "ATTENDED", None]
    second.begin()
    await until(lambda: len(group.members) == 2 or not second.waits)
    hall.hub.wake(group.source.practice)
    assert outcomes(await second.next()) == ["ATTENDED", "ATTENDED", None]


@pytest.mark.thorough
async def test_however_much_happens_at_once_each_board_comes_to_show_how_it_is(world: World, hall: Hall) -> None:
    *sessions, other = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(n)) for n in range(1, 8)
    ]
    shown: dict[str, Data] = {}

    async def follow(session: str) -> None:
        board = await hall.board(world.scheduler, session)
        while True:
            shown[session] = await board.next(None)

    async def confirm(session: str, status: str) -> None:
        for line in (await lines_of(session, by=world.owner)).values():
            await world.owner.do("recordConfirmation", attendanceId=line, status=status)

    async def elsewhere() -> None:
        for status in cycle(("CONFIRMED", "PENDING")):
            await confirm(other, status)

    def all_show(status: str) -> bool:
        return all(confirmations(board) == [status] * 3 for board in shown.values())

    async with asyncio.TaskGroup() as meanwhile:
        tasks = [meanwhile.create_task(work) for work in (elsewhere(), *map(follow, sessions))]
        await until(lambda: len(shown) == len(sessions))
        for status in ("CONFIRMED", "DECLINED") * 10:
            await asyncio.gather(*(confirm(session, status) for session in sessions))
            await until(partial(all_show, status))
        for task in tasks:
            task.cancel()


async def test_each_board_begins_with_what_is_so_then_whoever_else_follows_it(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    first = await hall.board(world.amara, session)
    await first.next()
    first.begin()
    await world.amara.do("markAllAttended", appointmentId=session)
    second = await hall.board(world.amara, session)
    assert outcomes(await second.next()) == ["ATTENDED"] * 3
    assert outcomes(await first.next()) == ["ATTENDED"] * 3
    second.begin()
    first.begin()
    await until(lambda: [len(group.members) for group in hall.hub.groups.values()] == [2])
    [ada, *_] = (await lines_of(session, by=world.amara)).values()
    await world.amara.do("clearAttendance", attendanceId=ada)
    told = [outcomes(board) for board in await asyncio.gather(first.next(), second.next())]
    assert told == [[None, "ATTENDED", "ATTENDED"]] * 2


async def test_a_board_of_what_is_not_there_or_only_busy_is_not_found(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    theirs = await an_appointment(by=world.elsewhere.eve, group=world.elsewhere.group)
    for unknown in (theirs, world.monday, "apt_" + "0" * 32, "x", ""):
        await (await hall.board(world.amara, unknown)).ends("NOT_FOUND")
    assert (await appointment(world.bjorn, session))["busyOnly"]
    await (await hall.board(world.bjorn, session)).ends("NOT_FOUND")
    others = await an_appointment(by=world.bjorn, group=world.thursday)
    await (await hall.board(world.ada, others)).ends("NOT_FOUND")
    await (await hall.board(world.nobody, session)).ends("UNAUTHENTICATED")


async def test_a_board_ends_when_the_group_is_shared_no_more(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.scheduler, group=world.monday, provider=world.bjorns, confirm_sharing=True)
    board = await hall.board(world.bjorn, session)
    assert (await board.next())["title"] == "Monday Grief Group"
    amaras = await hall.board(world.amara, session)
    await amaras.next()
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    await board.ends("NOT_FOUND")
    # Nothing that shows there has changed for its owner.
    await world.amara.do("updateGroup", id=world.monday, name="Monday Circle")
    assert (await amaras.next())["title"] == "Monday Circle"


async def test_a_clients_board_ends_when_they_leave_the_roster(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    board = await hall.board(world.ada, session)
    assert len((await board.next())["attendances"]) == 1
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
    await board.ends("NOT_FOUND")


async def test_a_client_hears_nothing_of_what_becomes_of_others(world: World, hall: Hall) -> None:
    """From how often they are told anything, they could count who came."""
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = await lines_of(session, by=world.amara)
    board, stream = await hall.board(world.ada, session), await hall.changes(world.ada)
    busy = (await hall.changes(world.bjorn)).begin()
    await board.next()
    for client in (world.client_ben, world.client_chloe):
        await world.amara.do("setAttendance", attendanceId=lines[client], outcome="ATTENDED")
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_chloe)
    await world.amara.do("setAttendance", attendanceId=lines[world.client_ada], outcome="ATTENDED")
    [own] = (await board.next())["attendances"]
    assert own["outcome"] == "ATTENDED"
    [told] = (await stream.change("UPDATED", session))["appointment"]["attendances"]
    assert told["outcome"] == "ATTENDED"
    other = await an_appointment(by=world.amara, group=world.monday)
    await busy.change("CREATED", other)


async def test_a_canceled_session_keeps_its_board(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    board = await hall.board(world.amara, session)
    await board.next()
    await world.amara.do("cancelAppointment", id=session)
    assert (await board.next())["status"] == "CANCELED"


async def test_what_an_argument_within_cannot_be_is_the_clients_mistake(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    # By itself the variable may be null; the argument, which has a default, may be left out and may not.
    asked = "attendances { client { appointments(order: $order) { totalCount } } }"
    document = f"subscription ($id: ID!, $order: TimeOrder) {{ attendanceBoard(appointmentId: $id) {{ {asked} }} }}"
    async with serving(hall) as served, socket_of(world.amara, served) as ws:
        await subscribe(ws, "1", document, variables={"id": session, "order": None})
        [error] = (await hear(ws))["payload"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
