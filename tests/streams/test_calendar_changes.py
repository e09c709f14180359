"""The calendar's stream: every change since a place in the log, of the kind that it is to whoever follows it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.base import now
from models.database import fetch
from models.events import KEPT_FOR, trim
from models.places import seal as place
from models.practice import Role
from schema.streams import BadVariables
from subscriptions.follow import Group, Member, Told
from tests.charting.scene import Session, complete
from tests.client import Person
from tests.streams.follower import CHANGES, STRETCH, Hall, calendar, parse_place, until
from tests.week import Week
from tests.world import World, a_user, an_appointment, in_days

LATER = {"from": in_days(30, 0), "to": in_days(60, 0)}
"""The stretch that follows the usual one."""


async def test_nothing_between_the_calendar_and_its_stream_is_missed(world: World, hall: Hall) -> None:
    before = await calendar(world.amara)
    assert before["appointments"] == []
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.amara, after=before["cursor"])
    created = await stream.change("CREATED", session)
    now = await calendar(world.amara)
    assert now["appointments"] == [created["appointment"]]
    assert parse_place(now["cursor"]) == parse_place(created["cursor"])
    await world.amara.do("markAllAttended", appointmentId=session)
    updated = await stream.change("UPDATED", session)
    assert [line["attended"] for line in updated["appointment"]["attendances"]] == [True] * 3
    again = await (await hall.changes(world.amara, after=created["cursor"])).next()
    assert again == updated | {"cursor": again["cursor"]}
    assert parse_place(again["cursor"]) == parse_place(updated["cursor"])


async def test_what_changes_nothing_that_somebody_sees_is_not_told_them(week: Week, hall: Hall) -> None:
    """A client, and a colleague who sees only that the time is taken: neither learns what goes on in a session."""
    session, drafted = week.coming, week.drafted
    asked = {"from": in_days(-21), "to": in_days(40)}
    watchers = {"ada": week.ada, "bjorn": week.bjorn}
    await week.amara.do("setAttendance", attendanceId=week.coming_ada, outcome="ATTENDED")
    before = {name: await calendar(person, **asked) for name, person in watchers.items()}
    streams = {name: await hall.changes(person, **asked) for name, person in watchers.items()}
    await week.amara.do("markAllAttended", appointmentId=session)
    await week.amara.do("updateGroup", id=week.monday, name="Monday Circle")
    await complete(Session(drafted.session, drafted.lines, drafted.chart), by=week.amara)
    for name, person in watchers.items():
        assert (await calendar(person, **asked))["appointments"] == before[name]["appointments"]
    last = await an_appointment(by=week.amara, client=week.client_ada)
    for stream in streams.values():
        await stream.change("CREATED", last)


async def test_without_a_cursor_a_stream_begins_now(world: World, hall: Hall) -> None:
    await an_appointment(by=world.amara, group=world.monday)
    stream = (await hall.open(world.amara, CHANGES, **STRETCH)).begin()
    await until(lambda: len(hall.hub.members) == 1)
    session = await an_appointment(by=world.amara, group=world.monday)
    await stream.change("CREATED", session)


async def test_a_canceled_session_is_canceled_and_still_shown(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.scheduler)
    await world.amara.do("cancelAppointment", id=session, reason="Snow")
    canceled = await stream.change("CANCELED", session)
    assert canceled["appointment"]["status"] == "CANCELED"
    assert canceled["appointment"]["cancelReason"] == "Snow"
    await world.amara.do("updateGroup", id=world.monday, name="Winter Grief Group")
    await stream.change("CANCELED", session)


async def test_what_moves_out_of_the_stretch_is_removed_and_what_moves_in_is_created(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.amara)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(8))
    await stream.change("UPDATED", session)
    later = await hall.changes(world.amara, **LATER)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(31))
    removed = await stream.change("REMOVED", session)
    assert removed["appointment"] is None
    await later.change("CREATED", session)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(29, 23, 30))
    await stream.change("CREATED", session)
    # It goes on until after midnight, and so is in both.
    await later.change("UPDATED", session)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(29, 23))
    await stream.change("UPDATED", session)
    await later.change("REMOVED", session)


async def test_what_moves_between_providers_is_removed_from_one_list_and_created_in_the_other(
    world: World, hall: Hall
) -> None:
    session = await an_appointment(by=world.scheduler, group=world.monday, provider=world.amaras)
    amaras = await hall.changes(world.scheduler, providerIds=[world.amaras])
    bjorns = await hall.changes(world.scheduler, providerIds=[world.bjorns])
    both = await hall.changes(world.scheduler, providerIds=[world.amaras, world.bjorns])
    none = (await hall.changes(world.scheduler, providerIds=[])).begin()
    move = {"startsAt": in_days(7), "providerId": world.bjorns, "confirmSharing": True}
    await world.scheduler.do("rescheduleAppointment", id=session, **move)
    # To share the group and to move the session is one event: nothing is told twice.
    await amaras.change("REMOVED", session)
    await bjorns.change("CREATED", session)
    await both.change("UPDATED", session)
    last = await an_appointment(by=world.amara, group=world.monday)
    await amaras.change("CREATED", last)
    await both.change("CREATED", last)
    assert none.waits


async def test_a_new_name_of_the_group_or_of_a_client_is_an_update(world: World, hall: Hall) -> None:
    group = await an_appointment(by=world.amara, group=world.monday)
    alone = await an_appointment(by=world.amara, client=world.client_ada)
    stream = await hall.changes(world.amara)
    await world.amara.do("updateGroup", id=world.monday, name="Monday Circle")
    assert (await stream.change("UPDATED", group))["appointment"]["title"] == "Monday Circle"
    await world.amara.do("updateClient", id=world.client_ada, preferredName="Ari")
    told = {(change := await stream.next())["appointmentId"]: change for _ in range(2)}
    assert told.keys() == {group, alone}
    assert told[alone]["appointment"]["title"] == "Ari Ångström"
    assert "Ari Ångström" in str(told[group]["appointment"]["attendances"])


async def test_who_joins_or_leaves_the_group_is_an_update_of_its_coming_sessions(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.scheduler)
    await world.scheduler.do("addGroupMember", groupId=world.monday, clientId=world.client_dora)
    assert (await stream.change("UPDATED", session))["appointment"]["attendanceSummary"]["total"] == 4
    await world.scheduler.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    assert (await stream.change("UPDATED", session))["appointment"]["attendanceSummary"]["total"] == 3


async def test_to_a_client_who_joins_the_groups_coming_sessions_are_new(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    dora = await a_user(world.nobody, name="Dora", roles=[Role.CLIENT], client=world.client_dora)
    doras, offices = await hall.changes(dora), await hall.changes(world.scheduler)
    await world.scheduler.do("addGroupMember", groupId=world.monday, clientId=world.client_dora)
    assert (await doras.change("CREATED", session))["appointment"]["title"] == "MGG"
    await offices.change("UPDATED", session)


async def test_a_client_who_leaves_the_roster_is_told_so_and_nothing_more(world: World, hall: Hall) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.ada)
    # Nothing of this is hers to know.
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
    removed = await stream.change("REMOVED", session)
    assert removed["appointment"] is None
    await world.amara.do("markAllAttended", appointmentId=session)
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=world.client_ada)
    back = await stream.next()
    assert back["appointment"]["id"] == session
    assert [line["client"]["id"] for line in back["appointment"]["attendances"]] == [world.client_ada]


async def test_a_client_hears_nothing_of_sessions_that_are_others(world: World, hall: Hall) -> None:
    stream = await hall.changes(world.ada)
    await an_appointment(by=world.bjorn, group=world.thursday)
    own = await an_appointment(by=world.amara, client=world.client_ada)
    await stream.change("CREATED", own)


async def test_another_practice_hears_nothing(world: World, hall: Hall) -> None:
    eve = world.elsewhere.eve
    stream = await hall.changes(eve)
    await an_appointment(by=world.amara, group=world.monday)
    theirs = await an_appointment(by=eve, group=world.elsewhere.group)
    await stream.change("CREATED", theirs)


@pytest.mark.parametrize("cursor", ["", "zz", "00", "é", "31", "3a31", "6" * 7, "ff" * 64])
async def test_what_is_no_cursor_is_bad_input(world: World, hall: Hall, cursor: str) -> None:
    stream = await hall.changes(world.amara, after=cursor)
    problem = await stream.ends("BAD_USER_INPUT")
    assert problem.extensions["field"] == "after"


async def _reset(hall: Hall, person: Person, after: str) -> None:
    """Expect one RESET, whose cursor is the calendar's of now, and that the stream goes on from there."""
    stream = await hall.changes(person, after=after)
    reset = await stream.change("RESET")
    assert reset["appointment"] is None
    assert parse_place(reset["cursor"]) == parse_place((await calendar(person))["cursor"])
    session = await an_appointment(by=person, client=await _somebody(person))
    await stream.change("CREATED", session)


async def _somebody(person: Person) -> str:
    found = await person.ask("{ clients(first: 1) { edges { node { id } } } }")
    return str(found["clients"]["edges"][0]["node"]["id"])


async def test_a_cursor_of_another_practice_is_reset_and_grants_nothing(world: World, hall: Hall) -> None:
    for _ in range(3):
        await an_appointment(by=world.amara, group=world.monday)
    await _reset(hall, world.elsewhere.eve, (await calendar(world.amara))["cursor"])


async def test_a_cursor_of_the_future_is_reset(world: World, hall: Hall) -> None:
    await an_appointment(by=world.amara, group=world.monday)
    practice, seq = parse_place((await calendar(world.amara))["cursor"])
    for future in (seq + 1, 2**63):
        await _reset(hall, world.amara, place(practice, future))


async def test_a_cursor_from_before_the_log_begins_is_reset(world: World, hall: Hall) -> None:
    cursor = (await calendar(world.amara))["cursor"]
    for _ in range(3):
        await an_appointment(by=world.amara, group=world.monday)
    latest = (await calendar(world.amara))["cursor"]
    await trim(timedelta(0))
    assert await fetch("SELECT * FROM event") == []
    await _reset(hall, world.amara, cursor)
    # Who has been told everything misses nothing by that.
    stream = await hall.changes(world.amara, after=latest)
    assert (await stream.next())["kind"] == "CREATED"


async def test_a_cursor_is_reset_by_its_age_whether_or_not_something_happened(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr("models.places.now", lambda: now() - KEPT_FOR - timedelta(minutes=1))
        old = (await calendar(world.ada))["cursor"]
    await _reset(hall, world.amara, old)
    with monkeypatch.context() as then:
        then.setattr("models.places.now", lambda: now() - KEPT_FOR + timedelta(minutes=1))
        young = (await calendar(world.ada))["cursor"]
    session = await an_appointment(by=world.amara, group=world.monday)
    stream = await hall.changes(world.ada, after=young)
    await stream.change("CREATED", session)


@pytest.mark.parametrize("n", [0, 31, 32, 95, 96, 127])
async def test_a_cursor_of_which_one_letter_is_another_is_none(world: World, hall: Hall, n: int) -> None:
    cursor = (await calendar(world.amara))["cursor"]
    assert len(cursor) == 128
    other = cursor[:n] + ("0" if cursor[n] != "0" else "1") + cursor[n + 1 :]
    problem = await (await hall.changes(world.amara, after=other)).ends("BAD_USER_INPUT")
    assert problem.extensions["field"] == "after"


async def test_a_hole_in_the_log_is_reset_and_not_passed_over(world: World, hall: Hall) -> None:
    """A clock that is set back leaves later events with earlier moments, and these are trimmed first."""
    sessions = [await an_appointment(by=world.amara, group=world.monday) for _ in range(3)]
    practice, seq = parse_place((await calendar(world.amara))["cursor"])
    await fetch("DELETE FROM event WHERE seq=$1", [seq - 1])
    await _reset(hall, world.amara, place(practice, seq - 3))
    stream = await hall.changes(world.amara, after=place(practice, seq - 1))
    await stream.change("CREATED", sessions[2])


async def test_a_log_that_is_trimmed_under_a_stream_is_reset(
    world: World, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await hall.changes(world.amara)
    await stream.change("CREATED", await an_appointment(by=world.amara, group=world.monday))
    with monkeypatch.context() as asleep:
        # As if its process had been put to sleep for a day.
        asleep.setattr("models.events.LISTENERS", [])
        for _ in range(2):
            await an_appointment(by=world.amara, group=world.monday)
        await trim(timedelta(0))
    last = await an_appointment(by=world.amara, group=world.monday)
    reset = await stream.change("RESET")
    assert parse_place(reset["cursor"]) == parse_place((await calendar(world.amara))["cursor"])
    assert last in str(await calendar(world.amara))


async def test_a_quiet_stream_gives_a_fresh_cursor_from_time_to_time(world: World, hall: Hall) -> None:
    hall.hub.quiet_seconds = 0.02
    stream = await hall.changes(world.ada)
    first = await stream.change("CHECKPOINT")
    assert first["appointment"] is None
    before = parse_place(first["cursor"])
    assert before == parse_place((await calendar(world.ada))["cursor"])
    # Much happens, and nothing of it is the client's to know.
    await an_appointment(by=world.bjorn, group=world.thursday)
    latest = parse_place((await calendar(world.ada))["cursor"])
    while (reached := parse_place((await stream.change("CHECKPOINT"))["cursor"])) != latest:
        assert reached == before
    own = await an_appointment(by=world.amara, client=world.client_ada)
    while (told := await stream.next())["kind"] == "CHECKPOINT":
        assert parse_place(told["cursor"]) == latest
    assert (told["kind"], told["appointmentId"]) == ("CREATED", own)


async def test_a_checkpoint_never_passes_over_what_waits_to_be_told() -> None:
    """The time is up at the very moment at which something comes."""
    member = Member(None)
    nothing_is_read: Any = None
    group = Group(nothing_is_read, nothing_is_read, nothing_is_read, 4)
    taking = member.takes(group, 4, 0.0)
    assert await anext(taking) == 4
    coming = asyncio.ensure_future(anext(taking))
    await asyncio.sleep(0)
    group.cursor = 5
    member.push([Told(5, "five")], whole=False)
    assert await coming == Told(5, "five")
    await taking.aclose()


async def test_a_provider_nobody_knows_is_not_found(world: World, hall: Hall) -> None:
    for unknown in (world.elsewhere.provider, world.client_ada, "prv_" + "0" * 32, "x", ""):
        stream = await hall.changes(world.amara, providerIds=[world.amaras, unknown], after=None)
        await stream.ends("NOT_FOUND")


async def test_a_client_names_only_providers_of_their_own(world: World, hall: Hall) -> None:
    await (await hall.changes(world.ada, providerIds=[world.bjorns], after=None)).ends("NOT_FOUND")
    stream = await hall.changes(world.ada, providerIds=[world.amaras])
    own = await an_appointment(by=world.amara, client=world.client_ada)
    await stream.change("CREATED", own)


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"to": in_days(33, 0)}, "to"),
        ({"to": in_days(-30, 0)}, "from"),
        ({"to": in_days(-31, 0)}, "from"),
        ({"providerIds": ["prv_" + "0" * 32] * 101}, "providerIds"),
    ],
)
async def test_a_stretch_that_no_calendar_has_is_bad_input(
    world: World, hall: Hall, wrong: dict[str, Any], field: str
) -> None:
    stream = await hall.changes(world.amara, after=None, **wrong)
    problem = await stream.ends("BAD_USER_INPUT")
    assert problem.extensions["field"] == field


async def test_the_longest_stretch_is_62_days(world: World, hall: Hall) -> None:
    stream = await hall.changes(world.amara, to=in_days(32, 0))
    await stream.change("CREATED", await an_appointment(by=world.amara, starts_at=in_days(31), group=world.monday))


@pytest.mark.parametrize("wrong", [{"from": "yesterday"}, {"from": "2031-01-01T00:00:00"}, {"providerIds": [None]}])
async def test_variables_that_do_not_fit_are_refused(world: World, hall: Hall, wrong: dict[str, Any]) -> None:
    stream = await hall.changes(world.amara, after=None, **wrong)
    with pytest.raises(BadVariables):
        await stream.text()


async def test_who_is_not_signed_in_follows_nothing(world: World, hall: Hall) -> None:
    await (await hall.changes(world.nobody, after=None)).ends("UNAUTHENTICATED")


async def test_what_is_asked_may_be_called_and_put_together_otherwise(world: World, hall: Hall) -> None:
    document = (
        "subscription Other($from: DateTime!, $to: DateTime!, $rest: Boolean!) {"
        " ... on Subscription { mine: calendarChanges(from: $from, to: $to) { ...C is: kind at: cursor } } }"
        " fragment C on CalendarChange { __typename who: appointmentId"
        " appointment @include(if: $rest) { __typename name: title } }"
    )
    short = (await hall.open(world.amara, document, **STRETCH, rest=False)).begin()
    long = (await hall.open(world.amara, document, **STRETCH, rest=True)).begin()
    await until(lambda: len(hall.hub.members) == 2)
    session = await an_appointment(by=world.amara, group=world.monday)
    at = parse_place((await calendar(world.amara))["cursor"])
    told = await short.next()
    more = await long.next()
    assert parse_place(told.pop("at")) == parse_place(more.pop("at")) == at
    assert told == {"__typename": "CalendarChange", "who": session, "is": "CREATED"}
    assert more == told | {"appointment": {"__typename": "Appointment", "name": "Monday Grief Group"}}
