from __future__ import annotations

import pytest

from models import Provider
from models.ids import row_id
from models.practice import Role
from models.problems import InvalidInput
from tests.client import Person
from tests.world import World, a_client, a_practice, a_user

CALENDARS = "{ viewer { practice { providers { name viewerCanSchedule } } } }"


async def calendars(person: Person, arguments: str = "") -> list[str]:
    asked = await person.ask(f"{{ viewer {{ practice {{ providers{arguments} {{ name }} }} }} }}")
    return [provider["name"] for provider in asked["viewer"]["practice"]["providers"]]


async def schedulable(person: Person) -> list[str]:
    asked = await person.ask(CALENDARS)
    found = asked["viewer"]["practice"]["providers"]
    return [provider["name"] for provider in found if provider["viewerCanSchedule"]]


async def leaves(provider: str) -> None:
    await Provider.filter(id=row_id("prv", provider)).update(active=False)


async def test_signed_out_there_is_no_viewer_and_no_error(world: World) -> None:
    assert await world.nobody.ask("{ viewer { name email practice { name } } }") == {"viewer": None}


async def test_a_clinician_is_also_a_provider(world: World) -> None:
    asked = await world.amara.ask("{ viewer { name roles provider { id name credentials active } client { id } } }")
    assert asked["viewer"] == {
        "name": "Amara Okafor",
        "roles": ["PROVIDER"],
        "provider": {"id": world.amaras, "name": "Amara Okafor", "credentials": "LCSW", "active": True},
        "client": None,
    }


async def test_a_client_in_the_portal_is_the_client(world: World) -> None:
    asked = await world.ada.ask("{ viewer { name roles provider { id } client { id name } } }")
    assert asked["viewer"] == {
        "name": "Addie Ångström",
        "roles": ["CLIENT"],
        "provider": None,
        "client": {"id": world.client_ada, "name": "Addie Ångström"},
    }


async def test_the_office_is_neither(world: World) -> None:
    for person in (world.owner, world.manager, world.scheduler, world.carol):
        asked = await person.ask("{ viewer { provider { id } client { id } } }")
        assert asked["viewer"] == {"provider": None, "client": None}


async def test_one_person_may_be_several_things(world: World) -> None:
    both = await a_user(world.nobody, name="Ines Prado", roles=[Role.PROVIDER, Role.BILLER])
    asked = await both.ask("{ viewer { roles provider { name } } }")
    assert asked["viewer"] == {"roles": ["PROVIDER", "BILLER"], "provider": {"name": "Ines Prado"}}


async def test_a_practice_says_where_and_how_it_works(world: World) -> None:
    asked = await world.owner.ask("{ viewer { practice { id name timeZone currency groupSizeLimit } } }")
    assert asked["viewer"]["practice"] == {
        "id": world.practice,
        "name": "Lakeside",
        "timeZone": "America/Chicago",
        "currency": "USD",
        "groupSizeLimit": 12,
    }


async def test_providers_are_listed_by_name_and_those_who_left_only_when_asked_for(world: World) -> None:
    await a_user(world.nobody, name="åsa Berg", roles=[Role.PROVIDER])
    await leaves(world.bjorns)
    assert await calendars(world.owner) == ["Amara Okafor", "åsa Berg"]
    assert await calendars(world.owner, "(active: false)") == ["Björn Lindqvist"]
    assert await calendars(world.owner, "(active: null)") == ["Amara Okafor", "åsa Berg", "Björn Lindqvist"]


async def test_owner_manager_and_scheduler_may_book_every_calendar(world: World) -> None:
    """R50."""
    for person in (world.owner, world.manager, world.scheduler):
        assert await schedulable(person) == ["Amara Okafor", "Björn Lindqvist"]


async def test_the_biller_may_book_none(world: World) -> None:
    """R50."""
    assert await schedulable(world.carol) == []


async def test_a_provider_without_a_group_to_share_may_book_only_their_own(world: World) -> None:
    await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER], email="chidi@lakeside.example")
    await world.amara.do("archiveGroup", id=world.monday)
    assert await schedulable(world.amara) == ["Amara Okafor"]


async def test_a_provider_with_a_group_may_book_it_for_a_colleague(world: World) -> None:
    """R50: who holds a group may share it."""
    assert await schedulable(world.amara) == ["Amara Okafor", "Björn Lindqvist"]


async def test_nobody_may_book_who_left(world: World) -> None:
    await leaves(world.bjorns)
    asked = await world.owner.ask(
        "query ($id: ID!) { node(id: $id) { ... on Provider { active viewerCanSchedule } } }", id=world.bjorns
    )
    assert asked["node"] == {"active": False, "viewerCanSchedule": False}


async def test_a_client_in_the_portal_knows_only_their_own_providers(world: World) -> None:
    assert await calendars(world.ada) == ["Amara Okafor"]
    client = await a_client(by=world.owner, first_name="Emil", last_name="Holm")
    emil = await a_user(world.nobody, name="Emil", roles=[Role.CLIENT], client=client)
    assert await calendars(emil) == []
    await world.bjorn.ask("{ viewer { name } }")
    await world.owner.do("updateClient", id=client, providerIds=[world.bjorns])
    assert await calendars(emil) == ["Björn Lindqvist"]


async def test_the_same_address_is_one_person_in_the_whole_house(world: World) -> None:
    await a_practice(name="Abroad")
    with pytest.raises(InvalidInput) as refusal:
        await a_user(world.nobody, practice="Abroad", name="Amara", email="AMARA@lakeside.example", roles=[Role.OWNER])
    assert [field["path"] for field in refusal.value.facts["fields"]] == ["input.email"]


async def test_a_client_signs_in_as_one_person(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await a_user(
            world.nobody, name="Ada", email="again@lakeside.example", roles=[Role.CLIENT], client=world.client_ada
        )
    assert [field["path"] for field in refusal.value.facts["fields"]] == ["input.client"]


async def test_nobody_signs_in_as_a_client_of_another_practice(world: World) -> None:
    for client in (world.elsewhere.client, world.monday, "x"):
        with pytest.raises(InvalidInput) as refusal:
            await a_user(world.nobody, name="Adam", roles=[Role.CLIENT], client=client)
        assert [field["path"] for field in refusal.value.facts["fields"]] == ["input.client"]
