"""The article's "Group Scheduling" and "Share a Group with Another Provider", with both providers' calendars open."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.walk.documents import ADD, DETAILS, LIST, SEARCH, hits, names, roster
from tests.walk.screens import CalendarScreen
from tests.walk.session_documents import APPOINTMENT, SCHEDULE, column
from tests.walk.story import Story

THIS_HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def hours_from_now(hours: int) -> str:
    return (THIS_HOUR + timedelta(hours=hours)).isoformat()


async def test_two_providers_leave_their_calendars_open_for_the_rest_of_the_story(story: Story) -> None:
    stretch = {"from": hours_from_now(-72), "to": hours_from_now(240)}
    story.amaras_calendar = await CalendarScreen.open(story.amara, story.exits, **stretch)
    story.bjorns_calendar = await CalendarScreen.open(story.bjorn, story.exits, **stretch)
    assert story.amaras_calendar.shown == story.bjorns_calendar.shown == {}


async def test_part_of_the_groups_name_puts_it_on_the_calendar_with_its_roster(story: Story) -> None:
    found = await story.amara.ask(SEARCH, text="loss")
    assert hits(found) == [("Monday Loss Group", True)]
    scheduled = await story.amara.do(SCHEDULE, groupId=story.monday, startsAt=hours_from_now(3))
    session = scheduled["appointment"]
    story.session = session["id"]
    assert scheduled["overlaps"] == []
    assert (session["kind"], session["title"], session["shortTitle"]) == ("GROUP", "Monday Loss Group", "MLG")
    assert column(session, "outcome") == {"Ada Ångström": None, "Chloe Dubois": None}
    assert await story.amaras_calendar.hears() == [("CREATED", "Monday Loss Group")]


async def test_a_colleague_sees_only_that_the_time_is_taken(story: Story) -> None:
    assert await story.bjorns_calendar.hears() == [("CREATED", "Busy")]
    [taken] = story.bjorns_calendar.shown.values()
    assert taken["busyOnly"] is True
    assert (taken["provider"], taken["group"], taken["attendances"]) == ({"name": "Amara Okafor"}, None, [])
    board = "subscription Board($id: ID!) { attendanceBoard(appointmentId: $id) { id } }"
    async with story.bjorn.socket() as socket:
        await socket.stream(board, id=story.session).ends("NOT_FOUND")


async def test_scheduling_with_a_second_provider_shows_an_alert_first_and_writes_nothing(story: Story) -> None:
    given = {"groupId": story.monday, "providerId": story.bjorns, "startsAt": hours_from_now(48)}
    alert = await story.scheduler.refused("NotUsuallySeen", SCHEDULE, **given)
    assert alert["message"] == "This group doesn't usually see this provider."
    assert (alert["match"], alert["provider"]) == ({"name": "Monday Loss Group"}, {"name": "Björn Lindqvist"})
    assert await story.bjorns_calendar.hears() == []
    shared = await story.scheduler.do(SCHEDULE, **given, confirmSharing=True)
    assert shared["appointment"]["provider"] == {"name": "Björn Lindqvist"}
    story.shared = shared["appointment"]["id"]


async def test_the_second_provider_has_the_group_at_once_with_its_clients_and_all_its_sessions(story: Story) -> None:
    said = await story.bjorns_calendar.hears()
    assert sorted(said) == [("CREATED", "Monday Loss Group"), ("UPDATED", "Monday Loss Group")]
    assert {story.bjorns_calendar.shown[id_]["busyOnly"] for id_ in (story.session, story.shared)} == {False}
    shown = await story.bjorn.ask(LIST)
    assert names(shown["groups"]) == ["Monday Loss Group", "Thursday Sleep Group"]
    assert names(shown["clients"]) == ["Ada Ångström", "Ben Castillo", "Chloe Dubois"]
    opened = (await story.bjorn.ask(DETAILS, id=story.monday))["group"]
    assert (opened["viewerCanEdit"], roster(opened)) == (True, ["Ada Ångström", "Chloe Dubois"])
    assert hits(await story.bjorn.ask(SEARCH, text="loss")) == [("Monday Loss Group", True)]


async def test_the_owner_and_the_scheduler_see_who_shares_the_group_and_both_sessions(story: Story) -> None:
    whose = """query ($id: ID!) { group(id: $id) {
      provider { name } providers { name } appointments { edges { node { title provider { name } } } }
    } }"""
    for person in (story.owner, story.scheduler):
        group = (await person.ask(whose, id=story.monday))["group"]
        assert group["provider"] == {"name": "Amara Okafor"}
        assert [provider["name"] for provider in group["providers"]] == ["Amara Okafor", "Björn Lindqvist"]
        assert [
            (edge["node"]["title"], edge["node"]["provider"]["name"]) for edge in group["appointments"]["edges"]
        ] == [
            ("Monday Loss Group", "Amara Okafor"),
            ("Monday Loss Group", "Björn Lindqvist"),
        ]
    # The other group of Amara's is still none of Björn's.
    assert await story.bjorn.ask(DETAILS, id=story.evening) == {"group": None}


async def test_the_second_provider_adds_a_client_who_joins_the_sessions_that_are_to_come(story: Story) -> None:
    await story.bjorn.do(ADD, groupId=story.monday, clientId=story.ben)
    await asyncio.gather(story.amaras_calendar.hears(), story.bjorns_calendar.hears())
    for screen in (story.amaras_calendar, story.bjorns_calendar):
        for id_ in (story.session, story.shared):
            assert [*column(screen.shown[id_], "outcome")] == ["Ada Ångström", "Ben Castillo", "Chloe Dubois"]
    session = (await story.amara.ask(APPOINTMENT, id=story.session))["appointment"]
    story.lines = {line["client"]["name"].split()[0]: line["id"] for line in session["attendances"]}


async def test_a_time_that_is_taken_is_warned_of_and_not_refused(story: Story) -> None:
    alone = await story.amara.do(SCHEDULE, clientId=story.ben, startsAt=hours_from_now(3))
    assert {taken["title"] for taken in alone["overlaps"]} == {"Monday Loss Group"}
    assert await story.amaras_calendar.hears() == [("CREATED", "Ben Castillo")]
    assert await story.bjorns_calendar.hears() == [("CREATED", "Busy")]
