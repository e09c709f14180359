"""Many runs, several workers: each step is done once, by whoever holds the run at that moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models import Client
from models.base import now
from models.charting import runs
from models.charting.runs import claim
from models.charting.steps import fail_step
from models.database import dialect, fetch
from models.unit_of_work import unit_of_work
from tests.databases import ON_POSTGRES
from tests.rows import changed, everything
from tests.runs.ledger import assert_assembled, assert_ended_well, assert_locked, run_of, state_of
from tests.runs.sessions import a_draft, completing, locking
from tests.runs.workers import abandoned, at_work, claimed, comes_true, over, run_id, step, worked_off
from tests.world import World


@pytest.mark.parametrize("number", [2, 3])
async def test_workers_share_many_runs_and_do_every_step_once(world: World, number: int) -> None:
    by = world.amara
    drafts = [await a_draft(by=by, group=world.monday, absent=[world.client_ben]) for _ in range(6)]
    async with at_work(number):
        completed = await asyncio.gather(*(completing(draft, by=by) for draft in drafts))
        for one in completed:
            await over(one.run)
            await assert_ended_well(fetch, one)
            await assert_assembled(fetch, one)
            assert await state_of(fetch, one) == "IN_REVIEW"
        # All runs end in the chains of the same two clients.
        locked = await asyncio.gather(*(locking(one, by=by) for one in completed))
        for one in locked:
            await over(one.run)
            await assert_ended_well(fetch, one)
            await assert_locked(fetch, one)
    [done] = await fetch("SELECT count(*) AS n FROM chart_run_step WHERE state='DONE'")
    [signed] = await fetch("SELECT count(*) AS n FROM signature")
    assert (done["n"], signed["n"]) == (2 * 6 * 2, 6 * 2)


async def test_the_oldest_run_is_taken_first_and_a_held_one_by_nobody_else(world: World) -> None:
    by = world.amara
    waiting = [await completing(await a_draft(by=by, group=world.monday), by=by) for _ in range(2)]
    taken = [await claimed("one"), await claimed("two")]
    assert taken == [(run_id(one.run), 1) for one in waiting]
    assert await unit_of_work(lambda: claim("three")) is None


async def test_who_was_taken_for_dead_writes_nothing_more(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    slow = await claimed("slow")
    assert await step("slow", *slow)
    await abandoned(held.run)
    quick = await claimed("quick")
    assert quick == (slow[0], slow[1] + 1)
    before = await everything()
    assert not await step("slow", *slow)
    assert not await unit_of_work(lambda: fail_step(slow[0], "slow", slow[1]))
    assert changed(before, await everything()) == []
    while await step("quick", *quick):
        assert not await step("slow", *slow)
    await assert_ended_well(fetch, held)
    await assert_assembled(fetch, held)


async def test_who_gets_a_run_back_does_not_take_it_for_the_one_it_had(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    first = await claimed("one")
    await abandoned(held.run)
    again = await claimed("one")
    assert not await step("one", *first)
    assert await step("one", *again)


@pytest.mark.skipif(not ON_POSTGRES, reason="on SQLite nobody writes while a step is being done")
async def test_in_the_middle_of_a_step_a_run_is_taken_by_nobody_however_long_it_lasts(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    await worked_off(held.run)
    held = await locking(held, by=by)
    slow = await claimed("slow")
    await abandoned(held.run)
    lapsed = (await run_of(fetch, held.run))["lease_until"]
    released, blocked = asyncio.Event(), asyncio.Event()

    async def hold_clients() -> None:
        await Client.all().select_for_update()
        blocked.set()
        await released.wait()

    other = asyncio.create_task(unit_of_work(hold_clients))
    await blocked.wait()
    going = asyncio.create_task(step("slow", *slow))
    await _until_locked(held.run)
    # What others see of its lease has lapsed, and yet they leave it alone.
    assert (await run_of(fetch, held.run))["lease_until"] == lapsed
    assert await unit_of_work(lambda: claim("quick")) is None
    released.set()
    await other
    assert await going
    while await step("slow", *slow):
        pass
    await assert_locked(fetch, held)


async def _until_locked(run: str) -> None:
    async def is_locked() -> bool:
        return not await fetch(f"SELECT id FROM chart_run WHERE id='{run_id(run)}' FOR UPDATE SKIP LOCKED")

    await comes_true(is_locked)


async def test_a_run_is_claimed_and_told_before_its_first_step(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    told = await _told()
    await claimed("one")
    assert (await run_of(fetch, held.run))["state"] == "RUNNING"
    assert await _told() == told + 1


async def _told() -> int:
    [row] = await fetch("SELECT coalesce(max(seq),0) AS seq FROM event_counter")
    seq: int = row["seq"]
    return seq


class TestClocks:
    """Clocks differ between machines, and are set right now and then."""

    async def test_a_clock_that_is_ahead_takes_no_run_from_its_holder(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        by = world.amara
        await completing(await a_draft(by=by, group=world.monday), by=by)
        await claimed("one")
        monkeypatch.setattr(runs, "now", lambda: now() + timedelta(hours=1))
        assert await unit_of_work(lambda: claim("two")) is None

    @pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
    async def test_a_clock_that_was_set_back_leaves_no_run_waiting(self, world: World, state: str) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        tomorrow = "now()+interval '1 day'" if dialect() == "postgres" else "'2999-01-01T00:00:00.000000Z'"
        await fetch(f"UPDATE chart_run SET state='{state}',worker='dead',attempts=1,lease_until={tomorrow}")
        assert await claimed("two") == (run_id(held.run), 2)

    async def test_the_latest_run_is_the_one_that_was_started_last_whatever_the_clock_says(self, world: World) -> None:
        by = world.amara
        first = await completing(await a_draft(by=by, group=world.monday), by=by)
        await worked_off(first.run)
        tomorrow = "now()+interval '1 day'" if dialect() == "postgres" else "'2999-01-01T00:00:00.000000Z'"
        await fetch(f"UPDATE chart_run SET created_at={tomorrow}")
        await by.do("reopenChart", chartId=first.chart)
        second = await completing(first, by=by)
        assert second.run != first.run
        asked = await by.ask("query ($id: ID!) { chart(id: $id) { run { id } } }", id=first.chart)
        assert asked["chart"]["run"]["id"] == second.run
        assert (await completing(first, by=by)).run == second.run
