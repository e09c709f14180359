from __future__ import annotations

import asyncio

from tests.charting.scene import (
    GROUP_NOTES,
    THEME,
    a_chart,
    a_draft,
    a_second_facilitator,
    a_template,
    in_review,
    look,
    notes,
    save,
    words_for,
)
from tests.charting.test_group_notes import FORMATTED, outcome
from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World, a_client


def an_entry(client: str, text: str, version: int = 1) -> Data:
    return {"clientId": client, "clientNotes": text, "expectedVersion": version}


async def test_words_for_one_client_stand_beside_their_name_with_every_format(world: World) -> None:
    """R42, R45."""
    started = await a_chart(by=world.amara, group=world.monday)
    chart = await save(started, by=world.amara, words={world.client_ben: FORMATTED})
    assert [
        (entry["client"]["name"], entry["clientNotes"], entry["version"], entry["lastChangedBy"])
        for entry in chart["clientEntries"]
    ] == [
        ("Addie Ångström", "", 1, None),
        ("Ben Castillo", FORMATTED, 2, "Amara Okafor"),
        ("Chloe Dubois", "", 1, None),
    ]
    assert chart["version"] == 1
    assert await look(started, by=world.amara) == chart


async def test_they_go_only_into_this_clients_note(world: World) -> None:
    """R45: after the template and the group notes."""
    words = {world.client_ada: "<p>Only Ada</p>", world.client_ben: "<p>Only Ben</p>"}
    session = await in_review(
        by=world.amara, group=world.monday, template=await a_template(by=world.amara), words=words
    )
    found = await notes(session, by=world.amara)
    assert {client: note["body"] for client, note in found.items()} == {
        world.client_ada: f"{THEME}{GROUP_NOTES}<p>Only Ada</p>",
        world.client_ben: f"{THEME}{GROUP_NOTES}<p>Only Ben</p>",
        world.client_chloe: f"{THEME}{GROUP_NOTES}",
    }


async def test_they_are_optional(world: World) -> None:
    """R45: without any, a chart is completed all the same."""
    session = await in_review(by=world.amara, group=world.monday, words={})
    assert (await look(session, by=world.amara))["state"] == "IN_REVIEW"


async def test_parts_that_are_no_blocks_are_kept_apart_in_the_note(world: World) -> None:
    """R43, R45: no word is made of two."""
    words = {world.client_ada: "Ada listened", world.client_ben: "<p>Ben spoke</p>"}
    session = await in_review(by=world.amara, group=world.monday, notes="We spoke", words=words)
    found = await notes(session, by=world.amara)
    assert found[world.client_ada]["body"] == "We spoke<br>Ada listened"
    assert found[world.client_ben]["body"] == "We spoke<p>Ben spoke</p>"
    assert found[world.client_chloe]["body"] == "We spoke"


async def test_what_was_written_of_who_did_not_come_goes_into_no_note_but_stays(world: World) -> None:
    """R44."""
    session = await in_review(by=world.amara, group=world.monday, absent=[world.client_ben])
    assert world.client_ben not in await notes(session, by=world.amara)
    entries = {entry["client"]["id"]: entry for entry in (await look(session, by=world.amara))["clientEntries"]}
    assert entries[world.client_ben]["clientNotes"] == words_for(world.client_ben)


async def test_each_is_cleared_by_the_empty_text(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    chart = await save(draft, by=world.amara, words={world.client_ada: "<p> </p>"})
    assert (chart["clientEntries"][0]["clientNotes"], chart["clientEntries"][0]["version"]) == ("", 3)


# Two at once


async def test_two_facilitators_who_write_about_different_clients_both_keep_what_they_wrote(world: World) -> None:
    """N4: neither waits for the other, and neither is told of a conflict."""
    bjorn = await a_second_facilitator(world)
    started = await a_chart(by=world.amara, group=world.monday)
    given = {"chartId": started.chart, "expectedVersion": 1}
    said = await asyncio.gather(
        outcome(world.amara, **given, clientEntries=[an_entry(world.client_ada, "<p>Hers</p>")]),
        outcome(bjorn, **given, clientEntries=[an_entry(world.client_ben, "<p>His</p>")]),
    )
    assert [*said] == ["SaveChartPayload"] * 2
    entries = (await look(started, by=world.amara))["clientEntries"]
    assert [(entry["clientNotes"], entry["lastChangedBy"]) for entry in entries[:2]] == [
        ("<p>Hers</p>", "Amara Okafor"),
        ("<p>His</p>", "Björn Lindqvist"),
    ]


async def test_of_two_who_write_about_the_same_client_one_is_told_and_sees_the_others_words(world: World) -> None:
    """N4."""
    bjorn = await a_second_facilitator(world)
    started = await a_chart(by=world.amara, group=world.monday)
    given = {"chartId": started.chart, "expectedVersion": 1}
    chart = await save(started, by=world.amara, words={world.client_ada: "<p>Hers</p>"})
    entry = chart["clientEntries"][0]["id"]
    asked = await bjorn.ask(
        "mutation ($input: SaveChartInput!) { saveChart(input: $input) { ... on VersionConflict"
        " { current { __typename id ... on ChartEntry { clientNotes lastChangedBy version } } } } }",
        input={**given, "clientEntries": [an_entry(world.client_ada, "<p>His</p>")]},
    )
    assert asked["saveChart"]["current"] == {
        "__typename": "ChartEntry",
        "id": entry,
        "clientNotes": "<p>Hers</p>",
        "lastChangedBy": "Amara Okafor",
        "version": 2,
    }


async def test_of_many_who_write_about_the_same_client_at_once_one_is_first(world: World) -> None:
    """N4."""
    bjorn = await a_second_facilitator(world)
    started = await a_chart(by=world.amara, group=world.monday)
    said = await asyncio.gather(
        *(
            outcome(
                person,
                chartId=started.chart,
                expectedVersion=1,
                clientEntries=[an_entry(world.client_ada, f"<p>{n}</p>")],
            )
            for n, person in enumerate((world.amara, bjorn) * 3)
        )
    )
    assert sorted(said) == ["SaveChartPayload"] + ["VersionConflict"] * 5


async def test_of_two_who_add_to_the_same_words_at_once_nothing_is_lost(world: World) -> None:
    """N4, T8: each adds a word to what there is, and tries again when told to."""
    bjorn = await a_second_facilitator(world)
    started = await a_chart(by=world.amara, group=world.monday)

    async def add(person: Person, words: list[str]) -> None:
        for word in words:
            while True:
                entry = (await look(started, by=person))["clientEntries"][0]
                text = f"{entry['clientNotes'].removesuffix('</p>') or '<p>'} {word}</p>"
                given = [an_entry(world.client_ada, text, entry["version"])]
                said = await outcome(person, chartId=started.chart, expectedVersion=1, clientEntries=given)
                if said == "SaveChartPayload":
                    break

    await asyncio.gather(add(world.amara, [f"a{n}" for n in range(15)]), add(bjorn, [f"b{n}" for n in range(15)]))
    entry = (await look(started, by=world.amara))["clientEntries"][0]
    written = entry["clientNotes"].removeprefix("<p>").removesuffix("</p>").split()
    assert sorted(written) == sorted(f"{who}{n}" for who in "ab" for n in range(15))
    assert entry["version"] == 31


# About whom


async def test_only_who_is_on_the_roster_is_written_about(world: World) -> None:
    started = await a_chart(by=world.amara, group=world.monday)
    given = {"chartId": started.chart, "expectedVersion": 1}
    other = await a_client(by=world.amara)
    before = await everything()
    await world.amara.invalid(
        "input.clientEntries.1.clientId",
        "saveChart",
        **given,
        clientEntries=[an_entry(world.client_ada, "<p>a</p>"), an_entry(other, "<p>b</p>")],
    )
    for hidden in (world.client_dora, world.elsewhere.client, world.monday, "x", ""):
        await world.amara.denied("NOT_FOUND", "saveChart", **given, clientEntries=[an_entry(hidden, "<p>a</p>")])
    assert changed(before, await everything()) == []


async def test_nobody_is_written_about_twice_in_one_request(world: World) -> None:
    started = await a_chart(by=world.amara, group=world.monday)
    given = {"chartId": started.chart, "expectedVersion": 1}
    for first, second in (("<p>a</p>", "<p>b</p>"), ("", "<p>b</p>"), ("<p>a</p>", "<p>a</p>")):
        entries = [an_entry(world.client_ada, text) for text in (first, second)]
        await world.amara.invalid("input.clientEntries.1.clientId", "saveChart", **given, clientEntries=entries)
    many = [an_entry(world.client_ada, "<p>a</p>")] * 101
    await world.amara.invalid("input.clientEntries", "saveChart", **given, clientEntries=many)


async def test_the_whole_group_is_written_about_in_one_request(world: World) -> None:
    started = await a_chart(by=world.amara, group=world.monday)
    chart = await save(started, by=world.amara, notes="<p>We</p>", words={c: words_for(c) for c in started.lines})
    assert [entry["clientNotes"] for entry in chart["clientEntries"]] == [words_for(c) for c in started.lines]
    assert (chart["groupNotes"], chart["version"]) == ("<p>We</p>", 2)
