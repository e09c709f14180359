"""Several servers on one database: they share the runs, and go on with those of a server that stops or dies."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.runs.house import House
from tests.runs.ledger import assert_assembled, assert_ended_well, assert_locked
from tests.runs.sessions import Charted, a_draft, completing, locking
from tests.runs.workers import comes_true

pytestmark = pytest.mark.thorough

MANY = 10


@pytest.fixture
async def drafts(house: House) -> AsyncIterator[list[Charted]]:
    """Many sessions whose charts are written, and one server that is up."""
    await house.start()
    yield [await a_draft(by=house.amara, group=house.group, absent=house.clients[:1]) for _ in range(MANY)]
    await house.close()


async def going_on(house: House) -> list[Any]:
    """Give the runs that are not over."""
    return await house.look(
        "SELECT id,state,worker,done,lease_until FROM chart_run WHERE state IN ('QUEUED','RUNNING') ORDER BY created_at"
    )


async def all_over(house: House) -> None:
    """Wait until no run is going on."""

    async def are_over() -> bool:
        return not await going_on(house)

    await comes_true(are_over)


async def asked_for(house: House, drafts: list[Charted]) -> list[Charted]:
    """Start the completion of all at once."""
    return list(await asyncio.gather(*(completing(draft, by=house.amara) for draft in drafts)))


async def test_a_server_that_is_stopped_in_the_midst_leaves_everything_whole_and_free(
    house: House, drafts: list[Charted]
) -> None:
    held = await asked_for(house, drafts)
    stopped = await house.end(signal.SIGTERM)
    assert "Traceback" not in stopped.said
    left = await going_on(house)
    assert left
    assert [run["worker"] for run in left] == [None] * len(left)
    for run in left:
        [steps] = await house.look(
            f"SELECT count(*) AS n FROM chart_run_step WHERE run_id='{run['id']}' AND state='DONE'"
        )
        assert steps["n"] == run["done"]
    due = "now()" if house.machine.database.startswith("postgres") else "strftime('%Y-%m-%dT%H:%M:%f999Z','now')"
    assert await house.look(f"SELECT id FROM chart_run WHERE state='RUNNING' AND lease_until>{due}") == []
    await house.start()
    await all_over(house)
    for one in held:
        await assert_ended_well(house.look, one)
        await assert_assembled(house.look, one)


async def test_two_servers_share_many_runs_and_one_ends_all_when_the_other_is_killed(
    house: House, drafts: list[Charted]
) -> None:
    await house.start()
    held = await asked_for(house, drafts)
    await all_over(house)
    for one in held:
        await assert_ended_well(house.look, one)
        await assert_assembled(house.look, one)
    held = list(await asyncio.gather(*(locking(one, by=house.amara) for one in held)))
    await house.end(signal.SIGKILL)
    await all_over(house)
    for one in held:
        await assert_ended_well(house.look, one)
    await assert_locked(house.look, held[0])
    [wrong] = await house.look("SELECT count(*) AS n FROM chart WHERE state IN ('ASSEMBLING','LOCKING')")
    assert wrong["n"] == 0


async def test_the_processes_of_one_server_share_as_well(house: House, drafts: list[Charted]) -> None:
    await house.end(signal.SIGTERM)
    await house.start("--workers", "2")
    held = await asked_for(house, drafts)
    await all_over(house)
    stopped = await house.end(signal.SIGTERM)
    assert "Traceback" not in stopped.said
    for one in held:
        await assert_ended_well(house.look, one)
        await assert_assembled(house.look, one)
