from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import Provider
from models.ids import row_id
from models.practice import Role
from tests.client import Person, Refused
from tests.rows import changed, everything
from tests.world import World, a_client, a_share, a_user

CLIENT = (
    "client { id firstName lastName preferredName name initials dateOfBirth email phone active version"
    " providers { name } groups { name } }"
)
GONE = {
    "input.firstName": {"firstName": ""},
    "input.lastName": {"lastName": " \t "},
    "input.preferredName": {"preferredName": "x" * 101},
    "input.email": {"email": "not an address"},
    "input.phone": {"phone": "call me"},
    "input.dateOfBirth": {"dateOfBirth": "1879-12-31"},
}


async def providers(person: Person, client: str) -> list[str]:
    asked = await person.ask("query ($id: ID!) { client(id: $id) { providers { name } } }", id=client)
    return [provider["name"] for provider in asked["client"]["providers"]]


# Adding


async def test_a_client_needs_no_more_than_two_names(world: World) -> None:
    made = await world.amara.do("createClient", CLIENT, firstName="Emil", lastName="Holm")
    assert made["client"].pop("id").startswith("clt_")
    assert made["client"] == {
        "firstName": "Emil",
        "lastName": "Holm",
        "preferredName": None,
        "name": "Emil Holm",
        "initials": "EH",
        "dateOfBirth": None,
        "email": None,
        "phone": None,
        "active": True,
        "version": 1,
        "providers": [{"name": "Amara Okafor"}],
        "groups": [],
    }


async def test_the_preferred_name_stands_for_the_first(world: World) -> None:
    made = await world.amara.do("createClient", CLIENT, firstName="Maximilian", lastName="Öst", preferredName="Max")
    assert (made["client"]["name"], made["client"]["initials"]) == ("Max Öst", "MÖ")


async def test_space_round_and_within_names_is_tidied_and_what_is_empty_is_none(world: World) -> None:
    made = await world.amara.do(
        "createClient",
        CLIENT,
        firstName="  Mary\u00a0 Ann ",
        lastName="\tHolm\n",
        preferredName=" ",
        email="",
        phone=" ",
    )
    assert made["client"]["name"] == "Mary Ann Holm"
    assert [made["client"][name] for name in ("preferredName", "email", "phone")] == [None, None, None]


async def test_the_office_may_say_who_sees_the_client_or_nobody_yet(world: World) -> None:
    assert await providers(world.owner, await a_client(by=world.scheduler)) == []
    both = await a_client(by=world.carol, providers=[world.bjorns, world.amaras, world.bjorns])
    assert await providers(world.owner, both) == ["Amara Okafor", "Björn Lindqvist"]


async def test_a_provider_cannot_add_a_client_out_of_their_own_sight(world: World) -> None:
    for named in ([], [world.bjorns]):
        await world.amara.invalid("input.providerIds", "createClient", firstName="E", lastName="H", providerIds=named)
    both = await a_client(by=world.amara, providers=[world.amaras, world.bjorns])
    assert await providers(world.bjorn, both) == ["Amara Okafor", "Björn Lindqvist"]


async def test_a_provider_who_is_also_the_biller_may(world: World) -> None:
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.PROVIDER, Role.BILLER])
    client = await a_client(by=ines, providers=[world.bjorns])
    assert await providers(ines, client) == ["Björn Lindqvist"]


async def test_a_client_goes_to_nobody_who_left(world: World) -> None:
    await Provider.filter(id=row_id("prv", world.bjorns)).update(active=False)
    await world.owner.invalid(
        "input.providerIds", "createClient", firstName="E", lastName="H", providerIds=[world.bjorns]
    )
    dora = world.client_dora
    await world.owner.do("updateClient", id=dora, providerIds=[world.bjorns, world.amaras])
    assert await providers(world.owner, dora) == ["Amara Okafor", "Björn Lindqvist"]


async def test_two_clients_may_have_one_name(world: World) -> None:
    first, second = [await a_client(by=world.amara, first_name="Ben", last_name="Castillo") for _ in range(2)]
    assert first != second


@pytest.mark.parametrize("path", GONE)
async def test_each_wrong_field_of_a_new_client_is_named(world: World, path: str) -> None:
    await world.amara.invalid(path, "createClient", **{"firstName": "E", "lastName": "H", **GONE[path]})


async def test_all_wrong_fields_are_named_at_once(world: World) -> None:
    wrong = {name: value for one in GONE.values() for name, value in one.items()}
    await world.amara.invalid(" ".join(GONE), "createClient", **wrong)


@pytest.mark.parametrize(
    "email, kept",
    [
        ("Emil@Holm.Example", "Emil@holm.example"),
        ("emil+groups@holm.example", "emil+groups@holm.example"),
        ("émil@bücher.example", "émil@bücher.example"),
        (" emil@holm.example ", "emil@holm.example"),
    ],
)
async def test_a_mail_address_is_kept_in_its_usual_form(world: World, email: str, kept: str) -> None:
    made = await world.amara.do("createClient", CLIENT, firstName="E", lastName="H", email=email)
    assert made["client"]["email"] == kept


@pytest.mark.parametrize("phone", ["+1 312 555 0101", "(312) 555-0101", "312.555.0101 ext. 12", "110"])
async def test_a_phone_number_is_kept_as_it_was_typed(world: World, phone: str) -> None:
    made = await world.amara.do("createClient", CLIENT, firstName="E", lastName="H", phone=phone)
    assert made["client"]["phone"] == phone


async def test_nobody_is_born_the_day_after_tomorrow(world: World) -> None:
    today = datetime.now(UTC).date()
    await a_client(by=world.amara, date_of_birth=str(today))
    await world.amara.invalid(
        "input.dateOfBirth", "createClient", firstName="E", lastName="H", dateOfBirth=str(today + timedelta(days=2))
    )


@pytest.mark.parametrize("day", ["1990-02-30", "1990-2-3", "yesterday", "1990-02-03T00:00:00Z", "", 19900203])
async def test_a_day_that_is_none_is_bad_input(world: World, day: object) -> None:
    await world.amara.denied("BAD_USER_INPUT", "createClient", firstName="E", lastName="H", dateOfBirth=day)


# Changing


async def test_what_is_left_out_stays_and_null_clears(world: World) -> None:
    changed = await world.amara.do("updateClient", CLIENT, id=world.client_ada, preferredName=None, phone="110")
    assert changed["client"] == {
        "id": world.client_ada,
        "firstName": "Ada",
        "lastName": "Ångström",
        "preferredName": None,
        "name": "Ada Ångström",
        "initials": "AÅ",
        "dateOfBirth": "1990-02-03",
        "email": "ada@lakeside.example",
        "phone": "110",
        "active": True,
        "version": 2,
        "providers": [{"name": "Amara Okafor"}],
        "groups": [{"name": "Monday Grief Group"}],
    }
    cleared = await world.amara.do(
        "updateClient", CLIENT, id=world.client_ada, dateOfBirth=None, email=None, phone=None
    )
    assert [cleared["client"][name] for name in ("dateOfBirth", "email", "phone")] == [None, None, None]


async def test_what_is_needed_cannot_be_cleared(world: World) -> None:
    await world.amara.invalid(
        "input.firstName input.lastName", "updateClient", id=world.client_ada, firstName=None, lastName=None
    )
    await world.amara.invalid("input.active", "updateClient", id=world.client_ada, active=None)


@pytest.mark.parametrize("path", GONE)
async def test_each_wrong_field_of_a_change_is_named(world: World, path: str) -> None:
    await world.amara.invalid(path, "updateClient", id=world.client_ada, **GONE[path])


async def test_a_new_name_is_found_and_sorted_by_at_once(world: World) -> None:
    await world.amara.do("updateClient", id=world.client_chloe, lastName="Åas")
    asked = await world.amara.ask('{ clients(text: "aas") { edges { node { name } } } }')
    assert [edge["node"]["name"] for edge in asked["clients"]["edges"]] == ["Chloe Åas"]
    asked = await world.amara.ask("{ clients { edges { node { name } } } }")
    assert asked["clients"]["edges"][0]["node"]["name"] == "Chloe Åas"
    asked = await world.amara.ask('{ clients(text: "dubois") { totalCount } }')
    assert asked["clients"]["totalCount"] == 0


async def test_a_change_to_the_same_is_no_change(world: World) -> None:
    same = await world.amara.do(
        "updateClient", CLIENT, id=world.client_ada, firstName=" Ada ", active=True, providerIds=[world.amaras]
    )
    assert same["client"]["version"] == 1


async def test_a_stale_version_is_a_conflict_that_shows_the_client_as_they_are(world: World) -> None:
    await world.amara.do("updateClient", id=world.client_ada, expectedVersion=1, phone="110")
    asked = await world.amara.ask(
        "mutation ($input: UpdateClientInput!) { updateClient(input: $input) { __typename"
        " ... on VersionConflict { message current { __typename id ... on Client { version phone } } } } }",
        input={"id": world.client_ada, "expectedVersion": 1, "phone": "112"},
    )
    assert asked["updateClient"].pop("message")
    assert asked["updateClient"] == {
        "__typename": "VersionConflict",
        "current": {"__typename": "Client", "id": world.client_ada, "version": 2, "phone": "110"},
    }


async def test_of_two_changes_to_one_version_one_is_made(world: World) -> None:
    async def change(phone: str) -> str:
        try:
            await world.amara.do("updateClient", id=world.client_ada, expectedVersion=1, phone=phone)
        except Refused as refusal:
            return str(refusal.problem["__typename"])
        return "made"

    assert sorted(await asyncio.gather(*map(change, ("110", "111", "112", "113")))) == ["VersionConflict"] * 3 + [
        "made"
    ]


async def test_who_usually_sees_a_client_is_set_as_a_whole(world: World) -> None:
    changed = await world.owner.do("updateClient", CLIENT, id=world.client_ada, providerIds=[world.bjorns])
    assert (changed["client"]["providers"], changed["client"]["version"]) == ([{"name": "Björn Lindqvist"}], 2)
    cleared = await world.owner.do("updateClient", CLIENT, id=world.client_ada, providerIds=None)
    assert cleared["client"]["providers"] == []


async def test_a_provider_cannot_give_a_client_away_out_of_their_own_sight(world: World) -> None:
    for named in ([], None, [world.bjorns]):
        await world.amara.invalid("input.providerIds", "updateClient", id=world.client_ada, providerIds=named)
    await world.amara.do("updateClient", id=world.client_ada, providerIds=[world.amaras, world.bjorns])


async def test_who_only_shares_a_group_with_a_client_changes_them_but_not_who_usually_sees_them(world: World) -> None:
    """R19: a share of a group is not the client's care."""
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    before = await everything()
    for named in ([world.bjorns], [world.amaras, world.bjorns], [], None):
        await world.bjorn.invalid(
            "input.providerIds", "updateClient", id=world.client_ada, phone="110", providerIds=named
        )
    assert changed(before, await everything()) == []
    same = await world.bjorn.do("updateClient", CLIENT, id=world.client_ada, phone="110", providerIds=[world.amaras])
    assert (same["client"]["phone"], same["client"]["providers"]) == ("110", [{"name": "Amara Okafor"}])


async def test_the_office_says_who_usually_sees_a_client_whom_nobody_usually_sees(world: World) -> None:
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    await world.owner.do("updateClient", id=world.client_ada, providerIds=[])
    for provider in (world.amara, world.bjorn):
        await provider.invalid("input.providerIds", "updateClient", id=world.client_ada, providerIds=[world.amaras])
    await world.scheduler.do("updateClient", id=world.client_ada, providerIds=[world.amaras])


async def test_a_new_provider_sees_the_client_at_once_and_a_former_one_no_more(world: World) -> None:
    found = "query ($id: ID!) { client(id: $id) { name } }"
    assert await world.amara.ask(found, id=world.client_dora) == {"client": None}
    await world.owner.do("updateClient", id=world.client_dora, providerIds=[world.amaras, world.bjorns])
    assert await world.amara.ask(found, id=world.client_dora) == {"client": {"name": "Dora Lund"}}
    await world.owner.do("updateClient", id=world.client_dora, providerIds=[world.bjorns])
    assert await world.amara.ask(found, id=world.client_dora) == {"client": None}


# The end of care


async def test_care_ends_and_begins_again(world: World) -> None:
    ended = await world.amara.do("updateClient", CLIENT, id=world.client_ben, active=False)
    assert (ended["client"]["active"], ended["client"]["version"]) == (False, 2)
    begun = await world.amara.do("updateClient", CLIENT, id=world.client_ben, active=True, phone="110")
    assert (begun["client"]["active"], begun["client"]["phone"]) == (True, "110")


async def test_who_is_no_longer_in_care_is_not_changed(world: World) -> None:
    await world.amara.do("updateClient", id=world.client_ben, active=False)
    await world.amara.invalid("input.active", "updateClient", id=world.client_ben, phone="110")


async def test_a_biller_and_a_scheduler_may_change_a_client_and_the_client_may_not(world: World) -> None:
    await world.carol.do("updateClient", id=world.client_ada, phone="110")
    await world.scheduler.do("updateClient", id=world.client_ada, phone="111")
    await world.ada.denied("FORBIDDEN", "updateClient", id=world.client_ada, phone="112")
    await world.ada.denied("NOT_FOUND", "updateClient", id=world.client_ben, phone="112")
    await world.ada.denied("FORBIDDEN", "createClient", firstName="E", lastName="H")
