"""The article's "Accept Payment": beside the code of a client, from the appointment's popup."""

from __future__ import annotations

import asyncio

from tests.walk.session_documents import ACCEPT, ACCOUNT, CLEAR, REFUND, lines, minor
from tests.walk.story import Story


async def test_a_payment_that_is_sent_twice_is_taken_once(story: Story) -> None:
    given = {"clientId": story.ada, "attendanceId": story.lines["Ada"], "amountMinor": 10000, "idempotencyKey": "ada-1"}
    first, again = await asyncio.gather(
        story.biller.do(ACCEPT, **given, method="CHECK", reference="1042"),
        story.biller.do(ACCEPT, **given, method="CHECK", reference="1042"),
    )
    assert first["payment"] == again["payment"]
    story.payment = first["payment"]["id"]
    await story.biller.refused("IdempotencyConflict", ACCEPT, **given, method="CASH")
    account = (await story.owner.ask(ACCOUNT, id=story.ada))["client"]
    assert [edge["node"]["id"] for edge in account["payments"]["edges"]] == [story.payment]


async def test_it_pays_for_the_session_first_and_the_rest_is_credit(story: Story) -> None:
    account = (await story.biller.ask(ACCOUNT, id=story.ada))["client"]
    [payment] = [edge["node"] for edge in account["payments"]["edges"]]
    [part] = payment["allocations"]
    assert (part["attendance"]["id"], minor(part["amount"])) == (story.lines["Ada"], 6000)
    assert (minor(payment["unallocated"]), minor(account["balance"])) == (4000, -4000)
    for board in (story.amaras_board, story.bjorns_board):
        ada = lines(await board.hears())["Ada Ångström"]
        assert (minor(ada["paid"]), minor(ada["balance"])) == (6000, 0)
    refused = await story.amara.refused("AttendancePaid", CLEAR, attendanceId=story.lines["Ada"])
    assert minor(refused["attendance"]["paid"]) == 6000


async def test_a_provider_takes_cash_and_no_card_where_there_is_no_processor(story: Story) -> None:
    given = {"clientId": story.chloe, "attendanceId": story.lines["Chloe"], "amountMinor": 2500}
    refused = await story.bjorn.refused("InvalidInput", ACCEPT, **given, method="CARD", idempotencyKey="chloe-1")
    assert [problem["path"] for problem in refused["fields"]] == ["input.method"]
    taken = await story.bjorn.do(ACCEPT, **given, method="CASH", idempotencyKey="chloe-1")
    assert minor(taken["client"]["balance"]) == 4000 - 2500
    for board in (story.amaras_board, story.bjorns_board):
        summary = (await board.hears())["attendanceSummary"]
        assert (minor(summary["charged"]), minor(summary["paid"])) == (15000, 8500)


async def test_the_owner_gives_money_back_and_credit_goes_first(story: Story) -> None:
    wanted = {"paymentId": story.payment, "amountMinor": 5000, "reason": "Paid too much.", "idempotencyKey": "back-1"}
    await story.bjorn.denied("FORBIDDEN", REFUND, input=wanted)
    refunded = await story.owner.do(REFUND, **wanted)
    payment = refunded["payment"]
    assert (payment["status"], minor(payment["refunded"]), minor(payment["unallocated"])) == (
        "PARTIALLY_REFUNDED",
        5000,
        0,
    )
    assert refunded["attendances"] == [{"id": story.lines["Ada"]}]
    assert await story.owner.do(REFUND, **wanted) == refunded
    for board in (story.amaras_board, story.bjorns_board):
        ada = lines(await board.hears())["Ada Ångström"]
        assert (minor(ada["paid"]), minor(ada["balance"])) == (5000, 1000)


async def test_what_a_client_owes_is_the_same_to_everybody(story: Story) -> None:
    for person in (story.owner, story.biller, story.amara, story.bjorn, story.adas_portal):
        account = (await person.ask(ACCOUNT, id=story.ada))["client"]
        assert minor(account["balance"]) == 6000 - 10000 + 5000
    assert await story.adas_portal.ask(ACCOUNT, id=story.chloe) == {"client": None}


async def test_both_calendars_have_heard_of_it(story: Story) -> None:
    await asyncio.gather(story.amaras_calendar.hears(), story.bjorns_calendar.hears())
    for screen in (story.amaras_calendar, story.bjorns_calendar):
        assert minor(screen.shown[story.session]["attendanceSummary"]["paid"]) == 7500
