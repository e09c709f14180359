"""Those who see the same share one reading and one text; those who might not, never do."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from models.database import fetch
from models.ids import parse_id
from models.practice import Role
from models.problems import NotFound
from resolvers.reading.asking import Run
from resolvers.reading.run import Plan
from subscriptions.appointments import CalendarSource
from subscriptions.attendance import BoardSource
from tests.client import Data, Person
from tests.streams.follower import CHANGES, PATIENCE, STRETCH, Follower, Hall, a_hall, calendar, parse_place, until
from tests.streams.life import Life
from tests.week import Week
from tests.world import World, a_payment, a_user, an_appointment, in_days

NEVER = 100 * PATIENCE


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Note each reading of a stream, of the log or of a board."""
    read: list[Plan] = []
    for method in (Plan.batch, Plan.state):

        async def noted(plan: Plan, run: Run, method: Any = method) -> Any:
            read.append(plan)
            return await method(plan, run)

        monkeypatch.setattr(Plan, method.__name__, noted)
    return read


async def following(hall: Hall, *streams: Follower) -> None:
    """Wait until all of these are in a group."""
    for stream in streams:
        stream.begin()
    await until(lambda: sum(len(group.members) for group in hall.hub.groups.values()) == len(streams))


async def test_who_sees_the_same_shares_one_reading_and_one_text(
    world: World, hall: Hall, readings: list[Plan]
) -> None:
    # Not of who keeps the practice: which notes are open to them in an emergency is their own.
    second = await a_user(world.nobody, name="Mia Grey", roles=[Role.SCHEDULER])
    same = [await hall.changes(one) for one in (world.scheduler, second, world.scheduler)]
    other = await hall.changes(world.amara)
    await following(hall, *same, other)
    assert len(hall.hub.groups) == 2
    readings.clear()
    session = await an_appointment(by=world.amara, group=world.monday)
    texts = [await stream.text() for stream in same]
    assert all(text is texts[0] for text in texts)
    await other.change("CREATED", session)
    assert len(readings) == 2


async def test_who_begins_elsewhere_shares_all_the_same_once_it_has_caught_up(world: World, hall: Hall) -> None:
    before = (await calendar(world.owner))["cursor"]
    session = await an_appointment(by=world.amara, group=world.monday)
    late = await hall.changes(world.owner, after=before)
    early = await hall.changes(world.owner)
    await late.change("CREATED", session)
    await following(hall, late, early)
    assert len(hall.hub.groups) == 1


async def test_who_is_shown_another_page_within_shares_nothing(world: World, hall: Hall) -> None:
    page = "payments(first: 1, after: $page) { edges { node { id } } }"
    document = (
        "subscription ($from: DateTime!, $to: DateTime!, $page: String) { calendarChanges(from: $from, to: $to)"
        f" {{ appointment {{ attendances {{ client {{ {page} }} }} }} }} }}"
    )
    await a_payment(by=world.amara, client=world.client_ada, amount=100)
    asked = await world.owner.ask(
        "query ($id: ID!) { client(id: $id) { payments { pageInfo { endCursor } } } }", id=world.client_ada
    )
    second = asked["client"]["payments"]["pageInfo"]["endCursor"]
    await following(hall, *[await hall.open(world.owner, document, **STRETCH, page=one) for one in (None, second)])
    assert len(hall.hub.groups) == 2


async def test_who_follows_one_board_shares_one_reading_and_one_text(
    world: World, hall: Hall, readings: list[Plan]
) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    boards = [await hall.board(one, session) for one in (world.amara, world.amara, world.owner)]
    for board in boards:
        await board.next()
    await following(hall, *boards)
    readings.clear()
    await world.amara.do("markAllAttended", appointmentId=session)
    first, second, owners = [await board.text() for board in boards]
    assert first is second
    assert owners is not first
    assert len(readings) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"document": CHANGES.replace("cursor kind", "kind cursor")},
        {"to": in_days(31, 0)},
        {"to": in_days(30, 0).replace("Z", ".000Z")},
        {"providerIds": []},
        {"providerIds": None},
    ],
)
async def test_who_asks_otherwise_shares_nothing(world: World, hall: Hall, other: Data) -> None:
    given = {**STRETCH, **other}
    streams = [
        await hall.open(world.owner, CHANGES, **STRETCH),
        await hall.open(world.owner, given.pop("document", CHANGES), **given),
    ]
    await following(hall, *streams)
    assert len(hall.hub.groups) == 2


@dataclass
class Seat:
    """Somebody who follows the calendar and a board among others, and who can be asked to read all by themselves."""

    name: str
    person: Person
    stream: Follower
    board: Follower | None
    session: str
    place: int
    shown: str = ""

    async def told(self, upto: int) -> list[str]:
        """Give what the shared stream tells up to this place."""
        texts = []
        while self.place < upto:
            text = await self.stream.text()
            change = orjson.loads(text)["data"]["calendarChanges"]
            self.place = parse_place(change["cursor"])[1]
            if change["kind"] != "CHECKPOINT":
                # Each cursor is sealed anew.
                texts.append(text.replace(change["cursor"], f"place {self.place}"))
        return texts

    async def alone(self, hall: Hall, after: str, upto: int) -> list[str]:
        """Give what the same person would be told on a hub where nobody else is."""
        stream = await hall.changes(self.person, after=after)
        lonely = Seat(self.name, self.person, stream, None, self.session, parse_place(after)[1])
        texts = await lonely.told(upto)
        await stream.close()
        return texts

    async def board_told(self, patience: float = PATIENCE) -> str:
        """Give the next state of the shared board, or how it ended."""
        if self.board is None:
            return "over"
        try:
            async with asyncio.timeout(patience):
                return await self.board.text()
        except NotFound:
            self.board = None
            return "over"
        except TimeoutError:
            self.board = None
            return "nothing"

    async def board_alone(self, hall: Hall) -> str:
        """Give the state that the same person would see first."""
        board = await hall.board(self.person, self.session)
        try:
            return await board.text()
        except NotFound:
            return "over"
        finally:
            await board.close()


@pytest.fixture
async def alone(database_url: str) -> AsyncIterator[Hall]:
    """A hub of its own, on which nobody follows anything for longer than it takes to read on."""
    async with a_hall(poll_seconds=NEVER, quiet_seconds=0) as opened:
        yield opened


async def take_seats(week: Week, hall: Hall) -> list[Seat]:
    """Let two of every kind in, who have anything of their own, and two who have the same."""
    hall.hub.quiet_seconds = 0.05
    people = {
        "owner": week.owner,
        "manager": week.manager,
        "amara": week.amara,
        "björn": week.bjorn,
        "chidi": week.chidi,
        "scheduler": week.scheduler,
        "second scheduler": await a_user(week.nobody, name="Sami", roles=[Role.SCHEDULER]),
        "biller": week.carol,
        "ada": week.ada,
        "ben": await a_user(week.nobody, name="Ben", roles=[Role.CLIENT], client=week.client_ben),
        "owner who treats": await a_user(week.nobody, name="Olga", roles=[Role.OWNER, Role.PROVIDER]),
        "owner who treats, elsewhere": week.elsewhere.eve,
    }
    seats = []
    for name, person in people.items():
        session = week.elsewhere_session if "elsewhere" in name else week.coming
        stream = await hall.changes(person)
        board = await hall.board(person, session)
        seat = Seat(name, person, stream, board, session, parse_place((await calendar(person))["cursor"])[1])
        seat.shown = await seat.board_told()
        for begun in (stream, seat.board):
            if begun is not None:
                begun.begin()
        seats.append(seat)
    await until(lambda: sum(len(group.members) for group in hall.hub.groups.values()) == len(hall.hub.members))
    return seats


async def differences(
    week: Week, hall: Hall, alone: Hall, *, texts: int, seed: int, tally: Counter[str], patience: float = PATIENCE
) -> AsyncIterator[str]:
    """Let things happen until so much was told, and say who is told anything else than what they would read alone."""
    life = Life(week, random.Random(seed))  # noqa: S311 - drawn again the same
    seats = await take_seats(week, hall)
    while tally["texts"] < texts:
        before = {seat.name: (await calendar(seat.person))["cursor"] for seat in seats}
        happened = await life.happens()
        touched = False
        for seat in seats:
            upto = parse_place((await calendar(seat.person))["cursor"])[1]
            if upto == parse_place(before[seat.name])[1]:
                continue
            told, wanted = await seat.told(upto), await seat.alone(alone, before[seat.name], upto)
            tally["texts"] += len(told)
            if told != wanted:
                yield f"{seat.name}, after {happened}: {told}, not {wanted}"
            seat.stream.begin()
            touched = await touches(seat, upto, before[seat.name])
            if touched and seat.board is not None:
                state = await seat.board_alone(alone)
                tally["boards"] += 1
                if state == seat.shown:
                    continue
                seat.shown = await seat.board_told(patience)
                if seat.shown != state:
                    yield f"{seat.name}'s board, after {happened}: {seat.shown}, not {state}"
                if seat.board is not None:
                    seat.board.begin()


async def touches(seat: Seat, upto: int, before: str) -> bool:
    """Whether the seat's session was changed."""
    practice, after = parse_place(before)
    found = parse_id(seat.session)
    assert found
    sql = "SELECT 1 AS yes FROM event WHERE practice_id=$1 AND appointment_id=$2 AND seq>$3 AND seq<=$4"
    return bool(await fetch(sql, [practice, found[1], after, upto]))


@pytest.mark.thorough
async def test_each_is_told_among_others_what_they_would_read_alone(week: Week, hall: Hall, alone: Hall) -> None:
    tally: Counter[str] = Counter()
    found = [different async for different in differences(week, hall, alone, texts=100, seed=1, tally=tally)]
    assert found == []
    assert tally["boards"] > 5


@pytest.mark.thorough
async def test_that_would_be_noticed_if_sights_left_out_who_the_viewer_is(
    week: Week, hall: Hall, alone: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is weakened on purpose: the statement and what was asked, without the values that are the viewer's."""
    for source in (CalendarSource, BoardSource):
        monkeypatch.setattr(source, "__init__", forgetful(source.__init__))
    found = [
        different async for different in differences(week, hall, alone, texts=30, seed=1, tally=Counter(), patience=0.2)
    ]
    assert {different.partition(",")[0].removesuffix("'s board") for different in found} > {"björn", "ben"}


def forgetful(init: Callable[..., None]) -> Callable[..., None]:
    def forget(source: Any, *given: Any) -> None:
        init(source, *given)
        source.sight = source.sight[:2]

    return forget
