"""The article's "Group Attendance", with the boards of both providers open."""

from __future__ import annotations

import asyncio

from tests.walk.documents import UPDATE
from tests.walk.screens import BoardScreen
from tests.walk.session_documents import (
    APPOINTMENT,
    CLEAR,
    CONFIRM,
    CREATE_CODE,
    DROPDOWN,
    MARK_ALL,
    PRICE,
    RESCHEDULE,
    SET,
    column,
    lines,
    minor,
)
from tests.walk.story import Story
from tests.walk.test_5_group_scheduling import hours_from_now


async def test_the_owner_prices_the_codes_and_the_groups_usual_one_is_chosen(story: Story) -> None:
    listed = await story.owner.ask("{ viewer { practice { serviceCodes { id code } } } }")
    story.codes = {code["code"]: code["id"] for code in listed["viewer"]["practice"]["serviceCodes"]}
    for code, fee in (("90853", 6000), ("90837", 15000), ("NO_SHOW", 5000)):
        await story.owner.do(PRICE, id=story.codes[code], feeMinor=fee)
    custom = await story.owner.do(CREATE_CODE, code="SKILLS", label="Skills workshop", feeMinor=4000)
    story.codes["SKILLS"] = custom["serviceCode"]["id"]
    await story.amara.do(UPDATE, id=story.monday, defaultServiceCodeId=story.codes["90853"])


async def test_both_providers_open_the_board_before_anything_is_set(story: Story) -> None:
    story.amaras_board = await BoardScreen.open(story.amara, story.exits, story.session)
    story.bjorns_board = await BoardScreen.open(story.bjorn, story.exits, story.session)
    assert story.amaras_board.shown == story.bjorns_board.shown
    assert set(column(story.amaras_board.shown, "confirmation").values()) == {"NOT_ASKED"}


async def test_a_client_confirms_in_the_portal_and_another_declines_by_telephone(story: Story) -> None:
    mine = (await story.adas_portal.ask(APPOINTMENT, id=story.session))["appointment"]
    assert (mine["title"], [*lines(mine)]) == ("MLG", ["Ada Ångström"])
    await story.adas_portal.do(CONFIRM, attendanceId=story.lines["Ada"], status="CONFIRMED")
    await story.scheduler.do(CONFIRM, attendanceId=story.lines["Ben"], status="DECLINED")
    for board in (story.amaras_board, story.bjorns_board):
        shown = column(await board.hears(), "confirmation")
        assert shown == {"Ada Ångström": "CONFIRMED", "Ben Castillo": "DECLINED", "Chloe Dubois": "NOT_ASKED"}
    others = {"attendanceId": story.lines["Chloe"], "status": "DECLINED"}
    await story.adas_portal.denied("NOT_FOUND", CONFIRM, input=others)


async def test_the_group_meets_earlier_than_planned_and_then_it_is_over(story: Story) -> None:
    await story.amara.do(RESCHEDULE, id=story.session, startsAt=hours_from_now(-3))
    assert ("UPDATED", "Monday Loss Group") in await story.amaras_calendar.hears()
    assert ("UPDATED", "Monday Loss Group") in await story.bjorns_calendar.hears()
    await story.amaras_board.hears()
    await story.bjorns_board.hears()
    late = {"attendanceId": story.lines["Ada"], "status": "DECLINED"}
    await story.adas_portal.refused("InvalidInput", CONFIRM, **late)


async def test_the_dropdown_goes_from_yes_to_no_and_each_half_ends_with_no_fee(story: Story) -> None:
    options = (await story.amara.ask(DROPDOWN, id=story.session))["appointment"]["attendanceOptions"]
    yes, no = options["attended"], options["notAttended"]
    assert {option["outcome"] for option in yes} == {"ATTENDED"}
    assert {"90853", "SKILLS"} < {option["serviceCode"]["code"] for option in yes[:-1]}
    assert [option["outcome"] for option in no] == ["NO_SHOW", "LATE_CANCEL", "ABSENT"]
    assert yes[-1]["label"] == no[-1]["label"] == "No Fee"
    assert yes[-1]["serviceCode"] is no[-1]["serviceCode"] is None


async def test_marking_all_leaves_who_is_set_already(story: Story) -> None:
    await story.bjorn.do(SET, attendanceId=story.lines["Ben"], outcome="NO_SHOW")
    marked = (await story.amara.do(MARK_ALL, appointmentId=story.session))["marked"]
    assert [line["client"]["name"] for line in marked] == ["Ada Ångström", "Chloe Dubois"]
    assert [line["serviceCode"]["code"] for line in marked] == ["90853", "90853"]
    for board in (story.amaras_board, story.bjorns_board):
        shown = await board.hears()
        assert column(shown, "attended") == {"Ada Ångström": True, "Ben Castillo": False, "Chloe Dubois": True}
        summary = shown["attendanceSummary"]
        assert (summary["attended"], summary["missed"], summary["unset"]) == (2, 1, 0)
        assert minor(summary["charged"]) == 6000 + 5000 + 6000
    assert (await story.amara.do(MARK_ALL, appointmentId=story.session))["marked"] == []


async def test_a_code_that_is_set_is_cleared_before_another_is_chosen(story: Story) -> None:
    other = {"attendanceId": story.lines["Chloe"], "outcome": "ATTENDED", "serviceCodeId": story.codes["SKILLS"]}
    refused = await story.bjorn.refused("AttendanceAlreadySet", SET, **other)
    assert refused["attendance"]["serviceCode"] == {"code": "90853"}
    cleared = await story.bjorn.do(CLEAR, attendanceId=story.lines["Chloe"])
    assert cleared["attendance"] == {"outcome": None, "fee": None}
    changed = await story.bjorn.do(SET, **other)
    assert (changed["attendance"]["serviceCode"], minor(changed["attendance"]["fee"])) == ({"code": "SKILLS"}, 4000)
    for board in (story.amaras_board, story.bjorns_board):
        chloe = lines(await board.hears())["Chloe Dubois"]
        assert (chloe["serviceCode"], chloe["lastChangedBy"]) == ({"code": "SKILLS"}, "Björn Lindqvist")


async def test_who_only_bills_sets_no_attendance_and_a_client_sees_none_but_their_own(story: Story) -> None:
    await story.biller.denied("FORBIDDEN", CLEAR, input={"attendanceId": story.lines["Chloe"]})
    mine = (await story.adas_portal.ask(APPOINTMENT, id=story.session))["appointment"]
    assert column(mine, "outcome") == {"Ada Ångström": "ATTENDED"}


async def test_both_calendars_show_what_came_of_it(story: Story) -> None:
    await asyncio.gather(story.amaras_calendar.hears(), story.bjorns_calendar.hears())
    for screen in (story.amaras_calendar, story.bjorns_calendar):
        assert screen.shown[story.session]["attendanceSummary"]["attended"] == 2
