"""Over every mutation that exists: what the stream last said is what the query says now; a refusal wakes nobody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from models.events import LISTENERS
from models.practice import Role
from models.problems import NotFound
from schema import build_schema
from tests.client import Data, Person, document_of, payload_of
from tests.guards.deeds import DEEDS, SIGNING, Deed
from tests.rows import count
from tests.streams.follower import CHART, CHART_CHANGES, Follower, Hall, calendar, parse_place, until
from tests.streams.life import Life
from tests.week import Week
from tests.world import a_user, an_appointment

pytestmark = pytest.mark.thorough


@dataclass
class Screen:
    """Somebody's calendar: asked for once, and kept by what the stream says."""

    name: str
    person: Person
    stream: Follower
    choice: Data
    shown: dict[str, Any]
    place: int
    watching: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self.watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            told = await self.stream.next()
            place = parse_place(told["cursor"])[1]
            assert place > self.place or told["kind"] == "CHECKPOINT"
            self.place = place
            if told["kind"] == "REMOVED":
                assert told["appointment"] is None
                self.shown.pop(told["appointmentId"], None)
            elif told["kind"] != "CHECKPOINT":
                assert told["kind"] in {"CREATED", "UPDATED", "CANCELED"}
                assert (told["kind"] == "CANCELED") == (told["appointment"]["status"] == "CANCELED")
                self.shown[told["appointmentId"]] = told["appointment"]

    async def says_what_is(self, seq: int) -> None:
        """Wait until the stream has told everything, and expect that the screen shows what the query says."""
        await until(lambda: self.place >= seq or self.watching.done())
        if self.watching.done():
            self.watching.result()
        now = (await calendar(self.person, **self.choice))["appointments"]
        assert self.shown == {one["id"]: one for one in now}, self.name


@dataclass
class Board:
    """Somebody's board of one session, or its chart's: its last state, until it ends."""

    name: str
    stream: Follower
    look: Callable[[], Awaitable[Any]]
    """Ask for the same; None where it is out of sight."""
    shown: Any = None
    watching: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self.watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        with suppress(NotFound):
            while True:
                # Where nothing changes in sight, nothing is told, for however long.
                self.shown = await self.stream.next(None)

    async def says_what_is(self) -> None:
        """Expect that the board shows what the query says, where it has not ended."""
        if self.watching.done():
            self.watching.result()
            return
        if (now := await self.look()) is not None:
            await until(lambda: self.shown == now or self.watching.done())


async def look_at_session(person: Person, session: str) -> Any:
    """Ask for a session as a board shows it."""
    shown = [one for one in (await calendar(person))["appointments"] if one["id"] == session]
    assert not any(one["busyOnly"] for one in shown)
    return shown[0] if shown else None


async def look_at_chart(person: Person, chart: str) -> Any:
    """Ask for a chart."""
    return (await person.ask(f"query ($id: ID!) {{ chart(id: $id) {{ {CHART} }} }}", id=chart))["chart"]


@dataclass
class Room:
    """Everybody, each before a screen and a board."""

    screens: list[Screen] = field(default_factory=list)
    boards: list[Board] = field(default_factory=list)

    async def leave(self) -> None:
        """Let everybody look away."""
        for watching in [screen.watching for screen in self.screens] + [board.watching for board in self.boards]:
            watching.cancel()
            with suppress(asyncio.CancelledError, AssertionError):
                await watching


async def take_seats(week: Week, hall: Hall, people: dict[str, Person], boards: list[str]) -> Room:
    """Sit everybody down before the calendar, and some before two boards as well."""
    hall.hub.quiet_seconds = 0.05
    room = Room()
    choices = [(name, person, dict[str, Any]()) for name, person in people.items()]
    choices += [("scheduler, of amara", week.scheduler, {"providerIds": [week.amaras]})]
    choices += [("amara, of björn and chidi", week.amara, {"providerIds": [week.bjorns, week.chidis]})]
    for name, person, choice in choices:
        first = await calendar(person, **choice)
        stream = await hall.changes(person, after=first["cursor"], **choice)
        shown = {one["id"]: one for one in first["appointments"]}
        room.screens.append(Screen(name, person, stream, choice, shown, parse_place(first["cursor"])[1]))
    for name in boards:
        person = people[name]
        for session in (week.past, week.coming):
            stream = await hall.board(person, session)
            room.boards.append(Board(f"{name}, of a session", stream, partial(look_at_session, person, session)))
        for chart in (week.drafted.chart, week.reviewed.chart) if name in {"amara", "chidi"} else ():
            stream = await hall.open(person, CHART_CHANGES, id=chart)
            room.boards.append(Board(f"{name}, of a chart", stream, partial(look_at_chart, person, chart)))
    return room


@pytest.fixture
async def room(week: Week, hall: Hall) -> AsyncIterator[Room]:
    """One of each kind who sees something that others do not."""
    people = {"scheduler": week.scheduler, "biller": week.carol, "chidi": week.chidi, "ada": week.ada}
    room = await take_seats(week, hall, people, ["chidi", "ada"])
    yield room
    await room.leave()


@pytest.fixture
async def full_room(week: Week, hall: Hall) -> AsyncIterator[Room]:
    """People of every kind there is."""
    people = {
        "owner": week.owner,
        "scheduler": week.scheduler,
        "biller": week.carol,
        "amara": week.amara,
        "björn": week.bjorn,
        "chidi": week.chidi,
        "ada": week.ada,
        "ben": await a_user(week.nobody, name="Ben", roles=[Role.CLIENT], client=week.client_ben),
        "manager who treats": await a_user(week.nobody, name="Olga Gray", roles=[Role.MANAGER, Role.PROVIDER]),
        "biller who treats": await a_user(week.nobody, name="Bella Gray", roles=[Role.BILLER, Role.PROVIDER]),
        "elsewhere": week.elsewhere.eve,
    }
    room = await take_seats(week, hall, people, ["owner", "biller", "amara", "chidi", "ada", "ben"])
    yield room
    await room.leave()


async def agree(room: Room) -> None:
    """Expect that every screen and board says what its query says."""
    for screen in room.screens:
        cursor = (await calendar(screen.person, **screen.choice))["cursor"]
        await screen.says_what_is(parse_place(cursor)[1])
    for board in room.boards:
        await board.says_what_is()


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_after_each_mutation_every_stream_has_said_what_the_query_says(
    week: Week, room: Room, deed: Deed
) -> None:
    await deed.do(week)
    await agree(room)
    await deed.person(week).do(deed.mutation, **deed.keyed(deed.other(week)))
    await agree(room)


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_whatever_happens_every_stream_has_said_what_the_query_says(
    week: Week, full_room: Room, seed: int
) -> None:
    life = Life(week, random.Random(seed))  # noqa: S311 - drawn again the same
    woken: list[UUID] = []
    LISTENERS.append(woken.append)
    try:
        while sum(life.done.values()) < 24:
            before, calls = await count("event"), len(woken)
            happened = await life.happens()
            if not happened.done:
                assert (await count("event"), len(woken)) == (before, calls), happened
            assert (await count("event") > before) == (len(woken) > calls), happened
            if happened.done and sum(life.done.values()) % 8 == 0:
                await agree(full_room)
    finally:
        LISTENERS.remove(woken.append)


async def test_two_at_once_leave_every_stream_saying_what_the_query_says(week: Week, full_room: Room) -> None:
    lives = [Life(week, random.Random(seed)) for seed in (3, 4, 5)]  # noqa: S311 - drawn again the same
    for _ in range(15):
        await asyncio.gather(*(life.happens() for life in lives))
    await agree(full_room)


def test_life_and_deeds_know_every_mutation(week: Week) -> None:
    life = Life(week, random.Random(0))  # noqa: S311 - nothing is drawn
    assert life.deeds.keys() == {deed.mutation for deed in DEEDS}
    core = build_schema()[0]._schema
    assert core.mutation_type
    assert life.deeds.keys() == core.mutation_type.fields.keys() - SIGNING


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_a_refused_mutation_wakes_nobody_and_writes_no_event(week: Week, hall: Hall, deed: Deed) -> None:
    stream = await hall.changes(week.owner)
    woken: list[UUID] = []
    LISTENERS.append(woken.append)
    try:
        before = await count("event")
        answer = await deed.person(week).answer(document_of(deed.mutation), input=deed.keyed(deed.wrong(week)))
        assert not answer.data or (answer.data[deed.mutation] or {}).get("__typename") != payload_of(deed.mutation)
        assert await count("event") == before
        assert woken == []
    finally:
        LISTENERS.remove(woken.append)
    session = await an_appointment(by=week.amara, group=week.monday)
    await stream.change("CREATED", session)
