from __future__ import annotations

from tests.client import Data, Person
from tests.world import World, a_client, a_group, a_membership, an_ended_membership

PROFILE = """
query ($id: ID!) { client(id: $id) {
  id firstName lastName preferredName name initials dateOfBirth email phone active version
  providers { name } groups { name } memberships { joinedAt leftAt group { name } }
} }
"""


async def profile(person: Person, client: str) -> Data:
    found: Data = (await person.ask(PROFILE, id=client))["client"]
    return found


async def groups(person: Person, client: str) -> list[str]:
    return [group["name"] for group in (await profile(person, client))["groups"]]


async def test_a_profile_holds_names_contacts_and_providers(world: World) -> None:
    found = await profile(world.amara, world.client_ada)
    assert found.pop("memberships")[0]["group"] == {"name": "Monday Grief Group"}
    assert found == {
        "id": world.client_ada,
        "firstName": "Ada",
        "lastName": "Ångström",
        "preferredName": "Addie",
        "name": "Addie Ångström",
        "initials": "AÅ",
        "dateOfBirth": "1990-02-03",
        "email": "ada@lakeside.example",
        "phone": "+1 312 555 0101",
        "active": True,
        "version": 1,
        "providers": [{"name": "Amara Okafor"}],
        "groups": [{"name": "Monday Grief Group"}],
    }


async def test_a_row_of_the_roster_leads_to_the_profile(world: World) -> None:
    """R8."""
    asked = await world.amara.ask(
        "query ($id: ID!) { group(id: $id) { members { client { id name } } } }", id=world.monday
    )
    for member in asked["group"]["members"]:
        assert (await profile(world.amara, member["client"]["id"]))["name"] == member["client"]["name"]


async def test_group_memberships_lists_every_group_the_client_is_in_by_name(world: World) -> None:
    """R11: a client may be in many groups, and a group holds many clients."""
    for name, initials in (("evening circle", "EC"), ("Árbol", "AR"), ("Parents", "PA")):
        await a_group(by=world.amara, name=name, initials=initials, clients=[world.client_ada])
    assert await groups(world.amara, world.client_ada) == ["Árbol", "evening circle", "Monday Grief Group", "Parents"]
    assert await groups(world.amara, world.client_ben) == ["Monday Grief Group"]


async def test_a_client_in_no_group_has_an_empty_list(world: World) -> None:
    """R11."""
    assert await groups(world.amara, await a_client(by=world.amara)) == []


async def test_the_dropdown_knows_which_groups_are_checked(world: World) -> None:
    """R12: one document gives all groups to choose from, and those the client is in already."""
    await a_group(by=world.amara, name="Evening Circle")
    asked = await world.amara.ask(
        "query ($id: ID!) { groups { edges { node { id name } } } client(id: $id) { groups { id } } }",
        id=world.client_ada,
    )
    checked = {group["id"] for group in asked["client"]["groups"]}
    assert {edge["node"]["name"]: edge["node"]["id"] in checked for edge in asked["groups"]["edges"]} == {
        "Evening Circle": False,
        "Monday Grief Group": True,
    }


async def test_memberships_tell_of_ended_ones_too_in_the_order_of_joining(world: World) -> None:
    circle = await a_group(by=world.amara, name="Evening Circle")
    await an_ended_membership(by=world.amara, group=circle, client=world.client_ada)
    await a_membership(by=world.amara, group=circle, client=world.client_ada)
    found = (await profile(world.amara, world.client_ada))["memberships"]
    assert [(one["group"]["name"], one["leftAt"] is None) for one in found] == [
        ("Monday Grief Group", True),
        ("Evening Circle", False),
        ("Evening Circle", True),
    ]
    assert [one["joinedAt"] for one in found] == sorted(one["joinedAt"] for one in found)


async def test_an_archived_group_is_no_group_the_client_is_in_now_but_the_membership_stands(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    found = await profile(world.amara, world.client_ada)
    assert found["groups"] == []
    assert [one["leftAt"] for one in found["memberships"]] == [None]


async def test_a_provider_sees_only_the_memberships_in_groups_of_theirs(world: World) -> None:
    both = await a_client(by=world.owner, providers=[world.amaras, world.bjorns])
    await a_membership(by=world.owner, group=world.monday, client=both)
    await a_membership(by=world.owner, group=world.thursday, client=both)
    assert await groups(world.amara, both) == ["Monday Grief Group"]
    assert await groups(world.bjorn, both) == ["Thursday Sleep Group"]
    assert await groups(world.scheduler, both) == ["Monday Grief Group", "Thursday Sleep Group"]


async def test_a_client_sees_the_own_memberships_by_initials(world: World) -> None:
    """R5: what a client sees of a group is glanceable, so its initials stand for its name."""
    found = await profile(world.ada, world.client_ada)
    assert found["groups"] == [{"name": "MGG"}]
    assert found["memberships"][0]["group"] == {"name": "MGG"}


async def test_the_biller_learns_of_no_membership(world: World) -> None:
    found = await profile(world.carol, world.client_ada)
    assert (found["groups"], found["memberships"]) == ([], [])


async def test_a_client_out_of_sight_is_null_and_no_error(world: World) -> None:
    for client in (world.client_dora, world.elsewhere.client, world.monday, "x", ""):
        assert await world.amara.ask(PROFILE, id=client) == {"client": None}
    assert await world.ada.ask(PROFILE, id=world.client_ben) == {"client": None}


async def test_who_was_a_member_stays_in_the_sight_of_the_groups_provider(world: World) -> None:
    """R9: the past of a group stays its provider's."""
    emil = await a_client(by=world.owner, first_name="Emil", last_name="Holm", providers=[world.bjorns])
    assert await world.amara.ask(PROFILE, id=emil) == {"client": None}
    await an_ended_membership(by=world.owner, group=world.monday, client=emil)
    assert (await profile(world.amara, emil))["name"] == "Emil Holm"
