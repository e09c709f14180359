"""Servers in processes of their own, which share nothing with the tests but the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.client import Answer, Person
from tests.command_line.machine import Machine, Server
from tests.databases import SECRET
from tests.walk.browser import Person as Browser

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Wired(Machine):
    """A machine on which servers wake one another over this wire; without one, over what they choose themselves."""

    broadcast: str | None = None

    def environment(self, **settings: str) -> dict[str, str]:
        """Name the wire as well, and these floors, whatever else is installed."""
        wire = {"GROUPROOM_BROADCAST_URL": self.broadcast} if self.broadcast else {}
        secret = self.folder / "secret"
        secret.write_bytes(SECRET)
        secret.chmod(0o600)
        return Machine.environment(self, PYTHONPATH=str(ROOT), GROUPROOM_SECRET_FILE=str(secret), **wire, **settings)


@asynccontextmanager
async def servers(
    folder: Path, database: str, *, broadcast: str | None = None, many: int = 2
) -> AsyncIterator[list[Server]]:
    """Serve the database by so many processes."""
    machine = Wired(folder, database, broadcast)
    async with AsyncExitStack() as exits:
        yield list(await asyncio.gather(*(exits.enter_async_context(machine.serving()) for _ in range(many))))


@dataclass(frozen=True, slots=True)
class OverHttp:
    """Carries the operations of a person to a server in another process."""

    server: Server

    async def __call__(self, document: str, variables: Mapping[str, Any], token: str | None) -> Answer:
        async with Browser(self.server.address, token) as browser:
            answer = await browser.answer(document, variables)
        return Answer(answer.get("data"), answer.get("errors", []))


def at(server: Server, person: Person) -> Person:
    """Give the person before that server."""
    return replace(person, send=OverHttp(server))
