"""Two at once on one chart: one of them is first, the other finds what that one left, and neither waits for ever."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from models import Addendum, Chart, ChartEntry
from models.ids import row_id
from tests.charting.scene import (
    Session,
    a_draft,
    a_session,
    attend,
    complete,
    in_review,
    locked,
    look,
    state,
    work,
    work_badly,
)
from tests.client import Data, Person
from tests.guards.test_two_writers import attempt, both
from tests.rows import count
from tests.world import World, a_share, in_days

pytestmark = pytest.mark.usefixtures("no_deadlock")

ROUNDS = 25


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)  # noqa: S311 - drawn again the same


@pytest.fixture
async def bjorn(world: World) -> Person:
    """Björn, with whom Monday's group is shared."""
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    return world.bjorn


async def _versions(session: Session, *, by: Person) -> tuple[int, dict[str, int]]:
    now = await look(session, by=by, select="version clientEntries { version client { id } }")
    return now["version"], {entry["client"]["id"]: entry["version"] for entry in now["clientEntries"]}


async def test_two_who_start_a_chart_at_once_have_one(world: World, bjorn: Person, rng: random.Random) -> None:
    """R36."""
    for n in range(ROUNDS):
        session = await a_session(by=world.amara, group=world.monday)
        start = [attempt(one, "startChart", appointmentId=session.id) for one in (world.amara, bjorn)]
        assert await both(start[0], start[1], rng) == ("done", "done")
        assert await count("chart") == n + 1
        assert await count("chart_entry") == 3 * (n + 1)


async def test_of_two_who_write_group_notes_from_one_version_one_wins(
    world: World, bjorn: Person, rng: random.Random
) -> None:
    """N4."""
    draft = await a_draft(by=world.amara, group=world.monday)
    won: Counter[str] = Counter()
    for n in range(ROUNDS * 2):
        version, _ = await _versions(draft, by=world.amara)
        given = {"chartId": draft.chart, "expectedVersion": version}
        results = await both(
            attempt(world.amara, "saveChart", **given, groupNotes=f"<p>amara {n}</p>"),
            attempt(bjorn, "saveChart", **given, groupNotes=f"<p>björn {n}</p>"),
            rng,
        )
        assert sorted(results) == ["VersionConflict", "done"]
        who = "amara" if results[0] == "done" else "björn"
        now = await look(draft, by=bjorn)
        assert (now["groupNotes"], now["version"]) == (f"<p>{who} {n}</p>", version + 1)
        won[who] += 1
    assert len(won) == 2


async def test_who_write_different_parts_at_once_both_win(world: World, bjorn: Person, rng: random.Random) -> None:
    """N4."""
    draft = await a_draft(by=world.amara, group=world.monday)
    for n in range(ROUNDS):
        version, entries = await _versions(draft, by=world.amara)
        given = {"chartId": draft.chart, "expectedVersion": version}
        parts: list[Data] = [{"groupNotes": f"<p>all {n}</p>"}] + [
            {"clientEntries": [{"clientId": one, "clientNotes": f"<p>{n}</p>", "expectedVersion": entries[one]}]}
            for one in (world.client_ada, world.client_ben)
        ]
        mine, theirs = rng.sample(parts, 2)
        results = await both(
            attempt(world.amara, "saveChart", **given, **mine), attempt(bjorn, "saveChart", **given, **theirs), rng
        )
        assert results == ("done", "done")
        after, now = await _versions(draft, by=world.amara)
        changed = sum(now[one] - entries[one] for one in now) + after - version
        assert changed == 2


async def test_no_note_is_assembled_of_who_was_cleared_meanwhile(world: World, rng: random.Random) -> None:
    """R43, R44."""
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        draft = await a_draft(by=world.amara, group=world.monday)
        completing, clearing = await both(
            attempt(world.amara, "completeChart", chartId=draft.chart),
            attempt(world.scheduler, "clearAttendance", attendanceId=draft.lines[world.client_ada]),
            rng,
            most=0.025,
        )
        assert (completing, clearing) in {("done", "ChartLocked"), ("AttendanceNotSet", "done")}
        assert await state(draft, by=world.amara) == ("ASSEMBLING" if completing == "done" else "DRAFT")
        seen[completing] += 1
    assert len(seen) == 2, seen


@pytest.mark.thorough
async def test_nothing_is_signed_that_was_changed_meanwhile(world: World, rng: random.Random) -> None:
    """R46: who comes first has it."""
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        review = await in_review(by=world.amara, group=world.monday)
        version, _ = await _versions(review, by=world.amara)
        locking, clearing = await both(
            attempt(world.amara, "lockChart", chartId=review.chart, expectedVersion=version),
            attempt(world.scheduler, "clearAttendance", attendanceId=review.lines[world.client_ada]),
            rng,
            most=0.025,
        )
        assert (locking, clearing) in {("done", "ChartLocked"), ("ChartNotReviewed", "done")}
        assert await state(review, by=world.amara) == ("LOCKING" if locking == "done" else "DRAFT")
        seen[locking] += 1
    assert len(seen) == 2, seen


@pytest.mark.thorough
async def test_two_who_lock_at_once_have_one_run(world: World, bjorn: Person, rng: random.Random) -> None:
    """N1."""
    for n in range(ROUNDS // 2):
        review = await in_review(by=world.amara, group=world.monday)
        version, _ = await _versions(review, by=world.amara)
        lock = {"chartId": review.chart, "expectedVersion": version}
        results = await both(attempt(world.amara, "lockChart", **lock), attempt(bjorn, "lockChart", **lock), rng)
        assert results == ("done", "done")
        assert await count("chart_run") == 2 * (n + 1)
        await work()
        assert await count("signature") == 3 * (n + 1)


@pytest.mark.thorough
async def test_who_reopens_and_who_tries_again_at_once_leave_a_draft_or_a_run(world: World, rng: random.Random) -> None:
    """N1: a run that is tried again, or is not needed any more."""
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        draft = await a_draft(by=world.amara, group=world.monday)
        await world.amara.do("completeChart", chartId=draft.chart)
        await work_badly()
        run = (await look(draft, by=world.amara, select="run { id state }"))["run"]
        assert run["state"] == "FAILED"
        reopening, trying = await both(
            attempt(world.amara, "reopenChart", chartId=draft.chart),
            attempt(world.amara, "retryChartRun", runId=run["id"]),
            rng,
        )
        assert (reopening, trying) in {("done", "InvalidInput"), ("ChartLocked", "done")}
        await work()
        assert await state(draft, by=world.amara) == ("DRAFT" if reopening == "done" else "IN_REVIEW")
        seen[reopening] += 1
    assert len(seen) == 2, seen


async def test_who_leaves_while_the_notes_are_written_goes_with_all_or_nothing(
    world: World, rng: random.Random
) -> None:
    """R9: an entry about which something is written stays, with its line."""
    seen: Counter[bool] = Counter()
    ada = row_id("clt", world.client_ada)
    for n in range(ROUNDS):
        session = await a_session(by=world.amara, group=world.monday, starts_at=in_days(n + 1))
        chart = (await world.amara.do("startChart", "chart { id }", appointmentId=session.id))["chart"]["id"]
        entry = {"clientId": world.client_ada, "clientNotes": "<p>She wrote before.</p>", "expectedVersion": 1}
        writing, leaving = await both(
            attempt(world.amara, "saveChart", chartId=chart, expectedVersion=1, clientEntries=[entry]),
            attempt(world.owner, "removeGroupMember", groupId=world.monday, clientId=world.client_ada),
            rng,
            most=0.02,
        )
        assert leaving == "done"
        found = await ChartEntry.filter(chart_id=row_id("cht", chart), client_id=ada)
        assert [one.client_notes for one in found] == (["<p>She wrote before.</p>"] if writing == "done" else [])
        seen[bool(found)] += 1
        await world.owner.do("addGroupMember", groupId=world.monday, clientId=world.client_ada)
        await world.amara.do("cancelAppointment", id=session.id)
    assert len(seen) == 2, seen


async def test_no_chart_is_started_of_what_is_called_off(world: World, rng: random.Random) -> None:
    """R36."""
    for _ in range(ROUNDS):
        session = await a_session(by=world.amara, group=world.monday)
        starting, calling_off = await both(
            attempt(world.amara, "startChart", appointmentId=session.id),
            attempt(world.owner, "cancelAppointment", id=session.id),
            rng,
        )
        assert calling_off == "done"
        assert await Chart.filter(appointment_id=row_id("apt", session.id)).count() == (starting == "done")


async def test_who_adds_to_one_note_and_who_adds_to_all_wait_in_one_order(
    world: World, bjorn: Person, rng: random.Random
) -> None:
    """N13."""
    signed = await locked(by=world.amara, group=world.monday)
    notes = (await look(signed, by=world.amara, select="notes { id }"))["notes"]
    for n in range(ROUNDS):
        results = await both(
            attempt(world.amara, "addAddendum", noteId=notes[n % 3]["id"], body="<p>To one.</p>"),
            attempt(bjorn, "addAddendum", chartId=signed.chart, body="<p>To all.</p>"),
            rng,
            most=0.01,
        )
        assert results == ("done", "done")
        assert await Addendum.all().count() == 4 * (n + 1)


async def test_an_outcome_that_is_set_while_a_chart_goes_back_is_kept(
    world: World, bjorn: Person, rng: random.Random
) -> None:
    """R46."""
    review = await in_review(by=world.amara, group=world.monday)
    for _ in range(ROUNDS // 2):
        results = await both(
            attempt(bjorn, "reopenChart", chartId=review.chart),
            attempt(world.scheduler, "clearAttendance", attendanceId=review.lines[world.client_ben]),
            rng,
        )
        assert results == ("done", "done")
        assert await state(review, by=world.amara) == "DRAFT"
        assert await count("chart_note") == 0
        await attend(review, by=world.amara)
        await complete(review, by=world.amara)
