from __future__ import annotations

import pytest

from models import Provider
from models.ids import row_id
from models.practice import Role
from tests.client import InProcess, Person
from tests.world import World, a_client, a_group, a_practice, a_service_code, a_user

GROUP = (
    "group { id name initials version archivedAt viewerCanEdit provider { name } providers { name }"
    " defaultServiceCode { code label } members { joinedAt leftAt client { name } } }"
)


async def leaves(provider: str) -> None:
    await Provider.filter(id=row_id("prv", provider)).update(active=False)


async def test_a_group_is_made_by_one_mutation_from_anywhere(world: World) -> None:
    """R1: nothing has to be open, asked or chosen before."""
    made = await world.amara.do("createGroup", GROUP, name="Evening Circle", initials="EC")
    assert made["group"].pop("id").startswith("grp_")
    assert made["group"] == {
        "name": "Evening Circle",
        "initials": "EC",
        "version": 1,
        "archivedAt": None,
        "viewerCanEdit": True,
        "provider": {"name": "Amara Okafor"},
        "providers": [{"name": "Amara Okafor"}],
        "defaultServiceCode": {"code": "90853", "label": "Group Psychotherapy"},
        "members": [],
    }


async def test_a_phone_makes_the_same_group_with_the_same_fields(world: World) -> None:
    """R2: with a token and no cookie, sent again after the connection broke."""
    assert isinstance(world.amara.send, InProcess)
    phone = Person(world.amara.send.at(can_set_cookie=False, address="203.0.113.9"), world.amara.token)
    given = {"name": "Evening Circle", "initials": "EC", "idempotencyKey": "from the phone"}
    made = await phone.do("createGroup", GROUP, **given)
    assert await phone.do("createGroup", GROUP, **given) == made
    plain = await world.amara.do("createGroup", GROUP, name="Evening Circle", initials="EC")
    assert {**made["group"], "id": None} == {**plain["group"], "id": None}


# Its provider


async def test_with_several_providers_the_office_picks_one(world: World) -> None:
    """R3."""
    for office in (world.owner, world.manager, world.scheduler):
        await office.invalid("input.providerId", "createGroup", name="Evening Circle", initials="EC")
        made = await office.do("createGroup", GROUP, name="Evening Circle", initials="EC", providerId=world.bjorns)
        assert made["group"]["provider"] == {"name": "Björn Lindqvist"}


async def test_with_one_provider_nobody_is_asked(world: World) -> None:
    """R3: the only provider is filled in."""
    await leaves(world.bjorns)
    for office in (world.owner, world.scheduler):
        made = await office.do("createGroup", GROUP, name="Evening Circle", initials="EC")
        assert made["group"]["provider"] == {"name": "Amara Okafor"}


async def test_without_any_provider_there_is_no_group(world: World) -> None:
    """R3."""
    await a_practice(name="Abroad")
    owner = await a_user(world.nobody, practice="Abroad", name="Ola Nordmann", roles=[Role.OWNER])
    await owner.invalid("input.providerId", "createGroup", name="Evening Circle", initials="EC")


async def test_a_provider_is_meant_who_leaves_it_out(world: World) -> None:
    """R3."""
    made = await world.bjorn.do("createGroup", GROUP, name="Evening Circle", initials="EC", providerId=None)
    assert made["group"]["provider"] == {"name": "Björn Lindqvist"}


async def test_an_owner_who_is_a_clinician_is_meant_too(world: World) -> None:
    """R3."""
    both = await a_user(world.nobody, name="Ines Prado", roles=[Role.OWNER, Role.PROVIDER])
    made = await both.do("createGroup", GROUP, name="Evening Circle", initials="EC")
    assert made["group"]["provider"] == {"name": "Ines Prado"}


async def test_a_group_made_for_a_colleague_stays_in_the_makers_sight(world: World) -> None:
    made = await world.amara.do("createGroup", GROUP, name="Evening Circle", initials="EC", providerId=world.bjorns)
    assert made["group"]["provider"] == {"name": "Björn Lindqvist"}
    assert made["group"]["providers"] == [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}]
    assert made["group"]["viewerCanEdit"] is True


async def test_a_group_made_by_the_office_is_shared_with_nobody(world: World) -> None:
    made = await world.owner.do("createGroup", GROUP, name="Evening Circle", initials="EC", providerId=world.bjorns)
    assert made["group"]["providers"] == [{"name": "Björn Lindqvist"}]


async def test_who_left_leads_no_new_group(world: World) -> None:
    await leaves(world.bjorns)
    given = {"name": "Evening Circle", "initials": "EC"}
    await world.owner.invalid("input.providerId", "createGroup", **given, providerId=world.bjorns)
    await world.bjorn.invalid("input.providerId", "createGroup", **given)


# Its name, initials and code


async def test_name_and_initials_are_needed_and_tidied(world: World) -> None:
    """R4."""
    await world.amara.invalid("input.name input.initials", "createGroup", name=" ", initials="")
    made = await world.amara.do("createGroup", GROUP, name="  Evening\t Circle ", initials=" E  C ")
    assert (made["group"]["name"], made["group"]["initials"]) == ("Evening Circle", "E C")


@pytest.mark.parametrize("name, initials, wrong", [("x" * 201, "EC", "input.name"), ("E", "x" * 13, "input.initials")])
async def test_name_and_initials_have_a_length(world: World, name: str, initials: str, wrong: str) -> None:
    """R4."""
    await world.amara.invalid(wrong, "createGroup", name=name, initials=initials)
    await a_group(by=world.amara, name="x" * 200, initials="x" * 12)


async def test_the_code_is_90853_unless_another_is_chosen(world: World) -> None:
    """R4."""
    skills = await a_service_code(by=world.owner)
    for chosen, expected in ((None, "90853"), (world.individual, "90837"), (skills, "SKILLS")):
        made = await world.amara.do(
            "createGroup", GROUP, name="Evening Circle", initials="EC", defaultServiceCodeId=chosen
        )
        assert made["group"]["defaultServiceCode"]["code"] == expected


async def test_a_code_that_charges_nobody_who_came_is_no_default(world: World) -> None:
    """R4: only standard and custom codes that are in use."""
    add_on = await a_service_code(by=world.owner, code="90785", kind="ADD_ON")
    await world.owner.do("updateServiceCode", id=world.individual, active=False)
    for code in (world.no_show, add_on, world.individual):
        await world.amara.invalid(
            "input.defaultServiceCodeId", "createGroup", name="E", initials="E", defaultServiceCodeId=code
        )


async def test_without_90853_a_code_has_to_be_chosen(world: World) -> None:
    """R4."""
    await world.owner.do("updateServiceCode", id=world.group_therapy, active=False)
    await world.amara.invalid("input.defaultServiceCodeId", "createGroup", name="E", initials="E")
    made = await world.amara.do("createGroup", GROUP, name="E", initials="E", defaultServiceCodeId=world.individual)
    assert made["group"]["defaultServiceCode"]["code"] == "90837"


async def test_an_empty_id_is_nobodys_and_not_the_same_as_left_out(world: World) -> None:
    for field in ("defaultServiceCodeId", "providerId"):
        await world.amara.denied("NOT_FOUND", "createGroup", name="E", initials="E", **{field: ""})


async def test_two_groups_may_have_one_name(world: World) -> None:
    again = await a_group(by=world.amara, name="Monday Grief Group", initials="MGG")
    assert again != world.monday


# Its first members


async def test_first_members_join_with_the_making_and_once_each(world: World) -> None:
    made = await world.amara.do(
        "createGroup",
        GROUP,
        name="Evening Circle",
        initials="EC",
        clientIds=[world.client_ben, world.client_ada, world.client_ben],
    )
    members = made["group"]["members"]
    assert [member["client"]["name"] for member in members] == ["Addie Ångström", "Ben Castillo"]
    assert [member["leftAt"] for member in members] == [None, None]


async def test_a_group_with_a_member_who_cannot_join_is_not_made(world: World) -> None:
    inactive = await a_client(by=world.amara)
    await world.amara.do("updateClient", id=inactive, active=False)
    given = {"name": "Evening Circle", "initials": "EC"}
    await world.amara.invalid("input.clientIds", "createGroup", **given, clientIds=[world.client_ada, inactive])
    for foreign in (world.client_dora, world.elsewhere.client, world.monday, "x", ""):
        await world.amara.denied("NOT_FOUND", "createGroup", **given, clientIds=[world.client_ada, foreign])
    asked = await world.amara.ask("{ groups { totalCount } }")
    assert asked["groups"]["totalCount"] == 1


async def test_a_group_begins_with_a_hundred_members_at_most(world: World) -> None:
    many = [await a_client(by=world.amara, last_name=f"Berg {n}") for n in range(101)]
    given = {"name": "Evening Circle", "initials": "EC"}
    await world.amara.invalid("input.clientIds", "createGroup", **given, clientIds=many)
    made = await world.amara.do("createGroup", GROUP, **given, clientIds=many[:100])
    assert len(made["group"]["members"]) == 100


# Who may, and who sees what


async def test_biller_and_client_make_no_group(world: World) -> None:
    for person in (world.carol, world.ada):
        await person.denied("FORBIDDEN", "createGroup", name="Evening Circle", initials="EC")


async def test_initials_stand_for_the_name_where_it_could_reveal_too_much(world: World) -> None:
    """R5: to the biller and to clients the name is the initials, wherever they meet the group."""
    shown = "query ($id: ID!) { group(id: $id) { name initials } groups { edges { node { name } } } }"
    for person in (world.carol, world.ada):
        asked = await person.ask(shown, id=world.monday)
        assert asked["group"] == {"name": "MGG", "initials": "MGG"}
        assert "Grief" not in str(await person.ask("{ groups { edges { node { name initials } } } }"))
    asked = await world.scheduler.ask(shown, id=world.monday)
    assert asked["group"] == {"name": "Monday Grief Group", "initials": "MGG"}


async def test_who_is_to_see_initials_neither_finds_nor_sorts_by_the_name(world: World) -> None:
    """R5: a list tells nothing that its reader may not read."""
    await a_group(by=world.amara, name="Zeal", initials="AAA")
    found = "query ($text: String) { groups(text: $text) { edges { node { name } } } }"

    async def names(person: Person, text: str | None = None) -> list[str]:
        asked = await person.ask(found, text=text)
        return [edge["node"]["name"] for edge in asked["groups"]["edges"]]

    assert await names(world.carol) == ["AAA", "MGG", "TSG"]
    assert await names(world.owner) == ["Monday Grief Group", "Thursday Sleep Group", "Zeal"]
    assert await names(world.carol, "grief") == []
    assert await names(world.carol, "mgg") == ["MGG"]
    assert await names(world.owner, "mgg") == ["Monday Grief Group"]
