"""A chart of before sessions were locked against it may miss the part of who joined while it was started."""

from __future__ import annotations

from models import ChartEntry
from models.ids import row_id
from tests.charting.scene import Session, a_draft, complete, look, notes, save, words_for, work
from tests.rows import count
from tests.world import World


async def forget_part(session: Session, client: str) -> None:
    """Let the chart have no part for a client of its roster, as no mutation leaves it any more."""
    assert await ChartEntry.filter(chart_id=row_id("cht", session.chart), client_id=row_id("clt", client)).delete() == 1


async def test_a_second_start_gives_who_is_on_the_roster_their_part_and_keeps_the_others(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    await forget_part(draft, world.client_ben)
    await world.amara.do("startChart", appointmentId=draft.id)
    chart = await save(draft, by=world.amara, words={world.client_ben: "<p>New here.</p>"})
    assert [(entry["client"]["id"], entry["clientNotes"]) for entry in chart["clientEntries"]] == [
        (world.client_ada, words_for(world.client_ada)),
        (world.client_ben, "<p>New here.</p>"),
        (world.client_chloe, words_for(world.client_chloe)),
    ]
    assert chart["clientEntries"][1]["attendance"]["id"] == draft.lines[world.client_ben]


async def test_completing_makes_a_note_for_who_attended_and_had_no_part(world: World) -> None:
    """R43."""
    draft = await a_draft(by=world.amara, group=world.monday)
    await forget_part(draft, world.client_ben)
    chart = await complete(draft, by=world.amara)
    assert chart["state"] == "IN_REVIEW"
    assert sorted(await notes(draft, by=world.amara)) == sorted(draft.lines)
    said = [(warning["kind"], warning["client"]["id"]) for warning in chart["warnings"]]
    assert said == [("NOT_INDIVIDUALIZED", world.client_ben)]


async def test_a_run_that_failed_for_want_of_a_part_succeeds_when_it_is_tried_again(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    run = (await world.amara.do("completeChart", "run { id }", chartId=draft.chart))["run"]["id"]
    await forget_part(draft, world.client_ben)
    await work()
    assert (await look(draft, by=world.amara))["run"]["failed"] == 1
    await world.amara.do("retryChartRun", runId=run)
    await work()
    assert (await look(draft, by=world.amara))["state"] == "IN_REVIEW"
    assert (await count("chart_note"), await count("chart_entry")) == (3, 3)
