"""What is hidden takes as long as what is not there: the time that an answer takes says nothing either."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from models.problems import NotFound
from tests.client import Person, document_of
from tests.streams.follower import BOARD, CHART_CHANGES, Hall, a_hall
from tests.week import Week

TRIES = 1000
TRIES_OF_WHAT_IS_SLOW = 300
MOST_MILLISECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asks for what is not theirs, of this practice and of another."""

    document: str
    by: str
    hidden: Callable[[Week], str]
    elsewhere: Callable[[Week], str]
    given: Callable[[str], dict[str, Any]] = lambda one: {"id": one}


def _client(week: Week) -> str:
    return week.client_ada


def _their_client(week: Week) -> str:
    return week.elsewhere.client


def _their_session(week: Week) -> str:
    return week.elsewhere_session


READ = {
    "a node": Place("query ($id: ID!) { node(id: $id) { id } }", "bjorn", _client, _their_client),
    "a client": Place(
        "query ($id: ID!) { client(id: $id) { name chartNotes { totalCount } } }", "bjorn", _client, _their_client
    ),
    "the log of audit": Place(
        "query ($id: ID!) { auditLog(clientId: $id) { totalCount } }", "bjorn", _client, _their_client
    ),
    "another's note in the portal": Place(
        "query ($id: ID!) { node(id: $id) { ... on ChartNote { body verified } } }",
        "ada",
        lambda week: week.locked.notes[week.client_ben],
        lambda week: next(iter(week.elsewhere_locked.notes.values())),
    ),
    "another's session in the portal": Place(
        "query ($id: ID!) { appointment(id: $id) { title attendances { id } } }",
        "ada",
        lambda week: week.bjorns_session,
        _their_session,
    ),
}
CHANGED = {
    "changing a client": Place(
        document_of("updateClient"), "bjorn", _client, _their_client, lambda one: {"input": {"id": one, "phone": "110"}}
    ),
    "locking a chart": Place(
        document_of("lockChart"),
        "bjorn",
        lambda week: week.reviewed.chart,
        lambda week: week.elsewhere_locked.chart,
        lambda one: {"input": {"chartId": one, "expectedVersion": 3, "acknowledgedWarningIds": []}},
    ),
    "answering for another in the portal": Place(
        document_of("recordConfirmation"),
        "ada",
        lambda week: week.coming_ben,
        lambda week: week.elsewhere_line,
        lambda one: {"input": {"attendanceId": one, "status": "CONFIRMED"}},
    ),
}
FOLLOWED = {
    "following a board": Place(BOARD, "ada", lambda week: week.bjorns_session, _their_session),
    "following a chart": Place(
        CHART_CHANGES, "bjorn", lambda week: week.drafted.chart, lambda week: week.elsewhere_locked.chart
    ),
}
PLACES = READ | CHANGED | FOLLOWED


async def asked(hall: Hall, person: Person, place: Place, one: str) -> None:
    """Ask for it; what is followed is refused."""
    if place in FOLLOWED.values():
        stream = await hall.open(person, place.document, **place.given(one))
        with suppress(NotFound):
            await stream.next()
            raise AssertionError
    else:
        await person.answer(place.document, **place.given(one))


@pytest.mark.thorough
@pytest.mark.parametrize("what", PLACES)
async def test_hidden_and_absent_take_the_same_time(week: Week, what: str, figures: Callable[[str], None]) -> None:
    place = PLACES[what]
    hidden = place.hidden(week)
    ids = {
        "absent": hidden[:4] + "0" * 32,
        "not theirs": hidden,
        "another practice's": place.elsewhere(week),
    }
    times: dict[str, list[float]] = {which: [] for which in ids}
    order = [which for which in ids for _ in range(TRIES if what in READ else TRIES_OF_WHAT_IS_SLOW)]
    random.Random(1).shuffle(order)  # noqa: S311 - drawn again the same
    async with a_hall(quiet_seconds=60) as hall:
        for which in order:
            began = perf_counter()
            await asked(hall, getattr(week, place.by), place, ids[which])
            times[which].append((perf_counter() - began) * 1000)
    medians = {which: median(took) for which, took in times.items()}
    told = ", ".join(f"{which} {took:.3f} ms" for which, took in medians.items())
    figures(f"How long {what} takes for what is {told}.")
    assert max(medians.values()) - min(medians.values()) < MOST_MILLISECONDS
