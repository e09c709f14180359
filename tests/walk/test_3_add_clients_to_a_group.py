"""The article's "Add Clients to a Group": from the group list and from the client's profile."""

from __future__ import annotations

from tests.walk.documents import ADD, CREATE_CLIENT, DETAILS, LIST, OFFERED, PROFILE, REMOVE, UPDATE, names, roster
from tests.walk.story import Story


async def test_the_front_office_adds_clients_whom_amara_sees(story: Story) -> None:
    made = [
        (await story.scheduler.do(CREATE_CLIENT, firstName=first, lastName=last, providerIds=[story.amaras]))["client"]
        for first, last in (("Chloe", "Dubois"), ("Ada", "Ångström"), ("Ben", "Castillo"))
    ]
    assert [client["providers"] for client in made] == [[{"name": "Amara Okafor"}]] * 3
    story.chloe, story.ada, story.ben = (client["id"] for client in made)


async def test_the_client_list_has_the_groups_at_its_top(story: Story) -> None:
    shown = await story.amara.ask(LIST)
    assert list(shown) == ["groups", "clients"]
    assert names(shown["groups"]) == ["Evening Circle", "Monday Grief Group"]
    assert names(shown["clients"]) == ["Ada Ångström", "Ben Castillo", "Chloe Dubois"]
    opened = (await story.amara.ask(DETAILS, id=shown["groups"]["edges"][1]["node"]["id"]))["group"]
    assert (opened["name"], opened["viewerCanEdit"], opened["members"]) == ("Monday Grief Group", True, [])


async def test_a_client_is_added_by_part_of_the_name_and_not_offered_again(story: Story) -> None:
    offered = await story.amara.ask(OFFERED, text="ANGST", group=story.monday)
    assert names(offered["clients"]) == ["Ada Ångström"]
    added = await story.amara.do(ADD, groupId=story.monday, clientId=offered["clients"]["edges"][0]["node"]["id"])
    assert roster(added["group"]) == ["Ada Ångström"]
    assert added["client"] == {"groups": [{"name": "Monday Grief Group"}]}
    offered = await story.amara.ask(OFFERED, text="a", group=story.monday)
    assert names(offered["clients"]) == ["Ben Castillo"]
    await story.amara.do(ADD, groupId=story.monday, clientId=story.ben)


async def test_the_roster_leads_to_the_clients_profile(story: Story) -> None:
    opened = (await story.amara.ask(DETAILS, id=story.monday))["group"]
    assert roster(opened) == ["Ada Ångström", "Ben Castillo"]
    profile = (await story.amara.ask(PROFILE, id=opened["members"][0]["client"]["id"]))["client"]
    assert profile["name"] == "Ada Ångström"
    assert [membership["group"]["name"] for membership in profile["memberships"]] == ["Monday Grief Group"]


async def test_the_profile_lists_all_groups_with_those_of_the_client_checked(story: Story) -> None:
    profile = await story.amara.ask(PROFILE, id=story.ada)
    checked = {group["id"] for group in profile["client"]["groups"]}
    shown = {edge["node"]["name"]: edge["node"]["id"] in checked for edge in profile["groups"]["edges"]}
    assert shown == {"Evening Circle": False, "Monday Grief Group": True}


async def test_checking_a_group_twice_is_checking_it_once_and_its_roster_shows_it_at_once(story: Story) -> None:
    first = await story.amara.do(ADD, clientId=story.chloe, groupId=story.monday)
    again = await story.amara.do(ADD, clientId=story.chloe, groupId=story.monday)
    assert first == again
    await story.amara.do(ADD, clientId=story.chloe, groupId=story.evening)
    profile = (await story.scheduler.ask(PROFILE, id=story.chloe))["client"]
    assert profile["groups"] == [{"id": story.evening}, {"id": story.monday}]
    opened = (await story.scheduler.ask(DETAILS, id=story.monday))["group"]
    assert roster(opened) == ["Ada Ångström", "Ben Castillo", "Chloe Dubois"]


async def test_a_group_is_renamed_and_whoever_saw_it_before_is_told_so(story: Story) -> None:
    before = (await story.amara.ask(DETAILS, id=story.monday))["group"]
    codes = await story.amara.ask("{ viewer { practice { serviceCodes(kinds: [STANDARD]) { id code } } } }")
    individual = {code["code"]: code["id"] for code in codes["viewer"]["practice"]["serviceCodes"]}["90837"]
    change = {"id": story.monday, "name": "Monday Loss Group", "initials": "MLG", "expectedVersion": before["version"]}
    changed = await story.amara.do(UPDATE, **change, defaultServiceCodeId=individual)
    assert changed["group"] == {
        "name": "Monday Loss Group",
        "initials": "MLG",
        "version": before["version"] + 1,
        "defaultServiceCode": {"code": "90837"},
    }
    late = {"id": story.monday, "name": "Mondays", "expectedVersion": before["version"]}
    refused = await story.scheduler.refused("VersionConflict", UPDATE, **late)
    assert refused["current"] == {"name": "Monday Loss Group", "version": before["version"] + 1}


async def test_removing_a_client_ends_the_membership_and_keeps_what_was(story: Story) -> None:
    removed = await story.amara.do(REMOVE, groupId=story.monday, clientId=story.ben)
    assert removed["membership"]["leftAt"] is not None
    assert roster(removed["group"]) == ["Ada Ångström", "Chloe Dubois"]
    assert removed["client"] == {"groups": []}
    again = await story.amara.do(REMOVE, groupId=story.monday, clientId=story.ben)
    assert again["membership"] is None
    profile = (await story.amara.ask(PROFILE, id=story.ben))["client"]
    assert [membership["id"] for membership in profile["memberships"]] == [removed["membership"]["id"]]
    offered = await story.amara.ask(OFFERED, text="ben", group=story.monday)
    assert names(offered["clients"]) == ["Ben Castillo"]
