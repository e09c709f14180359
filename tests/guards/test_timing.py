"""What is hidden takes as long as what is not there: the time that an answer takes says nothing either."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median
from time import perf_counter

import pytest

from tests.week import Week

TRIES = 1000
MOST_MILLISECONDS = 1.0
PLACES = {
    "node": "query ($id: ID!) { node(id: $id) { id } }",
    "client": "query ($id: ID!) { client(id: $id) { name chartNotes { totalCount } } }",
    "auditLog": "query ($id: ID!) { auditLog(clientId: $id) { totalCount } }",
}


@pytest.mark.thorough
@pytest.mark.parametrize("place", PLACES)
async def test_hidden_and_absent_take_the_same_time(week: Week, place: str, figures: Callable[[str], None]) -> None:
    ids = {
        "absent": "clt_" + "0" * 32,
        "a colleague's": week.client_ada,
        "another practice's": week.elsewhere.client,
    }
    times: dict[str, list[float]] = {what: [] for what in ids}
    order = [what for what in ids for _ in range(TRIES)]
    random.Random(1).shuffle(order)  # noqa: S311 - drawn again the same
    for what in order:
        began = perf_counter()
        await week.bjorn.answer(PLACES[place], id=ids[what])
        times[what].append((perf_counter() - began) * 1000)
    medians = {what: median(took) for what, took in times.items()}
    told = ", ".join(f"{what} {took:.3f} ms" for what, took in medians.items())
    figures(f"How long {place} takes for what is {told}.")
    assert max(medians.values()) - min(medians.values()) < MOST_MILLISECONDS
