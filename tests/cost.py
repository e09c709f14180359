"""What the log of audit and the rules of access cost: the same documents with and without, side by side in one run.

    .venv/bin/python -m tests.cost                                                        # on SQLite
    TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/x .venv/bin/python -m tests.cost # on PostgreSQL

Each document is asked in each way again and again, in an order that chance makes, so that a noisy machine is as noisy
for all; without HTTP, which would only make the shares smaller. What was read is written into the log a moment later:
how long that takes for each reading is told beside.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

from grouproom.demo import demo_token, plant_demo
from models.audit import buffer
from models.database import close_database, open_database
from models.migrate import migrate
from models.secret import use_secret
from resolvers.access import VISIBLE
from resolvers.access.rules import in_practice
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Shape
from schema import reads
from tests.client import in_process
from tests.databases import ON_POSTGRES, SECRET, new_database
from tests.world import in_days

ROUNDS = 1000
BATCH = 50
"""Readings that are written together: as many as a server has under load in the half second that it waits."""
DOCUMENTS = {
    "a client's name": "{ clients(first: 1) { edges { node { name } } } }",
    "a page of clients": "{ clients(first: 50) { edges { node { id name email groups { name } } } } }",
    "six weeks of the calendar": (
        f'{{ calendar(from: "{in_days(-21, 0)}", to: "{in_days(21, 0)}") {{ appointments {{ id title startsAt status'
        " attendances { id outcome client { name } fee { amountMinor } } } } }"
    ),
}


@contextmanager
def as_it_is() -> Iterator[None]:
    """Everything on."""
    yield


@contextmanager
def without_audit() -> Iterator[None]:
    """Nothing is marked in the answers, and nothing is noted."""
    with patch.object(Shape, "phi", new=False), patch.object(reads, "note", lambda _: None):
        yield


def _everybodys(row: Row, q: Asking) -> str:
    return in_practice(row, q, "true")


@contextmanager
def without_visibility() -> Iterator[None]:
    """Every row of the practice is everybody's."""
    rules = dict(VISIBLE)
    for model, rule in rules.items():
        VISIBLE[model] = _everybodys if hasattr(model, "practice_id") or "practice" in model._meta.fields_map else rule
    try:
        yield
    finally:
        VISIBLE.update(rules)


WAYS = {"as it is": as_it_is, "without audit": without_audit, "without visibility": without_visibility}


async def compare(login: str, token: str) -> None:
    """Print the medians for one kind of person."""
    for title, document in DOCUMENTS.items():
        ways = {}
        for way, on in WAYS.items():
            ways[way] = in_process()
            # Its plan is made, which holds what is marked and what may be seen.
            with on():
                await ways[way](document, {}, token)
        took: dict[str, list[float]] = {way: [] for way in ways}
        written = []
        for n in range(ROUNDS):
            for way in random.sample([*ways], len(ways)):
                with WAYS[way]():
                    began = perf_counter()
                    answer = await ways[way](document, {}, token)
                    took[way].append((perf_counter() - began) * 1000)
                assert not answer.errors
            if n % BATCH == BATCH - 1:
                began, waiting = perf_counter(), buffer.waiting()
                await buffer.flush()
                written.append((perf_counter() - began) * 1000 / waiting)
        asked = f"{'postgres' if ON_POSTGRES else 'sqlite'}, {login}, {title}"
        print(f"{asked}: written into the log within {median(written):.3f} ms, later")  # noqa: T201 - what it is for
        for name, of in (("median", median), ("p95", lambda times: quantiles(times, n=20)[-1])):
            now, *others = ((way, of(times)) for way, times in took.items())
            told = ", ".join(f"{way} {ms:.2f} ms ({now[1] / ms - 1:+.1%})" for way, ms in others)
            print(f"    {name}: {now[1]:.2f} ms, {told}", flush=True)  # noqa: T201


async def main() -> None:
    """Plant the demo and compare."""
    with TemporaryDirectory() as folder:
        async with new_database(Path(folder)) as url:
            use_secret(SECRET)
            await migrate(url, plant_demo)
            await open_database(url)
            for login in ("owner", "amara"):
                await compare(login, str(await demo_token(login)))
            await close_database()


if __name__ == "__main__":
    asyncio.run(main())
