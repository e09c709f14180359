from __future__ import annotations

import pytest

from models import Provider
from models.ids import row_id
from models.practice import Role
from tests.client import Data, Person
from tests.world import World, a_client, a_user, an_appointment, in_days

CALENDAR = """
query ($from: DateTime!, $to: DateTime!, $providerIds: [ID!], $includeCanceled: Boolean! = false) {
  calendar(from: $from, to: $to, providerIds: $providerIds, includeCanceled: $includeCanceled) {
    cursor
    appointments { id title startsAt status }
  }
}
"""
DAY = {"from": "2099-01-12T00:00:00Z", "to": "2099-01-13T00:00:00Z"}


async def found(person: Person, **asked: object) -> list[str]:
    answered = await person.ask(CALENDAR, **{**DAY, **asked})
    return [one["id"] for one in answered["calendar"]["appointments"]]


# The stretch


@pytest.mark.parametrize(
    "starts, minutes, is_in",
    [
        ("2099-01-11T23:00:00Z", 60, 0),
        ("2099-01-11T23:00:00Z", 61, 1),
        ("2099-01-12T00:00:00Z", 60, 1),
        ("2099-01-12T23:59:00Z", 60, 1),
        ("2099-01-12T23:59:59.999Z", 60, 1),
        ("2099-01-13T00:00:00Z", 60, 0),
        ("2099-01-11T23:30:00Z", 1440, 1),
        ("2099-01-12T18:00:00-06:00", 60, 0),
        ("2099-01-12T17:59:00-06:00", 60, 1),
    ],
)
async def test_a_stretch_holds_all_that_overlaps_it_and_ends_before_its_end(
    world: World, starts: str, minutes: int, is_in: int
) -> None:
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=starts, minutes=minutes)
    assert await found(world.amara) == [session] * is_in


async def test_a_session_around_a_short_stretch_is_in_it(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    short = {"from": "2099-01-12T18:20:00Z", "to": "2099-01-12T18:21:00Z"}
    assert await found(world.amara, **short) == [session]


async def test_a_stretch_has_at_most_62_days_and_begins_before_it_ends(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    assert await found(world.amara, **{"from": "2099-01-01T00:00:00Z", "to": "2099-03-04T00:00:00Z"}) == [session]
    for from_, to in (
        ("2099-01-01T00:00:00Z", "2099-03-04T00:00:01Z"),
        ("2099-01-12T00:00:00Z", "2099-01-12T00:00:00Z"),
        ("2099-01-13T00:00:00Z", "2099-01-12T00:00:00Z"),
        ("2099-01-12T00:00:00", "2099-01-13T00:00:00Z"),
        ("2099-01-12T00:00:00Z", "2099-01-13"),
    ):
        await world.amara.error("BAD_USER_INPUT", CALENDAR, **{"from": from_, "to": to})


async def test_appointments_come_in_order_of_start(world: World) -> None:
    clients = [await a_client(by=world.amara, last_name=f"Berg {n}") for n in range(4)]
    made = [
        await an_appointment(by=world.amara, client=client, starts_at=f"2099-01-12T{hour:02}:00:00Z")
        for client, hour in zip(clients, (18, 9, 18, 12), strict=True)
    ]
    # Of two that start at once the one that was made first comes first.
    assert await found(world.amara) == [made[1], made[3], made[0], made[2]]


# Whose


async def test_without_providers_it_is_everybodys_and_with_an_empty_list_nobodys(world: World) -> None:
    amaras = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    bjorns = await an_appointment(by=world.bjorn, group=world.thursday, starts_at="2099-01-12T19:00:00Z")
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.amara, world.bjorn):
        assert await found(person) == await found(person, providerIds=None) == [amaras, bjorns]
        assert await found(person, providerIds=[]) == []
        assert await found(person, providerIds=[world.bjorns]) == [bjorns]
        assert await found(person, providerIds=[world.bjorns, world.amaras, world.bjorns]) == [amaras, bjorns]
    assert await found(world.elsewhere.eve) == []


async def test_a_calendar_that_is_not_there_is_not_found(world: World) -> None:
    for wrong in (world.elsewhere.provider, world.monday, "x", "", f"prv_{'0' * 32}"):
        for ids in ([wrong], [world.amaras, wrong]):
            await world.owner.error("NOT_FOUND", CALENDAR, **DAY, providerIds=ids)


async def test_who_left_still_has_a_calendar_to_look_at(world: World) -> None:
    session = await an_appointment(by=world.bjorn, group=world.thursday, starts_at="2099-01-12T19:00:00Z")
    await Provider.filter(id=row_id("prv", world.bjorns)).update(active=False)
    assert await found(world.owner, providerIds=[world.bjorns]) == [session]


async def test_of_providers_there_are_at_most_a_hundred(world: World) -> None:
    assert await found(world.owner, providerIds=[world.amaras] * 100) == []
    await world.owner.error("BAD_USER_INPUT", CALENDAR, **DAY, providerIds=[world.amaras] * 101)


async def test_a_client_sees_their_own_and_the_calendars_of_their_own_providers(world: World) -> None:
    mine = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    await an_appointment(by=world.amara, client=world.client_ben, starts_at="2099-01-12T19:00:00Z")
    await an_appointment(by=world.bjorn, group=world.thursday, starts_at="2099-01-12T19:00:00Z")
    assert await found(world.ada) == [mine]
    assert await found(world.ada, providerIds=[world.amaras]) == [mine]
    await world.ada.error("NOT_FOUND", CALENDAR, **DAY, providerIds=[world.bjorns])


# What was called off


async def test_what_was_called_off_is_shown_to_whoever_asks_for_it(world: World) -> None:
    off = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    stays = await an_appointment(by=world.amara, client=world.client_ben, starts_at="2099-01-12T19:00:00Z")
    await world.amara.do("cancelAppointment", id=off)
    for person in (world.amara, world.owner, world.bjorn):
        assert await found(person) == [stays]
        assert await found(person, includeCanceled=True) == [off, stays]
    await world.owner.error("BAD_USER_INPUT", CALENDAR, **DAY, includeCanceled=None)


# Busy only


BUSY: Data = {
    "kind": None,
    "title": "Busy",
    "shortTitle": "Busy",
    "busyOnly": True,
    "group": None,
    "attendances": [],
    "attendanceSummary": None,
    "attendanceOptions": None,
    "cancelReason": None,
    "viewerCanReschedule": False,
    "viewerCanSetAttendance": False,
    "viewerCanTakePayment": False,
    "viewerCanChart": False,
}
ALL_OF_IT = (
    "kind title shortTitle busyOnly group { id } attendances { id } attendanceSummary { total } attendanceOptions"
    " { attended { label } } cancelReason viewerCanReschedule viewerCanSetAttendance viewerCanTakePayment"
    " viewerCanChart"
)


async def test_of_a_colleagues_session_a_provider_knows_no_more_than_that_the_time_is_taken(world: World) -> None:
    """N5: wherever they come across it."""
    group = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    alone = await an_appointment(by=world.amara, client=world.client_ben, starts_at="2099-01-12T19:00:00Z")
    for session in (group, alone):
        await world.amara.do("cancelAppointment", id=session, reason="Snow")
    asked = await world.bjorn.ask(
        "query ($from: DateTime!, $to: DateTime!, $ids: [ID!]!, $id: ID!) {"
        f" calendar(from: $from, to: $to, includeCanceled: true) {{ appointments {{ {ALL_OF_IT} }} }}"
        f" nodes(ids: $ids) {{ ... on Appointment {{ {ALL_OF_IT} }} }} appointment(id: $id) {{ {ALL_OF_IT} }} }}",
        **DAY,
        ids=[group, alone],
        id=group,
    )
    assert asked == {
        "calendar": {"appointments": [BUSY, BUSY]},
        "nodes": [BUSY, BUSY],
        "appointment": BUSY,
    }


async def test_the_time_the_calendar_and_the_state_of_it_are_known(world: World) -> None:
    """N5."""
    session = await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    asked = await world.bjorn.ask(
        "query ($id: ID!) { appointment(id: $id) { startsAt endsAt status provider { name } } }", id=session
    )
    assert asked["appointment"] == {
        "startsAt": "2099-01-12T18:00:00Z",
        "endsAt": "2099-01-12T19:00:00Z",
        "status": "SCHEDULED",
        "provider": {"name": "Amara Okafor"},
    }


async def test_the_office_knows_every_session_and_the_biller_groups_by_their_initials(world: World) -> None:
    """R5: the short title is always the initials."""
    await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    await an_appointment(by=world.amara, client=world.client_ben, starts_at="2099-01-12T19:00:00Z")
    whole = "query ($from: DateTime!, $to: DateTime!) { calendar(from: $from, to: $to) { appointments"
    whole += " { title shortTitle busyOnly group { name } attendances { client { name } } } } }"
    for person, title in (
        (world.owner, "Monday Grief Group"),
        (world.manager, "Monday Grief Group"),
        (world.scheduler, "Monday Grief Group"),
        (world.carol, "MGG"),
    ):
        group, alone = (await person.ask(whole, **DAY))["calendar"]["appointments"]
        assert (group["title"], group["shortTitle"], group["group"]) == (title, "MGG", {"name": title})
        assert len(group["attendances"]) == 3
        assert (alone["title"], alone["shortTitle"], alone["busyOnly"]) == ("Ben Castillo", "BC", False)


async def test_a_biller_who_treats_knows_own_groups_by_name_and_others_by_initials(world: World) -> None:
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.PROVIDER, Role.BILLER])
    await an_appointment(by=world.amara, group=world.monday, starts_at="2099-01-12T18:00:00Z")
    asked = await ines.ask(CALENDAR, **DAY)
    assert [one["title"] for one in asked["calendar"]["appointments"]] == ["MGG"]
    mine = await ines.ask("{ viewer { provider { id } } }")
    await world.owner.do("updateGroup", id=world.monday, providerId=mine["viewer"]["provider"]["id"])
    asked = await ines.ask(CALENDAR, **DAY)
    assert [one["title"] for one in asked["calendar"]["appointments"]] == ["Monday Grief Group"]


async def test_from_its_cursors_nobody_learns_whether_something_happened_meanwhile(world: World) -> None:
    cursors = [(await world.ada.ask(CALENDAR, **DAY))["calendar"]["cursor"] for _ in range(3)]
    await an_appointment(by=world.bjorn, group=world.thursday, starts_at=in_days(7))
    cursors += [(await world.ada.ask(CALENDAR, **DAY))["calendar"]["cursor"] for _ in range(3)]
    assert len(set(cursors)) == 6
    assert len({cursor[:32] for cursor in cursors}) == len({cursor[32:96] for cursor in cursors}) == 6
