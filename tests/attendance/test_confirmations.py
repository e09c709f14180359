from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models import Appointment
from models.ids import row_id
from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World, an_appointment, in_days, lines_of

COLUMN = "confirmation outcome attended"


async def column(person: Person, session: str) -> list[Data]:
    """Give what stands in the column Attendance, by client."""
    asked = await person.ask(
        f"query ($id: ID!) {{ appointment(id: $id) {{ attendances {{ {COLUMN} }} }} }}", id=session
    )
    found: list[Data] = asked["appointment"]["attendances"]
    return found


async def test_until_a_code_is_set_the_column_shows_what_was_confirmed(world: World) -> None:
    """R32: for each client by themselves."""
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = await lines_of(session, by=world.amara)
    nothing = {"confirmation": "NOT_ASKED", "outcome": None, "attended": None}
    assert await column(world.amara, session) == [nothing] * 3
    for client, status in ((world.client_ada, "CONFIRMED"), (world.client_ben, "DECLINED")):
        await world.amara.do("recordConfirmation", attendanceId=lines[client], status=status)
    assert await column(world.amara, session) == [
        nothing | {"confirmation": "CONFIRMED"},
        nothing | {"confirmation": "DECLINED"},
        nothing,
    ]
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendanceSummary { confirmed unset } } }", id=session
    )
    assert asked["appointment"]["attendanceSummary"] == {"confirmed": 1, "unset": 3}


async def test_once_it_is_set_the_column_shows_yes_or_no(world: World) -> None:
    """R33."""
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = list((await lines_of(session, by=world.amara)).values())
    await world.amara.do("recordConfirmation", attendanceId=lines[0], status="DECLINED")
    for line, outcome in zip(lines, ("ATTENDED", "NO_SHOW", "ABSENT"), strict=True):
        await world.amara.do("setAttendance", attendanceId=line, outcome=outcome)
    assert [(one["attended"], one["outcome"]) for one in await column(world.amara, session)] == [
        (True, "ATTENDED"),
        (False, "NO_SHOW"),
        (False, "ABSENT"),
    ]


async def test_what_is_cleared_shows_the_confirmation_again(world: World) -> None:
    """R32, R33."""
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.amara.do("recordConfirmation", attendanceId=line, status="CONFIRMED")
    await world.amara.do("setAttendance", attendanceId=line, outcome="NO_SHOW")
    await world.amara.do("clearAttendance", attendanceId=line)
    assert (await column(world.amara, session))[0] == {"confirmation": "CONFIRMED", "outcome": None, "attended": None}


async def test_once_it_is_set_there_is_nothing_left_to_confirm(world: World) -> None:
    """R33."""
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED")
    for person in (world.amara, world.ada):
        await person.invalid("input.attendanceId", "recordConfirmation", attendanceId=line, status="CONFIRMED")


async def test_staff_note_whatever_was_said_and_take_it_back(world: World) -> None:
    """R32."""
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    for n, status in enumerate(("PENDING", "CONFIRMED", "DECLINED", "NOT_ASKED")):
        noted = await world.scheduler.do(
            "recordConfirmation",
            "attendance { confirmation lastChangedBy version }",
            attendanceId=line,
            status=status,
        )
        assert noted["attendance"] == {"confirmation": status, "lastChangedBy": "Sofia Marsh", "version": n + 2}


async def test_saying_the_same_again_changes_nothing(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.ada.do("recordConfirmation", attendanceId=line, status="CONFIRMED")
    before = await everything()
    for person in (world.ada, world.amara):
        await person.do("recordConfirmation", attendanceId=line, status="CONFIRMED")
    assert changed(before, await everything()) == []


# The client


@pytest.mark.parametrize("status", ["CONFIRMED", "DECLINED"])
async def test_a_client_confirms_or_declines_their_own_coming_session(world: World, status: str) -> None:
    """R32."""
    for group, client in ((world.monday, None), (None, world.client_ada)):
        session = await an_appointment(by=world.amara, group=group, client=client)
        line = (await lines_of(session, by=world.ada))[world.client_ada]
        said = await world.ada.do(
            "recordConfirmation", "attendance { confirmation lastChangedBy }", attendanceId=line, status=status
        )
        assert said["attendance"] == {"confirmation": status, "lastChangedBy": None}
        [shown] = await column(world.ada, session)
        assert shown["confirmation"] == status


async def test_a_client_says_so_of_nobody_else_and_nothing_else(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = await lines_of(session, by=world.amara)
    await world.ada.denied("NOT_FOUND", "recordConfirmation", attendanceId=lines[world.client_ben], status="DECLINED")
    for status in ("NOT_ASKED", "PENDING"):
        await world.ada.invalid(
            "input.status", "recordConfirmation", attendanceId=lines[world.client_ada], status=status
        )


async def test_a_client_says_nothing_of_a_session_that_has_begun(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    starts = datetime.now(UTC) - timedelta(seconds=1)
    await Appointment.filter(id=row_id("apt", session)).update(starts_at=starts, ends_at=starts + timedelta(hours=1))
    await world.ada.invalid("input.attendanceId", "recordConfirmation", attendanceId=line, status="CONFIRMED")
    await world.amara.do("recordConfirmation", attendanceId=line, status="CONFIRMED")


async def test_a_biller_and_a_colleague_note_nothing(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    given = {"attendanceId": (await lines_of(session, by=world.amara))[world.client_ada], "status": "CONFIRMED"}
    await world.carol.denied("FORBIDDEN", "recordConfirmation", **given)
    await world.bjorn.denied("NOT_FOUND", "recordConfirmation", **given)
