from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models import Appointment
from models.ids import row_id
from tests.client import Person
from tests.world import (
    World,
    a_client,
    a_group,
    a_membership,
    a_payment,
    an_appointment,
    an_ended_membership,
    in_days,
    lines_of,
)


async def roster(person: Person, appointment: str) -> list[str]:
    asked = await person.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { client { lastName } } } }", id=appointment
    )
    return [line["client"]["lastName"] for line in asked["appointment"]["attendances"]]


async def begin(appointment: str, minutes_ago: int = 5) -> None:
    """Let the clock have come to the middle of a session."""
    starts = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    moved = Appointment.filter(id=row_id("apt", appointment))
    assert await moved.update(starts_at=starts, ends_at=starts + timedelta(hours=1)) == 1


# The snapshot


async def test_a_session_expects_whoever_is_a_member_when_it_is_scheduled_by_last_name(world: World) -> None:
    """N10: each session keeps a roster of its own."""
    await a_membership(by=world.owner, group=world.monday, client=world.client_dora)
    former = await a_client(by=world.amara, last_name="Zorn")
    await an_ended_membership(by=world.amara, group=world.monday, client=former)
    for starts_at in (in_days(7), in_days(-7)):
        session = await an_appointment(by=world.amara, group=world.monday, starts_at=starts_at)
        assert await roster(world.amara, session) == ["Ångström", "Castillo", "Dubois", "Lund"]


async def test_a_session_in_the_past_takes_the_roster_as_it_is_now(world: World) -> None:
    """N10."""
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-300))
    assert await roster(world.amara, session) == ["Ångström", "Dubois"]


async def test_who_is_no_longer_in_care_is_expected_at_no_new_session(world: World) -> None:
    before = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("updateClient", id=world.client_ben, active=False)
    after = await an_appointment(by=world.amara, group=world.monday)
    assert await roster(world.amara, before) == ["Ångström", "Castillo", "Dubois"]
    assert await roster(world.amara, after) == ["Ångström", "Dubois"]


async def test_a_group_without_members_can_be_scheduled_and_filled_afterwards(world: World) -> None:
    group = await a_group(by=world.amara)
    session = await an_appointment(by=world.amara, group=group)
    assert await roster(world.amara, session) == []
    await a_membership(by=world.amara, group=group, client=world.client_ben)
    assert await roster(world.amara, session) == ["Castillo"]


# Joining


async def test_who_joins_a_group_joins_its_sessions_that_have_not_started_and_no_other(world: World) -> None:
    """N10: by one action."""
    past, begun, near, far, off = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days)) for days in (-7, 1, 2, 60, 3)
    ]
    await begin(begun)
    await world.amara.do("cancelAppointment", id=off)
    other = await an_appointment(by=world.bjorn, group=world.thursday)
    joined = await world.owner.do(
        "addGroupMember",
        "appointments { id attendances { client { id } outcome confirmation version } }",
        groupId=world.monday,
        clientId=world.client_dora,
    )
    assert [one["id"] for one in joined["appointments"]] == [near, far]
    for one in joined["appointments"]:
        assert one["attendances"][-1] == {
            "client": {"id": world.client_dora},
            "outcome": None,
            "confirmation": "NOT_ASKED",
            "version": 1,
        }
    for session in (past, begun, off):
        assert "Lund" not in await roster(world.amara, session)
    assert await roster(world.bjorn, other) == ["Lund"]


async def test_joining_again_joins_nothing(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    given = {"groupId": world.monday, "clientId": world.client_ben}
    again = await world.amara.do("addGroupMember", "appointments { id }", **given)
    assert again["appointments"] == []
    await world.amara.do("removeGroupMember", **given)
    back = await world.amara.do("addGroupMember", "appointments { id }", **given)
    assert back["appointments"] == [{"id": session}]
    assert await roster(world.amara, session) == ["Ångström", "Castillo", "Dubois"]


# Leaving


async def test_who_leaves_a_group_leaves_its_sessions_that_have_not_started_and_no_other(world: World) -> None:
    """R9, N10: what was stays."""
    past, begun, near = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days)) for days in (-7, 1, 2)
    ]
    await begin(begun)
    left = await world.amara.do(
        "removeGroupMember",
        "appointments { id attendances { client { lastName } } }",
        groupId=world.monday,
        clientId=world.client_ben,
    )
    assert left["appointments"] == [
        {"id": near, "attendances": [{"client": {"lastName": "Ångström"}}, {"client": {"lastName": "Dubois"}}]}
    ]
    for session in (past, begun):
        assert await roster(world.amara, session) == ["Ångström", "Castillo", "Dubois"]


async def test_what_came_of_past_sessions_and_was_paid_stays_of_who_leaves(world: World) -> None:
    """R9, R9."""
    past = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
    line = (await lines_of(past, by=world.amara))[world.client_ben]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    await a_payment(by=world.amara, client=world.client_ben, amount=6000, line=line)
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    asked = await world.amara.ask(
        "query ($id: ID!) { node(id: $id) { ... on Attendance {"
        " outcome paid { amountMinor } client { payments { totalCount } } } } }",
        id=line,
    )
    assert asked["node"] == {
        "outcome": "ATTENDED",
        "paid": {"amountMinor": 6000},
        "client": {"payments": {"totalCount": 1}},
    }


async def test_a_line_of_a_coming_session_that_is_set_or_paid_already_stays(world: World) -> None:
    first, second, third = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days)) for days in (1, 2, 3)
    ]
    lines = [(await lines_of(session, by=world.amara))[world.client_ben] for session in (first, second, third)]
    await world.amara.do("setAttendance", attendanceId=lines[0], outcome="LATE_CANCEL", feeMinor=2500)
    await world.amara.do("recordConfirmation", attendanceId=lines[1], status="CONFIRMED")
    left = await world.amara.do(
        "removeGroupMember", "appointments { id }", groupId=world.monday, clientId=world.client_ben
    )
    assert left["appointments"] == [{"id": second}, {"id": third}]
    assert "Castillo" in await roster(world.amara, first)


# Moving back to what is to come


async def exchanged(world: World) -> None:
    """Let Ben leave Monday's group, and Dora join it."""
    await world.owner.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    await world.owner.do("addGroupMember", groupId=world.monday, clientId=world.client_dora)


async def test_a_session_that_is_moved_from_the_past_to_the_future_has_the_roster_of_now(world: World) -> None:
    """N10."""
    session = await an_appointment(by=world.amara, group=world.monday)
    await begin(session, minutes_ago=60)
    ada = (await lines_of(session, by=world.amara))[world.client_ada]
    await exchanged(world)
    await world.owner.do("updateClient", id=world.client_chloe, active=False)
    inactive = await a_client(by=world.amara, last_name="Zorn")
    await a_membership(by=world.owner, group=world.monday, client=inactive)
    await world.owner.do("updateClient", id=inactive, active=False)
    for starts_at in (in_days(-2), in_days(-1)):
        await world.amara.do("rescheduleAppointment", id=session, startsAt=starts_at)
        assert await roster(world.amara, session) == ["Ångström", "Castillo", "Dubois"]
    moved = await world.amara.do(
        "rescheduleAppointment",
        "appointment { attendances { client { lastName } outcome confirmation version } }",
        id=session,
        startsAt=in_days(2),
    )
    lines = moved["appointment"]["attendances"]
    # Whose care ended is still a member: they stay where they are expected, and are expected nowhere else.
    assert [line.pop("client")["lastName"] for line in lines] == ["Ångström", "Dubois", "Lund"]
    assert lines[-1] == {"outcome": None, "confirmation": "NOT_ASKED", "version": 1}
    assert (await lines_of(session, by=world.amara))[world.client_ada] == ada


async def test_what_was_set_or_paid_or_written_stays_when_a_session_is_moved_to_the_future(world: World) -> None:
    """R9."""
    sessions = [await an_appointment(by=world.amara, group=world.monday) for _ in range(4)]
    set_, paid, written, free = sessions
    lines = {session: (await lines_of(session, by=world.amara))[world.client_ben] for session in sessions}
    await world.amara.do("setAttendance", attendanceId=lines[set_], outcome="ATTENDED", feeMinor=6000)
    await world.amara.do("setAttendance", attendanceId=lines[paid], outcome="ATTENDED", feeMinor=6000)
    await a_payment(by=world.amara, client=world.client_ben, amount=6000, line=lines[paid])
    charts = {
        session: (await world.amara.do("startChart", "chart { id version }", appointmentId=session))["chart"]["id"]
        for session in (written, free)
    }
    said = {"clientId": world.client_ben, "clientNotes": "<p>Came early.</p>", "expectedVersion": 1}
    await world.amara.do("saveChart", chartId=charts[written], expectedVersion=1, clientEntries=[said])
    for session in sessions:
        await begin(session)
    await exchanged(world)
    for session in sessions:
        await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(2))
        kept = ["Castillo"] if session != free else []
        assert await roster(world.amara, session) == ["Ångström", *kept, "Dubois", "Lund"]
    for session in (written, free):
        asked = await world.amara.ask(
            "query ($id: ID!) { appointment(id: $id) { attendances { id }"
            " chart { clientEntries { attendance { id } } } } }",
            id=session,
        )
        found = asked["appointment"]
        assert [entry["attendance"] for entry in found["chart"]["clientEntries"]] == found["attendances"]


async def test_a_session_that_is_moved_within_the_future_keeps_its_lines(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    before = await lines_of(session, by=world.amara)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(2))
    assert await lines_of(session, by=world.amara) == before


# What clients see


async def test_a_client_in_the_portal_sees_their_sessions_come_and_go(world: World) -> None:
    mine = "{ viewer { client { appointments { edges { node { id title group { name } } } } } } }"
    session = await an_appointment(by=world.bjorn, group=world.thursday)
    assert (await world.ada.ask(mine))["viewer"]["client"]["appointments"]["edges"] == []
    await world.owner.do("addGroupMember", groupId=world.thursday, clientId=world.client_ada)
    assert (await world.ada.ask(mine))["viewer"]["client"]["appointments"]["edges"] == [
        {"node": {"id": session, "title": "TSG", "group": {"name": "TSG"}}}
    ]
    await world.owner.do("removeGroupMember", groupId=world.thursday, clientId=world.client_ada)
    assert (await world.ada.ask(mine))["viewer"]["client"]["appointments"]["edges"] == []
    asked = await world.ada.ask("query ($id: ID!) { appointment(id: $id) { id } }", id=session)
    assert asked == {"appointment": None}


async def test_a_client_sees_nobody_else_on_a_roster_and_no_count_of_them(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    asked = await world.ada.ask(
        "query ($id: ID!) { appointment(id: $id) { title attendances { client { id } }"
        " attendanceSummary { total unset } attendanceOptions { attended { label } } } }",
        id=session,
    )
    assert asked["appointment"] == {
        "title": "MGG",
        "attendances": [{"client": {"id": world.client_ada}}],
        "attendanceSummary": {"total": 1, "unset": 1},
        "attendanceOptions": None,
    }
