from __future__ import annotations

import pytest

from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, a_client, a_group, an_appointment, an_ended_membership, in_days, lines_of

ALERT = "This group doesn't usually see this provider."
GROUP = "query ($id: ID!) { group(id: $id) { name viewerCanEdit members { client { name } } providers { name } } }"


async def group_of(person: Person, group: str) -> Data | None:
    found: Data | None = (await person.ask(GROUP, id=group))["group"]
    return found


async def on_bjorns(world: World, *, by: Person | None = None, starts_at: str = "") -> str:
    """Share Monday's group with Björn, as it is done: by scheduling it on his calendar."""
    return await an_appointment(
        by=by or world.amara,
        group=world.monday,
        provider=world.bjorns,
        starts_at=starts_at or in_days(9),
        confirm_sharing=True,
    )


async def calendar(person: Person, provider: str | None = None) -> list[Data]:
    asked = await person.ask(
        "query ($from: DateTime!, $to: DateTime!, $ids: [ID!]) { calendar(from: $from, to: $to, providerIds: $ids)"
        " { appointments { id title busyOnly group { name } provider { name } attendances { id } } } }",
        **{"from": in_days(-28), "to": in_days(28), "ids": [provider] if provider else None},
    )
    found: list[Data] = asked["calendar"]["appointments"]
    return found


# Before


async def test_before_it_is_shared_the_second_provider_has_none_of_the_group(world: World) -> None:
    """R20: neither the group nor its clients nor what becomes of its sessions."""
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ben]
    bjorn = world.bjorn
    assert await group_of(bjorn, world.monday) is None
    asked = await bjorn.ask(
        "query ($client: ID!, $line: ID!, $session: ID!) { client(id: $client) { id } node(id: $line) { id }"
        ' appointment(id: $session) { title group { id } attendances { id } } search(text: "grief", scope: ALL) {'
        " match { __typename } } groups { edges { node { name } } } }",
        client=world.client_ben,
        line=line,
        session=session,
    )
    assert asked == {
        "client": None,
        "node": None,
        "appointment": {"title": "Busy", "group": None, "attendances": []},
        "search": [],
        "groups": {"edges": [{"node": {"name": "Thursday Sleep Group"}}]},
    }
    await bjorn.denied("NOT_FOUND", "updateClient", id=world.client_ben, phone="110")
    await bjorn.denied("NOT_FOUND", "scheduleAppointment", groupId=world.monday, startsAt=in_days(7))
    await bjorn.denied("NOT_FOUND", "setAttendance", attendanceId=line, outcome="ATTENDED")
    await bjorn.denied("FORBIDDEN", "markAllAttended", appointmentId=session)
    await bjorn.denied("FORBIDDEN", "cancelAppointment", id=session)


# The alert


@pytest.mark.parametrize("name", ["amara", "owner", "manager", "scheduler"])
async def test_choosing_a_group_that_does_not_usually_see_the_provider_shows_the_alert(world: World, name: str) -> None:
    """R22: it says whom and what it is about, and nothing has happened yet."""
    by = getattr(world, name)
    before = await everything()
    given = {"groupId": world.monday, "providerId": world.bjorns, "startsAt": in_days(7)}
    problem = await by.refused("NotUsuallySeen", "scheduleAppointment", **given)
    assert problem["message"] == ALERT
    assert problem["match"] == {"id": world.monday}
    assert problem["provider"] == {"id": world.bjorns}
    assert changed(before, await everything()) == []
    assert await group_of(world.bjorn, world.monday) is None


async def test_the_alert_warns_and_does_not_block(world: World) -> None:
    """R22, R23: said yes to, the appointment is created on the second provider's calendar."""
    session = await on_bjorns(world)
    for person in (world.bjorn, world.amara, world.scheduler):
        [one] = await calendar(person, world.bjorns)
        assert (one["id"], one["title"], one["provider"]) == (
            session,
            "Monday Grief Group",
            {"name": "Björn Lindqvist"},
        )
    assert await calendar(world.amara, world.amaras) == []


async def test_it_is_found_for_his_calendar_only_when_toggled_to_all_and_as_his_own_afterwards(world: World) -> None:
    """R18, R21: the whole way, as the office goes it."""
    search = (
        "query ($provider: ID!, $scope: SearchScope! = MINE) {"
        ' search(text: "grief", providerId: $provider, scope: $scope) { match { ... on Group { id } }'
        " usuallySeesProvider } }"
    )
    assert (await world.scheduler.ask(search, provider=world.bjorns))["search"] == []
    toggled = await world.scheduler.ask(search, provider=world.bjorns, scope="ALL")
    assert toggled["search"] == [{"match": {"id": world.monday}, "usuallySeesProvider": False}]
    await on_bjorns(world, by=world.scheduler)
    found = await world.scheduler.ask(search, provider=world.bjorns)
    assert found["search"] == [{"match": {"id": world.monday}, "usuallySeesProvider": True}]


async def test_where_the_group_usually_sees_the_provider_nothing_is_asked_and_nothing_shared(world: World) -> None:
    """R22."""
    await an_appointment(by=world.amara, group=world.monday, confirm_sharing=True)
    await an_appointment(by=world.scheduler, group=world.monday, provider=world.amaras)
    assert await count("group_share") == 0
    await on_bjorns(world)
    await an_appointment(by=world.bjorn, group=world.monday)
    await an_appointment(by=world.amara, group=world.monday, provider=world.bjorns)
    assert await count("group_share") == 1


# After


async def test_scheduling_it_with_the_second_provider_is_what_shares_a_group(world: World) -> None:
    """R18: there is no other act."""
    await on_bjorns(world)
    seen = await group_of(world.bjorn, world.monday)
    assert seen == {
        "name": "Monday Grief Group",
        "viewerCanEdit": True,
        "members": [{"client": {"name": n}} for n in ("Addie Ångström", "Ben Castillo", "Chloe Dubois")],
        "providers": [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}],
    }


async def test_the_second_provider_views_and_edits_the_groups_clients(world: World) -> None:
    """R19."""
    await on_bjorns(world)
    edited = await world.bjorn.do("updateClient", "client { phone }", id=world.client_ben, phone="+1 312 555 0199")
    assert edited["client"] == {"phone": "+1 312 555 0199"}
    await world.bjorn.do("addGroupMember", groupId=world.monday, clientId=world.client_dora)
    await world.bjorn.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)


async def test_the_second_provider_schedules_the_group_and_may_chart_on_it(world: World) -> None:
    """R19: on their own calendar and on its owner's, and on sessions that were there before."""
    before = await an_appointment(by=world.amara, group=world.monday)
    await on_bjorns(world)
    await an_appointment(by=world.bjorn, group=world.monday, starts_at=in_days(10))
    await an_appointment(by=world.bjorn, group=world.monday, provider=world.amaras, starts_at=in_days(11))
    asked = await world.bjorn.ask(
        "query ($id: ID!) { group(id: $id) { appointments { edges { node { busyOnly viewerCanReschedule"
        " viewerCanSetAttendance viewerCanTakePayment viewerCanChart } } } } }",
        id=world.monday,
    )
    edges = asked["group"]["appointments"]["edges"]
    assert len(edges) == 4
    for edge in edges:
        assert edge["node"].pop("busyOnly") is False
        assert set(edge["node"].values()) == {True}
    line = (await lines_of(before, by=world.bjorn))[world.client_ada]
    await world.bjorn.do("setAttendance", attendanceId=line, outcome="ATTENDED")


async def test_with_the_group_comes_nothing_of_its_members_other_sessions_and_money(world: World) -> None:
    """R19: of that group's sessions only."""
    alone = await an_appointment(by=world.amara, client=world.client_ben, starts_at=in_days(8))
    await on_bjorns(world)
    asked = await world.bjorn.ask(
        "query ($client: ID!, $alone: ID!) { client(id: $client) { appointments { totalCount } }"
        " appointment(id: $alone) { title } }",
        client=world.client_ben,
        alone=alone,
    )
    assert asked == {"client": {"appointments": {"totalCount": 1}}, "appointment": {"title": "Busy"}}
    await world.bjorn.denied("FORBIDDEN", "cancelAppointment", id=alone)


async def test_a_third_provider_gets_it_from_the_second(world: World) -> None:
    """R18: whoever holds the group may bring it to a colleague's calendar."""
    await on_bjorns(world)
    await world.owner.do("updateGroup", id=world.monday, providerId=world.bjorns)
    await world.owner.do("unshareGroup", groupId=world.monday, providerId=world.amaras)
    assert await group_of(world.amara, world.monday) is None
    await an_appointment(
        by=world.bjorn, group=world.monday, provider=world.amaras, starts_at=in_days(10), confirm_sharing=True
    )
    assert await group_of(world.amara, world.monday) is not None


async def test_who_was_a_member_before_is_seen_by_the_second_provider_as_by_the_first(world: World) -> None:
    """R19: their past sessions are the group's."""
    former = await a_client(by=world.amara, first_name="Emil")
    await an_ended_membership(by=world.amara, group=world.monday, client=former)
    find = "query ($id: ID!) { client(id: $id) { firstName } }"
    assert await world.bjorn.ask(find, id=former) == {"client": None}
    await on_bjorns(world)
    assert await world.bjorn.ask(find, id=former) == {"client": {"firstName": "Emil"}}


async def test_calling_the_appointment_off_keeps_the_share(world: World) -> None:
    """R18."""
    session = await on_bjorns(world)
    await world.amara.do("cancelAppointment", id=session)
    assert await group_of(world.bjorn, world.monday) is not None


# A client alone


async def test_the_office_is_asked_too_before_a_client_alone_goes_to_a_provider_who_does_not_see_them(
    world: World,
) -> None:
    """R22: and then the provider is one of the client's own."""
    given = {"clientId": world.client_ben, "providerId": world.bjorns, "startsAt": in_days(7)}
    problem = await world.scheduler.refused("NotUsuallySeen", "scheduleAppointment", **given)
    assert problem["message"] == "This client doesn't usually see this provider."
    assert problem["match"] == {"id": world.client_ben}
    await world.scheduler.do("scheduleAppointment", **given, confirmSharing=True)
    asked = await world.bjorn.ask("query ($id: ID!) { client(id: $id) { providers { name } } }", id=world.client_ben)
    assert asked["client"]["providers"] == [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}]
    assert await group_of(world.bjorn, world.monday) is None


async def test_a_member_of_a_shared_group_may_be_seen_alone_without_asking(world: World) -> None:
    await on_bjorns(world)
    session = await an_appointment(by=world.bjorn, client=world.client_ben, starts_at=in_days(10))
    asked = await world.amara.ask("query ($id: ID!) { appointment(id: $id) { title } }", id=session)
    assert asked == {"appointment": {"title": "Busy"}}


# The end of it


async def test_a_share_that_ends_takes_the_group_and_its_clients_out_of_sight_at_once(world: World) -> None:
    session = await on_bjorns(world)
    line = (await lines_of(session, by=world.bjorn))[world.client_ben]
    ended = await world.amara.do(
        "unshareGroup", "group { providers { name } }", groupId=world.monday, providerId=world.bjorns
    )
    assert ended["group"] == {"providers": [{"name": "Amara Okafor"}]}
    asked = await world.bjorn.ask(
        "query ($group: ID!, $client: ID!, $line: ID!) { group(id: $group) { id } client(id: $client) { id }"
        " node(id: $line) { id } }",
        group=world.monday,
        client=world.client_ben,
        line=line,
    )
    assert asked == {"group": None, "client": None, "node": None}
    await world.bjorn.denied("NOT_FOUND", "scheduleAppointment", groupId=world.monday, startsAt=in_days(12))
    await world.bjorn.denied("NOT_FOUND", "setAttendance", attendanceId=line, outcome="ATTENDED")


async def test_its_sessions_stay_on_the_second_providers_calendar_as_taken_time(world: World) -> None:
    session = await on_bjorns(world)
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    [left] = await calendar(world.bjorn, world.bjorns)
    assert left == {
        "id": session,
        "title": "Busy",
        "busyOnly": True,
        "group": None,
        "provider": {"name": "Björn Lindqvist"},
        "attendances": [],
    }
    await world.bjorn.denied("FORBIDDEN", "rescheduleAppointment", id=session, startsAt=in_days(10))
    [kept] = await calendar(world.amara, world.bjorns)
    assert kept["title"] == "Monday Grief Group"


async def test_what_is_seen_for_another_reason_stays_when_a_share_ends(world: World) -> None:
    await on_bjorns(world)
    alone = await an_appointment(by=world.bjorn, client=world.client_ben, starts_at=in_days(10))
    await a_group(by=world.bjorn, clients=[world.client_chloe])
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    asked = await world.bjorn.ask("{ clients { edges { node { name } } } }")
    assert [edge["node"]["name"] for edge in asked["clients"]["edges"]] == ["Ben Castillo", "Chloe Dubois", "Dora Lund"]
    asked = await world.bjorn.ask("query ($id: ID!) { appointment(id: $id) { title } }", id=alone)
    assert asked == {"appointment": {"title": "Ben Castillo"}}


async def test_ending_a_share_that_is_none_changes_nothing(world: World) -> None:
    before = await everything()
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    assert changed(before, await everything()) == []


async def test_a_group_can_be_shared_again(world: World) -> None:
    await on_bjorns(world)
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    given = {"groupId": world.monday, "providerId": world.bjorns, "startsAt": in_days(10)}
    await world.amara.refused("NotUsuallySeen", "scheduleAppointment", **given)
    await on_bjorns(world, starts_at=in_days(10))
    assert await group_of(world.bjorn, world.monday) is not None


async def test_nobody_loses_sight_by_their_own_click_unless_the_office_does_it(world: World) -> None:
    await on_bjorns(world)
    await world.bjorn.invalid("input.providerId", "unshareGroup", groupId=world.monday, providerId=world.bjorns)
    await world.bjorn.invalid("input.providerId", "unshareGroup", groupId=world.monday, providerId=world.amaras)
    await world.scheduler.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
