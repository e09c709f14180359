"""A statement that was compiled, and run for one viewer after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from models.database import connection
from models.problems import NotFound, TooComplex, Unavailable
from models.unit_of_work import inside_unit_of_work, is_transient
from resolvers.reading.asking import Bind, Run
from resolvers.reading.dialects import Dialect
from resolvers.reading.marks import shown_in

TRIES = 3
MISSING = "\x01"


class Broken(NotFound):
    """A required value of a mutation's payload is not there, or not the viewer's to see."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement, and how its parameters are found when it runs."""

    sql: str
    binds: tuple[tuple[str, Bind], ...]
    checks: tuple[Bind, ...]
    dialect: Dialect
    strict: bool

    async def read(self, run: Run) -> Any:
        """Run the statement as this viewer and give the answer's tree; NOT_FOUND where what must be seen is not."""
        rows = await self._rows(run)
        text: str | None = rows[0]["body"]
        if text is None:
            raise NotFound
        if self.strict and MISSING in text:
            raise Broken
        run.shown = shown_in(text)
        return orjson.loads(text)

    async def batch(self, run: Run) -> list[tuple[int, str | None]]:
        """Run the statement and give each row's number with its tree's text, None where nothing is told of it."""
        rows = await self._rows(run)
        return [(int(row["seq"]), row["body"]) for row in rows]

    async def state(self, run: Run) -> tuple[int, str | None, bool]:
        """Run the statement and give how far the log reached, the tree's text or None, and whether the row is over."""
        [row] = await self._rows(run)
        return int(row["seq"]), None if row["body"] == "null" else row["body"], bool(row["over"])

    def values(self, run: Run) -> tuple[Any, ...]:
        """Give all that is bound to the statement: with its text, this is what decides what a viewer sees."""
        for check in self.checks:
            check(run)
        found = (bind(run) for _, bind in self.binds)
        return tuple(tuple(value) if isinstance(value, list) else value for value in found)

    async def _rows(self, run: Run) -> Sequence[Any]:
        for check in self.checks:
            check(run)
        values = [self.dialect.bind(bind(run), kind) for kind, bind in self.binds]
        for left in reversed(range(TRIES)):
            try:
                _, rows = await connection().execute_query(self.sql, values)
            except Exception as error:
                if self.dialect.too_complex(error):
                    raise TooComplex from error
                # Inside of a unit of work the unit is tried again, and not one of its statements.
                if inside_unit_of_work() or not is_transient(error):
                    raise
                if left == 0:
                    raise Unavailable from error
                await asyncio.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - jitter, not a secret
            else:
                return rows
        raise AssertionError  # pragma: no cover - the last try returns or raises
