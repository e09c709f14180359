from __future__ import annotations

from typing import Any

import pytest

from models.practice import Role
from tests.client import Person
from tests.world import (
    World,
    a_charge,
    a_client,
    a_payment,
    a_user,
    an_appointment,
    in_days,
    lines_of,
)

PAYMENTS = (
    "query ($id: ID!, $order: TimeOrder! = LATEST_FIRST, $first: Int, $after: String) {"
    " client(id: $id) { payments(order: $order, first: $first, after: $after) {"
    " totalCount edges { cursor node { id receivedOn } } pageInfo { hasNextPage endCursor } } } }"
)


async def page(person: Person, client: str, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await person.ask(PAYMENTS, id=client, **asked))["client"]["payments"]
    return found


async def sees(person: Person, id_: str) -> bool:
    return (await person.ask("query ($id: ID!) { node(id: $id) { id } }", id=id_))["node"] is not None


async def test_the_office_the_client_and_the_clients_own_providers_see_a_payment(world: World) -> None:
    payment = await a_payment(by=world.scheduler, client=world.client_ada, amount=500)
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.amara, world.ada):
        assert await sees(person, payment)
        assert (await page(person, world.client_ada))["totalCount"] == 1
    for person in (world.bjorn, world.elsewhere.eve):
        assert not await sees(person, payment)


async def test_another_client_does_not(world: World) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=500)
    assert not await sees(world.ada, payment)
    assert (await page(world.ada, world.client_ada))["totalCount"] == 0


async def test_a_provider_with_a_share_sees_it_when_part_of_it_went_to_a_session_they_may_see(world: World) -> None:
    """R19: and that other parts went where they may not look."""
    session = await an_appointment(
        by=world.amara, group=world.monday, provider=world.bjorns, starts_at=in_days(-1), confirm_sharing=True
    )
    line = (await lines_of(session, by=world.amara))[world.client_ben]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    alone = await a_charge(by=world.amara, client=world.client_ben, fee=1000, starts_at=in_days(-30))
    hidden = await a_payment(by=world.amara, client=world.client_ben, amount=600, line=alone)
    seen = await a_payment(by=world.amara, client=world.client_ben, amount=700)
    assert not await sees(world.bjorn, hidden)
    assert [edge["node"]["id"] for edge in (await page(world.bjorn, world.client_ben))["edges"]] == [seen]
    select = "allocations { id amount { amountMinor } attendance { id } } unallocated { amountMinor }"
    find = f"query ($id: ID!) {{ node(id: $id) {{ ... on Payment {{ {select} }} }} }}"
    whole, part = [(await person.ask(find, id=seen))["node"] for person in (world.amara, world.bjorn)]
    assert [one["attendance"] for one in whole["allocations"]] == [{"id": alone}, {"id": line}]
    assert part["allocations"] == [whole["allocations"][0] | {"attendance": None}, whole["allocations"][1]]
    assert part["unallocated"] == whole["unallocated"]
    # The share ends, and with it the sight of the payment and of all its parts.
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    for id_ in (seen, *(one["id"] for one in whole["allocations"])):
        assert not await sees(world.bjorn, id_)


async def test_what_is_owed_and_paid_counts_all_rows_whatever_else_may_be_seen(world: World) -> None:
    session = await an_appointment(
        by=world.amara, group=world.monday, provider=world.bjorns, starts_at=in_days(-1), confirm_sharing=True
    )
    line = (await lines_of(session, by=world.amara))[world.client_ben]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    await a_charge(by=world.amara, client=world.client_ben, fee=1000)
    await a_payment(by=world.amara, client=world.client_ben, amount=2500, line=line)
    select = "query ($id: ID!, $line: ID!) { client(id: $id) { balance { amountMinor formatted } }"
    select += " node(id: $line) { ... on Attendance { paid { amountMinor } balance { amountMinor } } } }"
    for person in (world.amara, world.bjorn, world.owner, world.carol):
        asked = await person.ask(select, id=world.client_ben, line=line)
        assert asked == {
            "client": {"balance": {"amountMinor": 4500, "formatted": "$45.00"}},
            "node": {"paid": {"amountMinor": 2500}, "balance": {"amountMinor": 3500}},
        }


async def test_the_parts_of_a_line_are_shown_payment_by_payment_the_oldest_first(world: World) -> None:
    line = await a_charge(by=world.amara, client=world.client_ben, fee=3000)
    made = [await a_payment(by=world.amara, client=world.client_ben, amount=amount) for amount in (700, 100, 900)]
    for person in (world.amara, world.carol):
        asked = await person.ask(
            "query ($id: ID!) { node(id: $id) { ... on Attendance {"
            " allocations { amount { amountMinor } payment { id } attendance { id } } } } }",
            id=line,
        )
        assert asked["node"]["allocations"] == [
            {"amount": {"amountMinor": amount}, "payment": {"id": payment}, "attendance": {"id": line}}
            for amount, payment in zip((700, 100, 900), made, strict=True)
        ]


async def test_memos_for_staff_are_for_staff(world: World) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ada, amount=500, memo="Ask again")
    find = "query ($id: ID!) { node(id: $id) { ... on Payment { memo } } }"
    for person, memo in ((world.carol, "Ask again"), (world.amara, "Ask again"), (world.ada, None)):
        assert (await person.ask(find, id=payment))["node"] == {"memo": memo}


@pytest.mark.parametrize("order", ["EARLIEST_FIRST", "LATEST_FIRST"])
async def test_payments_are_listed_by_the_day_they_came_in_either_order_and_by_pages(world: World, order: str) -> None:
    days = ("2026-03-01", "2025-01-01", "2026-03-01", "2020-02-29", "2026-11-01")
    made = [(day, await a_payment(by=world.amara, client=world.client_ben, amount=100, receivedOn=day)) for day in days]
    expected = [payment for _, payment in sorted(made)]
    if order == "LATEST_FIRST":
        expected.reverse()
    for size in (1, 2, 5):
        found: list[str] = []
        after, more = None, True
        while more:
            got = await page(world.amara, world.client_ben, order=order, first=size, after=after)
            assert got["totalCount"] == 5
            found += [edge["node"]["id"] for edge in got["edges"]]
            after, more = got["pageInfo"]["endCursor"], got["pageInfo"]["hasNextPage"]
        assert found == expected


async def test_the_latest_comes_first_unless_asked_otherwise(world: World) -> None:
    for day in ("2026-03-01", "2026-11-01", "2025-01-01"):
        await a_payment(by=world.amara, client=world.client_ben, amount=100, receivedOn=day)
    shown = [edge["node"]["receivedOn"] for edge in (await page(world.amara, world.client_ben))["edges"]]
    assert shown == ["2026-11-01", "2026-03-01", "2025-01-01"]


async def test_who_stops_seeing_the_client_stops_seeing_what_they_paid(world: World) -> None:
    emil = await a_client(by=world.owner, last_name="Holm", providers=[world.amaras, world.bjorns])
    payment = await a_payment(by=world.bjorn, client=emil, amount=500)
    assert await sees(world.bjorn, payment)
    await world.owner.do("updateClient", id=emil, providerIds=[world.amaras])
    assert not await sees(world.bjorn, payment)
    assert await sees(world.amara, payment)


async def test_a_biller_who_treats_sees_all_of_them(world: World) -> None:
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.BILLER, Role.PROVIDER])
    assert await sees(ines, await a_payment(by=world.bjorn, client=world.client_dora, amount=500))
