from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.practice import Role
from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import (
    World,
    a_charge,
    a_client,
    a_payment,
    a_practice,
    a_user,
    an_appointment,
    in_days,
    lines_of,
)

PAID = (
    "payment { amount { amountMinor formatted } refunded { amountMinor } method status reference receivedOn memo"
    " statementMemo unallocated { amountMinor } allocations { amount { amountMinor } attendance { id } } }"
    " client { name balance { amountMinor } } attendances { id paid { amountMinor } balance { amountMinor } }"
)


async def pay(by: Person, client: str, amount: int, key: str = "once", **more: Any) -> Data:
    given = {"clientId": client, "amountMinor": amount, "method": "CASH", "idempotencyKey": key, **more}
    return await by.do("acceptPayment", PAID, **given)


def parts(made: Data) -> list[tuple[str, int]]:
    return [(one["attendance"]["id"], one["amount"]["amountMinor"]) for one in made["payment"]["allocations"]]


async def balance(by: Person, client: str) -> int:
    asked = await by.ask("query ($id: ID!) { client(id: $id) { balance { amountMinor } } }", id=client)
    minor: int = asked["client"]["balance"]["amountMinor"]
    return minor


# From the appointment


async def test_a_payment_is_taken_for_one_client_of_the_session_beside_their_code(world: World) -> None:
    """R35."""
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
    lines = await lines_of(session, by=world.amara)
    await world.owner.do("updateServiceCode", id=world.group_therapy, feeMinor=6000)
    await world.amara.do("markAllAttended", appointmentId=session)
    made = await pay(world.amara, world.client_ben, 6000, attendanceId=lines[world.client_ben])
    assert made["payment"] | {"receivedOn": ""} == {
        "amount": {"amountMinor": 6000, "formatted": "$60.00"},
        "refunded": {"amountMinor": 0},
        "method": "CASH",
        "status": "SUCCEEDED",
        "reference": None,
        "receivedOn": "",
        "memo": None,
        "statementMemo": None,
        "unallocated": {"amountMinor": 0},
        "allocations": [{"amount": {"amountMinor": 6000}, "attendance": {"id": lines[world.client_ben]}}],
    }
    assert made["client"] == {"name": "Ben Castillo", "balance": {"amountMinor": 0}}
    assert made["attendances"] == [
        {"id": lines[world.client_ben], "paid": {"amountMinor": 6000}, "balance": {"amountMinor": 0}}
    ]
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { serviceCode { code } fee { amountMinor }"
        " paid { amountMinor } balance { amountMinor } } attendanceSummary { charged { amountMinor }"
        " paid { amountMinor } } } }",
        id=session,
    )
    open_ = {
        "serviceCode": {"code": "90853"},
        "fee": {"amountMinor": 6000},
        "paid": {"amountMinor": 0},
        "balance": {"amountMinor": 6000},
    }
    paid = open_ | {"paid": {"amountMinor": 6000}, "balance": {"amountMinor": 0}}
    assert asked["appointment"] == {
        "attendances": [open_, paid, open_],
        "attendanceSummary": {"charged": {"amountMinor": 18000}, "paid": {"amountMinor": 6000}},
    }


async def test_it_goes_to_the_session_first_then_to_the_oldest_charges_then_to_credit(world: World) -> None:
    """R35."""
    oldest, middle, session = [
        await a_charge(by=world.amara, client=world.client_ben, fee=fee, starts_at=in_days(days))
        for days, fee in ((-21, 1000), (-14, 2000), (-7, 3000))
    ]
    first = await pay(world.amara, world.client_ben, 3500, "first", attendanceId=session)
    assert dict(parts(first)) == {session: 3000, oldest: 500}
    second = await pay(world.amara, world.client_ben, 1500, "second", attendanceId=middle)
    assert dict(parts(second)) == {middle: 1500}
    third = await pay(world.amara, world.client_ben, 1500, "third")
    assert dict(parts(third)) == {oldest: 500, middle: 500}
    assert third["payment"]["unallocated"] == {"amountMinor": 500}
    assert third["client"]["balance"] == {"amountMinor": -500}


async def test_the_oldest_charge_is_of_the_oldest_session_whatever_was_set_first(world: World) -> None:
    """R35."""
    late = await a_charge(by=world.amara, client=world.client_ben, fee=1000, starts_at=in_days(-7))
    early = await a_charge(by=world.amara, client=world.client_ben, fee=1000, starts_at=in_days(-70))
    assert dict(parts(await pay(world.amara, world.client_ben, 1200))) == {early: 1000, late: 200}


async def test_what_nothing_is_open_for_is_credit(world: World) -> None:
    """R35: negative is credit; a later charge is set off against it in the balance, and the payment stays as it is."""
    made = await pay(world.amara, world.client_ben, 5000)
    assert (made["payment"]["unallocated"], parts(made)) == ({"amountMinor": 5000}, [])
    assert made["client"]["balance"] == {"amountMinor": -5000}
    line = await a_charge(by=world.amara, client=world.client_ben, fee=6000)
    assert await balance(world.amara, world.client_ben) == 1000
    asked = await world.amara.ask(
        "query ($id: ID!) { node(id: $id) { ... on Attendance { balance { amountMinor } } } }", id=line
    )
    assert asked["node"] == {"balance": {"amountMinor": 6000}}


async def test_a_session_of_which_nothing_is_set_takes_nothing_of_it(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ben]
    other = await a_charge(by=world.amara, client=world.client_ben, fee=1000)
    assert parts(await pay(world.amara, world.client_ben, 1500, attendanceId=line)) == [(other, 1000)]


async def test_no_fee_takes_nothing_of_it(world: World) -> None:
    line = await a_charge(by=world.amara, client=world.client_ben, fee=0)
    assert parts(await pay(world.amara, world.client_ben, 1500, attendanceId=line)) == []


# Exactly as told


async def test_it_is_distributed_exactly_as_told_where_that_is_told(world: World) -> None:
    """R35: the amount can be edited per charge; what is left is credit, though there are open charges."""
    first, second = [
        await a_charge(by=world.amara, client=world.client_ben, fee=2000, starts_at=in_days(days)) for days in (-14, -7)
    ]
    told = [{"attendanceId": second, "amountMinor": 1500}, {"attendanceId": first, "amountMinor": 1}]
    made = await pay(world.amara, world.client_ben, 2000, allocations=told)
    assert dict(parts(made)) == {second: 1500, first: 1}
    assert made["payment"]["unallocated"] == {"amountMinor": 499}
    assert {one["id"]: one["balance"]["amountMinor"] for one in made["attendances"]} == {first: 1999, second: 500}


async def test_distributed_to_nothing_it_is_all_credit_and_null_is_not_told(world: World) -> None:
    line = await a_charge(by=world.amara, client=world.client_ben, fee=2000)
    assert parts(await pay(world.amara, world.client_ben, 500, "first", allocations=[])) == []
    assert parts(await pay(world.amara, world.client_ben, 500, "second", allocations=None)) == [(line, 500)]


async def test_nothing_is_paid_twice_over(world: World) -> None:
    line = await a_charge(by=world.amara, client=world.client_ben, fee=2000)
    await pay(world.amara, world.client_ben, 1500, "first", attendanceId=line)
    given: Data = {"clientId": world.client_ben, "method": "CASH", "idempotencyKey": "second"}
    for amount, path in ((501, "input.allocations.0.amountMinor"), (-1, "input.allocations.0.amountMinor")):
        told = [{"attendanceId": line, "amountMinor": amount}]
        await world.amara.invalid(path, "acceptPayment", **given, amountMinor=2000, allocations=told)
    told = [{"attendanceId": line, "amountMinor": 400}]
    await world.amara.invalid("input.allocations", "acceptPayment", **given, amountMinor=399, allocations=told)
    await world.amara.do("acceptPayment", **given, amountMinor=400, allocations=told)


async def test_it_is_told_only_of_sessions_of_this_client_that_the_viewer_sees(world: World) -> None:
    bens = await a_charge(by=world.amara, client=world.client_ben, fee=2000)
    doras = await a_charge(by=world.bjorn, client=world.client_dora, fee=2000)
    given: Data = {"clientId": world.client_ada, "method": "CASH", "amountMinor": 100, "idempotencyKey": "once"}
    for line, part in ((bens, {"attendanceId": bens, "amountMinor": 100}),):
        await world.amara.invalid("input.attendanceId", "acceptPayment", **given, attendanceId=line)
        await world.amara.invalid("input.allocations.0.attendanceId", "acceptPayment", **given, allocations=[part])
    hidden = {"attendanceId": doras, "amountMinor": 100}
    await world.amara.denied("NOT_FOUND", "acceptPayment", **given, attendanceId=doras)
    await world.amara.denied("NOT_FOUND", "acceptPayment", **given, allocations=[hidden])
    assert await count("payment") == 0


# How and when


@pytest.mark.parametrize("method, reference", [("CASH", None), ("CHECK", "No. 1024"), ("EXTERNAL_CARD", "T-77")])
async def test_cash_checks_and_cards_of_another_terminal_are_written_down(
    world: World, method: str, reference: str | None
) -> None:
    """R35."""
    made = await pay(world.amara, world.client_ben, 500, method=method, reference=reference)
    assert (made["payment"]["method"], made["payment"]["reference"]) == (method, reference)


async def test_a_card_is_refused_where_nobody_can_charge_it(world: World) -> None:
    before = await everything()
    given: Data = {"clientId": world.client_ben, "amountMinor": 500, "method": "CARD", "idempotencyKey": "once"}
    [message] = await world.amara.invalid("input.method", "acceptPayment", **given)
    assert "EXTERNAL_CARD" in message
    assert changed(before, await everything()) == []


async def test_left_out_the_day_is_today_where_the_practice_is(world: World) -> None:
    # Of these two it is never the same day.
    for name, zone in (("East", "Pacific/Kiritimati"), ("West", "Pacific/Pago_Pago")):
        await a_practice(name=name, time_zone=zone)
        owner = await a_user(world.nobody, practice=name, name="Olga", roles=[Role.OWNER])
        client = await a_client(by=owner)
        today = datetime.now(ZoneInfo(zone)).date()
        made = await pay(owner, client, 500)
        assert made["payment"]["receivedOn"] == today.isoformat()
        given: Data = {"clientId": client, "amountMinor": 500, "method": "CASH", "idempotencyKey": "again"}
        tomorrow = (today + timedelta(days=1)).isoformat()
        await owner.invalid("input.receivedOn", "acceptPayment", **given, receivedOn=tomorrow)
        made = await pay(owner, client, 500, "again", receivedOn="2020-02-29")
        assert made["payment"]["receivedOn"] == "2020-02-29"


async def test_one_memo_is_for_staff_and_one_for_the_statement(world: World) -> None:
    notes = {"memo": "Paid by his mother", "statementMemo": "Thank you"}
    made = await pay(world.amara, world.client_ada, 500, **notes)
    assert (made["payment"]["memo"], made["payment"]["statementMemo"]) == ("Paid by his mother", "Thank you")
    asked = await world.ada.ask(
        "{ viewer { client { payments { edges { node { memo statementMemo amount { amountMinor } } } } } } }"
    )
    assert asked["viewer"]["client"]["payments"]["edges"] == [
        {"node": {"memo": None, "statementMemo": "Thank you", "amount": {"amountMinor": 500}}}
    ]


async def test_a_clients_payments_are_no_more_than_can_be_counted(world: World) -> None:
    for n in range(10):
        await pay(world.amara, world.client_ben, 100_000_000, f"{n}")
    given: Data = {"clientId": world.client_ben, "amountMinor": 1, "method": "CASH", "idempotencyKey": "more"}
    await world.amara.invalid("input.amountMinor", "acceptPayment", **given)
    assert await balance(world.amara, world.client_ben) == -1_000_000_000


# Once


async def test_a_payment_sent_twice_is_taken_once(world: World) -> None:
    """N14."""
    line = await a_charge(by=world.amara, client=world.client_ben, fee=2000)
    made = [await pay(world.amara, world.client_ben, 500, attendanceId=line) for _ in range(3)]
    assert made[0] == made[1] == made[2]
    assert await count("payment") == 1
    assert await balance(world.amara, world.client_ben) == 1500


async def test_another_amount_under_the_same_key_is_refused(world: World) -> None:
    """N14."""
    await pay(world.amara, world.client_ben, 500)
    for other in ({"amountMinor": 501}, {"method": "CHECK"}, {"clientId": world.client_ada}, {"memo": "x"}):
        given: Data = {"clientId": world.client_ben, "amountMinor": 500, "method": "CASH", "idempotencyKey": "once"}
        await world.amara.refused("IdempotencyConflict", "acceptPayment", **given | other)
    assert await count("payment") == 1


async def test_ten_at_once_under_one_key_are_one_payment(world: World) -> None:
    """N14."""
    line = await a_charge(by=world.amara, client=world.client_ben, fee=2000)
    made = await asyncio.gather(*(pay(world.amara, world.client_ben, 500, attendanceId=line) for _ in range(10)))
    assert all(one == made[0] for one in made)
    assert await count("payment") == 1


async def test_without_a_key_nothing_is_taken(world: World) -> None:
    """N14."""
    given: Data = {"clientId": world.client_ben, "amountMinor": 500, "method": "CASH"}
    for key in ({}, {"idempotencyKey": None}, {"idempotencyKey": " "}):
        await world.amara.denied("BAD_USER_INPUT", "acceptPayment", **given, **key)


async def test_a_refusal_is_not_remembered_as_a_payment(world: World) -> None:
    """N14."""
    given: Data = {"clientId": world.client_ben, "amountMinor": 0, "method": "CASH", "idempotencyKey": "once"}
    await world.amara.invalid("input.amountMinor", "acceptPayment", **given)
    await pay(world.amara, world.client_ben, 500)


# Who


async def test_the_office_and_the_clients_providers_take_money_and_clients_do_not(world: World) -> None:
    for n, person in enumerate((world.owner, world.manager, world.scheduler, world.carol, world.amara)):
        await a_payment(by=person, client=world.client_ada, amount=100, key=f"{n}")
    given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH", "idempotencyKey": "x"}
    await world.ada.denied("FORBIDDEN", "acceptPayment", **given)
    await world.bjorn.denied("NOT_FOUND", "acceptPayment", **given)
    await world.elsewhere.eve.denied("NOT_FOUND", "acceptPayment", **given)


async def test_a_provider_with_a_share_takes_it_for_a_session_of_the_group(world: World) -> None:
    """R19, R35: what they could not see afterwards they do not take."""
    session = await an_appointment(
        by=world.amara, group=world.monday, provider=world.bjorns, starts_at=in_days(-1), confirm_sharing=True
    )
    line = (await lines_of(session, by=world.bjorn))[world.client_ben]
    await world.bjorn.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    hidden = await a_charge(by=world.amara, client=world.client_ben, fee=1000)
    made = await world.bjorn.do(
        "acceptPayment",
        "payment { allocations { amount { amountMinor } attendance { id } } } attendances { id }",
        clientId=world.client_ben,
        amountMinor=6500,
        method="CASH",
        attendanceId=line,
        idempotencyKey="once",
    )
    # The rest went to a charge out of Björn's sight: that it did is told, and not where.
    assert made["payment"]["allocations"] == [
        {"amount": {"amountMinor": 6000}, "attendance": {"id": line}},
        {"amount": {"amountMinor": 500}, "attendance": None},
    ]
    assert made["attendances"] == [{"id": line}]
    asked = await world.amara.ask(
        "query ($id: ID!) { node(id: $id) { ... on Attendance { paid { amountMinor } } } }", id=hidden
    )
    assert asked["node"] == {"paid": {"amountMinor": 500}}
    before = await everything()
    given: Data = {"clientId": world.client_ben, "amountMinor": 100, "method": "CASH", "idempotencyKey": "more"}
    await world.bjorn.invalid("input.attendanceId", "acceptPayment", **given)
    assert changed(before, await everything()) == []
