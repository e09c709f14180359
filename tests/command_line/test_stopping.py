"""How a server ends: politely when asked, and without a loss when it is killed."""

from __future__ import annotations

import asyncio
import signal
from itertools import count

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.command_line.conftest import Demo
from tests.command_line.machine import Machine, Server
from tests.walk.browser import Person
from tests.walk.documents import CREATE_CLIENT

ALL = "{ clients(first: 100) { totalCount edges { node { id name } } } }"
PLANTED = 30
ENOUGH = 20


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_later_start_keeps_what_is_there_and_ctrl_c_ends_it_with_its_sockets(demo: Demo, workers: str) -> None:
    async with Person(demo.server.address, demo.server.token) as amara:
        before = await amara.ask(ALL)
    async with demo.machine.serving("--demo", "--workers", workers, "--host", "localhost") as later:
        async with Person(later.address, demo.server.token) as amara, amara.socket() as socket:
            assert await amara.ask(ALL) == await socket.ask(ALL) == before
            code = await later.stop(signal.SIGINT)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.ask(ALL)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert code in {0, 130}
        assert later.said.rstrip().endswith(" }")
        assert "Traceback" not in later.said


@pytest.mark.thorough
async def test_a_server_that_is_killed_while_it_writes_has_kept_all_that_it_said_was_done(machine: Machine) -> None:
    numbers = count(1)
    kept: list[str] = []
    enough = asyncio.Event()

    async def write(server: Server, token: str) -> None:
        async with Person(server.address, token) as person:
            while True:
                made = await person.do(CREATE_CLIENT, firstName="Nora", lastName=f"Berg {next(numbers)}")
                kept.append(made["client"]["id"])
                if len(kept) >= ENOUGH:
                    enough.set()

    async with machine.serving("--demo", "--workers", "2") as server:
        token = (await machine.run("token", "create", "--user", "owner@demo.example")).done()
        async with Person(server.address, token) as owner:
            assert (await owner.ask(ALL))["clients"]["totalCount"] == PLANTED
        writers = [asyncio.create_task(write(server, token)) for _ in range(4)]
        await asyncio.wait({asyncio.create_task(enough.wait()), *writers}, return_when=asyncio.FIRST_COMPLETED)
        assert await server.stop(signal.SIGKILL) == -signal.SIGKILL
        ends = await asyncio.gather(*writers, return_exceptions=True)
    assert all(isinstance(end, httpx.TransportError) for end in ends), ends
    async with machine.serving("--demo") as again, Person(again.address, token) as owner:
        found = await owner.ask(ALL)
        assert PLANTED + len(kept) <= found["clients"]["totalCount"] < next(numbers) + PLANTED
        found = await owner.ask("query Kept($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=kept)
        assert [node["id"] for node in found["nodes"]] == kept
        await owner.do(CREATE_CLIENT, firstName="Nora", lastName="Berg")
