"""The practice is in Chicago: 2027-03-14 has 23 hours there, and 2027-11-07 has 25."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.client import Person
from tests.world import World, an_appointment

CHICAGO = ZoneInfo("America/Chicago")
SHORT_DAY = ("2027-03-14T00:00:00-06:00", "2027-03-15T00:00:00-05:00")
LONG_DAY = ("2027-11-07T00:00:00-05:00", "2027-11-08T00:00:00-06:00")
CALENDAR = (
    "query ($from: DateTime!, $to: DateTime!) {"
    " calendar(from: $from, to: $to) { appointments { id startsAt endsAt } } }"
)


async def during(person: Person, day: tuple[str, str]) -> list[tuple[str, str]]:
    asked = await person.ask(CALENDAR, **{"from": day[0], "to": day[1]})
    return [(one["startsAt"], one["endsAt"]) for one in asked["calendar"]["appointments"]]


async def test_answers_are_in_utc_whatever_the_offset_that_was_given(world: World) -> None:
    for moment in (
        "2027-01-11T18:00:00-06:00",
        "2027-01-12T00:00:00Z",
        "2027-01-12T00:00:00+00:00",
        "2027-01-12T05:45:00+05:45",
        "2027-01-11T12:00:00.000-12:00",
    ):
        made = await world.amara.do(
            "scheduleAppointment", "appointment { startsAt endsAt }", groupId=world.monday, startsAt=moment
        )
        assert made["appointment"] == {"startsAt": "2027-01-12T00:00:00Z", "endsAt": "2027-01-12T01:00:00Z"}


@pytest.mark.parametrize("changes", [datetime(2027, 3, 14, tzinfo=CHICAGO), datetime(2027, 11, 7, tzinfo=CHICAGO)])
async def test_six_in_the_evening_stays_six_in_the_evening_when_the_clock_changes(
    world: World, changes: datetime
) -> None:
    week = [changes + timedelta(days=days, hours=18) for days in (-7, 0, 7)]
    for evening in week:
        await an_appointment(by=world.amara, group=world.monday, starts_at=evening.isoformat())
    begin, end = ((changes + timedelta(days=days)).isoformat() for days in (-8, 8))
    starts = [datetime.fromisoformat(start).astimezone(CHICAGO) for start, _ in await during(world.amara, (begin, end))]
    assert [(start.day, start.hour) for start in starts] == [(evening.day, 18) for evening in week]
    assert starts[0].utcoffset() != starts[2].utcoffset()


async def test_a_session_over_the_hour_that_is_left_out_is_as_long_as_any(world: World) -> None:
    await an_appointment(by=world.amara, group=world.monday, starts_at="2027-03-14T01:30:00-06:00", minutes=60)
    # An hour later the clock on the wall says 3:30.
    assert await during(world.amara, SHORT_DAY) == [("2027-03-14T07:30:00Z", "2027-03-14T08:30:00Z")]


async def test_the_hour_that_comes_twice_is_two_hours(world: World) -> None:
    first = {"clientId": world.client_ada, "startsAt": "2027-11-07T01:30:00-05:00"}
    second = {"clientId": world.client_ben, "startsAt": "2027-11-07T01:30:00-06:00"}
    await world.amara.do("scheduleAppointment", **first)
    made = await world.amara.do("scheduleAppointment", "overlaps { id }", **second)
    assert made["overlaps"] == []
    assert [start for start, _ in await during(world.amara, LONG_DAY)] == [
        "2027-11-07T06:30:00Z",
        "2027-11-07T07:30:00Z",
    ]


async def test_a_day_of_23_hours_and_one_of_25_hold_what_is_in_them_and_no_more(world: World) -> None:
    for moment in (
        "2027-03-13T23:30:00-06:00",
        "2027-03-14T00:30:00-06:00",
        "2027-03-14T23:30:00-05:00",
        "2027-03-15T00:00:00-05:00",
        "2027-11-06T23:00:00-05:00",
        "2027-11-07T00:00:00-05:00",
        "2027-11-07T23:30:00-06:00",
        "2027-11-08T00:30:00-06:00",
    ):
        await an_appointment(by=world.amara, group=world.monday, starts_at=moment, minutes=15)
    assert [start for start, _ in await during(world.amara, SHORT_DAY)] == [
        "2027-03-14T06:30:00Z",
        "2027-03-15T04:30:00Z",
    ]
    assert [start for start, _ in await during(world.amara, LONG_DAY)] == [
        "2027-11-07T05:00:00Z",
        "2027-11-08T05:30:00Z",
    ]


async def test_62_days_on_the_wall_are_one_stretch_though_the_clock_changes_in_them(world: World) -> None:
    for begin, end in (
        ("2027-03-01T00:00:00-06:00", "2027-05-02T00:00:00-05:00"),
        ("2027-03-01T06:00:00Z", "2027-05-02T06:00:00Z"),
        ("2027-11-01T00:00:00-05:00", "2028-01-02T00:00:00-06:00"),
        ("2027-11-01T05:00:00Z", "2028-01-02T05:00:00Z"),
    ):
        assert await during(world.amara, (begin, end)) == []
    for begin, end in (
        ("2027-03-01T00:00:00-06:00", "2027-05-02T01:00:01-05:00"),
        ("2027-11-01T00:00:00-05:00", "2028-01-02T00:00:01-06:00"),
    ):
        await world.amara.error("BAD_USER_INPUT", CALENDAR, **{"from": begin, "to": end})
