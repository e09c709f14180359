from __future__ import annotations

from models import GroupMembership
from tests.client import Person
from tests.world import World, a_group

CHECK = "client { groups { name } } membership { id }"


async def groups(person: Person, client: str) -> list[str]:
    asked = await person.ask("query ($id: ID!) { client(id: $id) { groups { name } } }", id=client)
    return [group["name"] for group in asked["client"]["groups"]]


async def roster(person: Person, group: str) -> list[str]:
    asked = await person.ask("query ($id: ID!) { group(id: $id) { members { id client { name } } } }", id=group)
    return [member["client"]["name"] for member in asked["group"]["members"]]


async def test_checking_a_group_in_the_profile_makes_the_client_a_member(world: World) -> None:
    """R12: the answer is the profile's own list, as it is now."""
    circle = await a_group(by=world.amara, name="Evening Circle")
    checked = await world.amara.do("addGroupMember", CHECK, groupId=circle, clientId=world.client_ada)
    assert checked["client"]["groups"] == [{"name": "Evening Circle"}, {"name": "Monday Grief Group"}]


async def test_unchecking_it_ends_the_membership(world: World) -> None:
    """R12."""
    unchecked = await world.amara.do("removeGroupMember", CHECK, groupId=world.monday, clientId=world.client_ada)
    assert unchecked["client"]["groups"] == []


async def test_checking_what_is_checked_and_unchecking_what_is_not_changes_nothing(world: World) -> None:
    """R12: each click can be sent twice."""
    circle = await a_group(by=world.amara, name="Evening Circle")
    before = await GroupMembership.all().count()
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=world.client_ada)
    await world.amara.do("removeGroupMember", groupId=circle, clientId=world.client_ada)
    assert await GroupMembership.all().count() == before
    assert await groups(world.amara, world.client_ada) == ["Monday Grief Group"]


async def test_toggling_back_and_forth_ends_where_it_was_left(world: World) -> None:
    """R12."""
    for _ in range(3):
        await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
        assert await groups(world.amara, world.client_ada) == []
        await world.amara.do("addGroupMember", groupId=world.monday, clientId=world.client_ada)
        assert await groups(world.amara, world.client_ada) == ["Monday Grief Group"]


async def test_what_the_profile_changes_the_group_shows_and_the_other_way_round(world: World) -> None:
    """R13: both sides are one membership."""
    circle = await a_group(by=world.amara, name="Evening Circle")
    await world.amara.do("addGroupMember", groupId=circle, clientId=world.client_ada)
    assert await roster(world.scheduler, circle) == ["Addie Ångström"]
    assert "Evening Circle" in await groups(world.scheduler, world.client_ada)
    await world.scheduler.do("removeGroupMember", groupId=circle, clientId=world.client_ada)
    assert await roster(world.amara, circle) == []
    assert "Evening Circle" not in await groups(world.amara, world.client_ada)


async def test_both_sides_name_the_same_membership_by_the_same_id(world: World) -> None:
    """R13."""
    asked = await world.amara.ask(
        "query ($group: ID!, $client: ID!) {"
        " group(id: $group) { members { id client { id } } } client(id: $client) { memberships { id } } }",
        group=world.monday,
        client=world.client_ben,
    )
    from_the_group = [one["id"] for one in asked["group"]["members"] if one["client"]["id"] == world.client_ben]
    assert from_the_group == [one["id"] for one in asked["client"]["memberships"]]


async def test_one_payload_shows_both_sides_after_the_change(world: World) -> None:
    """R13."""
    both = "group { members { client { id } } } client { id groups { id } }"
    removed = await world.amara.do("removeGroupMember", both, groupId=world.monday, clientId=world.client_ben)
    assert world.client_ben not in [member["client"]["id"] for member in removed["group"]["members"]]
    assert removed["client"]["groups"] == []
    added = await world.amara.do("addGroupMember", both, groupId=world.monday, clientId=world.client_ben)
    assert world.client_ben in [member["client"]["id"] for member in added["group"]["members"]]
    assert added["client"]["groups"] == [{"id": world.monday}]
