"""What a stream delivers is in the log of audit, for each who was told it."""

from __future__ import annotations

import pytest

from models.problems import NotFound
from resolvers.reading.run import Plan
from tests.audit.log import begin, whose
from tests.client import Data
from tests.streams.follower import Hall
from tests.world import World, an_appointment


def of(entries: list[Data], operation: str) -> list[Data]:
    return [entry for entry in entries if entry["operation"] == operation]


async def test_each_who_is_told_a_change_is_noted_though_they_share_one_reading(world: World, hall: Hall) -> None:
    streams = [await hall.changes(person) for person in (world.amara, world.owner, world.scheduler)]
    since = await begin()
    session = await an_appointment(by=world.amara, group=world.monday)
    for stream in streams:
        await stream.change("CREATED", session)
    told = of(await since.entries(by=world.owner), "calendarChanges")
    assert {tuple(entry["roles"]) for entry in told} == {("PROVIDER",), ("OWNER",), ("SCHEDULER",)}
    for entry in told:
        assert (entry["action"], entry["channel"], entry["times"]) == ("READ", "STREAM", 1)
        assert session in entry["objectIds"]
        assert whose(entry) == {world.client_ada, world.client_ben, world.client_chloe}
        assert "Appointment.title" in entry["fieldsRead"]


async def test_a_boards_first_state_and_its_changes_of_a_moment_are_one_entry(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    since = await begin()
    board = await hall.board(world.amara, session)
    await board.next()
    await world.owner.do("markAllAttended", appointmentId=session)
    await board.next()
    [entry] = of(await since.entries(by=world.owner), "attendanceBoard")
    assert (entry["times"], entry["actorName"]) == (2, "Amara Okafor")
    await world.owner.do("updateGroup", id=world.monday, name="Monday Circle")
    await board.next()
    assert [entry["times"] for entry in of(await since.entries(by=world.owner), "attendanceBoard")] == [1, 2]


async def test_a_stream_that_is_refused_is_noted_and_names_nobody(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    since = await begin()
    board = await hall.board(world.bjorn, session)
    with pytest.raises(NotFound):
        await board.next()
    [entry] = await since.entries(by=world.owner)
    assert (entry["operation"], entry["outcome"], entry["channel"]) == ("attendanceBoard", "NOT_FOUND", "STREAM")
    assert (entry["objectIds"], whose(entry)) == ([], set())


async def test_a_stream_that_fails_is_noted(world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise LookupError

    session = await an_appointment(by=world.amara, group=world.monday)
    since = await begin()
    with monkeypatch.context() as patch:
        patch.setattr(Plan, "state", fails)
        board = await hall.board(world.amara, session)
        with pytest.raises(LookupError):
            await board.next()
    [entry] = await since.entries(by=world.owner)
    assert (entry["operation"], entry["outcome"], whose(entry)) == ("attendanceBoard", "INTERNAL", set())


async def test_what_was_not_told_is_not_noted(world: World, hall: Hall) -> None:
    stream = await hall.changes(world.bjorn)
    since = await begin()
    session = await an_appointment(by=world.amara, group=world.monday)
    told = await stream.change("CREATED", session)
    assert told["appointment"]["busyOnly"]
    [entry] = of(await since.entries(by=world.owner), "calendarChanges")
    assert (whose(entry), entry["objectIds"]) == (set(), [session])
