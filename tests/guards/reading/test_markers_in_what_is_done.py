"""The same marks in all that people do, and in the streams that everybody has open meanwhile: none is of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from graphql import validate
from strawberry import Schema

import models
from models.database import dialect
from resolvers import access
from resolvers.reading.asking import Asking, Row
from schema import build_schema
from schema.reads import Reader
from tests.databases import empty
from tests.guards.reading.askers import Asker, Audience
from tests.guards.reading.documents import parsed
from tests.guards.reading.listeners import ears
from tests.guards.reading.onlookers import Hides, half, marked_scene, nothing

RUNS_IN_A_SCENE = 400
SOME_RUNS = 200
FEW_RUNS = 100


async def trespasses(
    runs: int, seed: int, built: tuple[Schema, Reader], tally: Counter[str], hides: Hides = nothing
) -> list[str]:
    """Let the people of a scene do things while all of them listen, and say what was shown to whom of others."""
    schema, reader = built
    asker = Asker(await marked_scene(seed, hides), schema, seed, tally)
    upto, found = tally["runs"] + runs, []
    async with ears(schema, reader, asker.teller) as opened:
        audience = Audience(asker, opened)
        # Whoever begins in the middle is told some of what was done by then at once, and at the end all are.
        for until in (upto - runs // 2, upto - len(asker.onlookers.people)):
            found += await audience.listen()
            while tally["runs"] < until:
                found += await audience.see_done()
        found += await audience.listen_again()
    await empty()
    return found


async def test_what_is_drawn_is_valid_by_all_rules(database: str, built: tuple[Schema, Reader]) -> None:
    schema, reader = built
    asker = Asker(await marked_scene(1), schema, 1, Counter())
    drawn = [asker.author.document(later=True) for _ in range(10)]
    drawn += [asker.doings.deed().document for _ in range(10)]
    async with ears(schema, reader, asker.teller) as opened:
        drawn += [opened.document(name) for name in opened.fields]
    assert [found for one in drawn for found in validate(schema._schema, parsed(one.text))] == []


async def test_little_that_is_done_tells_anybody_a_mark_of_others(database: str, built: tuple[Schema, Reader]) -> None:
    """N7."""
    tally: Counter[str] = Counter()
    assert await trespasses(FEW_RUNS, 500, built, tally) == []
    assert tally["marks"] > 0


@pytest.mark.thorough
async def test_nothing_that_is_done_tells_anybody_a_mark_of_others(
    database: str, built: tuple[Schema, Reader], done: int, figures: Callable[[str], None]
) -> None:
    tally: Counter[str] = Counter()
    for seed in range(1, done // RUNS_IN_A_SCENE + 1):
        assert await trespasses(RUNS_IN_A_SCENE, seed, built, tally) == []
    counts = ", ".join(f"{tally[what]} {what}" for what in ("runs", "streams", "texts", "marks"))
    ways = len({what for what in tally if what.startswith("answered ")})
    figures(f"Marks in what is done on {dialect()}: {counts}, answers of {ways} types, none of them anybody else's.")


def _everybodys(row: Row, q: Asking) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')}"


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["mutation", "subscription"])
async def test_a_mark_of_others_would_be_noticed(database: str, built: tuple[Schema, Reader], kind: str) -> None:
    assert await is_noticed(kind, built, half)


@pytest.mark.thorough
async def test_a_leak_would_be_noticed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are weakened on purpose."""
    for model in (models.Client, models.Attendance, models.Payment, models.ChartNote):
        monkeypatch.setitem(access.VISIBLE, model, _everybodys)
    # Of its own, as what was compiled by the rules that are good would be kept.
    assert await is_noticed("", build_schema(), nothing)


async def is_noticed(kind: str, built: tuple[Schema, Reader], hides: Hides) -> bool:
    """Say whether some scene shows it: in most of them the first does."""
    for seed in range(1, 9):
        found = await trespasses(SOME_RUNS, seed, built, Counter(), hides)
        if any(f"{kind} Asked" in one for one in found):
            return True
    return False
