"""Two writers at once on one thing, two hundred times: one of them wins, the other is told, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models import Appointment, Attendance
from models.database import fetch
from models.ids import row_id
from tests.client import Answer, Data, Person, document_of
from tests.rows import count
from tests.world import World, a_charge, an_appointment, in_days, lines_of

ROUNDS = 200
LINE = "attendance { id version outcome lastChangedBy }"
Try = Callable[[], Awaitable[str]]


def attempt(person: Person, mutation: str, /, **given: Any) -> Try:
    """Give what is to be tried: its outcome is the type of the answer, or the code of the error."""

    async def tried() -> str:
        answer: Answer = await person.answer(document_of(mutation), input=given)
        if answer.codes:
            [code] = answer.codes
            return code
        assert answer.data is not None
        said: str = answer.data[mutation]["__typename"]
        return "done" if said.endswith("Payload") else said

    return tried


async def both(first: Try, second: Try, rng: random.Random, most: float = 0.004) -> tuple[str, str]:
    """Let both begin at once, or one of them a moment later: now this one is first, now that one."""

    async def later(tried: Try, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return await tried()

    ahead = rng.choice((0, 0, most / 4, most))
    starts = rng.choice(((0, ahead), (ahead, 0)))
    one, two = await asyncio.gather(*map(later, (first, second), starts))
    return one, two


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)  # noqa: S311 - drawn again the same


async def line_of(world: World) -> tuple[str, str]:
    """Give a session in a week, and Ada's line of it."""
    session = await an_appointment(by=world.amara, group=world.monday)
    return session, (await lines_of(session, by=world.amara))[world.client_ada]


async def line_now(line: str) -> Attendance:
    return await Attendance.get(id=row_id("att", line))


async def unset() -> None:
    """Let nothing have come of anything, past all rules, before the next round."""
    await Attendance.all().update(outcome=None, service_code_id=None, fee_minor=None)


async def at_once(rounds: Callable[[int], Awaitable[None]]) -> None:
    """Do all rounds, twenty-five at a time: who waits for another to try again leaves room for the others."""
    for first in range(0, ROUNDS, 25):
        await asyncio.gather(*(rounds(n) for n in range(first, first + 25)))


# One attendance


async def test_of_two_who_set_it_from_one_version_one_wins(world: World, rng: random.Random) -> None:
    """N4."""
    _, line = await line_of(world)
    won: Counter[str] = Counter()
    for _ in range(ROUNDS):
        version = (await line_now(line)).version
        results = await both(
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="ATTENDED", expectedVersion=version),
            attempt(world.scheduler, "setAttendance", attendanceId=line, outcome="NO_SHOW", expectedVersion=version),
            rng,
        )
        assert sorted(results) == ["VersionConflict", "done"]
        found = await line_now(line)
        wrote = "Amara Okafor" if results[0] == "done" else "Sofia Marsh"
        assert (found.outcome, found.last_changed_by, found.version) == (
            "ATTENDED" if results[0] == "done" else "NO_SHOW",
            wrote,
            version + 1,
        )
        won[wrote] += 1
        await unset()
    assert len(won) == 2


async def test_without_a_version_the_second_finds_it_set(world: World, rng: random.Random) -> None:
    """R30, N4."""
    _, line = await line_of(world)
    for _ in range(ROUNDS // 4):
        before = (await line_now(line)).version
        results = await both(
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="ATTENDED"),
            attempt(world.scheduler, "setAttendance", attendanceId=line, outcome="NO_SHOW"),
            rng,
        )
        assert sorted(results) == ["AttendanceAlreadySet", "done"]
        assert (await line_now(line)).version == before + 1
        await unset()


async def test_setting_and_clearing_at_once_end_as_one_after_the_other(world: World, rng: random.Random) -> None:
    """R30, N4: what is set may be cleared before it is set anew, or the setting is refused; nothing in between."""
    _, line = await line_of(world)
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED")
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        before = await line_now(line)
        setting, clearing = await both(
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="NO_SHOW"),
            attempt(world.scheduler, "clearAttendance", attendanceId=line),
            rng,
        )
        found = await line_now(line)
        assert clearing == "done"
        if before.outcome is None:
            # Cleared first, it changes nothing; cleared afterwards, the line is empty again.
            assert setting == "done"
            assert (found.outcome, found.version - before.version) in {("NO_SHOW", 1), (None, 2)}
        elif setting == "done":
            assert (found.outcome, found.version) == ("NO_SHOW", before.version + 2)
        else:
            assert setting == "AttendanceAlreadySet"
            assert (found.outcome, found.version) == (None, before.version + 1)
        seen[f"{before.outcome} {setting} {found.outcome}"] += 1
    assert len(seen) >= 3, seen


async def test_marking_all_and_setting_one_at_once_lose_neither(world: World, rng: random.Random) -> None:
    """R28, N4: the one that was set stays as it was set, whoever was first."""
    session, line = await line_of(world)
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        marking, setting = await both(
            attempt(world.scheduler, "markAllAttended", appointmentId=session),
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="NO_SHOW"),
            rng,
        )
        assert marking == "done"
        found = await line_now(line)
        if setting == "done":
            assert (found.outcome, found.last_changed_by) == ("NO_SHOW", "Amara Okafor")
        else:
            assert setting == "AttendanceAlreadySet"
            assert (found.outcome, found.last_changed_by) == ("ATTENDED", "Sofia Marsh")
        seen[setting] += 1
        assert not await Attendance.filter(outcome=None).exists()
        await unset()
    assert len(seen) == 2, seen


# One client


async def test_of_two_who_change_a_client_from_one_version_one_wins(world: World, rng: random.Random) -> None:
    won: Counter[str] = Counter()
    asked = "query ($id: ID!) { client(id: $id) { phone version } }"
    for n in range(ROUNDS):
        version = (await world.amara.ask(asked, id=world.client_ada))["client"]["version"]
        given: Data = {"id": world.client_ada, "expectedVersion": version}
        results = await both(
            attempt(world.amara, "updateClient", **given, phone=f"+1 312 555 {n:04}"),
            attempt(world.scheduler, "updateClient", **given, phone=f"+1 773 555 {n:04}"),
            rng,
        )
        assert sorted(results) == ["VersionConflict", "done"]
        code = "312" if results[0] == "done" else "773"
        found = (await world.amara.ask(asked, id=world.client_ada))["client"]
        assert found == {"phone": f"+1 {code} 555 {n:04}", "version": version + 1}
        won[code] += 1
    assert len(won) == 2


async def test_who_change_different_fields_of_a_client_at_once_both_win(world: World, rng: random.Random) -> None:
    asked = "query ($id: ID!) { client(id: $id) { phone email version } }"
    for n in range(ROUNDS // 4):
        version = (await world.amara.ask(asked, id=world.client_ada))["client"]["version"]
        results = await both(
            attempt(world.amara, "updateClient", id=world.client_ada, phone=f"+1 312 555 {n:04}"),
            attempt(world.scheduler, "updateClient", id=world.client_ada, email=f"ada{n}@lakeside.example"),
            rng,
        )
        assert results == ("done", "done")
        assert (await world.amara.ask(asked, id=world.client_ada))["client"] == {
            "phone": f"+1 312 555 {n:04}",
            "email": f"ada{n}@lakeside.example",
            "version": version + 2,
        }


# One key


async def test_a_payment_sent_twice_at_once_is_one_payment(world: World) -> None:
    """N14, R35: and both are told the same."""
    given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH"}

    async def send(n: int) -> None:
        one, two = await asyncio.gather(
            *(world.amara.do("acceptPayment", "payment { id }", **given, idempotencyKey=f"{n}") for _ in range(2))
        )
        assert one == two

    await at_once(send)
    assert await count("payment") == ROUNDS


async def test_two_amounts_at_once_under_one_key_are_one_payment_and_a_conflict(
    world: World, rng: random.Random
) -> None:
    """N14, R35."""
    won: Counter[str] = Counter()

    async def send(n: int) -> None:
        given: Data = {"clientId": world.client_ada, "method": "CASH", "idempotencyKey": f"{n}"}
        results = await both(
            attempt(world.amara, "acceptPayment", **given, amountMinor=100),
            attempt(world.amara, "acceptPayment", **given, amountMinor=200),
            rng,
        )
        assert sorted(results) == ["IdempotencyConflict", "done"]
        won[str(results.index("done"))] += 1

    await at_once(send)
    assert await count("payment") == ROUNDS
    assert len(won) == 2


# What hangs together in two rows


async def test_no_session_is_called_off_under_what_came_of_it(world: World, rng: random.Random) -> None:
    """Whichever is first, the other is refused."""
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS // 4):
        session, line = await line_of(world)
        calling, setting = await both(
            attempt(world.scheduler, "cancelAppointment", id=session),
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="ATTENDED"),
            rng,
            most=0.025,
        )
        assert sorted((calling, setting)) == ["InvalidInput", "done"]
        found = await Appointment.get(id=row_id("apt", session))
        assert (found.status == "CANCELED") is ((await line_now(line)).outcome is None)
        seen[setting] += 1
    assert len(seen) == 2, seen


async def test_who_leaves_a_group_takes_nothing_along_that_was_set_meanwhile(world: World, rng: random.Random) -> None:
    """R9."""
    session = await an_appointment(by=world.amara, group=world.monday)
    member = {"groupId": world.monday, "clientId": world.client_ada}
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS // 4):
        line = (await lines_of(session, by=world.amara))[world.client_ada]
        leaving, setting = await both(
            attempt(world.scheduler, "removeGroupMember", **member),
            attempt(world.amara, "setAttendance", attendanceId=line, outcome="LATE_CANCEL"),
            rng,
            most=0.025,
        )
        assert leaving == "done"
        kept = await Attendance.get_or_none(id=row_id("att", line))
        if setting == "done":
            assert kept is not None
            assert kept.outcome == "LATE_CANCEL"
            await unset()
        else:
            assert (setting, kept) == ("NOT_FOUND", None)
        seen[setting] += 1
        await world.scheduler.do("addGroupMember", **member)
    assert len(seen) == 2, seen


async def test_nothing_is_paid_for_what_was_cleared_meanwhile(world: World, rng: random.Random) -> None:
    """R35: no part ever exceeds its fee."""
    line = await a_charge(by=world.amara, client=world.client_ada, fee=100, starts_at=in_days(-7))
    seen: Counter[str] = Counter()
    for n in range(ROUNDS // 4):
        given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH", "idempotencyKey": f"{n}"}
        clearing, paying = await both(
            attempt(world.amara, "clearAttendance", attendanceId=line),
            attempt(world.carol, "acceptPayment", **given),
            rng,
            most=0.025,
        )
        assert paying == "done"
        over = await fetch(
            "SELECT t.id FROM attendance t WHERE coalesce(t.fee_minor,0)<"
            "coalesce((SELECT sum(x.amount_minor) FROM payment_allocation x WHERE x.attendance_id=t.id),0)"
        )
        assert over == []
        seen[clearing] += 1
        if clearing == "done":
            await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=100)
        else:
            assert clearing == "AttendancePaid"
            paid = await fetch("SELECT id FROM payment ORDER BY created_at DESC LIMIT 1")
            await world.owner.do(
                "refundPayment", paymentId=f"pay_{str(paid[0]['id']).replace('-', '')}", idempotencyKey=f"back {n}"
            )
    assert len(seen) == 2, seen


async def test_two_payments_for_one_charge_at_once_do_not_both_pay_it(world: World, rng: random.Random) -> None:
    """R35: what the first left open goes to the second, and the rest is credit."""
    for n in range(ROUNDS // 8):
        line = await a_charge(by=world.amara, client=world.client_ada, fee=100, starts_at=in_days(-7))
        given: Data = {"clientId": world.client_ada, "amountMinor": 80, "method": "CASH", "attendanceId": line}
        results = await both(
            attempt(world.carol, "acceptPayment", **given, idempotencyKey=f"one {n}"),
            attempt(world.amara, "acceptPayment", **given, idempotencyKey=f"two {n}"),
            rng,
            most=0.025,
        )
        assert results == ("done", "done")
        [row] = await fetch(
            "SELECT sum(amount_minor) AS paid FROM payment_allocation WHERE attendance_id=$1", [row_id("att", line)]
        )
        assert row["paid"] == 100


async def test_who_joins_while_a_session_is_scheduled_is_expected_at_it(world: World, rng: random.Random) -> None:
    member = {"groupId": world.monday, "clientId": world.client_dora}
    for n in range(ROUNDS // 8):
        given = {"groupId": world.monday, "startsAt": in_days(n + 1)}
        results = await both(
            attempt(world.amara, "scheduleAppointment", **given),
            attempt(world.owner, "addGroupMember", **member),
            rng,
            most=0.025,
        )
        assert results == ("done", "done")
        assert await Attendance.filter(client_id=row_id("clt", world.client_dora)).count() == n + 1
        await world.owner.do("removeGroupMember", **member)
        assert await count("attendance") == 3 * (n + 1)


async def test_whose_share_ends_does_not_take_it_back_by_a_click_that_was_under_way(
    world: World, rng: random.Random
) -> None:
    """R20: to bring a group to a calendar one must hold it then, and not a moment ago."""
    amaras = await an_appointment(by=world.amara, group=world.monday)
    given: Data = {"startsAt": in_days(9), "confirmSharing": True}
    tries: list[Callable[[], Try]] = [
        lambda: attempt(world.bjorn, "scheduleAppointment", **given, groupId=world.monday),
        lambda: attempt(world.bjorn, "rescheduleAppointment", **given, id=amaras, providerId=world.bjorns),
    ]
    seen: Counter[str] = Counter()
    for n in range(ROUNDS // 4):
        await world.amara.do("scheduleAppointment", **given, groupId=world.monday, providerId=world.bjorns)
        ending, taking = await both(
            attempt(world.owner, "unshareGroup", groupId=world.monday, providerId=world.bjorns),
            tries[n % len(tries)](),
            rng,
            most=0.025,
        )
        assert ending == "done"
        assert await count("group_share") == 0
        seen[f"{n % len(tries)} {taking}"] += 1
        await world.owner.do("rescheduleAppointment", id=amaras, startsAt=in_days(7), providerId=world.amaras)
    assert len(seen) >= 4, seen
