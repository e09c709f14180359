from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, a_charge, a_payment, in_days

REFUNDED = (
    "payment { amount { amountMinor } refunded { amountMinor } status unallocated { amountMinor }"
    " allocations { amount { amountMinor } attendance { id } } } client { balance { amountMinor } }"
    " attendances { id balance { amountMinor } }"
)


async def refund(by: Person, payment: str, amount: int | None = None, key: str = "back", **more: Any) -> Data:
    given = {"paymentId": payment, "amountMinor": amount, "idempotencyKey": key, **more}
    return await by.do("refundPayment", REFUNDED, **given)


@pytest.fixture
async def charges(world: World) -> list[str]:
    """Three charges of Ben's, 10.00, 20.00 and 30.00, the oldest first."""
    return [
        await a_charge(by=world.amara, client=world.client_ben, fee=fee, starts_at=in_days(days))
        for days, fee in ((-21, 1000), (-14, 2000), (-7, 3000))
    ]


async def test_credit_goes_back_first_and_then_what_went_to_sessions_the_newest_first(
    world: World, charges: list[str]
) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=7000)
    for amount, left, credit, lowered, balance in (
        (400, {0: 1000, 1: 2000, 2: 3000}, 600, [], -600),
        (1600, {0: 1000, 1: 2000, 2: 2000}, 0, [2], 1000),
        (3000, {0: 1000, 1: 1000}, 0, [2, 1], 4000),
        (500, {0: 1000, 1: 500}, 0, [1], 4500),
    ):
        made = await refund(world.owner, payment, amount, f"{amount}")
        found = {one["attendance"]["id"]: one["amount"]["amountMinor"] for one in made["payment"]["allocations"]}
        assert found == {charges[n]: minor for n, minor in left.items()}
        assert made["payment"]["unallocated"] == {"amountMinor": credit}
        assert made["payment"]["status"] == "PARTIALLY_REFUNDED"
        assert [one["id"] for one in made["attendances"]] == [charges[n] for n in lowered]
        assert made["client"]["balance"] == {"amountMinor": balance}
    made = await refund(world.owner, payment)
    assert (made["payment"]["status"], made["payment"]["refunded"]) == ("REFUNDED", {"amountMinor": 7000})
    assert made["payment"]["allocations"] == []
    assert made["client"]["balance"] == {"amountMinor": 6000}


async def test_of_several_payments_only_this_one_is_given_back(world: World, charges: list[str]) -> None:
    first = await a_payment(by=world.amara, client=world.client_ben, amount=500, line=charges[0])
    second = await a_payment(by=world.amara, client=world.client_ben, amount=500, line=charges[0])
    made = await refund(world.owner, first)
    assert made["attendances"] == [{"id": charges[0], "balance": {"amountMinor": 500}}]
    asked = await world.amara.ask(
        "query ($id: ID!) { node(id: $id) { ... on Payment { status allocations { amount { amountMinor } } } } }",
        id=second,
    )
    assert asked["node"] == {"status": "SUCCEEDED", "allocations": [{"amount": {"amountMinor": 500}}]}


async def test_what_was_given_back_can_be_paid_again(world: World, charges: list[str]) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=1000, line=charges[0])
    await refund(world.owner, payment)
    again = await a_payment(by=world.amara, client=world.client_ben, amount=1000, line=charges[0])
    assert again != payment
    asked = await world.amara.ask(
        "query ($id: ID!) { node(id: $id) { ... on Attendance { allocations { payment { id } }"
        " paid { amountMinor } } } }",
        id=charges[0],
    )
    assert asked["node"] == {"allocations": [{"payment": {"id": again}}], "paid": {"amountMinor": 1000}}


async def test_no_more_is_given_back_than_is_left(world: World, charges: list[str]) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=1000)
    await refund(world.owner, payment, 400)
    before = await everything()
    for amount in (601, 1000, 0, -400):
        await world.owner.invalid(
            "input.amountMinor", "refundPayment", paymentId=payment, amountMinor=amount, idempotencyKey="more"
        )
    assert changed(before, await everything()) == []
    await refund(world.owner, payment, 600, "rest")
    for rest in (1, None):
        await world.owner.invalid(
            "input.amountMinor", "refundPayment", paymentId=payment, amountMinor=rest, idempotencyKey="none"
        )


async def test_a_refund_sent_twice_is_given_once(world: World) -> None:
    """N14."""
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=1000)
    made = await asyncio.gather(*(refund(world.owner, payment, 400) for _ in range(5)))
    assert all(one == made[0] for one in made)
    assert made[0]["payment"]["refunded"] == {"amountMinor": 400}
    given: Data = {"paymentId": payment, "amountMinor": 401, "idempotencyKey": "back"}
    await world.owner.refused("IdempotencyConflict", "refundPayment", **given)
    await world.owner.denied("BAD_USER_INPUT", "refundPayment", paymentId=payment)
    assert await count("payment") == 1


async def test_two_who_refund_all_of_it_at_once_give_it_back_once(world: World) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ben, amount=1000)
    results = await asyncio.gather(
        *(
            person.result("refundPayment", "__typename", paymentId=payment, idempotencyKey="all")
            for person in (world.owner, world.carol, world.manager)
        )
    )
    assert sorted(one["__typename"] for one in results) == ["InvalidInput", "InvalidInput", "RefundPaymentPayload"]


async def test_owner_manager_and_biller_refund_and_nobody_else(world: World) -> None:
    payment = await a_payment(by=world.amara, client=world.client_ada, amount=1000)
    for n, person in enumerate((world.owner, world.manager, world.carol)):
        await refund(person, payment, 1, f"{n}", reason="Paid too much")
    given: Data = {"paymentId": payment, "amountMinor": 1, "idempotencyKey": "no"}
    for person in (world.amara, world.scheduler, world.ada):
        await person.denied("FORBIDDEN", "refundPayment", **given)
    for person in (world.bjorn, world.elsewhere.eve):
        await person.denied("NOT_FOUND", "refundPayment", **given)
