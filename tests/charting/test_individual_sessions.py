"""A session with one client is charted, completed and locked the same way."""

from __future__ import annotations

from tests.charting.scene import (
    a_chart,
    a_session,
    a_template,
    attend,
    complete,
    in_review,
    lock,
    locked,
    look,
    notes,
    save,
    templates,
)
from tests.rows import changed, everything
from tests.world import World

BOTH = ("HIPAA", "SOAP")


async def test_a_single_client_is_charted_with_soap_from_the_first_word_to_the_signature(world: World) -> None:
    """R39, R40: template, the session's notes and the client's own, as one note."""
    soap = (await templates(by=world.amara))["SOAP"]
    session = await a_chart(by=world.amara, client=world.client_ada, template=soap)
    begun = await look(session, by=world.amara)
    assert begun["template"] == {"id": soap, "name": "SOAP note", "kind": "SOAP"}
    assert "<h3>Subjective</h3>" in begun["templateBody"]
    assert [entry["client"]["name"] for entry in begun["clientEntries"]] == ["Addie Ångström"]
    await save(session, by=world.amara, notes="<p>Spoke of loss.</p>", words={world.client_ada: "<p>Wept.</p>"})
    await attend(session, by=world.amara)
    reviewed = await complete(session, by=world.amara)
    body = f"{begun['templateBody']}<p>Spoke of loss.</p><p>Wept.</p>"
    assert (reviewed["state"], reviewed["warnings"]) == ("IN_REVIEW", [])
    assert [note["body"] for note in reviewed["notes"]] == [body]
    signed = await lock(session, by=world.amara)
    assert (signed["state"], signed["run"]["total"], signed["run"]["done"]) == ("LOCKED", 1, 1)
    [note] = (await notes(session, by=world.amara)).values()
    assert (note["body"], note["locked"], note["verified"]) == (body, True, True)
    assert [one["signedAs"] for one in note["signatures"]] == ["Amara Okafor, LCSW"]


async def test_with_hipaa_or_a_template_of_the_practices_own_or_none(world: World) -> None:
    """R39, R40."""
    kinds = await templates(by=world.amara)
    for template in (*(kinds[kind] for kind in BOTH), await a_template(by=world.amara), None):
        session = await locked(by=world.amara, client=world.client_ada, template=template, words={})
        found = await look(session, by=world.amara)
        assert found["state"] == "LOCKED"
        assert (found["template"] and found["template"]["id"]) == template
        assert [note["body"] for note in found["notes"]] == [f"{found['templateBody']}{found['groupNotes']}"]


async def test_the_templates_text_is_the_clinicians_to_fill_in(world: World) -> None:
    """R38: what a group chart cannot change, a single client's can."""
    soap = (await templates(by=world.amara))["SOAP"]
    session = await a_chart(by=world.amara, client=world.client_ada, template=soap)
    filled = "<h3>Subjective</h3><p>Sleeps badly.</p>"
    chart = await save(session, by=world.amara, templateBody=f"{filled}<script>x</script>")
    assert (chart["templateBody"], chart["version"], chart["lastChangedBy"]) == (filled, 2, "Amara Okafor")
    chart = await save(session, by=world.amara, templateId=soap, notes="<p>a</p>")
    assert chart["templateBody"] == filled
    asked = await world.amara.ask("query ($id: ID!) { node(id: $id) { ... on ChartTemplate { body } } }", id=soap)
    assert "Sleeps badly" not in asked["node"]["body"]
    other = (await templates(by=world.amara))["HIPAA"]
    chart = await save(session, by=world.amara, templateId=other)
    assert "Sleeps badly" not in chart["templateBody"]
    chart = await save(session, by=world.amara, templateId=soap, templateBody=filled)
    assert (chart["template"]["id"], chart["templateBody"]) == (soap, filled)
    assert (await save(session, by=world.amara, templateBody=None))["templateBody"] == ""


async def test_its_text_is_compared_with_the_charts_version(world: World) -> None:
    """N4."""
    session = await a_chart(by=world.amara, client=world.client_ada)
    await save(session, by=world.amara, templateBody="<p>One</p>")
    before = await everything()
    given = {"chartId": session.chart, "expectedVersion": 1, "templateBody": "<p>Two</p>"}
    await world.amara.refused("VersionConflict", "saveChart", **given)
    assert changed(before, await everything()) == []


async def test_who_did_not_come_has_no_note(world: World) -> None:
    """R44."""
    session = await in_review(by=world.amara, client=world.client_ada, absent=[world.client_ada])
    assert (await look(session, by=world.amara))["notes"] == []
    assert (await lock(session, by=world.amara))["state"] == "LOCKED"


async def test_only_the_clients_provider_of_the_session_charts_it(world: World) -> None:
    """R20: a share of a group opens none of its members' own sessions."""
    session = await a_session(by=world.amara, client=world.client_ada)
    await world.amara.do("updateGroup", id=world.monday, providerId=world.bjorns)
    await world.bjorn.denied("FORBIDDEN", "startChart", appointmentId=session.id)
    charted = await locked(by=world.amara, client=world.client_ada)
    asked = "query ($id: ID!, $client: ID!) { chart(id: $id) { id } client(id: $client) { chartNotes { totalCount } } }"
    assert await world.bjorn.ask(asked, id=charted.chart, client=world.client_ada) == {
        "chart": None,
        "client": {"chartNotes": {"totalCount": 0}},
    }


async def test_group_and_single_sessions_are_one_record_of_the_client(world: World) -> None:
    """N6."""
    await locked(by=world.amara, group=world.monday, starts_at="2026-01-05T18:00:00Z")
    await locked(by=world.amara, client=world.client_ada, starts_at="2026-01-06T18:00:00Z")
    asked = await world.amara.ask(
        "query ($id: ID!) { client(id: $id) { chartNotes { totalCount edges { node"
        " { verified appointment { kind startsAt } } } } } }",
        id=world.client_ada,
    )
    assert [edge["node"] for edge in asked["client"]["chartNotes"]["edges"]] == [
        {"verified": True, "appointment": {"kind": kind, "startsAt": f"2026-01-0{day}T18:00:00Z"}}
        for kind, day in (("INDIVIDUAL", 6), ("GROUP", 5))
    ]
