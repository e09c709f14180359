from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models import Appointment
from models.ids import row_id
from tests.charting.scene import (
    COMING,
    GROUP_NOTES,
    a_chart,
    a_draft,
    a_second_facilitator,
    a_session,
    attend,
    complete,
    in_review,
    lock,
    locked,
    locking,
    look,
    notes,
    save,
    state,
    words_for,
    work,
)
from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, a_client, a_group

RUN = "run { id kind state total done failed startedAt finishedAt steps { state reason client { name } } }"


# The first button


async def test_completing_makes_one_note_for_each_who_attended_and_for_nobody_else(world: World) -> None:
    """R43, R44, R46."""
    draft = await a_draft(by=world.amara, group=world.monday, absent=[world.client_ben])
    chart = await complete(draft, by=world.amara)
    assert chart["state"] == "IN_REVIEW"
    assert [note["client"]["name"] for note in chart["notes"]] == ["Addie Ångström", "Chloe Dubois"]
    assert {note["client"]["id"]: note["body"] for note in chart["notes"]} == {
        client: GROUP_NOTES + words_for(client) for client in (world.client_ada, world.client_chloe)
    }
    assert await count("chart_note") == 2


@pytest.mark.parametrize(
    "given", [{"outcome": "NO_SHOW"}, {"outcome": "LATE_CANCEL"}, {"outcome": "ABSENT"}], ids=lambda g: g["outcome"]
)
async def test_no_way_of_not_coming_makes_a_note(world: World, given: Data) -> None:
    """R44."""
    session = await a_chart(by=world.amara, group=world.monday)
    await world.amara.do("setAttendance", attendanceId=session.lines[world.client_ada], **given)
    await world.amara.do("setAttendance", attendanceId=session.lines[world.client_ben], outcome="ATTENDED", noFee=True)
    await attend(session, by=world.amara)
    await complete(session, by=world.amara)
    assert set(await notes(session, by=world.amara)) == {world.client_ben, world.client_chloe}


async def test_a_note_in_review_is_not_locked_and_has_neither_signature_nor_hash(world: World) -> None:
    """R46."""
    session = await in_review(by=world.amara, group=world.monday)
    for note in (await notes(session, by=world.amara)).values():
        assert note["id"].startswith("not_")
        assert (note["locked"], note["lockedAt"], note["contentHash"], note["verified"]) == (False, None, None, None)
        assert (note["signatures"], note["addenda"]) == ([], [])
        assert note["provider"] == {"name": "Amara Okafor"}


async def test_completing_answers_with_the_run_behind_the_progress_bar(world: World) -> None:
    """R47: which waits for a worker, then has a step for each who attended."""
    draft = await a_draft(by=world.amara, group=world.monday, absent=[world.client_ben])
    run = (await world.amara.do("completeChart", RUN, chartId=draft.chart))["run"]
    identifier = run.pop("id")
    assert identifier.startswith("run_")
    names = ["Addie Ångström", "Chloe Dubois"]
    assert run == {
        "kind": "COMPLETE",
        "state": "QUEUED",
        "total": 2,
        "done": 0,
        "failed": 0,
        "startedAt": None,
        "finishedAt": None,
        "steps": [{"state": "WAITING", "reason": None, "client": {"name": name}} for name in names],
    }
    assert (await look(draft, by=world.amara))["state"] == "ASSEMBLING"
    await work()
    chart = await look(draft, by=world.amara)
    assert chart["run"] == {
        "id": identifier,
        "kind": "COMPLETE",
        "state": "SUCCEEDED",
        "total": 2,
        "done": 2,
        "failed": 0,
        "steps": [{"state": "DONE", "reason": None, "client": {"name": name}} for name in names],
    }


async def test_somebody_whose_attendance_is_not_set_stops_it_and_is_named(world: World) -> None:
    """R44: nobody guesses whether they came."""
    session = await a_chart(by=world.amara, group=world.monday)
    await world.amara.do("setAttendance", attendanceId=session.lines[world.client_ben], outcome="ABSENT")
    before = await everything()
    asked = await world.amara.ask(
        "mutation ($input: CompleteChartInput!) { completeChart(input: $input) { __typename"
        " ... on AttendanceNotSet { message attendances { id client { name } } } } }",
        input={"chartId": session.chart},
    )
    assert asked["completeChart"].pop("message")
    assert asked["completeChart"] == {
        "__typename": "AttendanceNotSet",
        "attendances": [
            {"id": session.lines[client], "client": {"name": name}}
            for client, name in ((world.client_ada, "Addie Ångström"), (world.client_chloe, "Chloe Dubois"))
        ],
    }
    assert changed(before, await everything()) == []


async def test_a_stale_version_is_not_completed(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    await world.amara.refused("VersionConflict", "completeChart", chartId=draft.chart, expectedVersion=1)
    await world.amara.do("completeChart", chartId=draft.chart, expectedVersion=2)


async def test_a_second_call_answers_with_the_run_that_exists_until_the_chart_is_a_draft_again(world: World) -> None:
    """R46: whoever asks, whatever version they have, and however far it is."""
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday)
    first = (await world.amara.do("completeChart", "run { id }", chartId=draft.chart))["run"]
    for go_on in (work, work, lambda: lock(draft, by=world.amara)):
        before = await everything()
        for person in (world.amara, bjorn):
            again = await person.do("completeChart", "run { id }", chartId=draft.chart, expectedVersion=1)
            assert again["run"] == first
        assert changed(before, await everything()) == []
        await go_on()
    other = await in_review(by=world.amara, group=world.monday)
    earlier = (await look(other, by=world.amara))["run"]["id"]
    await world.amara.do("reopenChart", chartId=other.chart)
    assert (await complete(other, by=world.amara))["run"]["id"] != earlier


async def test_of_two_who_complete_at_once_both_have_the_one_run(world: World) -> None:
    """R46."""
    bjorn = await a_second_facilitator(world)
    draft = await a_draft(by=world.amara, group=world.monday)
    answers = await asyncio.gather(
        *(person.do("completeChart", "run { id }", chartId=draft.chart) for person in (world.amara, bjorn) * 3)
    )
    assert len({answer["run"]["id"] for answer in answers}) == 1
    assert await count("chart_run") == 1


async def test_a_session_that_nobody_attended_ends_without_notes(world: World) -> None:
    """R44: it is reviewed and locked, and waits to be charted no more."""
    draft = await a_draft(by=world.amara, group=world.monday, absent=[*_members(world)])
    run = (await world.amara.do("completeChart", RUN, chartId=draft.chart))["run"]
    assert (run["total"], run["steps"]) == (0, [])
    await work()
    chart = await look(draft, by=world.amara)
    assert (chart["state"], chart["notes"], chart["warnings"]) == ("IN_REVIEW", [], [])
    chart = await lock(draft, by=world.amara)
    assert (chart["state"], chart["notes"], chart["run"]["state"]) == ("LOCKED", [], "SUCCEEDED")
    uncharted = await world.amara.ask("{ unchartedAppointments { totalCount } }")
    assert uncharted["unchartedAppointments"]["totalCount"] == 0
    await world.amara.invalid("input.chartId", "addAddendum", chartId=draft.chart, body="<p>a</p>")


async def test_a_session_without_anybody_on_its_roster_is_completed_too(world: World) -> None:
    empty = await a_group(by=world.amara)
    chart = await complete(await a_chart(by=world.amara, group=empty), by=world.amara)
    assert (chart["state"], chart["notes"]) == ("IN_REVIEW", [])


def _members(world: World) -> tuple[str, str, str]:
    return world.client_ada, world.client_ben, world.client_chloe


# Review and reopen


async def test_reopening_goes_back_to_drafting_and_forgets_what_was_assembled(world: World) -> None:
    """R46: Continue Editing."""
    session = await in_review(by=world.amara, group=world.monday, words={})
    reviewed = await look(session, by=world.amara)
    assert reviewed["warnings"]
    assert (reviewed["viewerCanEdit"], reviewed["viewerCanLock"]) == (False, True)
    chart = (
        await world.amara.do(
            "reopenChart", "chart { state version notes { id } warnings { id } }", chartId=session.chart
        )
    )["chart"]
    assert chart == {"state": "DRAFT", "version": reviewed["version"] + 1, "notes": [], "warnings": []}
    assert await count("chart_note") == await count("chart_warning") == 0
    drafted = await look(session, by=world.amara)
    assert (drafted["groupNotes"], drafted["viewerCanEdit"], drafted["viewerCanLock"]) == (GROUP_NOTES, True, False)


async def test_what_is_corrected_stands_in_the_notes_of_the_next_completion(world: World) -> None:
    """R46."""
    session = await in_review(by=world.amara, group=world.monday)
    await world.amara.do("reopenChart", chartId=session.chart)
    await save(session, by=world.amara, notes="<p>Corrected</p>")
    await world.amara.do("clearAttendance", attendanceId=session.lines[world.client_ben])
    await world.amara.do("setAttendance", attendanceId=session.lines[world.client_ben], outcome="ABSENT")
    await complete(session, by=world.amara)
    found = await notes(session, by=world.amara)
    assert set(found) == {world.client_ada, world.client_chloe}
    assert all(note["body"].startswith("<p>Corrected</p>") for note in found.values())


async def test_reopening_a_draft_is_no_change_and_what_is_being_made_is_not_reopened(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    before = await everything()
    await world.amara.do("reopenChart", chartId=draft.chart)
    assert changed(before, await everything()) == []
    await world.amara.do("completeChart", chartId=draft.chart)
    await world.amara.refused("ChartLocked", "reopenChart", chartId=draft.chart)
    await work()
    await locking(draft, by=world.amara)
    await world.amara.refused("ChartLocked", "reopenChart", chartId=draft.chart)
    await work()
    await world.amara.refused("ChartLocked", "reopenChart", chartId=draft.chart)
    assert await state(draft, by=world.amara) == "LOCKED"


# Attendance and the calendar, while there is a chart


async def doings(world: World, session: Any) -> list[tuple[str, Data]]:
    ada = session.lines[world.client_ada]
    chart = await look(session, by=world.amara, select="version")
    return [
        ("saveChart", {"chartId": session.chart, "expectedVersion": chart["version"], "groupNotes": "<p>New</p>"}),
        ("setAttendance", {"attendanceId": ada, "outcome": "NO_SHOW"}),
        ("clearAttendance", {"attendanceId": ada}),
        ("markAllAttended", {"appointmentId": session.id}),
        ("rescheduleAppointment", {"id": session.id, "startsAt": "2026-01-06T18:00:00Z"}),
        ("cancelAppointment", {"id": session.id}),
    ]


async def assert_closed(world: World, session: Any) -> None:
    before = await everything()
    for mutation, given in await doings(world, session):
        name = f"{mutation[0].upper()}{mutation[1:]}"
        document = (
            f"mutation ($input: {name}Input!) {{ {mutation}(input: $input)"
            " { __typename ... on ChartLocked { message chart { id } } } }"
        )
        told = (await world.amara.ask(document, input=given))[mutation]
        assert told.pop("message", "").endswith(".")
        assert told == {"__typename": "ChartLocked", "chart": {"id": session.chart}}, mutation
        if mutation != "saveChart":
            # Who may not see charts is told no more than that.
            told = (await world.scheduler.ask(document, input=given))[mutation]
            assert (told["__typename"], told["chart"]) == ("ChartLocked", None)
    assert changed(before, await everything()) == []


async def test_nothing_changes_while_notes_are_assembled(world: World) -> None:
    """R46: `ChartLocked`, for attendance and the calendar as well."""
    draft = await a_draft(by=world.amara, group=world.monday)
    await world.amara.do("completeChart", chartId=draft.chart)
    await assert_closed(world, draft)


async def test_nothing_changes_while_notes_are_locked_nor_afterwards(world: World) -> None:
    """R49: attendance freezes with the notes."""
    session = await in_review(by=world.amara, group=world.monday)
    await locking(session, by=world.amara)
    await assert_closed(world, session)
    await work()
    await assert_closed(world, session)


async def test_in_review_the_session_stays_where_it_is_and_the_draft_as_it_was(world: World) -> None:
    session = await in_review(by=world.amara, group=world.monday)
    before = await everything()
    for mutation, given in await doings(world, session):
        if mutation in {"saveChart", "rescheduleAppointment", "cancelAppointment"}:
            await world.amara.refused("ChartLocked", mutation, **given)
    assert changed(before, await everything()) == []


async def test_a_change_of_attendance_in_review_takes_the_chart_back_to_drafting(world: World) -> None:
    """R46: nothing is locked that was not reviewed."""
    session = await in_review(by=world.amara, group=world.monday)
    version = (await look(session, by=world.amara))["version"]
    await world.scheduler.do("clearAttendance", attendanceId=session.lines[world.client_ada])
    chart = await look(session, by=world.amara)
    assert (chart["state"], chart["version"], chart["notes"], chart["warnings"]) == ("DRAFT", version + 1, [], [])
    assert chart["groupNotes"] == GROUP_NOTES
    await world.amara.refused("ChartNotReviewed", "lockChart", chartId=session.chart, expectedVersion=version)
    await world.amara.refused("AttendanceNotSet", "completeChart", chartId=session.chart)


async def test_what_changes_no_attendance_leaves_the_chart_in_review(world: World) -> None:
    session = await in_review(by=world.amara, group=world.monday)
    ada = session.lines[world.client_ada]
    before = await everything()
    await world.amara.refused("AttendanceAlreadySet", "setAttendance", attendanceId=ada, outcome="NO_SHOW")
    await world.amara.refused("VersionConflict", "clearAttendance", attendanceId=ada, expectedVersion=7)
    marked = await world.amara.do("markAllAttended", "marked { id }", appointmentId=session.id)
    assert marked["marked"] == []
    assert changed(before, await everything()) == []
    assert await state(session, by=world.amara) == "IN_REVIEW"


async def test_who_joins_a_coming_session_in_review_takes_it_back_and_one_that_is_locked_does_not_grow(
    world: World,
) -> None:
    """R44: everybody on the roster has come or not before notes are made."""
    reviewed = await in_review(by=world.amara, group=world.monday, starts_at=COMING)
    signed = await locked(by=world.amara, group=world.monday, starts_at=COMING)
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    joined = await world.amara.do("addGroupMember", "appointments { id }", groupId=world.monday, clientId=emil)
    assert joined["appointments"] == [{"id": reviewed.id}]
    assert await state(reviewed, by=world.amara) == "DRAFT"
    assert len((await look(reviewed, by=world.amara))["clientEntries"]) == 4
    assert len((await look(signed, by=world.amara))["clientEntries"]) == 3


async def test_a_payment_is_taken_whatever_the_chart(world: World) -> None:
    """R35: payment does not freeze."""
    draft = await a_draft(by=world.amara, group=world.monday)

    async def pay(line: str) -> None:
        given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH", "attendanceId": line}
        await world.amara.do("acceptPayment", **given, idempotencyKey=f"paid {await count('payment')}")

    await world.amara.do("completeChart", chartId=draft.chart)
    await pay(draft.lines[world.client_ada])
    await work()
    await pay(draft.lines[world.client_ada])
    assert await state(draft, by=world.amara) == "IN_REVIEW"
    await lock(draft, by=world.amara)
    await pay(draft.lines[world.client_ada])
    assert await state(draft, by=world.amara) == "LOCKED"


async def test_a_move_to_another_calendar_before_completing_lets_its_provider_complete(world: World) -> None:
    """R19."""
    draft = await a_draft(by=world.amara, group=world.monday)
    given = {"id": draft.id, "startsAt": "2026-01-05T18:00:00Z", "providerId": world.bjorns, "confirmSharing": True}
    await world.amara.do("rescheduleAppointment", **given)
    chart = await complete(draft, by=world.bjorn)
    assert chart["state"] == "IN_REVIEW"
    assert {note["provider"]["name"] for note in (await notes(draft, by=world.bjorn)).values()} == {"Björn Lindqvist"}


# Who may


async def test_only_who_may_chart_the_session_completes_and_reopens(world: World) -> None:
    drafted = await a_draft(by=world.amara, group=world.monday)
    reviewed = await in_review(by=world.amara, group=world.monday)
    before = await everything()
    for person in _others(world):
        await person.denied("NOT_FOUND", "completeChart", chartId=drafted.chart)
        await person.denied("NOT_FOUND", "reopenChart", chartId=reviewed.chart)
    assert changed(before, await everything()) == []


async def test_a_chart_that_is_nobodys_is_not_found(world: World) -> None:
    held = await a_session(by=world.amara, group=world.monday)
    for nobodys in (held.id, "x", "", f"cht_{'0' * 32}"):
        for mutation in ("completeChart", "reopenChart"):
            await world.amara.denied("NOT_FOUND", mutation, chartId=nobodys)
    assert await Appointment.filter(id=row_id("apt", held.id)).count() == 1


def _others(world: World) -> list[Person]:
    inside = [world.owner, world.manager, world.scheduler, world.carol, world.ada, world.bjorn]
    return [*inside, world.elsewhere.eve]
