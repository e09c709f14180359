from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from models import GroupMembership
from tests.client import Person
from tests.rows import changed, everything
from tests.world import World, a_client, a_group, a_membership, a_share, an_ended_membership

ADDED = "membership { id joinedAt leftAt client { name } group { name } } group { members { id } } client { name }"
REMOVED = "membership { id joinedAt leftAt } group { members { client { name } } } client { name groups { name } }"


async def roster(person: Person, group: str) -> list[str]:
    asked = await person.ask("query ($id: ID!) { group(id: $id) { members { client { name } } } }", id=group)
    return [member["client"]["name"] for member in asked["group"]["members"]]


# Adding


async def test_part_of_a_name_finds_whom_to_add(world: World) -> None:
    """R7: type part of the name, pick from the matches, and the client is a member."""
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    offered = await world.amara.ask(
        'query ($id: ID!) { clients(text: "hol", notInGroup: $id) { edges { node { id } } } }', id=world.monday
    )
    [match] = offered["clients"]["edges"]
    assert match["node"]["id"] == emil
    added = await world.amara.do("addGroupMember", ADDED, groupId=world.monday, clientId=match["node"]["id"])
    assert added["membership"]["client"] == added["client"] == {"name": "Emil Holm"}
    assert added["membership"]["group"] == {"name": "Monday Grief Group"}
    assert added["membership"]["leftAt"] is None
    assert added["membership"]["id"] in [member["id"] for member in added["group"]["members"]]
    assert "Emil Holm" in await roster(world.amara, world.monday)


async def test_adding_twice_is_the_same_as_adding_once(world: World) -> None:
    before = await everything()
    first = await world.amara.do("addGroupMember", ADDED, groupId=world.monday, clientId=world.client_ada)
    assert changed(before, await everything()) == []
    assert await world.scheduler.do("addGroupMember", ADDED, groupId=world.monday, clientId=world.client_ada) == first


async def test_two_who_add_the_same_client_at_once_make_one_membership(world: World) -> None:
    emil = await a_client(by=world.amara)
    added = await asyncio.gather(
        *(
            person.do("addGroupMember", "membership { id }", groupId=world.monday, clientId=emil)
            for person in (world.amara, world.scheduler, world.owner)
        )
    )
    assert len({one["membership"]["id"] for one in added}) == 1


async def test_who_is_no_longer_in_care_cannot_join_but_stays_where_they_are(world: World) -> None:
    emil = await a_client(by=world.amara)
    for client in (emil, world.client_ada):
        await world.amara.do("updateClient", id=client, active=False)
    await world.amara.invalid("input.clientId", "addGroupMember", groupId=world.monday, clientId=emil)
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=world.client_ada)


async def test_nobody_joins_a_group_that_was_put_away(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    emil = await a_client(by=world.amara)
    await world.amara.invalid("input.groupId", "addGroupMember", groupId=world.monday, clientId=emil)


async def test_a_client_who_joins_comes_into_the_sight_of_all_who_hold_the_group(world: World) -> None:
    await a_share(by=world.owner, group=world.thursday, provider=world.amaras, owner=world.bjorns)
    await world.owner.do("addGroupMember", groupId=world.thursday, clientId=world.client_ben)
    asked = await world.bjorn.ask("query ($id: ID!) { client(id: $id) { name } }", id=world.client_ben)
    assert asked["client"] == {"name": "Ben Castillo"}
    assert await roster(world.amara, world.thursday) == ["Ben Castillo", "Dora Lund"]


async def test_a_provider_cannot_add_a_client_they_do_not_see(world: World) -> None:
    for client in (world.client_dora, world.elsewhere.client):
        await world.amara.denied("NOT_FOUND", "addGroupMember", groupId=world.monday, clientId=client)


# Removing


async def test_removing_ends_the_membership_and_nothing_else(world: World) -> None:
    """R8, R9: the row stays with its end, and so does the client."""
    before = await everything()
    removed = await world.amara.do("removeGroupMember", REMOVED, groupId=world.monday, clientId=world.client_ben)
    assert removed["membership"]["leftAt"] >= removed["membership"]["joinedAt"]
    assert removed["group"]["members"] == [{"client": {"name": "Addie Ångström"}}, {"client": {"name": "Chloe Dubois"}}]
    assert removed["client"] == {"name": "Ben Castillo", "groups": []}
    after = await everything()
    assert changed(before, after) == ["group_membership"]
    assert len(after["group_membership"]) == len(before["group_membership"])


async def test_removing_who_is_no_member_changes_nothing(world: World) -> None:
    emil = await a_client(by=world.amara)
    before = await everything()
    removed = await world.amara.do("removeGroupMember", REMOVED, groupId=world.monday, clientId=emil)
    assert removed["membership"] is None
    assert changed(before, await everything()) == []


async def test_removing_twice_keeps_the_first_end(world: World) -> None:
    """R9."""
    ended = await an_ended_membership(by=world.amara, group=world.monday, client=await a_client(by=world.amara))
    found = "query ($id: ID!) { node(id: $id) { ... on GroupMembership { leftAt client { id } } } }"
    before = (await world.amara.ask(found, id=ended))["node"]
    again = await world.amara.do(
        "removeGroupMember", "membership { id }", groupId=world.monday, clientId=before["client"]["id"]
    )
    assert again["membership"] is None
    assert (await world.amara.ask(found, id=ended))["node"] == before


async def test_who_comes_back_gets_a_new_membership_and_the_old_one_stays_ended(world: World) -> None:
    """R9."""
    old = await an_ended_membership(by=world.amara, group=world.monday, client=world.client_ben)
    new = await a_membership(by=world.amara, group=world.monday, client=world.client_ben)
    assert old != new
    asked = await world.amara.ask(
        "query ($id: ID!) { client(id: $id) { memberships { id leftAt } } }", id=world.client_ben
    )
    assert [(one["id"], one["leftAt"] is None) for one in asked["client"]["memberships"]] == [(old, False), (new, True)]


async def test_a_membership_never_ends_before_it_began_whatever_the_clock_does(world: World) -> None:
    await GroupMembership.filter(left_at=None).update(joined_at=datetime(2999, 1, 1, tzinfo=UTC))
    removed = await world.amara.do("removeGroupMember", REMOVED, groupId=world.monday, clientId=world.client_ben)
    assert removed["membership"]["leftAt"] == removed["membership"]["joinedAt"] == "2999-01-01T00:00:00Z"


async def test_an_archived_group_may_still_lose_a_member(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    assert await roster(world.amara, world.monday) == ["Addie Ångström", "Chloe Dubois"]


async def test_a_client_who_leaves_stays_in_their_own_portal_as_a_former_member(world: World) -> None:
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
    asked = await world.ada.ask(
        "query ($id: ID!) { group(id: $id) { name members { id } } viewer { client { groups { name }"
        " memberships { leftAt group { name } } } } }",
        id=world.monday,
    )
    assert asked["group"] == {"name": "MGG", "members": []}
    assert asked["viewer"]["client"]["groups"] == []
    assert [one["group"] for one in asked["viewer"]["client"]["memberships"]] == [{"name": "MGG"}]


# Who may


async def test_only_those_who_hold_a_group_and_the_front_office_fill_it(world: World) -> None:
    given = {"groupId": world.monday, "clientId": world.client_ada}
    for person in (world.owner, world.manager, world.scheduler, world.amara):
        await person.do("removeGroupMember", **given)
        await person.do("addGroupMember", **given)
    for mutation in ("addGroupMember", "removeGroupMember"):
        await world.carol.denied("FORBIDDEN", mutation, **given)
        await world.ada.denied("FORBIDDEN", mutation, **given)
        await world.bjorn.denied("NOT_FOUND", mutation, **given)
        await world.elsewhere.eve.denied("NOT_FOUND", mutation, **given)


async def test_a_client_sees_no_other_member_nor_how_many_there_are(world: World) -> None:
    asked = await world.ada.ask("query ($id: ID!) { group(id: $id) { members { client { id } } } }", id=world.monday)
    assert asked["group"]["members"] == [{"client": {"id": world.client_ada}}]


async def test_a_roster_of_many_is_whole(world: World) -> None:
    many = [await a_client(by=world.amara, last_name=f"Berg {n:02}") for n in range(30)]
    group = await a_group(by=world.amara, clients=many)
    assert await roster(world.amara, group) == [f"Nora Berg {n:02}" for n in range(30)]
