from __future__ import annotations

import pytest

from tests.client import Data
from tests.world import World, a_service_code, an_appointment, lines_of

SET = "attendance { outcome attended serviceCode { code } fee { amountMinor } balance { amountMinor } version }"


@pytest.fixture
async def line(world: World) -> str:
    """Ada's line, of which nothing is set; her group's code costs 60.00, the others 90.00 and 25.00."""
    for code, fee in ((world.group_therapy, 6000), (world.individual, 9000), (world.no_show, 2500)):
        await world.owner.do("updateServiceCode", id=code, feeMinor=fee)
    session = await an_appointment(by=world.amara, group=world.monday)
    return (await lines_of(session, by=world.amara))[world.client_ada]


async def chosen(world: World, line: str, **given: object) -> Data:
    made = await world.amara.do("setAttendance", SET, attendanceId=line, **given)
    found: Data = made["attendance"]
    return found


async def test_one_choice_sets_attendance_and_code_together(world: World, line: str) -> None:
    """R29."""
    assert await chosen(world, line, outcome="ATTENDED", serviceCodeId=world.individual) == {
        "outcome": "ATTENDED",
        "attended": True,
        "serviceCode": {"code": "90837"},
        "fee": {"amountMinor": 9000},
        "balance": {"amountMinor": 9000},
        "version": 2,
    }


async def test_without_a_code_a_yes_has_the_groups_and_a_no_its_own(world: World, line: str) -> None:
    """R25, R26, R29."""
    for outcome, code, fee in (("ATTENDED", "90853", 6000), ("NO_SHOW", "NO_SHOW", 2500), ("LATE_CANCEL",) * 2 + (0,)):
        made = await chosen(world, line, outcome=outcome, serviceCodeId=None)
        assert (made["serviceCode"], made["fee"]) == ({"code": code}, {"amountMinor": fee})
        await world.amara.do("clearAttendance", attendanceId=line)


async def test_yes_can_be_a_custom_code(world: World, line: str) -> None:
    """R25."""
    skills = await a_service_code(by=world.owner, feeMinor=4000)
    made = await chosen(world, line, outcome="ATTENDED", serviceCodeId=skills)
    assert (made["serviceCode"], made["fee"]) == ({"code": "SKILLS"}, {"amountMinor": 4000})


async def test_both_yes_and_no_can_be_without_a_fee(world: World, line: str) -> None:
    """R25, R26, R34."""
    for given, attended in (
        ({"outcome": "ATTENDED", "noFee": True}, True),
        ({"outcome": "ATTENDED", "noFee": True, "feeMinor": 0}, True),
        ({"outcome": "ABSENT"}, False),
        ({"outcome": "ABSENT", "noFee": True, "feeMinor": None}, False),
    ):
        made = await chosen(world, line, **given)
        assert (made["attended"], made["serviceCode"], made["fee"]) == (attended, None, {"amountMinor": 0})
        await world.amara.do("clearAttendance", attendanceId=line)


async def test_the_fee_may_be_another_for_one_session(world: World, line: str) -> None:
    for fee in (0, 1, 10_000_000):
        made = await chosen(world, line, outcome="ATTENDED", feeMinor=fee)
        assert (made["serviceCode"], made["fee"]) == ({"code": "90853"}, {"amountMinor": fee})
        await world.amara.do("clearAttendance", attendanceId=line)
    find = "query ($id: ID!) { node(id: $id) { ... on ServiceCode { fee { amountMinor } } } }"
    code = await world.owner.ask(find, id=world.group_therapy)
    assert code["node"] == {"fee": {"amountMinor": 6000}}


@pytest.mark.parametrize("outcome", ["NO_SHOW", "LATE_CANCEL", "ABSENT"])
async def test_no_cpt_code_can_stand_beside_a_no(world: World, line: str, outcome: str) -> None:
    """R26: nor a custom one."""
    skills = await a_service_code(by=world.owner)
    for code in (world.group_therapy, world.individual, skills):
        problem = await world.amara.refused(
            "ServiceCodeNotAllowed", "setAttendance", attendanceId=line, outcome=outcome, serviceCodeId=code
        )
        assert problem["serviceCode"] == {"id": code}


async def test_no_system_code_and_no_add_on_can_stand_beside_a_yes(world: World, line: str) -> None:
    """R25."""
    add_on = await a_service_code(by=world.owner, code="90785", label="Complexity", kind="ADD_ON")
    for code in (world.no_show, add_on):
        given = {"attendanceId": line, "outcome": "ATTENDED", "serviceCodeId": code}
        await world.amara.refused("ServiceCodeNotAllowed", "setAttendance", **given)


async def test_no_show_is_no_late_cancel(world: World, line: str) -> None:
    """R26."""
    await world.amara.refused(
        "ServiceCodeNotAllowed",
        "setAttendance",
        attendanceId=line,
        outcome="LATE_CANCEL",
        serviceCodeId=world.no_show,
    )


async def test_a_code_that_was_put_away_cannot_be_chosen(world: World, line: str) -> None:
    """R34."""
    await world.owner.do("updateServiceCode", id=world.group_therapy, active=False)
    for given in ({}, {"serviceCodeId": world.group_therapy}):
        await world.amara.invalid(
            "input.serviceCodeId", "setAttendance", attendanceId=line, outcome="ATTENDED", **given
        )
    await chosen(world, line, outcome="ATTENDED", serviceCodeId=world.individual)


async def test_an_outcome_is_one_of_four_words(world: World, line: str) -> None:
    """R24."""
    for outcome in (None, "YES", "attended", ""):
        await world.amara.denied("BAD_USER_INPUT", "setAttendance", attendanceId=line, outcome=outcome)
