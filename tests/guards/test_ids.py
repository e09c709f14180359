"""An id of another type, of another practice, of nobody or out of sight: all look the same, wherever it is put."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

import pytest

from models.ids import wire_id
from tests.guards.places import Place, places
from tests.rows import changed, everything
from tests.world import World, a_client, a_group

NULLS = {"node", "nodes", "group", "client"}
"""These answer null and no error; any other place is NOT_FOUND."""

TAKES = [place for place in places() if place.scalar == "ID"]
OF = {
    "defaultServiceCodeId": "service_code",
    "providerId": "provider",
    "providerIds": "provider",
    "clientId": "client",
    "clientIds": "client",
    "groupId": "group",
    "notInGroup": "group",
}
"""What an id in a place of this name is of; `id` is of what the field or the mutation is called after."""


def kind_of(place: Place) -> str:
    if place.name in OF:
        return OF[place.name]
    spelled = place.root.lower()
    return next((kind for kind in ("client", "group", "service_code") if kind.replace("_", "") in spelled), "any")


def hidden(world: World, place: Place) -> dict[str, str]:
    """Give ids of things that are not Amara's to see; of a mutation by the office there is none in its own practice."""
    own_practice = {"client": world.client_dora, "group": world.thursday}
    theirs = {
        "client": world.elsewhere.client,
        "group": world.elsewhere.group,
        "service_code": world.elsewhere.service_code,
        "provider": world.elsewhere.provider,
        "any": world.elsewhere.membership,
    }
    kind = kind_of(place)
    found = {"another practice's": theirs[kind]}
    if kind in own_practice and place.root != "addGroupMember":
        found["a colleague's"] = own_practice[kind]
    return found


def wrong(world: World, place: Place) -> dict[str, str]:
    """Give ids that are none of what belongs in this place."""
    right = {"client": "clt", "group": "grp", "service_code": "svc", "provider": "prv", "any": "mem"}[kind_of(place)]
    other = world.client_ada if right != "clt" else world.monday
    uuid = other.partition("_")[2]
    ids = {
        "nobody's": f"{right}_{'0' * 32}",
        "nobody's, well formed": wire_id(right, uuid5(NAMESPACE_OID, world.monday)),
        "empty": "",
        "no id": "x",
        "a bare row id": uuid,
        "in capitals": f"{right}_{uuid.upper()}",
        "with a space": f" {right}_{uuid}",
        "of a type that is none": f"zzz_{uuid}",
        "too long": f"{right}_{uuid}0",
    }
    if kind_of(place) != "any":
        ids |= {"another type's": other, "another type's row under this type": f"{right}_{uuid}"}
    return ids


def test_every_place_that_takes_an_id_is_tried() -> None:
    assert {str(place) for place in TAKES} >= {"node.id", "nodes.ids", "clients.notInGroup", "search.providerId"}
    assert all(kind_of(place) != "any" for place in TAKES if place.root not in {"node", "nodes"})


@pytest.mark.parametrize("place", TAKES, ids=str)
async def test_an_id_that_is_not_the_viewers_is_an_id_of_nobody(world: World, place: Place) -> None:
    before = await everything()
    answers = {}
    for what, id_ in (wrong(world, place) | hidden(world, place)).items():
        answer = await place.answer(world, [id_] if place.is_list else id_)
        answers[what] = (answer.data, answer.errors)
    expected = answers["nobody's"]
    assert {what: answer for what, answer in answers.items() if answer != expected} == {}
    data, errors = expected
    assert [error["extensions"] for error in errors] == ([] if place.root in NULLS else [{"code": "NOT_FOUND"}])
    assert data == {place.root: [None] if place.root == "nodes" else None}
    assert changed(before, await everything()) == []


@pytest.mark.parametrize("place", [place for place in TAKES if place.is_list and place.root != "nodes"], ids=str)
async def test_one_wrong_id_in_a_list_spoils_the_whole(world: World, place: Place) -> None:
    good = {"client": world.client_ada, "provider": world.amaras}[kind_of(place)]
    before = await everything()
    for id_ in (wrong(world, place) | hidden(world, place)).values():
        answer = await place.answer(world, [good, id_])
        assert answer.codes == ["NOT_FOUND"]
    assert changed(before, await everything()) == []


async def test_nodes_come_in_the_order_asked_with_nothing_where_there_is_nothing(world: World) -> None:
    ids = [world.client_ben, "x", world.monday, world.client_dora, world.monday, world.elsewhere.client, world.amaras]
    asked = await world.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert asked["nodes"] == [
        {"__typename": "Client", "id": world.client_ben},
        None,
        {"__typename": "Group", "id": world.monday},
        None,
        {"__typename": "Group", "id": world.monday},
        None,
        {"__typename": "Provider", "id": world.amaras},
    ]


async def test_no_more_than_a_hundred_nodes_at_once(world: World) -> None:
    asked = await world.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[world.monday] * 100)
    assert asked["nodes"] == [{"id": world.monday}] * 100
    for ids in ([world.monday] * 101, ["x"] * 101):
        await world.amara.error("BAD_USER_INPUT", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert await world.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[]) == {"nodes": []}


async def test_ids_tell_their_type_and_nothing_that_can_be_counted(world: World) -> None:
    made = [await a_client(by=world.amara) for _ in range(3)] + [await a_group(by=world.amara)]
    assert [id_[:4] for id_ in made] == ["clt_"] * 3 + ["grp_"]
    # Of a version 7 UUID the first 12 digits are the moment; of the rest no two are near one another.
    guessable = [int(id_[-16:], 16) for id_ in made]
    assert all(abs(a - b) > 2**32 for a in guessable for b in guessable if a != b)


async def test_whatever_has_an_id_is_found_again_by_it(world: World) -> None:
    memberships = await world.owner.ask("query ($id: ID!) { group(id: $id) { members { id } } }", id=world.monday)
    everyone = {
        "Practice": world.practice,
        "Provider": world.amaras,
        "ServiceCode": world.individual,
        "Client": world.client_ada,
        "Group": world.monday,
        "GroupMembership": memberships["group"]["members"][0]["id"],
    }
    for type_name, id_ in everyone.items():
        asked = await world.owner.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=id_)
        assert asked["node"] == {"__typename": type_name, "id": id_}


async def test_a_user_is_no_node(world: World) -> None:
    viewer = (await world.amara.ask("{ viewer { id } }"))["viewer"]
    assert await world.amara.ask("query ($id: ID!) { node(id: $id) { id } }", id=viewer["id"]) == {"node": None}
