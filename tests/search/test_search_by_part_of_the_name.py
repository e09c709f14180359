from __future__ import annotations

import pytest

from models.practice import Role
from tests.client import Person
from tests.world import World, a_client, a_group, a_membership, a_share, a_user, an_ended_membership

SEARCH = """
query ($text: String!, $providerId: ID, $scope: SearchScope! = MINE, $first: Int = 20) {
  search(text: $text, providerId: $providerId, scope: $scope, first: $first) {
    usuallySeesProvider match { __typename ... on Client { name } ... on Group { name } }
  }
}
"""


async def hits(person: Person, text: str, **arguments: object) -> list[tuple[str, bool | None]]:
    asked = await person.ask(SEARCH, text=text, **arguments)
    return [(hit["match"]["name"], hit["usuallySeesProvider"]) for hit in asked["search"]]


async def found(person: Person, text: str, **arguments: object) -> list[str]:
    return [name for name, _ in await hits(person, text, **arguments)]


# By part of the name


async def test_one_list_holds_groups_and_clients_groups_first(world: World) -> None:
    """R16."""
    await a_client(by=world.amara, first_name="Grietje", last_name="Aas")
    await a_group(by=world.amara, name="Agrippa", initials="AG")
    asked = await world.amara.ask(SEARCH, text="gri")
    assert [(hit["match"]["__typename"], hit["match"]["name"]) for hit in asked["search"]] == [
        ("Group", "Agrippa"),
        ("Group", "Monday Grief Group"),
        ("Client", "Grietje Aas"),
    ]


@pytest.mark.parametrize("text", ["Mon", "day gr", "GRIEF", "  grief   group ", "mgg", "ief", "Monday Grief Group"])
async def test_any_part_of_a_groups_name_or_its_initials_finds_it(world: World, text: str) -> None:
    """R16."""
    assert await found(world.amara, text) == ["Monday Grief Group"]


@pytest.mark.parametrize("text", ["ada", "ADDIE", "ngstr", "angstrom", "Ångström, Add", "die ång"])
async def test_any_part_of_a_clients_name_finds_them_whatever_case_and_accents(world: World, text: str) -> None:
    """R16."""
    assert await found(world.amara, text) == ["Addie Ångström"]


@pytest.mark.parametrize("text", ["", " ", "m", " m ", "\u0301\u0301", "\u200b", "zz", "%%", "__", "' OR 1=1"])
async def test_fewer_than_two_characters_and_what_is_in_no_name_find_nothing(world: World, text: str) -> None:
    assert await found(world.owner, text) == []


async def test_two_characters_are_enough(world: World) -> None:
    assert await found(world.amara, "be") == ["Ben Castillo"]


async def test_the_first_twenty_are_given_and_as_many_as_asked_for_up_to_a_hundred(world: World) -> None:
    for n in range(22):
        await a_client(by=world.amara, last_name=f"Berg {n:02}")
    assert len(await found(world.amara, "berg")) == 20
    assert await found(world.amara, "berg", first=2) == ["Nora Berg 00", "Nora Berg 01"]
    assert len(await found(world.amara, "berg", first=100)) == 22
    assert len(await found(world.amara, "berg", first=None)) == 20
    for size in (0, 101):
        await world.amara.error("BAD_USER_INPUT", SEARCH, text="berg", first=size)


async def test_archived_groups_and_who_is_no_longer_in_care_cannot_be_booked(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    await world.amara.do("updateClient", id=world.client_ben, active=False)
    for scope in ("MINE", "ALL"):
        assert await found(world.owner, "mon", scope=scope) == []
        assert await found(world.owner, "ben", scope=scope) == []


# Whose


async def test_on_a_colleagues_calendar_a_foreign_group_is_found_only_when_toggled_to_all(world: World) -> None:
    """R21: without the toggle the search keeps to those whom the calendar's provider usually sees."""
    for office in (world.owner, world.scheduler):
        assert await hits(office, "grief", providerId=world.bjorns) == []
        assert await hits(office, "grief", providerId=world.bjorns, scope="MINE") == []
        assert await hits(office, "grief", providerId=world.bjorns, scope="ALL") == [("Monday Grief Group", False)]
        assert await hits(office, "grief", providerId=world.amaras) == [("Monday Grief Group", True)]
        assert await hits(office, "ben", providerId=world.bjorns) == []
        assert await hits(office, "ben", providerId=world.bjorns, scope="ALL") == [("Ben Castillo", False)]


async def test_a_provider_may_look_for_their_own_group_on_a_colleagues_calendar(world: World) -> None:
    """R21: and is shown the alert before sharing it."""
    assert await hits(world.amara, "grief", providerId=world.bjorns) == []
    assert await hits(world.amara, "grief", providerId=world.bjorns, scope="ALL") == [("Monday Grief Group", False)]


async def test_all_is_never_more_than_the_viewer_may_see(world: World) -> None:
    """R21: before a group is shared, nobody finds it who does not hold it."""
    for scope in ("MINE", "ALL"):
        assert await found(world.bjorn, "grief", scope=scope) == []
        assert await found(world.bjorn, "ben", scope=scope) == []
        assert await found(world.bjorn, "grief", scope=scope, providerId=world.amaras) == []


async def test_left_out_the_calendar_is_the_providers_own(world: World) -> None:
    assert await hits(world.amara, "grief") == [("Monday Grief Group", True)]
    assert await hits(world.amara, "ben", scope="ALL") == [("Ben Castillo", True)]


async def test_without_a_calendar_mine_is_all_and_nothing_is_said_of_any_provider(world: World) -> None:
    for scope in ("MINE", "ALL"):
        assert await hits(world.scheduler, "o", scope=scope) == []
        assert await hits(world.scheduler, "group", scope=scope) == [
            ("Monday Grief Group", None),
            ("Thursday Sleep Group", None),
        ]


async def test_a_shared_group_and_its_members_usually_see_the_second_provider_too(world: World) -> None:
    """R21."""
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    assert await hits(world.bjorn, "grief") == [("Monday Grief Group", True)]
    assert await hits(world.bjorn, "ben") == [("Ben Castillo", True)]
    assert await hits(world.scheduler, "ben", providerId=world.bjorns) == [("Ben Castillo", True)]


async def test_that_a_client_is_in_a_group_is_told_by_no_search_to_whoever_does_not_see_its_roster(
    world: World,
) -> None:
    """R21: being in a group is a diagnosis; to Amara her client Ben is nobody that Björn usually sees."""
    await a_membership(by=world.owner, group=world.thursday, client=world.client_ben)
    assert await hits(world.scheduler, "ben", providerId=world.bjorns) == [("Ben Castillo", True)]
    assert await hits(world.amara, "ben", providerId=world.bjorns, scope="ALL") == [("Ben Castillo", False)]
    assert await hits(world.amara, "ben", providerId=world.bjorns) == []


async def test_a_former_member_does_not_usually_see_the_groups_provider(world: World) -> None:
    """R21: though the provider still finds them among all."""
    await an_ended_membership(by=world.owner, group=world.monday, client=world.client_dora)
    assert await hits(world.amara, "dora") == []
    assert await hits(world.amara, "dora", scope="ALL") == [("Dora Lund", False)]
    await a_membership(by=world.owner, group=world.monday, client=world.client_dora)
    assert await hits(world.amara, "dora") == [("Dora Lund", True)]
    await world.owner.do("archiveGroup", id=world.monday)
    assert await hits(world.amara, "dora") == []


async def test_a_calendar_that_is_not_there_is_not_found(world: World) -> None:
    for provider in (world.elsewhere.provider, world.monday, "x", ""):
        await world.owner.error("NOT_FOUND", SEARCH, text="ben", providerId=provider)


async def test_a_scope_is_one_of_two_words_and_never_null(world: World) -> None:
    for scope in (None, "YOURS", "mine"):
        await world.owner.error("BAD_USER_INPUT", SEARCH, text="ben", scope=scope)


# Who finds what


async def test_the_biller_finds_groups_by_their_initials_only(world: World) -> None:
    assert await found(world.carol, "grief", scope="ALL") == []
    assert await found(world.carol, "mgg", scope="ALL") == ["MGG"]


async def test_a_client_finds_themselves_and_their_own_groups(world: World) -> None:
    for scope in ("MINE", "ALL"):
        assert await found(world.ada, "ben", scope=scope) == []
        assert await found(world.ada, "add", scope=scope) == ["Addie Ångström"]
        assert await found(world.ada, "grief", scope=scope) == []
        assert await found(world.ada, "mgg", scope=scope) == ["MGG"]


async def test_a_provider_who_is_also_the_biller_finds_own_groups_by_name_and_others_by_initials(world: World) -> None:
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.PROVIDER, Role.BILLER])
    await a_group(by=ines, name="Grieving Parents", initials="GP")
    assert await found(ines, "grie", scope="ALL") == ["Grieving Parents"]
    assert await found(ines, "mgg", scope="ALL") == ["MGG"]
    assert await found(ines, "grie") == ["Grieving Parents"]


async def test_the_other_practice_is_never_found(world: World) -> None:
    assert await found(world.owner, "elsewhere", scope="ALL") == []
    assert await found(world.owner, "egg", scope="ALL") == []
    assert await found(world.elsewhere.eve, "grief", scope="ALL") == ["Elsewhere Grief Group"]
    assert await found(world.elsewhere.eve, "ada", scope="ALL") == ["Ada Elsewhere"]
