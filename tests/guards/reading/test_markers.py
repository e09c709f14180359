"""Every text of somebody's carries a mark of its own: whatever is asked, nobody is shown a mark that is not theirs.

It shares nothing with the oracle's answers, only its table of who sees which rows: no meaning of a field is believed.
`make fuzz` asks more.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from strawberry import Schema
from strawberry.extensions import ParserCache, ValidationCache

from models.audit.buffer import forget
from models.database import dialect
from resolvers.viewer import Viewer
from schema import build_schema
from schema.context import Context
from tests.databases import empty, thawed
from tests.guards.reading.documents import Author, Document
from tests.guards.reading.oracle import Oracle
from tests.guards.reading.pool import Pool
from tests.guards.reading.scene import Scene, plant_scene
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import TABLES, Truth

RUNS_IN_A_SCENE = 1000
FEW_RUNS = 500
MARK = re.compile(r"m(\w\w)([0-9a-f]{32})w")
# What is marked, in which column, and by the id of what: a client's texts by the client's, a chart's by the chart's.
MARKED = {
    "Client": ("cl", "email", "id"),
    "Group": ("gr", "name", "id"),
    "Appointment": ("ap", "cancel_reason", "id"),
    "Payment": ("pa", "reference", "id"),
    "Chart": ("ch", "group_notes", "id"),
    "ChartEntry": ("en", "client_notes", "id"),
    "ChartNote": ("no", "body", "id"),
    "Signature": ("si", "signed_as", "id"),
    "Addendum": ("ad", "body", "id"),
    "ChartRunStep": ("st", "reason", "id"),
    "EmergencyAccess": ("em", "reason", "id"),
}


async def mark() -> None:
    """Write a mark into each of these rows, whatever freezes them."""
    script = []
    for kind, (letters, column, key) in MARKED.items():
        table = TABLES[kind]._meta.db_table
        text = f"'m{letters}'||replace(CAST({key} AS text),'-','')||'w'"
        rows = f" WHERE {column} IS NOT NULL" if kind == "Appointment" else ""
        script.append(f'UPDATE "{table}" SET {column}={text}{rows};')
    await thawed("".join(script))


def own_marks(truth: Truth, viewer: Viewer) -> set[tuple[str, str]]:
    """Give the marks that may stand in what this person is shown."""
    sight = Sight(truth, viewer, {})
    found = set[tuple[str, str]]()
    for kind, (letters, _, _) in MARKED.items():
        for seen in sight.all(kind):
            if (kind == "Group" and not sight.knows(seen.row)) or (
                kind == "Appointment" and (viewer.client_id is not None or not sight.in_full(seen.row))
            ):
                continue
            found.add((letters, seen.row.id.hex))
    return found


def ids_of(truth: Truth, viewer: Viewer) -> set[str]:
    """Give the ids of rows of clients and groups that this person may be told."""
    sight = Sight(truth, viewer, {})
    return {seen.row.id.hex for kind in ("Client", "Group", "Attendance", "ChartNote") for seen in sight.all(kind)}


def _secret_ids(truth: Truth) -> set[str]:
    return {row.id.hex for kind in ("Client", "Group", "Attendance", "ChartNote") for row in truth.all(kind)}


class Crowd:
    """The people of a scene, what they may be shown, and what they ask."""

    def __init__(self, scene: Scene, truth: Truth, schema: Schema, seed: int) -> None:
        self.schema, self.truth = schema, truth
        self.people = {label: viewer for label, viewer in sorted(scene.viewers.items()) if viewer is not None}
        self.marks = {label: own_marks(truth, viewer) for label, viewer in self.people.items()}
        self.ids = {label: ids_of(truth, viewer) for label, viewer in self.people.items()}
        self.secret = _secret_ids(truth)
        self.rng = random.Random(seed)  # noqa: S311 - drawn again the same
        oracle = Oracle(schema.as_str(), truth, None)
        self.author = Author(oracle.schema, self.rng, Pool(scene), oracle.answered)

    async def ask(self, tally: Counter[str]) -> list[str]:
        """Let everybody ask the same, with values of their own; give what they were shown of others."""
        document = self.author.document(later=self.rng.random() < 0.7)
        tally["documents"] += 1
        return [one for label in self.people for one in await self.shown(document, label, tally)]

    async def shown(self, document: Document, label: str, tally: Counter[str]) -> list[str]:
        """Give what somebody was shown of others."""
        values = self.author.values(document)
        answer = await self.execute(label, document.text, values, document.operation)
        forget()
        tally["runs"] += 1
        text = orjson.dumps(answer, default=str).decode()
        shown = set(MARK.findall(text))
        tally["marks"] += len(shown)
        foreign = [f"the mark {''.join(one)}" for one in shown - self.marks[label]]
        if label.startswith("client"):
            # The log tells the others which rows they saw once, and the practice which anybody did.
            ids = set(re.findall(r"[a-z]{3}_([0-9a-f]{32})", text)) & (self.secret - self.ids[label])
            asked = orjson.dumps(values, default=str).decode() + document.text
            foreign += [f"the id {one}" for one in ids if one not in asked]
        return [f"{label} is shown {one} by\n{document.text}\n{values}" for one in foreign]

    async def execute(self, label: str, text: str, values: dict[str, Any], operation: str | None) -> list[object]:
        """Give all that is answered: data, errors and their extensions."""
        context = Context(viewer=self.people[label], address="127.0.0.1", secure=False)
        given = await self.schema.execute(
            text, variable_values=dict(values), context_value=context, operation_name=operation
        )
        return [given.data, [error.formatted for error in given.errors or []], given.extensions]


async def trespasses(runs: int, seed: int, schema: Schema, tally: Counter[str]) -> list[str]:
    """Plant a scene, mark it, and say what was shown to whom of others."""
    scene = await plant_scene(seed, sessions=True)
    await mark()
    crowd = Crowd(scene, await Truth.load(scene.altered), schema, seed)
    upto = tally["runs"] + runs
    found = []
    while tally["runs"] < upto:
        found += await crowd.ask(tally)
    await empty()
    return found


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema([ParserCache, ValidationCache])[0]


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
    scene = await plant_scene(7, sessions=True)
    await mark()
    crowd = Crowd(scene, await Truth.load(scene.altered), schema, 7)
    for label in crowd.people:
        crowd.marks[label] = {one for one in crowd.marks[label] if UUID(hex=one[1]).int % 2}
    tally: Counter[str] = Counter()
    assert [one for _ in range(10) for one in await crowd.ask(tally)]
