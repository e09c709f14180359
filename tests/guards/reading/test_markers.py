"""Every text of somebody's carries a mark of its own: whatever is asked, nobody is shown a mark that is not theirs.

It shares nothing with the oracle's answers, only its table of who sees which rows: no meaning of a field is believed.
`make fuzz` asks more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from strawberry import Schema

from models.database import dialect
from tests.databases import empty
from tests.guards.reading.askers import Asker
from tests.guards.reading.onlookers import half, marked_scene

RUNS_IN_A_SCENE = 1250
FEW_RUNS = 500


async def trespasses(runs: int, seed: int, schema: Schema, tally: Counter[str]) -> list[str]:
    """Plant a scene, mark it, and say what was shown to whom of others."""
    asker = Asker(await marked_scene(seed), schema, seed, tally)
    upto = tally["runs"] + runs
    found = []
    while tally["runs"] < upto:
        found += await asker.ask()
    await empty()
    return found


async def test_some_documents_show_nobody_a_mark_of_others(database: str, schema: Schema) -> None:
    """N7."""
    tally: Counter[str] = Counter()
    assert await trespasses(FEW_RUNS, 500, schema, tally) == []
    assert tally["marks"] > FEW_RUNS // 4


@pytest.mark.thorough
async def test_no_document_shows_anybody_a_mark_of_others(
    database: str, schema: Schema, marked: int, figures: Callable[[str], None]
) -> None:
    tally: Counter[str] = Counter()
    for seed in range(1, marked // RUNS_IN_A_SCENE + 1):
        assert await trespasses(RUNS_IN_A_SCENE, seed, schema, tally) == []
    counts = ", ".join(f"{count} {what}" for what, count in tally.items())
    figures(f"Marks on {dialect()}: {counts}, none of them anybody else's.")


async def test_a_mark_of_others_would_be_noticed(database: str, schema: Schema) -> None:
    asker = Asker(await marked_scene(7, half), schema, 7, Counter())
    assert [one for _ in range(10) for one in await asker.ask()]
