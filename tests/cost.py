"""What the log of audit and the rules of access cost: the same documents with and without, side by side in one run.

    .venv/bin/python -m tests.cost                                                        # on SQLite
    TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/x .venv/bin/python -m tests.cost # on PostgreSQL

Each round runs each document once in each way, in an order of its own, so that a noisy machine is as noisy for all;
what is written into the log is written within the time that is measured.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

from grouproom.demo import demo_token, plant_demo
from models.audit import buffer
from models.database import close_database, dialect, open_database
from models.migrate import migrate
from models.secret import use_secret
from resolvers.access import VISIBLE
from resolvers.access.rules import in_practice
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Shape
from schema import reads
from tests.client import Person, in_process
from tests.databases import SECRET, new_database
from tests.world import in_days

ROUNDS = 15
BATCH = 25
"""Readings that are written together: fewer than a busy server has in the half second that it waits."""
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


async def measured(person: Person, document: str) -> float:
    """Give the milliseconds that one answer takes, with its part of writing the log."""
    began = perf_counter()
    for _ in range(BATCH):
        await person.ask(document)
    await buffer.flush()
    return (perf_counter() - began) * 1000 / BATCH


async def compare(login: str) -> None:
    """Print the medians for one kind of person."""
    # One server for each way: plans are kept, and a plan holds what is marked and what may be seen.
    ways = {"as it is": as_it_is, "without audit": without_audit, "without visibility": without_visibility}
    people = {name: Person(in_process(), await demo_token(login)) for name in ways}
    for title, document in DOCUMENTS.items():
        times: dict[str, list[float]] = {name: [] for name in ways}
        for warm in (True, *[False] * ROUNDS):
            order = list(ways)
            random.shuffle(order)
            for name in order:
                with ways[name]():
                    took = await measured(people[name], document)
                if not warm:
                    times[name].append(took)
        base = median(times["as it is"])
        told = ", ".join(f"{name} {median(took):.2f} ms ({base / median(took):.3f})" for name, took in times.items())
        print(f"{dialect()}, {login}, {title}: {told}")  # noqa: T201 - what it is for


async def main() -> None:
    """Plant the demo and compare."""
    with TemporaryDirectory() as folder:
        async with new_database(Path(folder)) as url:
            use_secret(SECRET)
            await migrate(url, plant_demo)
            await open_database(url)
            try:
                for login in ("owner", "amara"):
                    await compare(login)
            finally:
                await close_database()


if __name__ == "__main__":
    asyncio.run(main())
