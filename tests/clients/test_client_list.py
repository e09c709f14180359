from __future__ import annotations

import pytest

from tests.client import Person
from tests.world import World, a_client, a_group

NAMES = "edges { node { name } }"


async def names(person: Person, **arguments: object) -> list[str]:
    asked = await person.ask(
        "query ($text: String, $active: Boolean = true, $notInGroup: ID, $first: Int = 20, $after: String) {"
        " clients(text: $text, active: $active, notInGroup: $notInGroup, first: $first, after: $after) {"
        f" {NAMES} }} }}",
        **arguments,
    )
    return [edge["node"]["name"] for edge in asked["clients"]["edges"]]


async def test_groups_stand_above_the_clients(world: World) -> None:
    """R6: one document gives the whole list, groups first, each part by name."""
    asked = await world.owner.ask(f"{{ groups {{ {NAMES} }} clients {{ {NAMES} }} }}")
    assert list(asked) == ["groups", "clients"]
    assert [edge["node"]["name"] for edge in asked["groups"]["edges"]] == ["Monday Grief Group", "Thursday Sleep Group"]
    assert [edge["node"]["name"] for edge in asked["clients"]["edges"]] == [
        "Addie Ångström",
        "Ben Castillo",
        "Chloe Dubois",
        "Dora Lund",
    ]


async def test_opening_a_group_loads_its_details_and_its_roster(world: World) -> None:
    """R6."""
    listed = await world.amara.ask("{ groups { edges { node { id } } } }")
    asked = await world.amara.ask(
        "query ($id: ID!) { group(id: $id) {"
        " name initials defaultServiceCode { code label } provider { name } members { client { name } } } }",
        id=listed["groups"]["edges"][0]["node"]["id"],
    )
    assert asked["group"] == {
        "name": "Monday Grief Group",
        "initials": "MGG",
        "defaultServiceCode": {"code": "90853", "label": "Group Psychotherapy"},
        "provider": {"name": "Amara Okafor"},
        "members": [
            {"client": {"name": "Addie Ångström"}},
            {"client": {"name": "Ben Castillo"}},
            {"client": {"name": "Chloe Dubois"}},
        ],
    }


async def test_a_roster_is_by_last_name_whatever_the_order_of_joining(world: World) -> None:
    group = await a_group(by=world.amara, clients=[world.client_chloe, world.client_ada, world.client_ben])
    asked = await world.amara.ask("query ($id: ID!) { group(id: $id) { members { client { lastName } } } }", id=group)
    assert [member["client"]["lastName"] for member in asked["group"]["members"]] == ["Ångström", "Castillo", "Dubois"]


async def test_names_sort_without_regard_to_case_and_accents(world: World) -> None:
    for last_name in ("zimmer", "Élan", "eber", "Ñunez", "Nagel", "Øst", "łuk"):
        await a_client(by=world.bjorn, first_name="X", last_name=last_name)
    assert await names(world.bjorn) == [
        "X eber", "X Élan", "X łuk", "Dora Lund", "X Nagel", "X Ñunez", "X Øst", "X zimmer",
    ]  # fmt: skip


async def test_of_one_last_name_the_preferred_first_name_decides(world: World) -> None:
    await a_client(by=world.bjorn, first_name="Zacharias", last_name="Moe", preferred_name="Ach")
    await a_client(by=world.bjorn, first_name="Bo", last_name="Moe")
    assert await names(world.bjorn) == ["Dora Lund", "Ach Moe", "Bo Moe"]


@pytest.mark.parametrize(
    "text",
    [
        "ngstr",
        "angstrom",
        "ÅNGSTRÖM",
        "addie",
        "Ada",
        "ada ang",
        "Addie Å",
        "ngstrom, add",
        "  ada   ang ",
        "a\u030angstro\u0308m",
    ],
)
async def test_a_client_is_found_by_part_of_a_name_in_any_spelling(world: World, text: str) -> None:
    assert await names(world.owner, text=text) == ["Addie Ångström"]


@pytest.mark.parametrize("text", ["zzz", "%", "_", "*", "\\", "'", "addie\nada", "312 555", "ada@"])
async def test_what_is_in_no_name_finds_nobody(world: World, text: str) -> None:
    assert await names(world.owner, text=text) == []


async def test_an_empty_text_is_in_every_name(world: World) -> None:
    assert len(await names(world.owner, text="")) == 4


async def test_a_null_for_a_text_once_is_not_a_null_for_the_next_who_asks(world: World) -> None:
    for text, found in ((None, 4), ("ben", 1), (None, 4), ("dora", 1)):
        assert len(await names(world.owner, text=text)) == found
    for group, found in ((None, 4), (world.monday, 1), (None, 4), (world.thursday, 3)):
        assert len(await names(world.owner, notInGroup=group)) == found


async def test_who_is_no_longer_in_care_is_listed_only_when_asked_for(world: World) -> None:
    await world.amara.do("updateClient", id=world.client_ben, active=False)
    assert await names(world.amara) == ["Addie Ångström", "Chloe Dubois"]
    assert await names(world.amara, active=False) == ["Ben Castillo"]
    assert await names(world.amara, active=None) == ["Addie Ångström", "Ben Castillo", "Chloe Dubois"]


async def test_each_sees_their_own(world: World) -> None:
    assert await names(world.amara) == ["Addie Ångström", "Ben Castillo", "Chloe Dubois"]
    assert await names(world.bjorn) == ["Dora Lund"]
    assert await names(world.ada) == ["Addie Ångström"]
    for office in (world.owner, world.manager, world.scheduler, world.carol):
        assert len(await names(office)) == 4
    assert await names(world.elsewhere.eve) == ["Ada Elsewhere"]


async def test_counts_are_counts_of_what_may_be_seen(world: World) -> None:
    counts = "{ clients { totalCount } groups { totalCount } }"
    assert await world.owner.ask(counts) == {"clients": {"totalCount": 4}, "groups": {"totalCount": 2}}
    assert await world.bjorn.ask(counts) == {"clients": {"totalCount": 1}, "groups": {"totalCount": 1}}
    assert await world.ada.ask(counts) == {"clients": {"totalCount": 1}, "groups": {"totalCount": 1}}


# Whom a group offers to add


async def test_a_member_is_not_offered_twice(world: World) -> None:
    """R7: only those who could be added are offered, found by part of the name."""
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    assert await names(world.amara, notInGroup=world.monday) == ["Emil Holm"]
    assert await names(world.amara, notInGroup=world.monday, text="hol") == ["Emil Holm"]
    assert await names(world.amara, notInGroup=world.monday, text="ben") == []
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=emil)
    assert await names(world.amara, notInGroup=world.monday) == []


async def test_who_left_is_offered_again(world: World) -> None:
    """R7."""
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    assert await names(world.amara, notInGroup=world.monday) == ["Ben Castillo"]


async def test_who_is_no_longer_in_care_is_not_offered_even_when_asked_for(world: World) -> None:
    """R7."""
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    await world.amara.do("updateClient", id=emil, active=False)
    for active in (True, False, None):
        assert await names(world.amara, notInGroup=world.monday, active=active) == []


async def test_an_archived_group_offers_nobody(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    assert await names(world.owner, notInGroup=world.monday) == []


async def test_who_may_not_fill_a_group_is_offered_nobody_and_so_learns_nothing_of_its_roster(world: World) -> None:
    assert await names(world.carol, notInGroup=world.monday) == []
    assert await names(world.ada, notInGroup=world.monday) == []
    assert await names(world.ada, notInGroup=world.monday, active=None) == []


async def test_a_group_out_of_sight_is_not_found(world: World) -> None:
    for group in (world.thursday, world.elsewhere.group, world.client_ada, "x", ""):
        await world.amara.error("NOT_FOUND", "query ($id: ID!) { clients(notInGroup: $id) { totalCount } }", id=group)


# Pages

PAGE = (
    "query ($first: Int, $after: String) { clients(first: $first, after: $after) {"
    " totalCount edges { cursor node { lastName } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)


async def test_pages_follow_one_another_without_gap_or_repetition(world: World) -> None:
    seen: list[str] = []
    after = None
    for expected in (True, True, False):
        page = (await world.owner.ask(PAGE, first=2 if len(seen) < 2 else 1, after=after))["clients"]
        seen += [edge["node"]["lastName"] for edge in page["edges"]]
        assert page["pageInfo"]["hasNextPage"] is expected
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["totalCount"] == 4
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
    assert seen == ["Ångström", "Castillo", "Dubois", "Lund"]


async def test_after_the_last_page_there_is_an_empty_one(world: World) -> None:
    last = (await world.owner.ask(PAGE))["clients"]["pageInfo"]["endCursor"]
    assert (await world.owner.ask(PAGE, after=last))["clients"] == {
        "totalCount": 4,
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None},
    }


async def test_a_client_who_is_added_meanwhile_moves_no_page(world: World) -> None:
    first = (await world.owner.ask(PAGE, first=2))["clients"]
    await a_client(by=world.owner, first_name="Aaron", last_name="Aas")
    rest = (await world.owner.ask(PAGE, after=first["pageInfo"]["endCursor"]))["clients"]
    assert [edge["node"]["lastName"] for edge in rest["edges"]] == ["Dubois", "Lund"]


async def test_a_page_holds_twenty_unless_said_otherwise_and_a_hundred_at_most(world: World) -> None:
    for n in range(18):
        await a_client(by=world.owner, last_name=f"Berg {n:02}")
    assert len(await names(world.owner)) == 20
    assert len(await names(world.owner, first=None)) == 20
    assert len(await names(world.owner, first=100)) == 22
    for size in (0, -1, 101, 2**31 - 1):
        error = await world.owner.error("BAD_USER_INPUT", PAGE, first=size)
        assert error["extensions"]["field"] == "first"


async def test_what_is_no_cursor_of_this_list_is_refused(world: World) -> None:
    for cursor in ("", "x", "00", "5b5d", "\0", "\ud800", "ff" * 10_000, b"[1]".hex()):
        error = await world.owner.error("BAD_USER_INPUT", PAGE, after=cursor)
        assert error["extensions"]["field"] == "after"
