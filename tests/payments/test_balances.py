"""Over random histories: what a client owes is always what was charged less what was paid, to the cent."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.database import fetch
from tests.client import Data, Person
from tests.world import World, a_client, a_group, an_appointment, in_days, lines_of

BOOKS = """query ($id: ID!) { client(id: $id) {
  balance { amountMinor }
  attendances(first: 100) { edges { node {
    id outcome fee { amountMinor } paid { amountMinor } balance { amountMinor }
    allocations { id amount { amountMinor } }
  } } }
  payments(first: 100) { edges { node {
    id status amount { amountMinor } refunded { amountMinor } unallocated { amountMinor }
    allocations { id amount { amountMinor } attendance { id } }
  } } }
} }"""


def minor(money: Data | None) -> int:
    return 0 if money is None else int(money["amountMinor"])


def nodes(connection: Data) -> list[Data]:
    return [edge["node"] for edge in connection["edges"]]


async def check(person: Person, client: str) -> None:
    """Add everything up by hand, from what the client's own page shows."""
    books = (await person.ask(BOOKS, id=client))["client"]
    lines, payments = nodes(books["attendances"]), nodes(books["payments"])
    charged = sum(minor(line["fee"]) for line in lines)
    taken = sum(minor(paid["amount"]) - minor(paid["refunded"]) for paid in payments)
    assert minor(books["balance"]) == charged - taken
    credit = sum(minor(paid["unallocated"]) for paid in payments)
    assert minor(books["balance"]) == sum(minor(line["balance"]) for line in lines) - credit
    seen: dict[str, tuple[str, int]] = {}
    for line in lines:
        parts = [minor(part["amount"]) for part in line["allocations"]]
        assert minor(line["paid"]) == sum(parts) <= minor(line["fee"])
        assert minor(line["balance"]) == minor(line["fee"]) - sum(parts) >= 0
        assert line["outcome"] is not None or (line["fee"] is None and parts == [])
        assert all(part > 0 for part in parts)
        seen |= {part["id"]: (line["id"], minor(part["amount"])) for part in line["allocations"]}
    told: dict[str, tuple[str, int]] = {}
    for paid in payments:
        left = minor(paid["amount"]) - minor(paid["refunded"])
        parts = [minor(part["amount"]) for part in paid["allocations"]]
        assert 0 <= sum(parts) <= left
        assert minor(paid["unallocated"]) == left - sum(parts) >= 0
        status = "SUCCEEDED" if not minor(paid["refunded"]) else "PARTIALLY_REFUNDED" if left else "REFUNDED"
        assert paid["status"] == status
        told |= {part["id"]: (part["attendance"]["id"], minor(part["amount"])) for part in paid["allocations"]}
    assert seen == told


@dataclass
class History:
    """Does whatever may change what somebody owes, by chance."""

    world: World
    rng: random.Random
    clients: list[str]
    lines: dict[str, list[str]]
    sessions: list[str]
    done: Counter[str] = field(default_factory=Counter)

    async def do(self, mutation: str, by: Person | None = None, /, **given: Any) -> Data:
        made = await (by or self.world.amara).result(mutation, "__typename", **given)
        self.done[f"{mutation} {made['__typename']}"] += 1
        return made

    def key(self) -> str:
        return f"{self.done.total()}"

    def line(self) -> str:
        return self.rng.choice(self.lines[self.rng.choice(self.clients)])

    async def choose(self) -> None:
        fee = self.rng.choice((None, 0, 1, 999, 6000, 6000, 10_000))
        outcome = self.rng.choice(("ATTENDED", "ATTENDED", "ATTENDED", "NO_SHOW", "LATE_CANCEL", "ABSENT"))
        given = {} if outcome == "ABSENT" else {"feeMinor": fee}
        await self.do("setAttendance", attendanceId=self.line(), outcome=outcome, **given)

    async def clear(self) -> None:
        await self.do("clearAttendance", attendanceId=self.line())

    async def mark_all(self) -> None:
        await self.do("markAllAttended", appointmentId=self.rng.choice(self.sessions))

    async def cancel(self) -> None:
        if self.rng.random() < 0.2:
            await self.do("cancelAppointment", id=self.rng.choice(self.sessions))

    async def leave_or_join(self) -> None:
        client = self.rng.choice(self.clients)
        for mutation in ("removeGroupMember", "addGroupMember"):
            await self.do(mutation, groupId=self.world.monday, clientId=client)
        # A line of a coming session may be another one now.
        for session in self.sessions:
            for whose, line in (await lines_of(session, by=self.world.amara)).items():
                if line not in self.lines[whose]:
                    self.lines[whose].append(line)
        for whose, lines in self.lines.items():
            found = await self.world.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=lines)
            self.lines[whose] = [node["id"] for node in found["nodes"] if node]

    async def pay(self) -> None:
        client = self.rng.choice(self.clients)
        given: Data = {
            "clientId": client,
            "amountMinor": self.rng.choice((1, 500, 3000, 6000, 6001, 25_000)),
            "method": self.rng.choice(("CASH", "CHECK", "EXTERNAL_CARD")),
            "idempotencyKey": self.key(),
        }
        how = self.rng.random()
        if how < 0.4:
            given["attendanceId"] = self.rng.choice(self.lines[client])
        elif how < 0.7:
            some = self.rng.sample(self.lines[client], self.rng.randrange(3))
            given["allocations"] = [
                {"attendanceId": line, "amountMinor": self.rng.choice((1, 500, 2000, 6000))} for line in some
            ]
        await self.do("acceptPayment", **given)

    async def refund(self) -> None:
        books = (await self.world.owner.ask(BOOKS, id=self.rng.choice(self.clients)))["client"]
        payments = nodes(books["payments"])
        if payments:
            given = {"amountMinor": self.rng.choice((None, 1, 500, 2500, 6000, 10_000)), "idempotencyKey": self.key()}
            await self.do("refundPayment", self.world.owner, paymentId=self.rng.choice(payments)["id"], **given)

    async def something(self) -> None:
        deeds = (
            *(self.choose, self.choose, self.choose, self.mark_all, self.clear, self.clear),
            *(self.pay, self.pay, self.pay, self.refund, self.refund, self.cancel, self.leave_or_join),
        )
        await self.rng.choice(deeds)()


async def begin(world: World, seed: int) -> History:
    """Give three clients of the group with sessions before and after now, each with one alone."""
    clients = [world.client_ada, world.client_ben, world.client_chloe]
    sessions = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days)) for days in (-14, -7, 7)
    ]
    sessions += [await an_appointment(by=world.amara, client=client, starts_at=in_days(-10)) for client in clients]
    lines: dict[str, list[str]] = {client: [] for client in clients}
    for session in sessions:
        for client, line in (await lines_of(session, by=world.amara)).items():
            lines[client].append(line)
    return History(world, random.Random(seed), clients, lines, sessions)  # noqa: S311 - drawn again the same


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_balance_is_always_what_was_charged_less_what_was_paid(world: World, seed: int) -> None:
    """R35: after every step; no part exceeds its fee or its payment, and credit is never less than nothing."""
    history = await begin(world, seed)
    for _ in range(120):
        await history.something()
        for client in history.clients:
            await check(world.owner, client)
    for what in (
        "setAttendance SetAttendancePayload",
        "setAttendance AttendanceAlreadySet",
        "clearAttendance ClearAttendancePayload",
        "clearAttendance AttendancePaid",
        "acceptPayment AcceptPaymentPayload",
        "acceptPayment InvalidInput",
        "refundPayment RefundPaymentPayload",
        "refundPayment InvalidInput",
    ):
        assert history.done[what], history.done


async def test_nobody_pays_for_anybody_else(world: World) -> None:
    history = await begin(world, 4)
    for _ in range(60):
        await history.something()
    mixed = await fetch(
        "SELECT x.id FROM payment_allocation x JOIN payment p ON p.id=x.payment_id"
        " JOIN attendance t ON t.id=x.attendance_id WHERE t.client_id<>p.client_id"
    )
    assert mixed == []


async def test_a_client_who_was_never_charged_owes_nothing(world: World) -> None:
    client = await a_client(by=world.amara)
    await an_appointment(by=world.amara, group=await a_group(by=world.amara, clients=[client]))
    await check(world.owner, client)
    asked = await world.amara.ask("query ($id: ID!) { client(id: $id) { balance { formatted } } }", id=client)
    assert asked["client"] == {"balance": {"formatted": "$0.00"}}


async def test_money_is_written_for_people_in_the_practices_currency(world: World) -> None:
    for amount, fee, formatted in ((1, 0, "-$0.01"), (0, 1, "$0.01"), (0, 123_456, "$1,234.56")):
        client = await a_client(by=world.amara)
        session = await an_appointment(by=world.amara, client=client)
        line = (await lines_of(session, by=world.amara))[client]
        await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=fee)
        if amount:
            given: Data = {"clientId": client, "amountMinor": amount, "method": "CASH", "idempotencyKey": client}
            await world.amara.do("acceptPayment", **given)
        asked = await world.amara.ask(
            "query ($id: ID!) { client(id: $id) { balance { amountMinor currency formatted } } }", id=client
        )
        assert asked["client"]["balance"] == {
            "amountMinor": fee - amount,
            "currency": "USD",
            "formatted": formatted,
        }
