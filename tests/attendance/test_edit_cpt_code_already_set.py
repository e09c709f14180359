from __future__ import annotations

import pytest

from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World, a_payment, an_appointment, lines_of

LINE = "attendance { outcome attended serviceCode { code } fee { amountMinor } version lastChangedBy }"


@pytest.fixture
async def line(world: World) -> str:
    """Ada's line; she came."""
    session = await an_appointment(by=world.amara, group=world.monday)
    found = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.amara.do("setAttendance", attendanceId=found, outcome="ATTENDED", feeMinor=6000)
    return found


async def state(person: Person, line: str) -> Data:
    asked = await person.ask(
        f"query ($id: ID!) {{ node(id: $id) {{ ... on Attendance {LINE.removeprefix('attendance ')} }} }}", id=line
    )
    found: Data = asked["node"]
    return found


async def test_a_set_code_is_not_overwritten(world: World, line: str) -> None:
    """R30: whatever is chosen, the same included; the answer shows what is there."""
    before = await everything()
    for given in (
        {"outcome": "NO_SHOW"},
        {"outcome": "ABSENT"},
        {"outcome": "ATTENDED", "serviceCodeId": world.individual},
        {"outcome": "ATTENDED", "noFee": True},
        {"outcome": "ATTENDED", "feeMinor": 6000},
        {"outcome": "ATTENDED", "expectedVersion": 2},
    ):
        problem = await world.amara.refused("AttendanceAlreadySet", "setAttendance", attendanceId=line, **given)
        assert problem["attendance"] == {"id": line}
    assert changed(before, await everything()) == []


async def test_it_is_cleared_first_and_then_chosen_anew(world: World, line: str) -> None:
    """R30."""
    cleared = await world.amara.do("clearAttendance", LINE, attendanceId=line)
    assert cleared["attendance"] == {
        "outcome": None,
        "attended": None,
        "serviceCode": None,
        "fee": None,
        "version": 3,
        "lastChangedBy": "Amara Okafor",
    }
    made = await world.scheduler.do("setAttendance", LINE, attendanceId=line, outcome="NO_SHOW")
    assert made["attendance"]["serviceCode"] == {"code": "NO_SHOW"}
    assert (made["attendance"]["version"], made["attendance"]["lastChangedBy"]) == (4, "Sofia Marsh")


async def test_clearing_what_is_not_set_changes_nothing(world: World, line: str) -> None:
    """R30."""
    await world.amara.do("clearAttendance", attendanceId=line)
    before = await everything()
    await world.amara.do("clearAttendance", attendanceId=line)
    assert changed(before, await everything()) == []


async def test_what_money_was_taken_for_is_refunded_before_it_is_cleared(world: World, line: str) -> None:
    """R30, R35."""
    payment = await a_payment(by=world.amara, client=world.client_ada, amount=1, line=line)
    problem = await world.amara.refused("AttendancePaid", "clearAttendance", attendanceId=line)
    assert problem["attendance"] == {"id": line}
    # What it says can be done, by whom it says.
    assert problem["message"] == (
        "Money was taken for this session: the owner, a manager or the biller refunds the payment first."
    )
    assert (await state(world.amara, line))["outcome"] == "ATTENDED"
    await world.amara.denied("FORBIDDEN", "refundPayment", paymentId=payment, idempotencyKey="back")
    await world.owner.do("refundPayment", paymentId=payment, idempotencyKey="back")
    await world.amara.do("clearAttendance", attendanceId=line)


async def test_neither_of_two_facilitators_overwrites_the_other_silently(world: World, line: str) -> None:
    """N4: what was read too long ago is told so, and what is there now."""
    for mutation, given in (
        ("clearAttendance", {}),
        ("setAttendance", {"outcome": "ABSENT"}),
    ):
        problem = await world.scheduler.refused(
            "VersionConflict", mutation, attendanceId=line, expectedVersion=1, **given
        )
        assert problem["current"] == {"id": line}
    await world.scheduler.do("clearAttendance", attendanceId=line, expectedVersion=2)
    await world.amara.refused(
        "VersionConflict", "setAttendance", attendanceId=line, outcome="ABSENT", expectedVersion=2
    )
    await world.amara.do("setAttendance", attendanceId=line, outcome="ABSENT", expectedVersion=3)


async def test_a_role_is_told_no_before_anything_about_the_state(world: World, line: str) -> None:
    await world.carol.denied("FORBIDDEN", "setAttendance", attendanceId=line, outcome="ABSENT", expectedVersion=9)
    await world.carol.denied("FORBIDDEN", "clearAttendance", attendanceId=line, expectedVersion=9)
    await world.bjorn.denied("NOT_FOUND", "clearAttendance", attendanceId=line, expectedVersion=9)
