"""The chart while it is written, and the session's board: both hear of runs as of everything else."""

from __future__ import annotations

import asyncio
from typing import Any

from models.database import fetch
from tests.client import Person
from tests.runs.door import BOARD, CHART, Door
from tests.runs.ledger import assert_locked
from tests.runs.sessions import a_draft, completing, locking
from tests.runs.workers import claimed, step, worked_off
from tests.world import World, a_share, lines_of

NOW = CHART.replace("subscription", "query").replace("chartChanges(chartId: $id)", "chart(id: $id)")


async def query(by: Person, chart: str) -> Any:
    return (await by.ask(NOW, id=chart))["chart"]


def entry(state: Any, client: str) -> Any:
    [found] = [entry for entry in state["clientEntries"] if entry["client"]["id"] == client]
    return found


async def test_two_who_write_hear_of_each_other(world: World, door: Door) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    draft = await a_draft(by=world.amara, group=world.monday)
    async with (
        door.following(world.amara, CHART, draft.chart) as amaras,
        door.following(world.bjorn, CHART, draft.chart) as bjorns,
    ):
        first = await amaras.state()
        assert first == await bjorns.state() == await query(world.amara, draft.chart)
        await world.amara.do(
            "saveChart", chartId=draft.chart, expectedVersion=first["version"], groupNotes="<p>Amara's.</p>"
        )
        assert (await bjorns.state())["groupNotes"] == (await amaras.state())["groupNotes"] == "<p>Amara's.</p>"
        written = {"clientId": world.client_ben, "clientNotes": "<p>Björn's.</p>", "expectedVersion": 2}
        await world.bjorn.do("saveChart", chartId=draft.chart, expectedVersion=1, clientEntries=[written])
        for stream in (amaras, bjorns):
            seen = entry(await stream.state(), world.client_ben)
            assert (seen["clientNotes"], seen["lastChangedBy"]) == ("<p>Björn's.</p>", "Björn Lindqvist")


async def test_what_the_stream_said_last_is_what_a_query_says_after_two_wrote_at_once(world: World, door: Door) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    draft = await a_draft(by=world.amara, group=world.monday)

    async def write(by: Person, client: str) -> None:
        for n in range(10):
            part = {"clientId": client, "clientNotes": f"<p>{n}</p>", "expectedVersion": 2 + n}
            await by.do("saveChart", chartId=draft.chart, expectedVersion=1, clientEntries=[part])

    async with (
        door.following(world.amara, CHART, draft.chart) as amaras,
        door.following(world.bjorn, CHART, draft.chart) as bjorns,
    ):
        await asyncio.gather(write(world.amara, world.client_ada), write(world.bjorn, world.client_ben))
        last = await query(world.amara, draft.chart)
        assert {entry(last, client)["clientNotes"] for client in (world.client_ada, world.client_ben)} == {"<p>9</p>"}
        for stream in (amaras, bjorns):
            assert await stream.until(clientEntries=last["clientEntries"]) == last


async def test_the_chart_is_followed_through_completion_reopening_and_lock(world: World, door: Door) -> None:
    by = world.amara
    held = await a_draft(by=by, group=world.monday)
    async with door.following(by, CHART, held.chart) as stream:
        assert (await stream.state())["state"] == "DRAFT"
        held = await completing(held, by=by)
        assert await stream.until(run={"state": "QUEUED", "done": 0}, state="ASSEMBLING")
        taken = await claimed("one")
        await step("one", *taken)
        assert await stream.until(run={"state": "RUNNING", "done": 1})
        while await step("one", *taken):
            pass
        assert await stream.until(run={"state": "SUCCEEDED", "done": 3}, state="IN_REVIEW")
        await by.do("reopenChart", chartId=held.chart)
        assert await stream.until(state="DRAFT")
        held = await completing(held, by=by)
        await worked_off(held.run)
        assert await stream.until(state="IN_REVIEW")
        held = await locking(held, by=by)
        await worked_off(held.run)
        assert await stream.until(state="LOCKED") == await query(by, held.chart)
    await assert_locked(fetch, held)


async def test_who_may_not_see_a_chart_is_told_that_there_is_none(world: World, door: Door) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    for person in (world.owner, world.scheduler, world.carol, world.bjorn, world.ada, world.elsewhere.eve):
        async with door.following(person, CHART, draft.chart) as stream:
            assert await stream.refusal() == ["NOT_FOUND"]


async def test_the_chart_is_followed_no_longer_than_the_share_lasts(world: World, door: Door) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    draft = await a_draft(by=world.amara, group=world.monday)
    async with (
        door.following(world.bjorn, CHART, draft.chart) as shared,
        door.following(world.amara, CHART, draft.chart) as own,
    ):
        first = await shared.state()
        assert first == await own.state()
        await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
        await world.amara.do(
            "saveChart", chartId=draft.chart, expectedVersion=first["version"], groupNotes="<p>After.</p>"
        )
        async with asyncio.timeout(2):
            assert await shared.refusal() == ["NOT_FOUND"]
        assert await own.until(groupNotes="<p>After.</p>")


async def test_the_board_hears_of_the_chart_and_of_its_runs(world: World, door: Door) -> None:
    by = world.amara
    held = await a_draft(by=by, group=world.monday, absent=[world.client_ben])
    async with door.following(by, BOARD, held.session) as board:
        version = (await query(by, held.chart))["version"]
        assert (await board.state())["chart"]["state"] == "DRAFT"
        await by.do("saveChart", chartId=held.chart, expectedVersion=version, groupNotes="<p>More.</p>")
        assert (await board.state())["chart"]["groupNotes"] == "<p>More.</p>"
        for start, state, locked in ((completing, "IN_REVIEW", False), (locking, "LOCKED", True)):
            held = await start(held, by=by)
            await _until(board, run={"state": "QUEUED", "done": 0})
            taken = await claimed("one")
            await step("one", *taken)
            await _until(board, run={"state": "RUNNING", "done": 1})
            while await step("one", *taken):
                pass
            last = await _until(board, state=state, run={"state": "SUCCEEDED", "done": 2})
            assert [(note["client"]["id"], note["locked"]) for note in last["notes"]] == [
                (world.client_ada, locked),
                (world.client_chloe, locked),
            ]


async def test_the_front_desk_hears_of_the_board_and_nothing_of_the_chart(world: World, door: Door) -> None:
    held = await a_draft(by=world.amara, group=world.monday)
    lines = await lines_of(held.session, by=world.amara)
    asked = BOARD.replace("chart {", "attendanceSummary { attended } chart {")
    async with door.following(world.scheduler, asked, held.session) as board:
        assert await board.state() == {"attendanceSummary": {"attended": 3}, "chart": None}
        held = await completing(held, by=world.amara)
        await worked_off(held.run)
        await world.amara.do("clearAttendance", attendanceId=lines[world.client_ada])
        assert await board.state() == {"attendanceSummary": {"attended": 2}, "chart": None}


async def _until(board: Any, **wanted: Any) -> Any:
    while True:
        chart = (await board.state())["chart"]
        if wanted.items() <= chart.items():
            return chart
