"""`chartRunProgress`: the state first, then each step or several in one, never without the last, and then the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from models.charting.steps import fail_step
from models.database import fetch
from models.unit_of_work import unit_of_work
from tests.client import Person
from tests.runs.door import PROGRESS, RUN, Door
from tests.runs.faults import assembling, refusing
from tests.runs.ledger import assert_ended_well
from tests.runs.sessions import a_draft, completing, locking
from tests.runs.workers import at_work, claimed, step, worked_off
from tests.world import World, a_group, a_share


async def query(by: Person, run: str) -> Any:
    return (await by.ask(RUN, id=run))["chartRun"]


def far(state: Any) -> tuple[str, int]:
    return state["state"], state["done"]


async def test_each_step_is_told_and_then_the_end(world: World, door: Door) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    async with door.following(by, PROGRESS, held.run) as bar:
        first = await bar.state()
        assert first == await query(by, held.run)
        assert far(first) == ("QUEUED", 0)
        assert [step["state"] for step in first["steps"]] == ["WAITING"] * 3
        taken = await claimed("one")
        assert far(await bar.state()) == ("RUNNING", 0)
        for done in (1, 2, 3):
            await step("one", *taken)
            state = await bar.state()
            assert state == await query(by, held.run)
            assert far(state) == ("RUNNING", done)
        await step("one", *taken)
        [last] = await bar.rest()
    assert last == await query(by, held.run)
    assert far(last) == ("SUCCEEDED", 3)
    assert [step["state"] for step in last["steps"]] == ["DONE"] * 3


async def test_who_joins_late_begins_with_what_is_and_hears_the_rest(world: World, door: Door) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    taken = await claimed("one")
    async with door.following(by, PROGRESS, held.run) as early:
        await early.until(state="RUNNING")
        await step("one", *taken)
        await early.until(done=1)
        async with door.following(by, PROGRESS, held.run) as late:
            assert far(await late.state()) == ("RUNNING", 1)
            while await step("one", *taken):
                pass
            heard = [await early.rest(), await late.rest()]
    assert [far(states[-1]) for states in heard] == [("SUCCEEDED", 3)] * 2
    for states in heard:
        done = [state["done"] for state in states]
        assert done == sorted(done)


@pytest.mark.parametrize("how", ["well", "with a failure"])
async def test_after_the_end_there_is_one_state_and_nothing_more(world: World, door: Door, how: str) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    if how == "with a failure":
        async with refusing(*assembling(world.client_ben)):
            await worked_off(held.run)
    else:
        await worked_off(held.run)
    for _ in range(2):
        async with door.following(by, PROGRESS, held.run) as bar:
            assert await bar.rest() == [await query(by, held.run)]


async def test_a_failure_is_told_when_it_happens_and_a_run_that_failed_ends_too(world: World, door: Door) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    async with door.following(by, PROGRESS, held.run) as bar:
        taken = await claimed("one")
        await unit_of_work(lambda: fail_step(taken[0], "one", taken[1]))
        state = await bar.until(failed=1)
        assert sorted(step["state"] for step in state["steps"]) == ["FAILED", "WAITING", "WAITING"]
        while await step("one", *taken):
            pass
        states = await bar.rest()
    assert (states[-1]["state"], states[-1]["done"], states[-1]["failed"]) == ("FAILED", 2, 1)
    # Tried again, it is followed again, until it has ended well.
    await by.do("retryChartRun", runId=held.run)
    async with door.following(by, PROGRESS, held.run) as bar:
        assert far(await bar.state()) == ("QUEUED", 2)
        await worked_off(held.run)
        assert far((await bar.rest())[-1]) == ("SUCCEEDED", 3)


async def test_many_follow_many_runs_while_workers_are_at_it_and_nobody_misses_an_end(world: World, door: Door) -> None:
    by = world.amara
    drafts = [await a_draft(by=by, group=world.monday, absent=[world.client_ada]) for _ in range(4)]

    async def heard(run: str) -> list[Any]:
        async with door.following(by, PROGRESS, run) as bar:
            return await bar.rest()

    async with at_work(2):
        for start in (completing, locking):
            drafts = [await start(draft, by=by) for draft in drafts]
            streams = await asyncio.gather(*(heard(draft.run) for draft in drafts for _ in range(3)))
            for states in streams:
                done = [state["done"] for state in states]
                assert done == sorted(done)
                assert far(states[-1]) == ("SUCCEEDED", 2)
                assert [state["finishedAt"] is None for state in states] == [True] * (len(states) - 1) + [False]
            for draft in drafts:
                await assert_ended_well(fetch, draft)


async def test_a_run_with_nobody_to_do_it_for_ends_at_once(world: World, door: Door) -> None:
    by = world.amara
    held = await a_draft(by=by, group=await a_group(by=by))
    held = await completing(held, by=by)
    async with door.following(by, PROGRESS, held.run) as bar:
        await worked_off(held.run)
        states = await bar.rest()
    assert (far(states[-1]), states[-1]["total"]) == (("SUCCEEDED", 0), 0)


async def test_who_may_not_see_a_run_is_told_that_there_is_none(world: World, door: Door) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    others = (world.owner, world.manager, world.scheduler, world.carol, world.bjorn, world.ada, world.elsewhere.eve)
    for state in ("waiting", "over"):
        for person in others:
            async with door.following(person, PROGRESS, held.run) as bar:
                assert await bar.refusal() == ["NOT_FOUND"]
        if state == "waiting":
            await worked_off(held.run)
    for wrong in (held.run[:-1], held.chart, "run_" + "0" * 32, ""):
        async with door.following(by, PROGRESS, wrong) as bar:
            assert await bar.refusal() == ["NOT_FOUND"]


async def test_it_ends_when_the_share_does_and_says_nothing_more(world: World, door: Door) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    held = await completing(await a_draft(by=world.amara, group=world.monday), by=world.amara)
    async with (
        door.following(world.bjorn, PROGRESS, held.run) as shared,
        door.following(world.amara, PROGRESS, held.run) as own,
    ):
        assert await shared.state() == await own.state()
        await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
        async with asyncio.timeout(2):
            assert await shared.refusal() == ["NOT_FOUND"]
        await worked_off(held.run)
        assert far((await own.rest())[-1]) == ("SUCCEEDED", 3)


async def test_it_ends_when_the_sign_in_does(world: World, door: Door) -> None:
    held = await completing(await a_draft(by=world.amara, group=world.monday), by=world.amara)
    async with door.following(world.amara, PROGRESS, held.run) as bar:
        await bar.state()
        await world.amara.ask("mutation { signOut }")
        with pytest.raises(ConnectionClosed) as closed:
            await bar.state()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
