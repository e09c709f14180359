"""Workers of this process, and steps taken one by one where a test wants to stand between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from grouproom.worker import Worker
from models.charting.runs import claim
from models.charting.steps import take_step
from models.database import dialect, fetch
from models.ids import wire_id
from models.unit_of_work import unit_of_work
from tests.runs.ledger import Row, run_of

PATIENCE = 20.0
"""Seconds that a run may take on a busy machine."""
OVER = {"SUCCEEDED", "FAILED"}


@asynccontextmanager
async def at_work(number: int = 1) -> AsyncIterator[list[Worker]]:
    """Let so many workers look for runs for as long as the block lasts."""
    workers = [Worker() for _ in range(number)]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        for worker in workers:
            await worker.stop()


async def over(run: str) -> Row:
    """Wait until a run is over and give its row."""
    await comes_true(lambda: _is_over(run))
    return await run_of(fetch, run)


async def _is_over(run: str) -> bool:
    return (await run_of(fetch, run))["state"] in OVER


async def comes_true(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await check():
                return
            await asyncio.sleep(0.01)


async def worked_off(*runs: str) -> list[Row]:
    """Let one worker do these runs, and give their rows."""
    async with at_work():
        return [await over(run) for run in runs]


async def claimed(worker: str) -> tuple[UUID, int]:
    """Take the oldest run that is due, as this worker."""
    taken = await unit_of_work(lambda: claim(worker))
    assert taken is not None
    return taken


async def step(worker: str, run: UUID, attempt: int) -> bool:
    """Take one step as this worker."""
    return await unit_of_work(lambda: take_step(run, worker, attempt))


async def abandoned(run: str) -> None:
    """Let so much time pass that a run's holder is taken for dead."""
    past = "now()-interval '1 hour'" if dialect() == "postgres" else "'2026-01-01T00:00:00.000000Z'"
    await fetch(f"UPDATE chart_run SET lease_until={past} WHERE id=$1", [run_id(run)])


def run_id(run: str) -> UUID:
    """Give the row's id of a run."""
    found = UUID(hex=run.removeprefix("run_"))
    assert wire_id("run", found) == run
    return found
