from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.world import World, a_client, a_group, an_appointment, in_days

LISTS = {
    "group": "query ($id: ID!, $from: DateTime, $to: DateTime, $order: TimeOrder! = EARLIEST_FIRST, $first: Int,"
    " $after: String) { of: group(id: $id) { appointments(from: $from, to: $to, order: $order, first: $first,"
    " after: $after) { totalCount edges { cursor node { id } } pageInfo {"
    " hasNextPage hasPreviousPage startCursor endCursor } } } }",
}
LISTS["client"] = LISTS["group"].replace("group(", "client(")
of_each = pytest.mark.parametrize("kind", LISTS)


async def page(person: Person, kind: str, id_: str, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await person.ask(LISTS[kind], id=id_, **asked))["of"]["appointments"]
    return found


async def ids(person: Person, kind: str, id_: str, **asked: Any) -> list[str]:
    return [edge["node"]["id"] for edge in (await page(person, kind, id_, **asked))["edges"]]


async def some(world: World) -> list[str]:
    """Seven sessions of Monday's group, two of which start at once; in order of start, then as they were made."""
    days = (-14, -7, 7, 7, 14, 21, 28)
    return [await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(day)) for day in days]


def whose(world: World, kind: str) -> str:
    return world.monday if kind == "group" else world.client_ada


@of_each
async def test_the_earliest_comes_first_unless_the_latest_is_asked_for(world: World, kind: str) -> None:
    made = await some(world)
    for asked, expected in (
        ({}, made),
        ({"order": "EARLIEST_FIRST"}, made),
        ({"order": "LATEST_FIRST"}, made[::-1]),
    ):
        assert await ids(world.amara, kind, whose(world, kind), **asked) == expected


@of_each
@pytest.mark.parametrize("order", ["EARLIEST_FIRST", "LATEST_FIRST"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_hold_each_once_in_either_direction(world: World, kind: str, order: str, size: int) -> None:
    made = await some(world)
    expected = made if order == "EARLIEST_FIRST" else made[::-1]
    found: list[str] = []
    after = None
    while True:
        got = await page(world.amara, kind, whose(world, kind), order=order, first=size, after=after)
        assert got["totalCount"] == len(made)
        info = got["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (got["edges"][0]["cursor"], got["edges"][-1]["cursor"])
        found += [edge["node"]["id"] for edge in got["edges"]]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
    assert found == expected


@of_each
async def test_a_page_goes_on_from_its_cursor_though_sessions_were_added_and_moved_before_it(
    world: World, kind: str
) -> None:
    made = await some(world)
    first = await page(world.amara, kind, whose(world, kind), first=4)
    await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-21))
    await world.amara.do("rescheduleAppointment", id=made[0], startsAt=in_days(35))
    after = first["pageInfo"]["endCursor"]
    assert await ids(world.amara, kind, whose(world, kind), after=after) == [*made[4:], made[0]]


@of_each
async def test_a_stretch_may_be_open_at_either_end_and_holds_all_that_overlaps_it(world: World, kind: str) -> None:
    made = await some(world)
    id_ = whose(world, kind)
    assert await ids(world.amara, kind, id_, **{"from": in_days(7)}) == made[2:]
    assert await ids(world.amara, kind, id_, **{"from": in_days(7, 18, 59)}) == made[2:]
    assert await ids(world.amara, kind, id_, **{"from": in_days(7, 19)}) == made[4:]
    assert await ids(world.amara, kind, id_, to=in_days(7)) == made[:2]
    assert await ids(world.amara, kind, id_, to=in_days(7, 18, 1)) == made[:4]
    assert await ids(world.amara, kind, id_, **{"from": in_days(0), "to": in_days(15)}) == made[2:5]
    assert await ids(world.amara, kind, id_, **{"from": None, "to": None}) == made
    assert (await page(world.amara, kind, id_, to=in_days(0)))["totalCount"] == 2


@of_each
async def test_sizes_and_cursors_out_of_bounds_are_bad_input(world: World, kind: str) -> None:
    await some(world)
    wrong: list[dict[str, Any]] = [{"first": 0}, {"first": 101}, {"first": -1}, {"after": "x"}, {"order": None}]
    wrong += [{"from": "2099-01-12"}, {"to": "2099-01-12T00:00:00"}]
    for asked in wrong:
        await world.amara.error("BAD_USER_INPUT", LISTS[kind], id=whose(world, kind), **asked)
    assert len(await ids(world.amara, kind, whose(world, kind), first=None)) == 7


async def test_a_clients_list_holds_sessions_of_groups_and_with_them_alone(world: World) -> None:
    group = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(7))
    alone = await an_appointment(by=world.amara, client=world.client_ada, starts_at=in_days(8))
    await an_appointment(by=world.amara, client=world.client_ben, starts_at=in_days(9))
    for person in (world.amara, world.owner, world.scheduler, world.carol, world.ada):
        assert await ids(person, "client", world.client_ada) == [group, alone]


async def test_a_clients_list_holds_no_session_that_the_viewer_may_not_know_to_be_theirs(world: World) -> None:
    """R20: not even as taken time, since it would say whose it is."""
    emil = await a_client(by=world.owner, last_name="Holm", providers=[world.amaras, world.bjorns])
    mine = await an_appointment(by=world.amara, client=emil, starts_at=in_days(7))
    await an_appointment(by=world.bjorn, client=emil, starts_at=in_days(8))
    await an_appointment(by=world.bjorn, group=await a_group(by=world.bjorn, clients=[emil]), starts_at=in_days(9))
    assert await ids(world.amara, "client", emil) == [mine]
    assert (await page(world.amara, "client", emil))["totalCount"] == 1
    assert (await page(world.owner, "client", emil))["totalCount"] == 3


async def test_who_leaves_a_group_keeps_the_sessions_that_were(world: World) -> None:
    """R9."""
    past = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
    await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(7))
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
    assert await ids(world.amara, "client", world.client_ada) == [past]
    assert await ids(world.ada, "client", world.client_ada) == [past]
    # Of the group's list a former member keeps their own.
    assert await ids(world.ada, "group", world.monday) == [past]


async def test_what_was_called_off_stays_in_the_lists(world: World) -> None:
    off = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("cancelAppointment", id=off)
    assert await ids(world.amara, "group", world.monday) == [off]
    assert await ids(world.amara, "client", world.client_ada) == [off]
