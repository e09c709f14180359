"""Plans, kept and run: a document is compiled once for each kind of viewer, and never for one viewer."""

from __future__ import annotations

import asyncio
import random
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from models.database import connection
from models.problems import NotFound, TooComplex, Unavailable
from models.unit_of_work import inside_unit_of_work, is_transient
from resolvers.reading.asking import Bind, Run
from resolvers.reading.dialects import Dialect

T = TypeVar("T")

MOST_PLANS = 1000
# Characters of SQL. With the document that its arguments are read from, a plan takes about eight times as many bytes.
MOST_SQL = 8_000_000
TRIES = 3
MISSING = "\x01"
# No text of anybody's can hold it: in JSON its quotes would be escaped.
_SHOWN = re.compile(r'" o":"([^"]+)"')


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


def shown_in(text: str) -> list[str]:
    """Give the marks of the rows of PHI that an answer's text was made of, as `Compiler` has put them, each once."""
    return list(dict.fromkeys(_SHOWN.findall(text)))


class Plans(Generic[T]):
    """A bounded cache: the keys hold the viewer's scope, and nothing in it holds a viewer."""

    def __init__(self, most: int = MOST_PLANS, weigh: Callable[[T], int] = lambda _: 0) -> None:
        """Begin empty; what `weigh` says of all that is kept goes no higher than `MOST_SQL`."""
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        """Say how many are kept."""
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give the plan under the key, making it first where there is none; the longest unused ones go."""
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = make()
            self._weight += self._weigh(kept)
            while len(self._kept) > self._most or (self._weight > MOST_SQL and len(self._kept) > 1):
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
        else:
            self._kept.move_to_end(key)
        return kept
