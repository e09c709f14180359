"""What a session says may be done with it is what its mutations do, in every state of its chart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.charting.scene import Session, a_draft, a_session, attend, complete, in_review, locked, locking
from tests.client import Data, Person
from tests.guards.test_two_writers import attempt
from tests.rows import changed, everything
from tests.world import World

FACTS = "viewerCanReschedule viewerCanSetAttendance viewerCanChart"
ASKED = f"""query ($id: ID!) {{ appointment(id: $id) {{
  {FACTS} attendanceOptions {{ attended {{ label }} }} chartTemplates {{ id }} chart {{ id }}
}} }}"""


async def _uncharted(world: World) -> Session:
    session = await a_session(by=world.amara, group=world.monday)
    await attend(session, by=world.amara)
    return session


async def _draft(world: World) -> Session:
    return await a_draft(by=world.amara, group=world.monday)


async def _assembling(world: World) -> Session:
    session = await _draft(world)
    await world.amara.do("completeChart", chartId=session.chart)
    return session


async def _in_review(world: World) -> Session:
    return await in_review(by=world.amara, group=world.monday)


async def _locking(world: World) -> Session:
    session = await _in_review(world)
    await locking(session, by=world.amara)
    return session


async def _locked(world: World) -> Session:
    return await locked(by=world.amara, group=world.monday)


async def _drafted_again(world: World) -> Session:
    session = await _draft(world)
    await complete(session, by=world.amara)
    await world.amara.do("reopenChart", chartId=session.chart)
    return session


async def _called_off(world: World) -> Session:
    session = await a_session(by=world.amara, group=world.monday)
    await world.amara.do("cancelAppointment", id=session.id)
    return session


async def _called_off_in_draft(world: World) -> Session:
    session = await a_session(by=world.amara, group=world.monday)
    await world.amara.do("startChart", appointmentId=session.id)
    await world.amara.do("cancelAppointment", id=session.id)
    return session


STATES: dict[str, tuple[Callable[[World], Awaitable[Session]], tuple[bool, bool, bool]]] = {
    "uncharted": (_uncharted, (True, True, True)),
    "draft": (_draft, (True, True, True)),
    "assembling": (_assembling, (False, False, True)),
    "in review": (_in_review, (False, True, True)),
    "drafted again": (_drafted_again, (True, True, True)),
    "locking": (_locking, (False, False, True)),
    "locked": (_locked, (False, False, True)),
    "called off": (_called_off, (False, False, False)),
    "called off in draft": (_called_off_in_draft, (False, False, True)),
}
"""How each comes about, and whether it is then moved, marked, and charted."""


async def facts(session: Session, *, by: Person) -> Data:
    found: Data = (await by.ask(ASKED, id=session.id))["appointment"]
    return found


@pytest.mark.parametrize("state", STATES)
async def test_what_is_said_is_what_is_done(world: World, state: str) -> None:
    """R24, R36: to a provider of the session all, to the office all but the chart."""
    make, (moves, marks, charts) = STATES[state]
    session = await make(world)
    amaras = await facts(session, by=world.amara)
    assert [amaras[name] for name in FACTS.split()] == [moves, marks, charts]
    assert (amaras["attendanceOptions"] is not None, amaras["chartTemplates"] is not None) == (marks, charts)
    offices = await facts(session, by=world.scheduler)
    assert [offices[name] for name in FACTS.split()] == [moves, marks, False]
    assert (offices["attendanceOptions"] is not None, offices["chart"]) == (marks, None)
    tries = (
        (charts, attempt(world.amara, "startChart", appointmentId=session.id)),
        (moves, attempt(world.scheduler, "rescheduleAppointment", id=session.id, startsAt="2026-01-06T18:00:00Z")),
        (marks, attempt(world.scheduler, "markAllAttended", appointmentId=session.id)),
    )
    for expected, tried in tries:
        assert (await tried() == "done") is expected


@pytest.mark.parametrize("state", STATES)
async def test_whom_it_is_not_for_is_told_so_in_every_state(world: World, state: str) -> None:
    """R20: a colleague, a biller and a client find the same, however far the notes are."""
    session = await STATES[state][0](world)
    before = await everything()
    for person in (world.bjorn, world.carol, world.ada):
        found = await facts(session, by=person)
        assert [found[name] for name in FACTS.split()] == [False] * 3
        assert (found["attendanceOptions"], found["chartTemplates"], found["chart"]) == (None, None, None)
    assert changed(before, await everything()) == []
