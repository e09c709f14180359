from __future__ import annotations

from tests.rows import changed, everything
from tests.world import World, a_group, a_service_code, an_appointment, in_days, lines_of

MARKED = (
    "marked { client { name } outcome attended serviceCode { code } fee { amountMinor } version lastChangedBy }"
    " appointment { attendanceSummary { attended missed unset charged { amountMinor } } }"
)


async def priced(world: World, fee: int = 6000) -> None:
    await world.owner.do("updateServiceCode", id=world.group_therapy, feeMinor=fee)


async def test_one_click_marks_everybody_as_attended_with_the_groups_code(world: World) -> None:
    """R28."""
    await priced(world)
    session = await an_appointment(by=world.amara, group=world.monday)
    made = await world.amara.do("markAllAttended", MARKED, appointmentId=session)
    assert made["marked"] == [
        {
            "client": {"name": name},
            "outcome": "ATTENDED",
            "attended": True,
            "serviceCode": {"code": "90853"},
            "fee": {"amountMinor": 6000},
            "version": 2,
            "lastChangedBy": "Amara Okafor",
        }
        for name in ("Addie Ångström", "Ben Castillo", "Chloe Dubois")
    ]
    assert made["appointment"]["attendanceSummary"] == {
        "attended": 3,
        "missed": 0,
        "unset": 0,
        "charged": {"amountMinor": 18000},
    }


async def test_a_client_already_marked_absent_stays_absent(world: World) -> None:
    """R28: it fills only what is not set."""
    await priced(world)
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = await lines_of(session, by=world.amara)
    await world.amara.do("setAttendance", attendanceId=lines[world.client_ben], outcome="ABSENT")
    given = {"attendanceId": lines[world.client_chloe], "outcome": "ATTENDED", "feeMinor": 1}
    await world.amara.do("setAttendance", **given, serviceCodeId=world.individual)
    made = await world.amara.do("markAllAttended", MARKED, appointmentId=session)
    assert [one["client"]["name"] for one in made["marked"]] == ["Addie Ångström"]
    assert made["appointment"]["attendanceSummary"] == {
        "attended": 2,
        "missed": 1,
        "unset": 0,
        "charged": {"amountMinor": 6001},
    }


async def test_single_clients_can_be_changed_afterwards(world: World) -> None:
    """R28, R30."""
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("markAllAttended", appointmentId=session)
    line = (await lines_of(session, by=world.amara))[world.client_ben]
    await world.amara.do("clearAttendance", attendanceId=line)
    await world.amara.do("setAttendance", attendanceId=line, outcome="NO_SHOW")
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendanceSummary { attended missed } } }", id=session
    )
    assert asked["appointment"]["attendanceSummary"] == {"attended": 2, "missed": 1}


async def test_where_everybody_is_set_a_second_click_changes_nothing(world: World) -> None:
    """R28."""
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("markAllAttended", appointmentId=session)
    before = await everything()
    again = await world.amara.do("markAllAttended", "marked { id }", appointmentId=session)
    assert again["marked"] == []
    assert changed(before, await everything()) == []


async def test_the_code_is_the_one_the_group_has_when_it_is_clicked(world: World) -> None:
    """R10, R28: an edit of the default acts forward only, and rewrites nothing that is set."""
    await priced(world)
    skills = await a_service_code(by=world.owner, feeMinor=4000)
    first, second = [
        await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days)) for days in (-7, -6)
    ]
    await world.amara.do("markAllAttended", appointmentId=first)
    await world.amara.do("updateGroup", id=world.monday, defaultServiceCodeId=skills)
    await world.owner.do("updateServiceCode", id=world.group_therapy, feeMinor=9900)
    made = await world.amara.do("markAllAttended", MARKED, appointmentId=second)
    assert {(one["serviceCode"]["code"], one["fee"]["amountMinor"]) for one in made["marked"]} == {("SKILLS", 4000)}
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { serviceCode { code } fee { amountMinor } } } }",
        id=first,
    )
    assert asked["appointment"]["attendances"] == [{"serviceCode": {"code": "90853"}, "fee": {"amountMinor": 6000}}] * 3


async def test_a_session_with_one_client_is_marked_with_the_usual_code_of_such(world: World) -> None:
    """R28, R40."""
    session = await an_appointment(by=world.amara, client=world.client_ben)
    made = await world.amara.do("markAllAttended", MARKED, appointmentId=session)
    assert [one["serviceCode"] for one in made["marked"]] == [{"code": "90837"}]


async def test_with_nobody_on_the_roster_nobody_is_marked(world: World) -> None:
    session = await an_appointment(by=world.amara, group=await a_group(by=world.amara))
    made = await world.amara.do("markAllAttended", "marked { id }", appointmentId=session)
    assert made["marked"] == []


async def test_who_joins_afterwards_is_not_marked(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("markAllAttended", appointmentId=session)
    await world.owner.do("addGroupMember", groupId=world.monday, clientId=world.client_dora)
    made = await world.amara.do("markAllAttended", MARKED, appointmentId=session)
    assert [one["client"]["name"] for one in made["marked"]] == ["Dora Lund"]
