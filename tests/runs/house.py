"""A practice on a database of its own, for servers that are started, stopped and killed as processes."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.client import Answer, Person
from tests.command_line.machine import Machine, Server
from tests.databases import new_database
from tests.runs.door import PROGRESS
from tests.runs.ledger import Look, looking_at
from tests.walk.browser import Person as Browser
from tests.world import PASSWORD, PRACTICE, a_client, a_group, signed_in

EMAIL = "amara@lakeside.example"
CLIENTS = 12


@dataclass
class OverHttp:
    """Carries operations to a server."""

    address: str
    http: httpx.AsyncClient

    async def __call__(self, document: str, variables: Mapping[str, Any], token: str | None) -> Answer:
        headers = {"Accept": "application/graphql-response+json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": variables}
        answer = (await self.http.post(f"http://{self.address}/graphql", json=body, headers=headers)).json()
        return Answer(answer.get("data"), answer.get("errors", []))


@dataclass
class House:
    """The practice: Amara, her group, and the servers that are up."""

    machine: Machine
    look: Look
    http: httpx.AsyncClient
    token: str = ""
    group: str = ""
    clients: list[str] = field(default_factory=list)
    servers: list[tuple[Server, AsyncExitStack]] = field(default_factory=list)

    async def start(self, *options: str) -> Server:
        """Start one more server, and give it once it answers."""
        exits = AsyncExitStack()
        server = await exits.enter_async_context(self.machine.serving(*options))
        self.servers.append((server, exits))
        return server

    async def end(self, how: signal.Signals) -> Server:
        """End the server that was started first with a signal to all its processes."""
        server, exits = self.servers.pop(0)
        if how is signal.SIGKILL:
            os.killpg(server.process.pid, how)
        else:
            await server.stop(how)
        # Whatever is left of it goes; there is nothing that it would still have to do.
        await exits.aclose()
        return server

    async def close(self) -> None:
        """End all servers."""
        while self.servers:
            await self.end(signal.SIGKILL)

    @property
    def server(self) -> Server:
        """The server that was started first of those that are up."""
        return self.servers[0][0]

    @property
    def amara(self) -> Person:
        """Amara, at that server."""
        return Person(OverHttp(self.server.address, self.http), self.token)

    async def progress(self, run: str, server: Server | None = None) -> AsyncGenerator[Any, None]:
        """Follow a run over a socket of that server's, or another's, until its stream ends."""
        async with (
            Browser((server or self.server).address, self.token) as browser,
            browser.socket() as socket,
            aclosing(socket.subscribe(PROGRESS, id=run)) as results,
        ):
            async for result in results:
                yield result["chartRunProgress"]


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[House]:
    """Set the practice up; no server is left running."""
    async with AsyncExitStack() as exits:
        database = await exits.enter_async_context(new_database(folder))
        http = await exits.enter_async_context(httpx.AsyncClient(verify=False, trust_env=False))  # noqa: S501 - no TLS on loopback
        machine = Machine(folder, database)
        async with machine.serving() as server:
            look = await exits.enter_async_context(looking_at(database))
            house = House(machine, look, http)
            zone = ("--time-zone", "America/Chicago", "--currency", "USD")
            (await machine.run("practice", "create", "--name", PRACTICE, *zone)).done()
            who = ("--practice", PRACTICE, "--email", EMAIL, "--name", "Amara Okafor", "--role", "provider")
            (await machine.run("user", "create", *who, typed=f"{PASSWORD}\n")).done()
            amara = await signed_in(Person(OverHttp(server.address, http)), email=EMAIL)
            house.token = amara.token or ""
            house.clients = [await a_client(by=amara, last_name=f"Number {n}") for n in range(CLIENTS)]
            house.group = await a_group(by=amara, clients=house.clients)
        try:
            yield house
        finally:
            await house.close()
