"""`kill -9` of a server at random moments: started again, it ends what was begun, and nothing is missing or twice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.command_line.machine import Server
from tests.runs.house import House
from tests.runs.ledger import assert_assembled, assert_ended_well, assert_locked
from tests.runs.sessions import Charted, a_draft, completing, locking

pytestmark = pytest.mark.thorough

SEEDS = range(20)
WITHIN_SECONDS = 5.0

Start = Callable[..., Awaitable[Charted]]


@pytest.fixture(scope="module")
async def seconds(house: House) -> dict[Start, float]:
    """How long completing and locking last when nobody interferes; the server is up from here on."""
    await house.start()
    held = await a_draft(by=house.amara, group=house.group)
    lasted: dict[Start, float] = {}
    for start in (completing, locking):
        began = time.monotonic()
        held = await start(held, by=house.amara)
        assert [state async for state in house.progress(held.run)][-1]["state"] == "SUCCEEDED"
        lasted[start] = time.monotonic() - began
    return lasted


@pytest.fixture(scope="module")
def interrupted() -> dict[int, bool]:
    """For each seed, whether the kill met a run that was asked for and not over."""
    return {}


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_a_killed_server_had_begun_ends_well(
    house: House, seconds: dict[Start, float], interrupted: dict[int, bool], seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - the same moments each time
    held = await a_draft(by=house.amara, group=house.group, absent=random.sample(house.clients, random.randint(1, 3)))
    for start in (completing, locking):
        if start is (completing, locking)[seed % 2]:
            moment = random.uniform(0, seconds[start])
            held, interrupted[seed] = await _killed(house, held, start, moment)
        else:
            held = await start(held, by=house.amara)
            assert [state async for state in house.progress(held.run)][-1]["state"] == "SUCCEEDED"
        await assert_ended_well(house.look, held)
        await assert_assembled(house.look, held)
    await assert_locked(house.look, held)
    assert await _going_on(house) == []


async def test_these_moments_were_in_the_midst_of_it(interrupted: dict[int, bool]) -> None:
    if len(interrupted) < len(SEEDS):
        pytest.skip("not all of them were tried")
    assert sum(interrupted.values()) >= 5, interrupted


async def _killed(house: House, held: Charted, start: Start, moment: float) -> tuple[Charted, bool]:
    heard: list[Any] = []
    page = asyncio.create_task(_page(house, held, start, heard))
    await asyncio.sleep(moment)
    await house.end(signal.SIGKILL)
    await page
    met = bool(await _going_on(house))
    await house.start()
    async with asyncio.timeout(WITHIN_SECONDS):
        # Whoever got no answer asks again, and gets the run that exists.
        held = await start(held, by=house.amara)
        states = [state async for state in house.progress(held.run)]
    done = [state["done"] for state in (*heard, *states)]
    assert done == sorted(done), done
    assert states[-1]["state"] == "SUCCEEDED"
    return held, met


async def _page(house: House, held: Charted, start: Start, heard: list[Any]) -> None:
    """Ask for a run and follow it, as a page does until its server is gone."""
    server = house.server
    with suppress(httpx.TransportError, WebSocketException, InvalidHandshake, OSError, EOFError):
        held = await start(held, by=house.amara)
        await _hear(house, server, held.run, heard)


async def _hear(house: House, server: Server, run: str, heard: list[Any]) -> None:
    # One by one: what was heard before the socket broke counts.
    async for state in house.progress(run, server):
        heard += [state]


async def _going_on(house: House) -> list[Any]:
    return await house.look("SELECT done,total FROM chart_run WHERE state IN ('QUEUED','RUNNING')")
