"""The reader against its oracle: the same document and variables for the same person, compared to the last value."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from strawberry import Schema
from strawberry.extensions import ParserCache, ValidationCache

from models.audit.buffer import forget
from models.places import unseal
from schema import build_schema
from schema.context import Context
from tests.guards.reading.documents import Author, Document
from tests.guards.reading.oracle import Oracle
from tests.guards.reading.pages import LOG, PLACE
from tests.guards.reading.planter_of_charts import CONFIDED
from tests.guards.reading.planter_of_sessions import UNTOLD
from tests.guards.reading.pool import Pool
from tests.guards.reading.scene import FOREIGN, UNSPOKEN, Scene, plant_scene
from tests.guards.reading.truth import Truth


@dataclass
class Trial:
    """One scene, one schema with one cache of plans, one oracle."""

    schema: Schema
    oracle: Oracle
    scene: Scene
    pool: Pool
    author: Author
    rng: random.Random
    tally: Counter[str] = field(default_factory=Counter)
    shallowest: int = 1000
    cursors: dict[str, str] = field(default_factory=dict)

    async def differences(self, documents: int) -> AsyncIterator[str]:
        """Give what differs, as it is found."""
        labels = sorted(self.scene.viewers)
        clinicians = ["amara", "bjorn", "biller who treats", "manager who treats", "owner in an emergency"]
        for n in range(documents):
            later = n % 3 > 0
            document = self.author.document(later=later)
            self.tally["documents"] += 1
            # Notes are for those who treat, for their client, and for who opens them in an emergency: of the rooms that
            # came later they see most.
            some = [*self.rng.sample(clinicians, 2), "client"] if later else []
            people = [*some, *self.rng.sample([label for label in labels if label not in some], 6 - len(some))]
            # Some are asked again: a plan is made with one run's values and used with another's.
            for label in [*people, *self.rng.sample(people, 2)]:
                for found in await self.ask(document, label, self.author.values(document)):
                    yield f"document {n} as {label}: {found}"

    async def ask(self, document: Document, label: str, values: dict[str, Any]) -> list[str]:
        viewer = self.scene.viewers[label]
        context = Context(viewer=viewer, address="127.0.0.1", secure=False)
        given = await self.schema.execute(
            document.text, variable_values=dict(values), context_value=context, operation_name=document.operation
        )
        # That somebody asked would change the log that is asked for.
        forget()
        wanted = self.oracle.answer(viewer, document.text, dict(values), document.operation)
        self.tally["runs"] += 1
        for error in given.errors or []:
            known = hasattr(error.original_error, "extensions") or error.message.startswith("Cannot return null")
            if error.original_error and not known:
                raise error.original_error
        data, errors = given.data, self._errors(given)
        expected, expected_errors = wanted.data, self._errors(wanted)
        for path, code in [e for e in errors if e[1] == "TOO_COMPLEX"]:
            # This database cannot parse it: nothing is compared but that it stands for a document that nests deep.
            self.tally["too complex"] += 1
            self.shallowest = min(self.shallowest, document.depth)
            errors = errors - {(path, code)}
            expected_errors = {e for e in expected_errors if e[0][:1] != path[:1]}
            data, expected = ({k: v for k, v in (d or {}).items() if k != path[0]} for d in (data, expected))
        found = [f"errors {sorted(errors, key=str)}, not {sorted(expected_errors, key=str)}"] * (
            errors != expected_errors
        )
        self.tally["with errors"] += bool(errors)
        found += list(self._compare(data, expected, "$"))
        found += self._leaks(label, json.dumps(given.data, ensure_ascii=False))
        return [f"{f}\n{document.text}\n{values}" for f in found]

    @staticmethod
    def _errors(result: Any) -> set[tuple[tuple[str | int, ...], str]]:
        return {(tuple(e.path or ()), (e.extensions or {}).get("code") or e.message) for e in result.errors or []}

    def _compare(self, given: Any, wanted: Any, at: str) -> list[str]:
        self.tally["values"] += 1
        if isinstance(wanted, str) and wanted.startswith((PLACE, LOG)) and isinstance(given, str):
            return [] if self._is_place(given, wanted) else [f"{at}: the cursor {given} is of another place"]
        if isinstance(wanted, dict) and isinstance(given, dict):
            if list(given) != list(wanted):
                return [f"{at}: keys {list(given)}, not {list(wanted)}"]
            return [f for key in wanted for f in self._compare(given[key], wanted[key], f"{at}.{key}")]
        if isinstance(wanted, list) and isinstance(given, list):
            if len(given) != len(wanted):
                return [f"{at}: {given}, not {wanted}"]
            return [
                f for n, (g, w) in enumerate(zip(given, wanted, strict=True)) for f in self._compare(g, w, f"{at}[{n}]")
            ]
        return [] if type(given) is type(wanted) and given == wanted else [f"{at}: {given!r}, not {wanted!r}"]

    def _is_place(self, cursor: str, wanted: str) -> bool:
        if wanted.startswith(LOG):
            # What a stream goes on from: whose log it is, and how far it was read.
            place = unseal(cursor)
            return place is not None and f"{LOG}{place[0].hex}\0{place[1]}" == wanted
        if cursor not in self.oracle.places:
            self.pool.keep(cursor, wanted)
        same = self.oracle.places.setdefault(cursor, wanted) == wanted
        return same and self.cursors.setdefault(wanted, cursor) == cursor

    def _leaks(self, label: str, text: str) -> list[str]:
        """Whatever the oracle thinks: a name that must not be known stands nowhere in the answer, nor in a cursor."""
        words = [] if "elsewhere" in label else [FOREIGN]
        if label in {"biller", "client", "client of nobody", "provider without anything"}:
            words.append(UNSPOKEN)
        if label.startswith("client"):
            words.append(UNTOLD)
        if label in {"owner", "scheduler", "biller", "client of nobody"}:
            words.append(CONFIDED)
        return [f"says {word}" for word in words if word in text or word.encode().hex() in text]


@asynccontextmanager
async def trial(seed: int, schema: Schema | None = None, answered: Counter[str] | None = None) -> AsyncIterator[Trial]:
    """Plant a scene and hold the schema to it; the execution's own log of errors is put aside meanwhile.

    With what was answered in other scenes, this one asks for what was not.
    """
    if schema is None:
        schema, _ = build_schema([ParserCache, ValidationCache])
    log = logging.getLogger("strawberry.execution")
    log.disabled = True
    scene = await plant_scene(seed, sessions=True)
    rng = random.Random(seed)  # noqa: S311 - drawn again the same
    pool = Pool(scene)
    oracle = Oracle(schema.as_str(), await Truth.load(scene.altered), answered)
    try:
        yield Trial(schema, oracle, scene, pool, Author(oracle.schema, rng, pool, oracle.answered), rng)
    finally:
        log.disabled = False
