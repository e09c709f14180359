from __future__ import annotations

import asyncio
from typing import Any

from tests.charting.scene import (
    GROUP_NOTES,
    a_chart,
    a_draft,
    a_second_facilitator,
    a_template,
    complete,
    in_review,
    locked,
    look,
    notes,
    save,
)
from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World

FORMATTED = (
    "<h1>A</h1><h2>B</h2><h3>C</h3><h4>D</h4><h5>E</h5><h6>F</h6><p>Normal <strong>bold</strong> <em>italic</em>"
    ' <u>underline</u> <small>small</small></p>\n<ul class="indent-1"><li>bullet</li></ul><ol><li>number</li></ol>'
    '<p class="indent-8">"90 %" of &lt;them&gt; &amp; me;\tit\'s\\u0022<br>so</p>'
)


async def outcome(person: Person, **given: Any) -> str:
    return str((await person.result("saveChart", **given))["__typename"])


async def test_group_notes_hold_the_sessions_text_with_every_format(world: World) -> None:
    """R41, R42: byte for byte."""
    started = await a_chart(by=world.amara, group=world.monday)
    saved = await save(started, by=world.amara, notes=FORMATTED)
    assert saved["groupNotes"] == FORMATTED
    assert (await look(started, by=world.amara))["groupNotes"] == FORMATTED
    assert (saved["version"], saved["lastChangedBy"]) == (2, "Amara Okafor")


async def test_they_are_part_of_the_note_of_everybody_who_attended(world: World) -> None:
    """R43."""
    session = await in_review(by=world.amara, group=world.monday, absent=[world.client_ben], words={})
    found = await notes(session, by=world.amara)
    assert {client: note["body"] for client, note in found.items()} == {
        world.client_ada: GROUP_NOTES,
        world.client_chloe: GROUP_NOTES,
    }


async def test_what_is_left_out_stays_and_null_clears(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday, template=await a_template(by=world.amara))
    chart = await save(draft, by=world.amara, words={world.client_ada: "<p>Listened.</p>"})
    assert (chart["groupNotes"], chart["version"]) == (GROUP_NOTES, 2)
    chart = await save(draft, by=world.amara, groupNotes=None, clientEntries=None)
    assert (chart["groupNotes"], chart["version"]) == ("", 3)
    assert chart["clientEntries"][0]["clientNotes"] == "<p>Listened.</p>"
    assert chart["template"]["name"] == "Our form"


async def test_saving_what_is_there_already_is_no_change(world: World) -> None:
    """Whoever saves a draft by the minute wakes nobody and is in nobody's way."""
    draft = await a_draft(by=world.amara, group=world.monday, notes=FORMATTED)
    before = await everything()
    await save(draft, by=world.amara, notes=f"{FORMATTED}<script>x</script>", templateId=None)
    await save(draft, by=world.amara)
    assert changed(before, await everything()) == []


async def test_who_wrote_last_is_named(world: World) -> None:
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday)
    chart = await save(draft, by=bjorn, notes="<p>Shared.</p>")
    assert chart["lastChangedBy"] == "Björn Lindqvist"
    chart = await save(draft, by=world.amara, notes="<p>Shared.</p>")
    assert chart["lastChangedBy"] == "Björn Lindqvist"


async def test_a_template_that_is_none_and_stays_none_leaves_a_single_clients_own_text(world: World) -> None:
    """A page that saves every field it has, changed or not, takes nothing away."""
    started = await a_chart(by=world.amara, client=world.client_ada)
    await save(started, by=world.amara, templateBody="<p>My own form</p>")
    chart = await save(started, by=world.amara, templateId=None, notes="<p>a</p>")
    assert chart["templateBody"] == "<p>My own form</p>"


# Two at once


async def test_of_two_who_write_over_the_same_version_one_is_told_and_nothing_is_lost(world: World) -> None:
    """N4: the other sees what there is, and decides again."""
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday)
    given = {"chartId": draft.chart, "expectedVersion": 2}
    await world.amara.do("saveChart", **given, groupNotes="<p>Hers</p>")
    asked = await bjorn.ask(
        "mutation ($input: SaveChartInput!) { saveChart(input: $input) { __typename"
        " ... on VersionConflict { message current { __typename id ... on Chart { groupNotes version } } } } }",
        input={**given, "groupNotes": "<p>His</p>"},
    )
    assert asked["saveChart"].pop("message")
    assert asked["saveChart"] == {
        "__typename": "VersionConflict",
        "current": {"__typename": "Chart", "id": draft.chart, "groupNotes": "<p>Hers</p>", "version": 3},
    }


async def test_of_many_who_write_at_once_one_is_first(world: World) -> None:
    """N4."""
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday)
    given = {"chartId": draft.chart, "expectedVersion": 2}
    said = await asyncio.gather(
        *(outcome(person, **given, groupNotes=f"<p>{n}</p>") for n, person in enumerate((world.amara, bjorn) * 3))
    )
    assert sorted(said) == ["SaveChartPayload"] + ["VersionConflict"] * 5
    assert (await look(draft, by=world.amara))["version"] == 3


async def test_group_notes_and_a_clients_do_not_stand_in_each_others_way(world: World) -> None:
    """N4: each is compared with its own version."""
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday, words={})
    entry = {"clientId": world.client_ada, "clientNotes": "<p>His</p>", "expectedVersion": 1}
    said = await asyncio.gather(
        outcome(world.amara, chartId=draft.chart, expectedVersion=2, groupNotes="<p>Hers</p>"),
        outcome(bjorn, chartId=draft.chart, expectedVersion=1, clientEntries=[entry]),
    )
    assert [*said] == ["SaveChartPayload"] * 2
    chart = await look(draft, by=world.amara)
    assert (chart["groupNotes"], chart["clientEntries"][0]["clientNotes"]) == ("<p>Hers</p>", "<p>His</p>")


async def test_what_cannot_be_saved_whole_is_not_saved_in_part(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday, words={})
    stale = {"clientId": world.client_ada, "clientNotes": "<p>a</p>", "expectedVersion": 7}
    given: Data = {"chartId": draft.chart, "expectedVersion": 2, "groupNotes": "<p>New</p>"}
    before = await everything()
    await world.amara.refused("VersionConflict", "saveChart", **given, clientEntries=[stale])
    await world.amara.invalid("input.templateBody", "saveChart", **given, templateBody="x")
    await world.amara.denied("NOT_FOUND", "saveChart", **given, clientEntries=[{**stale, "clientId": "x"}])
    assert changed(before, await everything()) == []


async def test_a_version_is_looked_at_before_what_is_wrong_with_the_input(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    await world.amara.refused("VersionConflict", "saveChart", chartId=draft.chart, expectedVersion=7, templateBody="x")


# When they may be written


async def test_notes_are_written_while_drafting_and_after_reopening_only(world: World) -> None:
    """R46: whatever version is sent."""
    session = await a_draft(by=world.amara, group=world.monday)
    await complete(session, by=world.amara)
    for version in (1, 2, 4, 99):
        await world.amara.refused(
            "ChartLocked", "saveChart", chartId=session.chart, expectedVersion=version, groupNotes="<p>New</p>"
        )
    await world.amara.do("reopenChart", chartId=session.chart)
    assert (await save(session, by=world.amara, notes="<p>New</p>"))["groupNotes"] == "<p>New</p>"
    signed = await locked(by=world.amara, group=world.monday)
    parts: list[Data] = [{}, {"groupNotes": GROUP_NOTES}, {"clientEntries": []}]
    for given in parts:
        await world.amara.refused("ChartLocked", "saveChart", chartId=signed.chart, expectedVersion=1, **given)


async def test_nobody_writes_who_may_not_read(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    given = {"chartId": draft.chart, "expectedVersion": 2, "groupNotes": "<p>Mine</p>"}
    before = await everything()
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.ada, world.bjorn):
        await person.denied("NOT_FOUND", "saveChart", **given)
    await world.elsewhere.eve.denied("NOT_FOUND", "saveChart", **given)
    assert changed(before, await everything()) == []
