from __future__ import annotations

import asyncio

from models import Provider
from models.ids import row_id
from models.practice import Role
from tests.client import Refused
from tests.rows import changed, everything
from tests.world import World, a_client, a_service_code, a_share, a_user, an_ended_membership

GROUP = "group { name initials version provider { name } providers { name } defaultServiceCode { code } }"


async def test_name_initials_and_code_can_be_edited(world: World) -> None:
    """R10."""
    skills = await a_service_code(by=world.owner)
    edited = await world.amara.do(
        "updateGroup", GROUP, id=world.monday, name="Monday Circle", initials="MC", defaultServiceCodeId=skills
    )
    assert edited["group"] == {
        "name": "Monday Circle",
        "initials": "MC",
        "version": 2,
        "provider": {"name": "Amara Okafor"},
        "providers": [{"name": "Amara Okafor"}],
        "defaultServiceCode": {"code": "SKILLS"},
    }


async def test_what_is_left_out_stays(world: World) -> None:
    """R10."""
    for given, now in (
        ({"name": "Monday Circle"}, ("Monday Circle", "MGG", "90853")),
        ({"initials": "MC"}, ("Monday Circle", "MC", "90853")),
        ({"defaultServiceCodeId": world.individual}, ("Monday Circle", "MC", "90837")),
    ):
        group = (await world.amara.do("updateGroup", GROUP, id=world.monday, **given))["group"]
        assert (group["name"], group["initials"], group["defaultServiceCode"]["code"]) == now


async def test_an_edit_changes_the_group_and_nothing_of_its_members(world: World) -> None:
    """R10."""
    before = await everything()
    await world.amara.do("updateGroup", id=world.monday, name="Monday Circle", defaultServiceCodeId=world.individual)
    assert changed(before, await everything()) == ["therapy_group"]


async def test_nothing_of_a_group_can_be_cleared(world: World) -> None:
    await world.amara.invalid("input.name input.initials", "updateGroup", id=world.monday, name=None, initials=" ")
    await world.amara.invalid("input.defaultServiceCodeId", "updateGroup", id=world.monday, defaultServiceCodeId=None)
    await world.amara.invalid("input.providerId", "updateGroup", id=world.monday, providerId=None)


async def test_an_empty_id_is_nobodys(world: World) -> None:
    for field in ("defaultServiceCodeId", "providerId"):
        await world.amara.denied("NOT_FOUND", "updateGroup", id=world.monday, **{field: ""})


async def test_a_code_that_was_put_away_may_stay_but_not_be_chosen(world: World) -> None:
    await world.owner.do("updateServiceCode", id=world.group_therapy, active=False)
    kept = {"id": world.monday, "name": "Monday Circle", "defaultServiceCodeId": world.group_therapy}
    await world.amara.do("updateGroup", **kept)
    await world.amara.do("updateGroup", id=world.monday, defaultServiceCodeId=world.individual)
    await world.amara.invalid("input.defaultServiceCodeId", "updateGroup", **kept)


async def test_a_new_name_is_found_and_the_old_one_is_not(world: World) -> None:
    """R10."""
    await world.amara.do("updateGroup", id=world.monday, name="Árbol", initials="AR")
    found = "query ($text: String) { groups(text: $text) { totalCount } }"
    for text, count in (("arbol", 1), ("grief", 0), ("ar", 1), ("mgg", 0)):
        assert (await world.amara.ask(found, text=text))["groups"]["totalCount"] == count


async def test_a_change_to_the_same_is_no_change(world: World) -> None:
    before = await everything()
    same = {"name": " Monday Grief Group", "defaultServiceCodeId": world.group_therapy, "providerId": world.amaras}
    await world.amara.do("updateGroup", id=world.monday, **same)
    assert changed(before, await everything()) == []


# Versions


async def test_a_stale_version_is_a_conflict_that_shows_the_group_as_it_is(world: World) -> None:
    await world.amara.do("updateGroup", id=world.monday, expectedVersion=1, name="Monday Circle")
    asked = await world.scheduler.ask(
        "mutation ($input: UpdateGroupInput!) { updateGroup(input: $input) { __typename"
        " ... on VersionConflict { message current { __typename id ... on Group { name version } } } } }",
        input={"id": world.monday, "expectedVersion": 1, "name": "Mourning"},
    )
    assert asked["updateGroup"].pop("message")
    assert asked["updateGroup"] == {
        "__typename": "VersionConflict",
        "current": {"__typename": "Group", "id": world.monday, "name": "Monday Circle", "version": 2},
    }


async def test_a_stale_version_is_told_before_what_is_wrong_with_the_input(world: World) -> None:
    await world.amara.refused("VersionConflict", "updateGroup", id=world.monday, expectedVersion=7, name="")


async def test_of_two_edits_of_one_version_one_is_made(world: World) -> None:
    async def edit(name: str) -> str:
        try:
            await world.amara.do("updateGroup", id=world.monday, expectedVersion=1, name=name)
        except Refused as refusal:
            return str(refusal.problem["__typename"])
        return "made"

    assert sorted(await asyncio.gather(*map(edit, "ABCD"))) == ["VersionConflict"] * 3 + ["made"]


async def test_edits_of_different_fields_at_once_are_both_kept(world: World) -> None:
    await asyncio.gather(
        world.amara.do("updateGroup", id=world.monday, name="Monday Circle"),
        world.scheduler.do("updateGroup", id=world.monday, initials="MC"),
    )
    asked = await world.amara.ask("query ($id: ID!) { group(id: $id) { name initials version } }", id=world.monday)
    assert asked["group"] == {"name": "Monday Circle", "initials": "MC", "version": 3}


async def test_no_version_expected_is_no_conflict(world: World) -> None:
    await world.amara.do("updateGroup", id=world.monday, name="A")
    await world.amara.do("updateGroup", id=world.monday, expectedVersion=None, name="B")


# Handing over


async def test_a_group_can_be_handed_over_and_who_had_it_goes_on_with_it(world: World) -> None:
    handed = await world.amara.do("updateGroup", GROUP, id=world.monday, providerId=world.bjorns)
    assert handed["group"]["provider"] == {"name": "Björn Lindqvist"}
    assert handed["group"]["providers"] == [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}]
    back = await world.bjorn.do("updateGroup", GROUP, id=world.monday, providerId=world.amaras)
    assert back["group"]["provider"] == {"name": "Amara Okafor"}
    assert back["group"]["providers"] == [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}]


async def test_with_a_group_come_its_members_former_ones_too(world: World) -> None:
    former = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    await an_ended_membership(by=world.amara, group=world.monday, client=former)
    clients = "{ clients { edges { node { name } } } }"
    await world.amara.do("updateGroup", id=world.monday, providerId=world.bjorns)
    asked = await world.bjorn.ask(clients)
    assert [edge["node"]["name"] for edge in asked["clients"]["edges"]] == [
        "Addie Ångström",
        "Ben Castillo",
        "Chloe Dubois",
        "Emil Holm",
        "Dora Lund",
    ]


async def test_a_group_goes_to_nobody_who_left_but_may_stay_with_them(world: World) -> None:
    await Provider.filter(id=row_id("prv", world.bjorns)).update(active=False)
    await world.owner.invalid("input.providerId", "updateGroup", id=world.monday, providerId=world.bjorns)
    await world.owner.do("updateGroup", id=world.thursday, providerId=world.bjorns, name="Thursday Circle")


# Who may


async def test_a_provider_with_a_share_edits_the_group_like_its_owner(world: World) -> None:
    chidi = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
    id_ = (await chidi.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    await chidi.denied("NOT_FOUND", "updateGroup", id=world.monday, name="Mine")
    await a_share(by=world.owner, group=world.monday, provider=id_, owner=world.amaras)
    asked = await chidi.ask(
        "query ($id: ID!) { group(id: $id) { name viewerCanEdit members { client { name } } } }", id=world.monday
    )
    assert asked["group"]["viewerCanEdit"] is True
    assert len(asked["group"]["members"]) == 3
    await chidi.do("updateGroup", id=world.monday, name="Ours", providerId=world.amaras)


async def test_who_only_shares_a_group_neither_takes_it_nor_gives_it_away_and_cannot_end_its_owners_part(
    world: World,
) -> None:
    """R19: a share is to work with the group, and not the group."""
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    chidi = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
    chidis = (await chidi.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    before = await everything()
    for provider in (world.bjorns, chidis):
        await world.bjorn.invalid("input.providerId", "updateGroup", id=world.monday, name="Mine", providerId=provider)
    await world.bjorn.invalid("input.providerId", "unshareGroup", groupId=world.monday, providerId=world.amaras)
    assert changed(before, await everything()) == []


async def test_the_office_hands_a_group_over_and_a_biller_does_not(world: World) -> None:
    for person in (world.owner, world.manager, world.scheduler):
        for provider in (world.bjorns, world.amaras):
            handed = await person.do("updateGroup", "group { provider { id } }", id=world.monday, providerId=provider)
            assert handed["group"]["provider"] == {"id": provider}
    await world.carol.denied("FORBIDDEN", "updateGroup", id=world.monday, providerId=world.bjorns)


async def test_biller_and_client_see_that_they_may_not_edit(world: World) -> None:
    for person in (world.carol, world.ada):
        asked = await person.ask("query ($id: ID!) { group(id: $id) { viewerCanEdit } }", id=world.monday)
        assert asked["group"]["viewerCanEdit"] is False
        await person.denied("FORBIDDEN", "updateGroup", id=world.monday, name="Mine")


async def test_a_role_is_told_no_before_anything_about_the_version_or_the_input(world: World) -> None:
    await world.carol.denied("FORBIDDEN", "updateGroup", id=world.monday, expectedVersion=7, name="")
    await world.bjorn.denied("NOT_FOUND", "updateGroup", id=world.monday, expectedVersion=7, name="")
