from __future__ import annotations

import asyncio

from models.practice import Role
from tests.charting.scene import COMING, HELD, a_chart, a_second_facilitator, a_session, a_template, attend, look, save
from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, a_client, a_user

SESSION = "query ($id: ID!) { appointment(id: $id) { viewerCanChart chart { id state } chartTemplates { name } } }"


async def session_as_seen(person: Person, session: str) -> Data:
    found: Data = (await person.ask(SESSION, id=session))["appointment"]
    return found


async def test_a_chart_is_started_from_the_appointment(world: World) -> None:
    """R36: by the appointment's id and no more."""
    held = await a_session(by=world.amara, group=world.monday)
    assert (await session_as_seen(world.amara, held.id))["chart"] is None
    started = await a_chart(by=world.amara, group=world.monday, starts_at=COMING)
    chart = await look(started, by=world.amara)
    assert chart["id"].startswith("cht_")
    assert chart["appointment"] == {"id": started.id}
    assert (await session_as_seen(world.amara, started.id))["chart"] == {"id": started.chart, "state": "DRAFT"}
    assert (await session_as_seen(world.amara, held.id))["chart"] is None


async def test_a_new_chart_is_an_empty_draft_of_who_started_it(world: World) -> None:
    """R36."""
    chart = await look(await a_chart(by=world.amara, group=world.monday), by=world.amara)
    assert (chart["state"], chart["version"]) == ("DRAFT", 1)
    assert (chart["template"], chart["templateBody"], chart["groupNotes"]) == (None, "", "")
    assert (chart["notes"], chart["warnings"], chart["run"]) == ([], [], None)
    assert chart["lastChangedBy"] == "Amara Okafor"
    assert (chart["viewerCanEdit"], chart["viewerCanLock"]) == (True, False)


async def test_there_is_an_entry_for_each_client_on_the_roster_by_last_name(world: World) -> None:
    """R45: beside each client's name, whoever came."""
    held = await a_session(by=world.amara, group=world.monday)
    await attend(held, by=world.amara, absent=[world.client_ben])
    started = await world.amara.do("startChart", "chart { id clientEntries { id } }", appointmentId=held.id)
    asked = await world.amara.ask(
        "query ($id: ID!) { chart(id: $id)"
        " { clientEntries { id clientNotes lastChangedBy version client { name } attendance { id attended } } } }",
        id=started["chart"]["id"],
    )
    entries = asked["chart"]["clientEntries"]
    assert [entry["client"]["name"] for entry in entries] == ["Addie Ångström", "Ben Castillo", "Chloe Dubois"]
    assert [entry["attendance"]["attended"] for entry in entries] == [True, False, True]
    assert [entry["attendance"]["id"] for entry in entries] == list(held.lines.values())
    assert {(entry["clientNotes"], entry["lastChangedBy"], entry["version"]) for entry in entries} == {("", None, 1)}
    assert all(entry["id"].startswith("ent_") for entry in entries)


async def test_a_second_start_answers_with_the_chart_that_exists(world: World) -> None:
    """R36: also for the other facilitator, and whatever is asked to begin with."""
    bjorn = await a_second_facilitator(world)
    template = await a_template(by=world.amara)
    started = await a_chart(by=world.amara, group=world.monday)
    await save(started, by=world.amara, notes="<p>a</p>")
    before = await everything()
    for person in (world.amara, bjorn):
        again = await person.do(
            "startChart", "chart { id groupNotes template { id } }", appointmentId=started.id, templateId=template
        )
        assert again["chart"] == {"id": started.chart, "groupNotes": "<p>a</p>", "template": None}
    assert changed(before, await everything()) == []


async def test_of_two_who_start_at_once_both_have_the_one_chart(world: World) -> None:
    """R36."""
    bjorn = await a_second_facilitator(world)
    held = await a_session(by=world.amara, group=world.monday)
    answers = await asyncio.gather(
        *(person.do("startChart", "chart { id }", appointmentId=held.id) for person in (world.amara, bjorn) * 3)
    )
    assert len({answer["chart"]["id"] for answer in answers}) == 1
    assert (await count("chart"), await count("chart_entry")) == (1, 3)


async def test_charting_may_start_before_the_session_does(world: World) -> None:
    """R36: and before anybody's attendance is set."""
    chart = await look(await a_chart(by=world.amara, group=world.monday, starts_at=COMING), by=world.amara)
    assert len(chart["clientEntries"]) == 3


async def test_who_joins_a_coming_session_is_written_about_too(world: World) -> None:
    started = await a_chart(by=world.amara, group=world.monday, starts_at=COMING)
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=emil)
    chart = await save(started, by=world.amara, words={emil: "<p>New here.</p>"})
    assert [entry["client"]["name"] for entry in chart["clientEntries"]][-1] == "Emil Holm"


async def test_who_leaves_before_the_session_has_no_entry_unless_something_is_written(world: World) -> None:
    """R9: what was written of somebody stays."""
    started = await a_chart(by=world.amara, group=world.monday, starts_at=COMING)
    await save(started, by=world.amara, words={world.client_ada: "<p>Called to say goodbye.</p>"})
    for client in (world.client_ada, world.client_ben):
        await world.amara.do("removeGroupMember", groupId=world.monday, clientId=client)
    chart = await look(started, by=world.amara)
    assert [entry["client"]["name"] for entry in chart["clientEntries"]] == ["Addie Ångström", "Chloe Dubois"]


async def test_a_session_that_was_called_off_is_not_charted(world: World) -> None:
    held = await a_session(by=world.amara, group=world.monday)
    await world.amara.do("cancelAppointment", id=held.id)
    await world.amara.invalid("input.appointmentId", "startChart", appointmentId=held.id)


async def test_a_drafted_session_may_still_be_moved_and_called_off_but_is_not_completed_then(world: World) -> None:
    started = await a_chart(by=world.amara, group=world.monday)
    await world.amara.do("rescheduleAppointment", id=started.id, startsAt="2026-01-06T18:00:00Z")
    await world.amara.do("cancelAppointment", id=started.id)
    assert (await look(started, by=world.amara))["state"] == "DRAFT"
    await world.amara.invalid("input.chartId", "completeChart", chartId=started.chart)


# Who may


async def test_who_may_chart_is_told_so_and_is_the_only_one_to_be_offered_templates(world: World) -> None:
    """R36, R37."""
    await a_template(by=world.amara)
    held = await a_session(by=world.amara, group=world.monday)
    assert await session_as_seen(world.amara, held.id) == {
        "viewerCanChart": True,
        "chart": None,
        "chartTemplates": [{"name": "Our form"}],
    }
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.bjorn, world.ada):
        assert await session_as_seen(person, held.id) == {
            "viewerCanChart": False,
            "chart": None,
            "chartTemplates": None,
        }


async def test_only_a_clinician_who_knows_the_session_starts_its_chart(world: World) -> None:
    held = await a_session(by=world.amara, group=world.monday)
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.bjorn, world.ada):
        await person.denied("FORBIDDEN", "startChart", appointmentId=held.id)
    await world.elsewhere.eve.denied("NOT_FOUND", "startChart", appointmentId=held.id)
    for nobodys in ("x", "", world.monday, f"apt_{'0' * 32}"):
        await world.amara.denied("NOT_FOUND", "startChart", appointmentId=nobodys)
    assert await count("chart") == 0


async def test_a_provider_with_a_share_charts_the_groups_sessions_on_either_calendar(world: World) -> None:
    """R19: can schedule and chart on the group."""
    held = await a_session(by=world.amara, group=world.monday)
    theirs = await a_session(by=world.amara, group=world.monday, provider=world.bjorns, confirm_sharing=True)
    for session in (held, theirs):
        await world.bjorn.do("startChart", appointmentId=session.id)


async def test_an_owner_who_is_a_clinician_charts_what_is_theirs_and_nothing_else(world: World) -> None:
    both = await a_user(world.nobody, name="Ines Prado", roles=[Role.OWNER, Role.PROVIDER])
    client = await a_client(by=both)
    assert (await a_chart(by=both, client=client)).chart
    held = await a_session(by=world.amara, group=world.monday)
    await both.denied("FORBIDDEN", "startChart", appointmentId=held.id)


# What is left to do


async def uncharted(person: Person) -> list[str]:
    asked = await person.ask("{ unchartedAppointments { totalCount edges { node { id } } } }")
    found = [edge["node"]["id"] for edge in asked["unchartedAppointments"]["edges"]]
    assert asked["unchartedAppointments"]["totalCount"] == len(found)
    return found


async def test_what_is_over_and_not_locked_waits_to_be_charted_oldest_first(world: World) -> None:
    """R36."""
    later = await a_chart(by=world.amara, group=world.monday, starts_at="2026-01-12T18:00:00Z")
    first = await a_session(by=world.amara, group=world.monday, starts_at=HELD)
    alone = await a_session(by=world.amara, client=world.client_ada, starts_at="2026-01-06T09:00:00Z")
    off = await a_session(by=world.amara, group=world.monday, starts_at="2026-01-07T18:00:00Z")
    await world.amara.do("cancelAppointment", id=off.id)
    await a_chart(by=world.amara, group=world.monday, starts_at=COMING)
    await a_session(by=world.bjorn, group=world.thursday)
    assert await uncharted(world.amara) == [first.id, alone.id, later.id]
    for person in (world.owner, world.scheduler, world.carol, world.ada):
        assert await uncharted(person) == []


async def test_a_session_waits_for_whoevers_calendar_it_is_on_as_long_as_they_may_chart_it(world: World) -> None:
    theirs = await a_session(by=world.amara, group=world.monday, provider=world.bjorns, confirm_sharing=True)
    assert await uncharted(world.bjorn) == [theirs.id]
    assert await uncharted(world.amara) == []
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    assert await uncharted(world.bjorn) == []
