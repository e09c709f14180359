"""What fails fails alone: the others go on, a retry touches nothing else, and whoever wrote it can go back."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from grouproom.worker import Worker
from models.charting.runs import claim, put_off
from models.charting.steps import fail_step
from models.database import fetch
from models.events import LISTENERS
from models.ids import row_id
from models.unit_of_work import unit_of_work
from tests.client import Person
from tests.databases import ON_POSTGRES
from tests.rows import changed, everything
from tests.runs.faults import SECRET, assembling, ending, locking, refusing
from tests.runs.ledger import (
    assert_assembled,
    assert_ended_well,
    assert_locked,
    notes_of,
    run_of,
    state_of,
)
from tests.runs.sessions import GROUP_NOTES, Charted, a_draft, completing
from tests.runs.sessions import locking as start_locking
from tests.runs.workers import PATIENCE, abandoned, at_work, claimed, comes_true, over, run_id, step, worked_off
from tests.world import World, a_share

RUN = """
query ($id: ID!) {
  chartRun(id: $id) { state total done failed finishedAt steps { client { id } state reason } chart { state } }
}
"""

LINES = "query ($id: ID!) { appointment(id: $id) { attendances { id client { id } } } }"


async def run(charted: Charted, *, by: Person) -> Any:
    return (await by.ask(RUN, id=charted.run))["chartRun"]


def steps_of(seen: Any) -> dict[str, str]:
    return {step["client"]["id"]: step["state"] for step in seen["steps"]}


async def a_failed_completion(world: World) -> Charted:
    draft = await completing(await a_draft(by=world.amara, group=world.monday), by=world.amara)
    async with refusing(*assembling(world.client_ben)):
        await worked_off(draft.run)
    return draft


async def a_failed_lock(world: World) -> Charted:
    by = world.amara
    draft = await completing(await a_draft(by=by, group=world.monday), by=by)
    await worked_off(draft.run)
    held = await start_locking(draft, by=by)
    async with refusing(*locking(world.client_ben)):
        await worked_off(held.run)
    return held


async def test_a_note_that_cannot_be_assembled_keeps_nobody_else_from_theirs(world: World) -> None:
    held = await a_failed_completion(world)
    seen = await run(held, by=world.amara)
    assert (seen["state"], seen["total"], seen["done"], seen["failed"]) == ("FAILED", 3, 2, 1)
    assert seen["finishedAt"] is not None
    assert seen["chart"]["state"] == "ASSEMBLING"
    assert steps_of(seen) == {world.client_ada: "DONE", world.client_ben: "FAILED", world.client_chloe: "DONE"}
    assert set(await notes_of(fetch, held)) == {world.client_ada, world.client_chloe}


async def test_the_reason_is_a_sentence_for_people_that_shows_nothing_of_the_inside(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    held = await a_failed_completion(world)
    [reason] = [step["reason"] for step in (await run(held, by=world.amara))["steps"] if step["reason"]]
    assert reason == "This note could not be assembled. Try again; if it fails again, tell whoever runs the server."
    assert f"A step of run {run_id(held.run)} failed." in caplog.text
    assert SECRET not in caplog.text
    assert GROUP_NOTES not in caplog.text


async def test_a_retry_touches_only_what_failed(world: World) -> None:
    held = await a_failed_completion(world)
    before = await notes_of(fetch, held)
    payload = await world.amara.do("retryChartRun", "run { id state done failed finishedAt }", runId=held.run)
    assert payload["run"] == {"id": held.run, "state": "QUEUED", "done": 2, "failed": 0, "finishedAt": None}
    await worked_off(held.run)
    await assert_ended_well(fetch, held)
    await assert_assembled(fetch, held)
    assert await state_of(fetch, held) == "IN_REVIEW"
    after = await notes_of(fetch, held)
    assert {client: after[client] for client in before} == before


async def test_what_fails_again_is_told_again(world: World) -> None:
    held = await a_failed_completion(world)
    await world.amara.do("retryChartRun", runId=held.run)
    async with refusing(*assembling(world.client_ben)):
        await worked_off(held.run)
    seen = await run(held, by=world.amara)
    assert (seen["state"], seen["done"], seen["failed"]) == ("FAILED", 2, 1)


async def test_a_retry_of_what_waits_or_goes_on_changes_nothing(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    for state in ("QUEUED", "RUNNING"):
        before = await everything()
        payload = await by.do("retryChartRun", "run { id state }", runId=held.run)
        assert payload["run"] == {"id": held.run, "state": state}
        assert changed(before, await everything()) == []
        if state == "QUEUED":
            await step("one", *await claimed("one"))
    await worked_off_by_hand("one", held)
    assert await by.invalid("input.runId", "retryChartRun", runId=held.run) == ["Nothing of this run failed."]


async def worked_off_by_hand(worker: str, held: Charted) -> None:
    row = await run_of(fetch, held.run)
    while await step(worker, run_id(held.run), row["attempts"]):
        pass
    await assert_ended_well(fetch, held)


async def test_a_retry_in_the_midst_of_a_run_with_a_failure_leaves_the_failure_for_the_end(world: World) -> None:
    by = world.amara
    held = await completing(await a_draft(by=by, group=world.monday), by=by)
    taken = await claimed("one")
    assert await unit_of_work(lambda: fail_step(taken[0], "one", taken[1]))
    await by.do("retryChartRun", runId=held.run)
    seen = await run(held, by=by)
    assert (seen["state"], seen["failed"]) == ("RUNNING", 1)
    while await step("one", *taken):
        pass
    seen = await run(held, by=by)
    assert (seen["state"], seen["done"], seen["failed"]) == ("FAILED", 2, 1)
    await by.do("retryChartRun", runId=held.run)
    # Whoever held it before does not go on with it unasked.
    assert not await step("one", *taken)
    await worked_off(held.run)
    await assert_ended_well(fetch, held)


async def test_a_failed_completion_is_reopened_and_completed_anew(world: World) -> None:
    by = world.amara
    held = await a_failed_completion(world)
    await by.do("reopenChart", chartId=held.chart)
    assert await state_of(fetch, held) == "DRAFT"
    assert await notes_of(fetch, held) == {}
    anew = await completing(held, by=by)
    assert anew.run != held.run
    await worked_off(anew.run)
    await assert_ended_well(fetch, anew)
    await assert_assembled(fetch, anew)


@pytest.mark.parametrize("then", ["waits", "goes on", "failed", "succeeded"])
async def test_a_run_from_before_the_reopening_is_not_tried_again(world: World, then: str) -> None:
    by = world.amara
    held = await a_failed_completion(world)
    await by.do("reopenChart", chartId=held.chart)
    # Ben, whose step failed, has not come after all.
    asked = await by.ask(LINES, id=held.session)
    [line] = [line["id"] for line in asked["appointment"]["attendances"] if line["client"]["id"] == world.client_ben]
    await by.do("clearAttendance", attendanceId=line)
    await by.do("setAttendance", attendanceId=line, outcome="NO_SHOW")
    anew = await completing(held, by=by)
    if then == "goes on":
        await claimed("one")
    elif then == "failed":
        async with refusing(*assembling(world.client_ada)):
            await worked_off(anew.run)
    elif then == "succeeded":
        await worked_off(anew.run)
    before = await everything()
    said = await by.invalid("input.runId", "retryChartRun", runId=held.run)
    assert said == ["The chart was reopened since: complete it again."]
    assert changed(before, await everything()) == []


async def test_a_failed_lock_can_only_be_tried_again(world: World) -> None:
    """N3."""
    by = world.amara
    held = await a_failed_lock(world)
    seen = await run(held, by=by)
    assert (seen["state"], seen["done"], seen["failed"], seen["chart"]["state"]) == ("FAILED", 2, 1, "LOCKING")
    [reason] = [step["reason"] for step in seen["steps"] if step["reason"]]
    assert reason == "This note could not be locked. Try again; if it fails again, tell whoever runs the server."
    before = await everything()
    await by.refused("ChartLocked", "reopenChart", chartId=held.chart)
    await by.refused("ChartLocked", "saveChart", chartId=held.chart, expectedVersion=1, groupNotes="Other words")
    asked = await by.do("lockChart", "run { id state }", chartId=held.chart, expectedVersion=1)
    assert asked["run"] == {"id": held.run, "state": "FAILED"}
    assert changed(before, await everything()) == []
    signed = {client: note for client, note in (await notes_of(fetch, held)).items() if note["locked_at"]}
    assert set(signed) == {world.client_ada, world.client_chloe}
    await by.do("retryChartRun", runId=held.run)
    await worked_off(held.run)
    await assert_ended_well(fetch, held)
    await assert_locked(fetch, held)
    after = await notes_of(fetch, held)
    assert {client: after[client] for client in signed} == signed


async def test_another_session_locked_between_a_failure_and_its_retry_leaves_the_chain_whole(world: World) -> None:
    by = world.amara
    failed = await a_failed_lock(world)
    other = await completing(await a_draft(by=by, group=world.monday, starts_at="2026-01-12T18:00:00Z"), by=by)
    await worked_off(other.run)
    other = await start_locking(other, by=by)
    await worked_off(other.run)
    await by.do("retryChartRun", runId=failed.run)
    await worked_off(failed.run)
    for held in (failed, other):
        await assert_locked(fetch, held)


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite locks no row")
async def test_a_run_that_waits_for_somebody_keeps_no_other_from_going_on(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.unit_of_work.DEADLINE_SECONDS", 0.5)
    waiting = await completing(await a_draft(by=world.amara, group=world.monday), by=world.amara)
    other = await completing(await a_draft(by=world.bjorn, group=world.thursday), by=world.bjorn)
    somebody = await asyncpg.connect(database_url)
    try:
        async with at_work():
            async with somebody.transaction():
                await somebody.execute("SELECT id FROM client WHERE id=$1 FOR UPDATE", row_id("clt", world.client_ada))
                await over(other.run)
                assert (await run_of(fetch, waiting.run))["state"] == "RUNNING"
            await over(waiting.run)
    finally:
        await somebody.close()
    for held in (waiting, other):
        await assert_ended_well(fetch, held)
        await assert_assembled(fetch, held)


async def test_two_who_lock_at_once_get_the_same_run(world: World) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    draft = await completing(await a_draft(by=world.amara, group=world.monday), by=world.amara)
    await worked_off(draft.run)
    async with at_work(2):
        both = await asyncio.gather(*(start_locking(draft, by=by) for by in (world.amara, world.bjorn) * 3))
        [held] = set(both)
        await over(held.run)
    await assert_ended_well(fetch, held)
    await assert_locked(fetch, held)
    assert len(await fetch("SELECT id FROM chart_run WHERE kind='LOCK'")) == 1


class TestAnEndThatFails:
    """All steps are done, and yet the run cannot be ended."""

    async def test_it_is_tried_again_later_and_later(self, world: World) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        pauses = []
        for _ in range(6):
            run, attempt = await claimed("one")
            pauses.append(await unit_of_work(partial(put_off, run, "one", attempt)))
            assert not await step("one", run, attempt)
            assert await unit_of_work(lambda: claim("two")) is None
            await abandoned(held.run)
        assert pauses == [2, 4, 8, 16, 30, 30]

    async def test_who_has_lost_it_puts_nothing_off(self, world: World) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        taken = await claimed("one")
        await abandoned(held.run)
        await claimed("two")
        before = await everything()
        assert await unit_of_work(lambda: put_off(taken[0], "one", taken[1])) is None
        assert changed(before, await everything()) == []

    async def test_the_worker_says_so_in_the_log_and_does_other_work_meanwhile(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        by = world.amara
        other = await a_draft(by=by, group=world.monday)
        stuck = await completing(await a_draft(by=by, group=world.monday), by=by)
        event, table, condition = ending()
        async with at_work():
            async with refusing(event, table, f"{condition} AND NEW.id='{run_id(stuck.run)}'"):
                await _said(caplog, "tried again")
                other = await completing(other, by=by)
                await over(other.run)
                await asyncio.sleep(0.3)
                row = await run_of(fetch, stuck.run)
                assert (row["state"], row["done"], row["failed"]) == ("RUNNING", 3, 0)
                assert await state_of(fetch, stuck) == "ASSEMBLING"
            said = [record for record in caplog.records if "tried again" in record.getMessage()]
            pauses = [2, 4, 8, 16][: row["attempts"]]
            assert [record.getMessage() for record in said] == [
                f"Run {run_id(stuck.run)} cannot go on now; it is tried again in {pause} seconds." for pause in pauses
            ]
            assert {record.levelno for record in said} == {logging.ERROR}
            assert SECRET not in caplog.text
            await abandoned(stuck.run)
            await over(stuck.run)
        for held in (stuck, other):
            await assert_ended_well(fetch, held)
            await assert_assembled(fetch, held)

    async def test_so_it_is_where_a_failure_cannot_even_be_noted(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        by = world.amara
        stuck = await completing(await a_draft(by=by, group=world.monday), by=by)
        async with at_work():
            async with refusing("UPDATE", "chart_run_step", "true"):
                await _said(caplog, "tried again in 2 seconds")
            await abandoned(stuck.run)
            await over(stuck.run)
        await assert_ended_well(fetch, stuck)
        assert SECRET not in caplog.text


class TestAStop:
    """A worker that is stopped lets go of what it has."""

    async def test_another_goes_on_at_once_with_a_run_in_the_middle(self, world: World) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        await _stopped_after_the_first_step()
        row = await run_of(fetch, held.run)
        assert (row["state"], row["worker"], row["done"], row["failed"]) == ("RUNNING", None, 1, 0)
        assert await claimed("another") == (run_id(held.run), row["attempts"] + 1)
        await worked_off_by_hand("another", held)
        await assert_assembled(fetch, held)

    async def test_a_run_that_was_just_taken_is_let_go_as_well(self, world: World) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        for _ in range(20):
            worker = Worker()
            worker.start()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await worker.stop()
            row = await run_of(fetch, held.run)
            if row["state"] in {"QUEUED", "RUNNING"}:
                assert row["worker"] is None
        await worked_off(held.run)
        await assert_ended_well(fetch, held)

    async def test_what_is_put_off_stays_put_off(self, world: World) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        worker = Worker()
        taken = await claimed(worker._name)
        await unit_of_work(lambda: put_off(taken[0], worker._name, taken[1]))
        worker.start()
        await worker.stop()
        assert await unit_of_work(lambda: claim("another")) is None
        await abandoned(held.run)
        assert await claimed("another")

    async def test_a_stop_ends_also_where_nothing_can_be_let_go(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        by = world.amara
        held = await completing(await a_draft(by=by, group=world.monday), by=by)
        worker = Worker()
        await claimed(worker._name)
        worker.start()
        async with refusing("UPDATE", "chart_run", "true"):
            await worker.stop()
        assert "others go on when its lease is over" in caplog.text
        assert SECRET not in caplog.text
        assert (await run_of(fetch, held.run))["worker"] == worker._name


async def _said(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async def is_said() -> bool:
        return words in caplog.text

    await comes_true(is_said)


async def _stopped_after_the_first_step() -> None:
    loop, worker, told = asyncio.get_running_loop(), Worker(), count()
    stopping: asyncio.Future[asyncio.Task[None]] = loop.create_future()

    def listen(_: UUID) -> None:
        # The claim is told, and then each step.
        if next(told) == 1:
            # In a context of its own: this is called within the step's unit of work.
            stopping.set_result(loop.create_task(worker.stop(), context=Context()))

    LISTENERS.append(listen)
    worker.start()
    try:
        async with asyncio.timeout(PATIENCE):
            await (await stopping)
    finally:
        LISTENERS.remove(listen)
