from __future__ import annotations

from collections.abc import Mapping
from time import process_time
from typing import Any

import pytest

from models import Client, Practice
from models.charting.warnings import find
from models.database import fetch
from models.ids import row_id, uuid7
from tests.charting.scene import (
    GROUP_NOTES,
    a_chart,
    a_template,
    attend,
    complete,
    in_review,
    lock,
    locked,
    look,
    save,
    words_for,
)
from tests.client import Data
from tests.rows import changed, everything
from tests.world import World, a_client, a_group

# What was found


async def warned(
    world: World, notes: str = GROUP_NOTES, words: Mapping[str, str] | None = None, **draft: Any
) -> set[Any]:
    """Complete a chart in which everybody else has words of their own; give kind and client of each warning."""
    members = (world.client_ada, world.client_ben, world.client_chloe)
    written = {client: words_for(client) for client in members} | dict(words or {})
    session = await in_review(by=world.amara, group=world.monday, notes=notes, words=written, **draft)
    warnings = (await look(session, by=world.amara))["warnings"]
    found = [(warning["kind"], warning["client"] and warning["client"]["id"]) for warning in warnings]
    return set(found)


ADA, BEN, CHLOE = (
    Client(id=uuid7(), first_name=first, last_name=last, preferred_name=called, name=last, email=email, phone=phone)
    for first, last, called, email, phone in (
        ("Ada", "Ångström", "Addie", "ada@lakeside.example", "+1 312 555 0101"),
        ("Ben", "Castillo", None, None, None),
        ("Chloe", "Dubois", None, None, None),
    )
)


def found_in(parts: Mapping[Client, str], *others: Client, shared: str = "") -> set[tuple[str, Client | None]]:
    """Find what there is to point at in these clients' parts, with others on the roster who did not come."""
    roster = [*parts, *others]
    by_id = {client.id: client for client in roster}
    own = {client.id: text for client, text in parts.items()}
    warnings = find(group=True, shared=shared, own=own, roster=roster, limit=12)
    return {(warning.kind.value, by_id[warning.client] if warning.client else None) for warning in warnings}


PLAN = (
    "<p>Came in time, spoke of loss and of hope, listened when others wept, and plans to visit the grave"
    " with flowers and candles on {} morning.</p>"
)
NAMES, ALIKE, LARGE = "NAMES_ANOTHER_MEMBER", "NOT_INDIVIDUALIZED", "GROUP_TOO_LARGE"


async def test_a_careful_chart_has_no_warnings(world: World) -> None:
    """N8, N9."""
    assert await warned(world) == set()


def test_the_clients_own_name_in_their_own_part_is_no_warning() -> None:
    """N8."""
    own = "<p>Addie (Ada Ångström) wept; ada@lakeside.example, +1 312 555 0101.</p>"
    assert found_in({ADA: own, BEN: "<p>Listened.</p>"}) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Addie was silent.",
        "ADDIE's mother",
        "addie\u2019s mother",
        "ada",
        "A. Ångström",
        "Angstrom",
        "ANGSTRÖM",
        "A\u030angstro\u0308m",
        "Ben cried with <strong>Ad</strong>die.",
        "So said <em>Ada</em>, and left",
        "Ben\u2013Ada, a pair",
        "the Ada-Ben pair",
        "A\u00adda",
        "then Ada<ul><li>left</li></ul>",
        "write to ada@lakeside.example",
        "write to Ada@Lakeside.EXAMPLE.",
        "call 312-555-0101",
        "call (312) 555.0101 now",
        "call +1&nbsp;312\u2011555\u20110101",
        "call 5550101",
        "13125550101",
    ],
)
def test_a_text_for_one_that_identifies_another_member_is_pointed_at(text: str) -> None:
    """N8: by first, last and preferred name, mail address and phone, however they are spelled."""
    assert found_in({CHLOE: f"<p>{text}</p><p>Grew calmer.</p>"}, ADA) == {(NAMES, CHLOE)}
    assert found_in({CHLOE: "<p>Grew calmer.</p>"}, ADA, shared=f"<p>{text}</p>") == {(NAMES, None)}


@pytest.mark.parametrize(
    "text", ["adage", "Canada", "addiected", "a da", "bend", "Benign", "555-010", "0101 555", "2026-01-05", "Angst"]
)
def test_what_only_looks_a_little_like_a_name_is_not(text: str) -> None:
    """N8."""
    assert found_in({CHLOE: f"<p>{text}</p><p>Grew calmer.</p>"}, ADA, BEN, shared=f"<p>{text}</p>") == set()


async def test_a_name_in_the_group_notes_is_about_all_and_said_once(world: World) -> None:
    """N8: they go into everyone's record."""
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Ben cried. BEN left, and Ben's coat.</p>")
    [warning] = (await look(session, by=world.amara))["warnings"]
    assert warning["id"].startswith("wrn_")
    assert (warning["kind"], warning["client"]) == (NAMES, None)
    assert warning["message"] == "The group notes, which go into everyone's record, identify Ben Castillo."


async def test_a_name_in_the_template_goes_into_everyones_record_too(world: World) -> None:
    """N8."""
    template = await a_template(by=world.amara, body="<p>Seat of Chloe</p>")
    assert await warned(world, template=template) == {(NAMES, None)}


async def test_who_did_not_come_is_a_member_all_the_same(world: World) -> None:
    """N8: the name warning covers everybody on the roster."""
    absent = [world.client_ben]
    assert await warned(world, notes="<p>Ben was missed.</p>", absent=absent) == {(NAMES, None)}
    own = {world.client_ada: "<p>Missed Castillo.</p>"}
    assert await warned(world, words=own, absent=absent) == {(NAMES, world.client_ada)}


async def test_nothing_is_said_of_a_part_that_goes_into_no_note(world: World) -> None:
    """R44, N8."""
    own = {world.client_ben: "<p>Ada, Chloe</p>"}
    assert await warned(world, words=own, absent=[world.client_ben]) == set()


async def test_who_came_alone_is_named_in_their_own_record_only(world: World) -> None:
    """N8."""
    absent = [world.client_ben, world.client_chloe]
    assert await warned(world, notes="<p>Only Addie came.</p>", absent=absent) == set()


async def test_each_name_in_each_part_is_a_warning_of_its_own_in_the_order_of_the_roster(world: World) -> None:
    """N8."""
    words = {
        world.client_ada: "<p>With Chloe and Ben.</p>",
        world.client_ben: "<p>Listened.</p>",
        world.client_chloe: "<p>Against Ada; not for long.</p>",
    }
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Chloe, Addie</p>", words=words)
    messages = [warning["message"] for warning in (await look(session, by=world.amara))["warnings"]]
    assert messages[:2] == [
        f"The group notes, which go into everyone's record, identify {name}."
        for name in ("Addie Ångström", "Chloe Dubois")
    ]
    assert sorted(messages[2:]) == [
        "The notes for Addie Ångström identify Ben Castillo.",
        "The notes for Addie Ångström identify Chloe Dubois.",
        "The notes for Chloe Dubois identify Addie Ångström.",
    ]


@pytest.mark.parametrize(
    "first, last, text",
    [
        ("Mary Ann", "O'Brien", "mary  ann wept"),
        ("Mary Ann", "O'Brien", "the O\u2019Brien\u2019s house"),
        ("Jean-Luc", "García Márquez", "Jean-Luc's turn"),
        ("Jean-Luc", "García Márquez", "Garcia Marquez"),
        ("Ægir", "Øst", "aegir and Ost"),
        ("Анна", "Иванова", "Анна плакала"),
        ("明", "陈明亮", "我见了陈明亮先生"),
        ("민수", "김", "민수가 울었다"),
        ("J", "Lu", "lu."),
    ],
)
def test_names_of_all_kinds_are_found(first: str, last: str, text: str) -> None:
    """N8."""
    member = Client(id=uuid7(), first_name=first, last_name=last, name=last)
    assert found_in({BEN: f"<p>{text}</p>"}, member) == {(NAMES, BEN)}


# Of their own


async def test_a_part_that_is_missing_is_pointed_at_for_who_attended(world: World) -> None:
    """N9."""
    words = {world.client_ben: "", world.client_chloe: ""}
    assert await warned(world, words=words, absent=[world.client_ben]) == {(ALIKE, world.client_chloe)}


@pytest.mark.parametrize(
    "one, other",
    [
        ("<p>Spoke of loss.</p>", "<p>Spoke of loss.</p>"),
        ("<p>Spoke of loss.</p>", "<h2>SPOKE</h2><ul><li>of loss!</li></ul>"),
        ("<p>Addie spoke of loss today.</p>", "<p>Ben spoke of loss today.</p>"),
        ("<p>Ada Ångström's loss</p>", "<p>Castillo's loss</p>"),
        (PLAN.format("Sunday"), PLAN.format("Monday")),
        ("<p>Loss of hope</p>", "<p>of hope, loss</p>"),
    ],
)
def test_two_parts_that_are_the_same_but_for_a_name_or_a_word_are_pointed_at_both(one: str, other: str) -> None:
    """N9: identical notes are the first reason for which 90853 is denied."""
    parts = {ADA: one, BEN: other, CHLOE: "<p>Something of her own.</p>"}
    assert found_in(parts) == {(ALIKE, ADA), (ALIKE, BEN)}


@pytest.mark.parametrize(
    "one, other",
    [
        ("<p>Spoke of loss.</p>", "<p>Spoke of hope.</p>"),
        ("<p>Listened.</p>", "<p>Wept.</p>"),
        ("<p>Came in time and spoke of loss.</p>", "<p>Came late, was silent at first, and left before the end.</p>"),
    ],
)
def test_parts_that_say_different_things_are_not(one: str, other: str) -> None:
    """N9."""
    assert found_in({ADA: one, BEN: other}) == set()


@pytest.mark.parametrize("text", ["<p>...</p>", "<p>Addie.</p>", "<p>— ✓ —</p>"])
def test_a_part_without_words_or_with_the_name_alone_is_missing(text: str) -> None:
    """N9."""
    assert found_in({ADA: text, BEN: "<p>Listened.</p>"}) == {(ALIKE, ADA)}


async def test_parts_that_are_alike_are_pointed_at_when_the_chart_is_completed(world: World) -> None:
    """N9."""
    words = {world.client_ada: "<p>Addie spoke of loss.</p>", world.client_ben: "<p>Ben spoke of loss.</p>"}
    assert await warned(world, words=words) == {(ALIKE, world.client_ada), (ALIKE, world.client_ben)}


async def test_an_absent_clients_part_is_compared_with_nobodys(world: World) -> None:
    """N9."""
    words = {world.client_ada: "<p>Same</p>", world.client_ben: "<p>Same</p>"}
    assert await warned(world, words=words, absent=[world.client_ben]) == set()


# The size of the group


async def test_a_group_larger_than_the_practice_has_set_is_pointed_at(world: World) -> None:
    """GROUP_TOO_LARGE: counted are those who attended, and none of them is named."""
    await Practice.filter(id=row_id("prc", world.practice)).update(group_size_limit=2)
    assert await warned(world, absent=[world.client_ben]) == set()
    session = await in_review(by=world.amara, group=world.monday)
    [warning] = (await look(session, by=world.amara))["warnings"]
    assert (warning["kind"], warning["client"]) == (LARGE, None)
    assert warning["message"] == "3 clients attended; the practice's limit is 2."


async def test_twelve_is_the_limit_unless_it_is_changed(world: World) -> None:
    """GROUP_TOO_LARGE, as Medicare's L33632 has it."""
    clients = [await a_client(by=world.amara, first_name=f"Given{n}", last_name=f"Family{n}") for n in range(13)]
    group = await a_group(by=world.amara, clients=clients)
    for absent, kinds in (([], [LARGE]), (clients[:1], [])):
        session = await a_chart(by=world.amara, group=group)
        await save(session, by=world.amara, words={client: words_for(client) for client in clients})
        await attend(session, by=world.amara, absent=absent)
        chart = await complete(session, by=world.amara)
        assert [warning["kind"] for warning in chart["warnings"]] == kinds


async def test_a_single_client_is_no_group(world: World) -> None:
    session = await in_review(
        by=world.amara, client=world.client_ada, notes="<p>Ada spoke of Ben.</p>", words={world.client_ada: ""}
    )
    assert (await look(session, by=world.amara))["warnings"] == []


def test_long_notes_of_a_large_group_are_read_in_a_moment() -> None:
    """N8, N9: while they are, nobody else is answered."""
    names = [f"{a}{b}" for a in "bcdfg" for b in "aeiou"]
    members = [
        Client(id=row_id("clt", f"clt_{n:032x}"), first_name=f"First{name}", last_name=f"Last{name}", name=name)
        for n, name in enumerate(names)
    ]
    own = {client.id: f"<p>{f'{client.name} spoke of something else. ' * 600}</p>" for client in members}
    begun = process_time()
    assert find(group=True, shared="<p>We spoke.</p>" * 1000, own=own, roster=members, limit=25) == []
    assert process_time() - begun < 2


# Read before anybody signs


async def test_warnings_are_there_in_review_and_gone_with_it_and_found_anew(world: World) -> None:
    """N8: kept as rows."""
    session = await a_chart(by=world.amara, group=world.monday)
    await save(session, by=world.amara, notes="<p>Ben.</p>", words={c: words_for(c) for c in session.lines})
    assert (await look(session, by=world.amara))["warnings"] == []
    await attend(session, by=world.amara)
    [first] = (await complete(session, by=world.amara))["warnings"]
    asked = await world.amara.ask("query ($id: ID!) { node(id: $id) { ... on ChartWarning { kind } } }", id=first["id"])
    assert asked["node"] == {"kind": NAMES}
    await world.amara.do("reopenChart", chartId=session.chart)
    assert (await look(session, by=world.amara))["warnings"] == []
    [again] = (await complete(session, by=world.amara))["warnings"]
    assert again["id"] != first["id"]
    await world.amara.do("reopenChart", chartId=session.chart)
    await save(session, by=world.amara, notes="<p>They.</p>")
    assert (await complete(session, by=world.amara))["warnings"] == []


async def test_every_warning_has_to_be_read_and_those_that_are_not_are_shown(world: World) -> None:
    """N8: the signer says so of each."""
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Ben, Chloe</p>")
    chart = await look(session, by=world.amara)
    first, second = (warning["id"] for warning in chart["warnings"])
    given: Data = {"chartId": session.chart, "expectedVersion": chart["version"]}
    document = (
        "mutation ($input: LockChartInput!) { lockChart(input: $input) { __typename"
        " ... on WarningsNotAcknowledged { message warnings { id kind } } } }"
    )
    before = await everything()
    for read, unread in (([], [first, second]), ([second], [first]), ([first, first], [second])):
        told = (await world.amara.ask(document, input={**given, "acknowledgedWarningIds": read}))["lockChart"]
        assert told.pop("message")
        assert told == {
            "__typename": "WarningsNotAcknowledged",
            "warnings": [{"id": warning, "kind": NAMES} for warning in unread],
        }
    assert (await world.amara.ask(document, input=given))["lockChart"]["__typename"] == "WarningsNotAcknowledged"
    assert changed(before, await everything()) == []
    await world.amara.do("lockChart", **given, acknowledgedWarningIds=[second, first])


async def test_who_read_them_and_when_is_kept_and_the_warnings_stay(world: World) -> None:
    """N8: an audited override."""
    session = await locked(by=world.amara, group=world.monday, notes="<p>Ben</p>")
    [kept] = await fetch("SELECT acknowledged_by_id, acknowledged_at FROM chart_warning")
    assert str(kept["acknowledged_by_id"]) == str(row_id("prv", world.amaras))
    assert kept["acknowledged_at"]
    assert len((await look(session, by=world.amara))["warnings"]) == 1


async def test_a_warning_of_another_chart_or_of_nobody_is_none_of_this_one(world: World) -> None:
    """N8."""
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Ben</p>")
    other = await in_review(by=world.amara, group=world.monday, notes="<p>Ben</p>")
    hidden = await in_review(by=world.bjorn, group=world.thursday, words={})
    chart = await look(session, by=world.amara)
    [read] = [warning["id"] for warning in chart["warnings"]]
    [others] = [warning["id"] for warning in (await look(other, by=world.amara))["warnings"]]
    [hiddens] = [warning["id"] for warning in (await look(hidden, by=world.bjorn))["warnings"]]
    given: Data = {"chartId": session.chart, "expectedVersion": chart["version"]}
    before = await everything()
    await world.amara.invalid(
        "input.acknowledgedWarningIds", "lockChart", **given, acknowledgedWarningIds=[read, others]
    )
    for nobodys in (hiddens, "x", "", session.chart, f"wrn_{'0' * 32}"):
        await world.amara.denied("NOT_FOUND", "lockChart", **given, acknowledgedWarningIds=[read, nobodys])
    assert changed(before, await everything()) == []


async def test_a_warning_of_an_earlier_review_is_told_as_a_conflict_of_versions(world: World) -> None:
    """R46: what was read then is not what is signed now."""
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Ben</p>")
    chart = await look(session, by=world.amara)
    read = [warning["id"] for warning in chart["warnings"]]
    await world.amara.do("reopenChart", chartId=session.chart)
    await complete(session, by=world.amara)
    given = {"chartId": session.chart, "expectedVersion": chart["version"], "acknowledgedWarningIds": read}
    await world.amara.refused("VersionConflict", "lockChart", **given)
    assert (await lock(session, by=world.amara))["state"] == "LOCKED"
