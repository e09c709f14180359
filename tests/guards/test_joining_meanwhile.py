"""Somebody joins or leaves a group while a session of it is charted or moved, many times over."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from models import unit_of_work
from tests.charting.scene import work
from tests.client import Data
from tests.guards.test_two_writers import attempt, both
from tests.world import World, a_group, an_appointment, in_days

ROUNDS = 30
CHART = """query ($id: ID!) { appointment(id: $id) {
  attendances { client { id } } chart { id state clientEntries { client { id } } notes { client { id } } }
} }"""


@pytest.fixture
def rng() -> random.Random:
    return random.Random(11)  # noqa: S311 - drawn again the same


@pytest.fixture
def thrown_back(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What units of work were thrown back by, such as two that waited for each other."""
    seen: list[BaseException] = []
    judge: Callable[[BaseException], bool] = unit_of_work.is_transient

    def noted(error: BaseException) -> bool:
        seen.append(error)
        return judge(error)

    monkeypatch.setattr(unit_of_work, "is_transient", noted)
    return seen


async def clients_of(world: World, session: str, select: str) -> list[str]:
    found: Data = (await world.amara.ask(CHART, id=session))["appointment"]
    rows = found["attendances"] if select == "attendances" else found["chart"][select]
    return sorted(row["client"]["id"] for row in rows)


async def test_a_chart_that_is_started_while_somebody_joins_has_a_part_for_them_and_can_be_completed(
    world: World, rng: random.Random, thrown_back: list[BaseException]
) -> None:
    """R36, N10: whoever is first."""
    for _ in range(ROUNDS):
        group = await a_group(by=world.owner, provider=world.amaras, clients=[world.client_ben])
        session = await an_appointment(by=world.amara, group=group, starts_at=in_days(2))
        results = await both(
            attempt(world.owner, "addGroupMember", groupId=group, clientId=world.client_dora),
            attempt(world.amara, "startChart", appointmentId=session),
            rng,
        )
        assert results == ("done", "done")
        both_of_them = sorted([world.client_ben, world.client_dora])
        assert await clients_of(world, session, "attendances") == both_of_them
        assert await clients_of(world, session, "clientEntries") == both_of_them
        await world.amara.do("markAllAttended", appointmentId=session)
        chart = (await world.amara.ask(CHART, id=session))["appointment"]["chart"]["id"]
        await world.amara.do("completeChart", chartId=chart)
        await work()
        assert await clients_of(world, session, "notes") == both_of_them
    assert thrown_back == []


async def test_a_chart_that_is_started_while_somebody_leaves_has_parts_for_its_roster(
    world: World, rng: random.Random, thrown_back: list[BaseException]
) -> None:
    """R36, N10."""
    for _ in range(ROUNDS):
        group = await a_group(by=world.owner, provider=world.amaras, clients=[world.client_ben, world.client_dora])
        session = await an_appointment(by=world.amara, group=group, starts_at=in_days(2))
        results = await both(
            attempt(world.owner, "removeGroupMember", groupId=group, clientId=world.client_dora),
            attempt(world.amara, "startChart", appointmentId=session),
            rng,
        )
        assert results == ("done", "done")
        assert await clients_of(world, session, "attendances") == [world.client_ben]
        assert await clients_of(world, session, "clientEntries") == [world.client_ben]
    assert thrown_back == []


async def test_who_joins_while_a_session_is_moved_from_the_past_to_the_future_is_expected_at_it(
    world: World, rng: random.Random, thrown_back: list[BaseException]
) -> None:
    """N10."""
    for _ in range(ROUNDS):
        group = await a_group(by=world.owner, provider=world.amaras, clients=[world.client_ben])
        session = await an_appointment(by=world.amara, group=group, starts_at=in_days(-2))
        await world.amara.do("startChart", appointmentId=session)
        results = await both(
            attempt(world.owner, "addGroupMember", groupId=group, clientId=world.client_dora),
            attempt(world.amara, "rescheduleAppointment", id=session, startsAt=in_days(2)),
            rng,
        )
        assert results == ("done", "done")
        both_of_them = sorted([world.client_ben, world.client_dora])
        assert await clients_of(world, session, "attendances") == both_of_them
        assert await clients_of(world, session, "clientEntries") == both_of_them
    assert thrown_back == []


async def test_who_moves_a_session_while_somebody_joins_waits_and_neither_is_thrown_back(
    world: World, rng: random.Random, thrown_back: list[BaseException]
) -> None:
    """R23, N10: to a colleague's calendar too, which takes the group."""
    seen: Counter[str] = Counter()
    for n in range(ROUNDS):
        group = await a_group(by=world.owner, provider=world.amaras, clients=[world.client_ben])
        session = await an_appointment(by=world.amara, group=group, starts_at=in_days(2))
        given: Data = {"id": session, "startsAt": in_days(3), "providerId": world.bjorns, "confirmSharing": True}
        results = await both(
            attempt(world.owner, "addGroupMember", groupId=group, clientId=world.client_dora),
            attempt(world.amara, "rescheduleAppointment", **given),
            rng,
        )
        seen[" ".join(results)] += 1
        expected = [world.client_ben, world.client_dora]
        assert await clients_of(world, session, "attendances") == sorted(expected), n
    assert seen == {"done done": ROUNDS}
    assert thrown_back == []
