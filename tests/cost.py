"""What the log of audit and the rules of access cost: the same documents with and without, side by side in one run.

    .venv/bin/python -m tests.cost                                                        # on SQLite
    TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/x .venv/bin/python -m tests.cost # on PostgreSQL

Each way is a server of its own. Each round asks all of them over HTTP, in an order of its own, so that a noisy machine
is as noisy for all. The milliseconds are what a reading takes as its caller sees it; those of the processor are what
the server's process spends for it, with the writing of the log, which is done a moment later; what PostgreSQL spends is
not among them. Everybody asks for the same clients, one after the other. Only on Linux.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

import httpx
import uvicorn

from grouproom.app import create_app
from grouproom.auditor import PAUSE_SECONDS
from grouproom.demo import demo_token, plant_demo
from grouproom.settings import read_settings
from models.database import close_database, open_database
from models.migrate import migrate
from models.secret import use_secret
from resolvers.access import VISIBLE
from resolvers.access.rules import in_practice
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Shape
from schema import reads
from tests.command_line.machine import free_port
from tests.databases import ON_POSTGRES, SECRET, new_database
from tests.world import in_days

ROUNDS = 11
BATCH = 100
"""Readings that are written together: about as many as a server under load has in the half second that it waits."""
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


def serve(way: str, port: int) -> None:
    """Serve in one way, in a process of its own: its plans are kept, and they hold what is marked and may be seen."""
    with WAYS[way]():
        app = create_app(read_settings())
        # Its connection is kept while the others are asked.
        uvicorn.run(app, port=port, http="httptools", access_log=False, log_level="warning", timeout_keep_alive=60)


@dataclass
class Server:
    """A server that runs, and what it took for each document."""

    process: BaseProcess
    http: httpx.AsyncClient
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    async def start(cls, way: str) -> Server:
        """Start one, and wait until it answers."""
        port = free_port()
        process = get_context("spawn").Process(target=serve, args=(way, port), daemon=True)
        process.start()
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        async with asyncio.timeout(60):
            while True:
                with suppress(httpx.TransportError):
                    await http.get("/healthz")
                    return cls(process, http)
                await asyncio.sleep(0.05)

    def spends(self) -> float:
        """Give the milliseconds of processor time that it has spent so far, in all of its threads."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6

    async def asked(self, title: str, token: str, *, warm: bool) -> None:
        """Ask it for a document, again and again, until what was read is written."""
        before = self.spends()
        times = []
        for _ in range(BATCH):
            began = perf_counter()
            answer = await self.http.post(
                "/graphql", json={"query": DOCUMENTS[title]}, headers={"authorization": f"Bearer {token}"}
            )
            times.append((perf_counter() - began) * 1000)
            assert "errors" not in answer.json()
        await asyncio.sleep(PAUSE_SECONDS * 1.4)
        if not warm:
            self.took[title].append(median(times))
            self.spent[title].append((self.spends() - before) / BATCH)


async def compare(login: str, servers: dict[str, Server], token: str) -> None:
    """Print the medians for one kind of person."""
    for title in DOCUMENTS:
        for warm in (True, *[False] * ROUNDS):
            for way in random.sample([*servers], len(servers)):
                await servers[way].asked(title, token, warm=warm)
        took, spent = (
            {way: median(getattr(s, what)[title]) for way, s in servers.items()} for what in ("took", "spent")
        )
        told = ", ".join(
            f"{way} {took[way]:.2f} ms ({took['as it is'] / took[way]:.3f}),"
            f" processor {spent[way]:.2f} ms ({spent['as it is'] / spent[way]:.3f})"
            for way in servers
        )
        print(f"{'postgres' if ON_POSTGRES else 'sqlite'}, {login}, {title}: {told}", flush=True)  # noqa: T201 - what it is for
        for server in servers.values():
            server.took.clear()
            server.spent.clear()


async def main() -> None:
    """Plant the demo and compare."""
    with TemporaryDirectory() as folder:
        async with new_database(Path(folder)) as url:
            secret = Path(folder) / "secret"
            secret.write_bytes(SECRET)
            secret.chmod(0o600)
            os.environ |= {"GROUPROOM_DATABASE_URL": url, "GROUPROOM_SECRET_FILE": str(secret)}
            use_secret(SECRET)
            await migrate(url, plant_demo)
            await open_database(url)
            tokens = {login: str(await demo_token(login)) for login in ("owner", "amara")}
            await close_database()
            servers = {way: await Server.start(way) for way in WAYS}
            try:
                for login, token in tokens.items():
                    await compare(login, servers, token)
            finally:
                for server in servers.values():
                    await server.http.aclose()
                    server.process.terminate()
                    server.process.join()


if __name__ == "__main__":
    asyncio.run(main())
