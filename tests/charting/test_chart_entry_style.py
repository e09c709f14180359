from __future__ import annotations

from typing import Any

import pytest

from tests.charting.scene import (
    THEME,
    a_chart,
    a_session,
    a_template,
    in_review,
    locked,
    look,
    notes,
    save,
    templates,
)
from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World

TEMPLATE = "template { id name kind body active version }"


async def offered(person: Person, session: str) -> list[tuple[str, str]]:
    asked = await person.ask("query ($id: ID!) { appointment(id: $id) { chartTemplates { name kind } } }", id=session)
    return [(template["name"], template["kind"]) for template in asked["appointment"]["chartTemplates"]]


async def catalogue(person: Person, **given: Any) -> list[str]:
    asked = await person.ask(
        "query ($kinds: [ChartTemplateKind!], $active: Boolean = true)"
        " { viewer { practice { chartTemplates(kinds: $kinds, active: $active) { name } } } }",
        **given,
    )
    return [template["name"] for template in asked["viewer"]["practice"]["chartTemplates"]]


# What is offered, and what is refused


async def test_a_group_is_offered_the_practices_own_templates_only(world: World) -> None:
    """R37: by name."""
    for name in ("Weekly form", "Closing session"):
        await a_template(by=world.amara, name=name)
    held = await a_session(by=world.amara, group=world.monday)
    assert await offered(world.amara, held.id) == [("Closing session", "CUSTOM"), ("Weekly form", "CUSTOM")]


async def test_a_single_client_is_offered_hipaa_and_soap_too(world: World) -> None:
    """R39, R40: a new practice has one of each."""
    await a_template(by=world.amara, name="Weekly form")
    alone = await a_session(by=world.amara, client=world.client_ada)
    assert await offered(world.amara, alone.id) == [
        ("Progress note", "HIPAA"),
        ("SOAP note", "SOAP"),
        ("Weekly form", "CUSTOM"),
    ]


async def test_before_the_practice_has_made_one_a_group_is_offered_nothing_and_charted_all_the_same(
    world: World,
) -> None:
    """R37."""
    started = await a_chart(by=world.amara, group=world.monday)
    assert await offered(world.amara, started.id) == []


@pytest.mark.parametrize("kind", ["HIPAA", "SOAP"])
async def test_a_group_chart_with_a_template_for_single_clients_is_refused(world: World, kind: str) -> None:
    """R39: when it is started, and when it is drafted."""
    template = (await templates(by=world.amara))[kind]
    held = await a_session(by=world.amara, group=world.monday)
    asked = "{ __typename ... on TemplateNotAllowedForGroup { message template { id kind } } }"
    before = await everything()
    start = await world.amara.ask(
        f"mutation ($input: StartChartInput!) {{ startChart(input: $input) {asked} }}",
        input={"appointmentId": held.id, "templateId": template},
    )
    assert start["startChart"].pop("message").startswith("This template is for individual appointments.")
    assert start["startChart"] == {
        "__typename": "TemplateNotAllowedForGroup",
        "template": {"id": template, "kind": kind},
    }
    assert changed(before, await everything()) == []
    started = await a_chart(by=world.amara, group=world.monday)
    before = await everything()
    await world.amara.refused(
        "TemplateNotAllowedForGroup",
        "saveChart",
        chartId=started.chart,
        expectedVersion=1,
        templateId=template,
        groupNotes="<p>a</p>",
    )
    assert changed(before, await everything()) == []


async def test_a_template_that_was_put_away_is_not_offered_and_not_chosen_but_may_stay(world: World) -> None:
    template = await a_template(by=world.amara)
    started = await a_chart(by=world.amara, group=world.monday, template=template)
    await world.amara.do("updateChartTemplate", id=template, active=False)
    assert await offered(world.amara, started.id) == []
    again = await a_session(by=world.amara, group=world.monday)
    await world.amara.invalid("input.templateId", "startChart", appointmentId=again.id, templateId=template)
    saved = await save(started, by=world.amara, templateId=template, notes="<p>a</p>")
    assert saved["templateBody"] == THEME
    other = await a_chart(by=world.amara, group=world.monday)
    await world.amara.invalid(
        "input.templateId", "saveChart", chartId=other.chart, expectedVersion=1, templateId=template
    )
    assert await catalogue(world.amara) == ["Progress note", "SOAP note"]
    assert await catalogue(world.amara, active=False) == ["Our form"]
    assert await catalogue(world.amara, active=None) == ["Our form", "Progress note", "SOAP note"]


async def test_the_catalogue_is_asked_by_kind(world: World) -> None:
    """R40."""
    await a_template(by=world.amara)
    for kinds, found in (
        (["CUSTOM"], ["Our form"]),
        (["SOAP", "HIPAA"], ["Progress note", "SOAP note"]),
        ([], []),
        (None, ["Our form", "Progress note", "SOAP note"]),
    ):
        assert await catalogue(world.amara, kinds=kinds) == found


async def test_a_template_out_of_sight_is_nobodys(world: World) -> None:
    held = await a_session(by=world.amara, group=world.monday)
    theirs = await a_template(by=world.elsewhere.eve, name="Elsewhere")
    started = await a_chart(by=world.amara, group=world.monday)
    for nobodys in (theirs, "x", "", world.monday, f"tpl_{'0' * 32}"):
        await world.amara.denied("NOT_FOUND", "startChart", appointmentId=held.id, templateId=nobodys)
        await world.amara.denied("NOT_FOUND", "saveChart", chartId=started.chart, expectedVersion=1, templateId=nobodys)
    await world.amara.do("startChart", appointmentId=held.id, templateId=None)


# The text that a chart began with


async def test_a_chart_begins_with_its_templates_text(world: World) -> None:
    """R37, R38."""
    template = await a_template(by=world.amara, name="Weekly form", body="<h2>Theme</h2><p>Goals</p>")
    chart = await look(await a_chart(by=world.amara, group=world.monday, template=template), by=world.amara)
    assert chart["template"] == {"id": template, "name": "Weekly form", "kind": "CUSTOM"}
    assert chart["templateBody"] == "<h2>Theme</h2><p>Goals</p>"


async def test_a_chart_keeps_the_text_that_it_started_with(world: World) -> None:
    """R38: an edit of the template acts on charts that are started later."""
    template = await a_template(by=world.amara)
    drafted = await a_chart(by=world.amara, group=world.monday, template=template)
    reviewed = await in_review(by=world.amara, group=world.monday, template=template)
    signed = await locked(by=world.amara, group=world.monday, template=template)
    await world.amara.do("updateChartTemplate", id=template, body="<h2>New</h2>", name="New form")
    for session in (drafted, reviewed, signed):
        chart = await look(session, by=world.amara)
        assert chart["templateBody"] == THEME
        assert chart["template"]["name"] == "New form"
        assert all(note["body"].startswith(THEME) for note in (await notes(session, by=world.amara)).values())
    saved = await save(drafted, by=world.amara, templateId=template, notes="<p>a</p>")
    assert saved["templateBody"] == THEME
    later = await a_chart(by=world.amara, group=world.monday, template=template)
    assert (await look(later, by=world.amara))["templateBody"] == "<h2>New</h2>"


async def test_a_templates_text_cannot_be_edited_inside_a_group_chart(world: World) -> None:
    """R38: whoever writes it, and however little."""
    started = await a_chart(by=world.amara, group=world.monday, template=await a_template(by=world.amara))
    given = {"chartId": started.chart, "expectedVersion": 1, "groupNotes": "<p>a</p>"}
    before = await everything()
    for body in ("<p>Mine</p>", "", None, f"{THEME} "):
        await world.amara.invalid("input.templateBody", "saveChart", **given, templateBody=body)
    assert changed(before, await everything()) == []


async def test_another_template_is_chosen_while_drafting_and_none_takes_its_text_away(world: World) -> None:
    """R37."""
    first = await a_template(by=world.amara)
    other = await a_template(by=world.amara, name="Closing session", body="<h2>Goodbye</h2>")
    started = await a_chart(by=world.amara, group=world.monday, template=first)
    chart = await save(started, by=world.amara, templateId=other)
    assert (chart["templateBody"], chart["template"]["id"], chart["version"]) == ("<h2>Goodbye</h2>", other, 2)
    chart = await save(started, by=world.amara, templateId=None)
    assert (chart["templateBody"], chart["template"], chart["version"]) == ("", None, 3)
    chart = await save(started, by=world.amara, templateId=None)
    assert chart["version"] == 3


async def test_the_template_is_part_of_each_note_and_stands_first(world: World) -> None:
    """R43."""
    template = await a_template(by=world.amara)
    session = await in_review(
        by=world.amara, group=world.monday, template=template, notes="<p>N</p>", words={world.client_ada: "<p>A</p>"}
    )
    found = await notes(session, by=world.amara)
    assert found[world.client_ada]["body"] == f"{THEME}<p>N</p><p>A</p>"
    assert found[world.client_ben]["body"] == f"{THEME}<p>N</p>"


# The catalogue


async def test_the_two_of_a_new_practice_are_in_rich_text_and_have_a_text(world: World) -> None:
    """R39, R40."""
    asked = await world.amara.ask("{ viewer { practice { chartTemplates { kind body active version } } } }")
    for template in asked["viewer"]["practice"]["chartTemplates"]:
        assert template["body"].startswith("<h3>")
        made = await world.amara.do("createChartTemplate", TEMPLATE, name="Copy", body=template["body"])
        assert made["template"]["body"] == template["body"]
        assert (template["active"], template["version"]) == (True, 1)


async def test_a_template_is_made_changed_and_put_away(world: World) -> None:
    """R40."""
    made = (await world.amara.do("createChartTemplate", TEMPLATE, name="  Weekly\tform ", body=THEME))["template"]
    assert made.pop("id").startswith("tpl_")
    assert made == {"name": "Weekly form", "kind": "CUSTOM", "body": THEME, "active": True, "version": 1}
    template = await a_template(by=world.amara)
    steps: list[tuple[Data, Data]] = [
        ({"name": "Monthly form"}, {"name": "Monthly form", "version": 2}),
        ({"body": "<p>b</p><script>x</script>"}, {"body": "<p>b</p>", "version": 3}),
        ({"active": False, "expectedVersion": 3}, {"active": False, "version": 4}),
        ({"active": False, "name": "Monthly form ", "body": "<p>b</p>"}, {"version": 4}),
        ({}, {"version": 4}),
    ]
    for given, now in steps:
        found = (await world.amara.do("updateChartTemplate", TEMPLATE, id=template, **given))["template"]
        assert {key: found[key] for key in now} == now


async def test_hipaa_and_soap_can_be_worded_the_practices_way(world: World) -> None:
    """R39."""
    soap = (await templates(by=world.amara))["SOAP"]
    changed_ = await world.owner.do("updateChartTemplate", TEMPLATE, id=soap, body="<p>Ours</p>")
    assert (changed_["template"]["kind"], changed_["template"]["body"]) == ("SOAP", "<p>Ours</p>")


async def test_what_is_wrong_with_a_template_is_said(world: World) -> None:
    for name in ("", " \t", "x" * 121, "a\0b"):
        await world.amara.invalid("input.name", "createChartTemplate", name=name, body=THEME)
    for body in ("x" * 100_001, "<p>" * 20_000):
        await world.amara.invalid("input.body", "createChartTemplate", name="Form", body=body)
    template = await a_template(by=world.amara)
    given = {"name": None, "body": None, "active": None}
    await world.amara.invalid("input.name input.body input.active", "updateChartTemplate", id=template, **given)
    await world.amara.refused("VersionConflict", "updateChartTemplate", id=template, expectedVersion=7, name="")
    await world.amara.do("createChartTemplate", name="x" * 120, body="")


async def test_only_clinicians_and_who_runs_the_practice_keep_templates(world: World) -> None:
    template = await a_template(by=world.amara)
    for person in (world.owner, world.manager, world.bjorn):
        assert "Our form" in await catalogue(person, kinds=["CUSTOM"])
        await person.do("updateChartTemplate", id=template, body="<p>Ours</p>")
        await person.do("createChartTemplate", name="Mine", body="")
    for person in (world.scheduler, world.carol, world.ada):
        assert await catalogue(person, active=None) == []
        await person.denied("FORBIDDEN", "createChartTemplate", name="Mine", body=THEME)
        await person.denied("NOT_FOUND", "updateChartTemplate", id=template, name="Mine")
    await world.elsewhere.eve.denied("NOT_FOUND", "updateChartTemplate", id=template, name="Mine")
