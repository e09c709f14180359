from __future__ import annotations

from models import Provider
from models.ids import row_id
from models.practice import Role
from tests.client import Data, Person
from tests.rows import changed, everything
from tests.world import World, a_client, a_group, a_practice, a_service_code, a_user, an_appointment, in_days

SHOWN = (
    "appointment { id kind status title shortTitle busyOnly startsAt endsAt provider { name } group { name }"
    " attendances { client { name } outcome } version } overlaps { id }"
)


async def shown(person: Person, appointment: str, select: str) -> Data:
    asked = await person.ask(f"query ($id: ID!) {{ appointment(id: $id) {{ {select} }} }}", id=appointment)
    found: Data = asked["appointment"]
    return found


async def titles(person: Person, *providers: str, begin: str = "", end: str = "") -> list[str]:
    asked = await person.ask(
        "query ($from: DateTime!, $to: DateTime!, $ids: [ID!]) {"
        " calendar(from: $from, to: $to, providerIds: $ids) { appointments { title } } }",
        **{"from": begin or in_days(0), "to": end or in_days(28), "ids": list(providers) or None},
    )
    return [one["title"] for one in asked["calendar"]["appointments"]]


# The same process


async def test_a_group_is_put_on_a_calendar_by_the_same_process_as_a_client(world: World) -> None:
    """R14: the group's name stands where the client's would."""
    group, client = [
        (await world.amara.do("scheduleAppointment", SHOWN, **whom, startsAt="2099-01-12T18:00:00-06:00"))[
            "appointment"
        ]
        for whom in ({"groupId": world.monday}, {"clientId": world.client_ben})
    ]
    assert group | {"id": ""} == {
        "id": "",
        "kind": "GROUP",
        "status": "SCHEDULED",
        "title": "Monday Grief Group",
        "shortTitle": "MGG",
        "busyOnly": False,
        "startsAt": "2099-01-13T00:00:00Z",
        "endsAt": "2099-01-13T01:00:00Z",
        "provider": {"name": "Amara Okafor"},
        "group": {"name": "Monday Grief Group"},
        "attendances": [
            {"client": {"name": name}, "outcome": None} for name in ("Addie Ångström", "Ben Castillo", "Chloe Dubois")
        ],
        "version": 1,
    }
    assert client | {"id": ""} == {
        **group,
        "id": "",
        "kind": "INDIVIDUAL",
        "title": "Ben Castillo",
        "shortTitle": "BC",
        "group": None,
        "attendances": [{"client": {"name": "Ben Castillo"}, "outcome": None}],
    }


async def test_part_of_the_groups_name_is_enough_to_schedule_it(world: World) -> None:
    """R14, R16: type part of the name, choose the match, save."""
    found = await world.amara.ask('{ search(text: "rief") { match { ... on Group { id } } usuallySeesProvider } }')
    [hit] = found["search"]
    assert hit["usuallySeesProvider"] is True
    made = await world.amara.do(
        "scheduleAppointment", "appointment { title }", groupId=hit["match"]["id"], startsAt=in_days(7)
    )
    assert made["appointment"] == {"title": "Monday Grief Group"}


async def test_it_is_at_the_moment_and_on_the_calendar_that_were_clicked(world: World) -> None:
    """R15."""
    for by, provider in ((world.amara, None), (world.scheduler, world.amaras)):
        id_ = await an_appointment(by=by, group=world.monday, provider=provider, starts_at="2099-03-02T16:15:00-06:00")
        made = await shown(world.owner, id_, "startsAt provider { id }")
        assert made == {"startsAt": "2099-03-02T22:15:00Z", "provider": {"id": world.amaras}}
        await world.owner.do("cancelAppointment", id=id_)


async def test_saving_puts_it_on_that_providers_calendar_and_on_no_other(world: World) -> None:
    """R15."""
    await an_appointment(by=world.scheduler, group=world.monday, provider=world.amaras)
    assert await titles(world.scheduler, world.amaras) == ["Monday Grief Group"]
    assert await titles(world.scheduler, world.bjorns) == []
    assert await titles(world.scheduler) == ["Monday Grief Group"]


async def test_the_appointment_is_the_one_place_for_attendance_payment_and_charting(world: World) -> None:
    """R17: one document opens it with all that is done there."""
    id_ = await an_appointment(by=world.amara, group=world.monday)
    place = (
        "attendances { id client { name } confirmation outcome serviceCode { code } fee { amountMinor }"
        " paid { amountMinor } balance { amountMinor } } attendanceOptions { attended { label } }"
        " viewerCanReschedule viewerCanSetAttendance viewerCanTakePayment viewerCanChart"
    )
    opened = await shown(world.amara, id_, place)
    assert len(opened["attendances"]) == 3
    assert opened["attendanceOptions"]["attended"]
    assert [opened[name] for name in opened if name.startswith("viewerCan")] == [True] * 4
    line = opened["attendances"][0]["id"]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    given = {"clientId": world.client_ada, "amountMinor": 4000, "method": "CASH", "attendanceId": line}
    await world.amara.do("acceptPayment", **given, idempotencyKey="once")
    assert (await shown(world.amara, id_, place))["attendances"][0] == {
        "id": line,
        "client": {"name": "Addie Ångström"},
        "confirmation": "NOT_ASKED",
        "outcome": "ATTENDED",
        "serviceCode": {"code": "90853"},
        "fee": {"amountMinor": 6000},
        "paid": {"amountMinor": 4000},
        "balance": {"amountMinor": 2000},
    }


async def test_what_each_role_may_do_there_is_said_beforehand(world: World) -> None:
    """R17: the office takes money, the biller sets nothing, and only a clinician who knows the session charts."""
    id_ = await an_appointment(by=world.amara, group=world.monday)
    can = "viewerCanReschedule viewerCanSetAttendance viewerCanTakePayment viewerCanChart"
    for person, expected in (
        (world.owner, [True, True, True, False]),
        (world.scheduler, [True, True, True, False]),
        (world.carol, [False, False, True, False]),
        (world.amara, [True, True, True, True]),
        (world.bjorn, [False, False, False, False]),
        (world.ada, [False, False, False, False]),
    ):
        assert list((await shown(person, id_, can)).values()) == expected
    await world.owner.do("cancelAppointment", id=id_)
    assert list((await shown(world.amara, id_, can)).values())[:2] == [False, False]


# How long


async def test_it_is_as_long_as_its_usual_code_unless_another_length_is_given(world: World) -> None:
    workshop = await a_service_code(by=world.owner, durationMinutes=90)
    group = await a_group(by=world.amara, code=workshop)
    await world.owner.do("updateServiceCode", id=world.individual, durationMinutes=50)
    for of, client, minutes, lasts in (
        (group, None, None, 90),
        (group, None, 45, 45),
        (None, world.client_ben, None, 50),
        (None, world.client_ben, 1440, 1440),
    ):
        id_ = await an_appointment(
            by=world.amara, group=of, client=client, starts_at="2099-01-12T00:00:00Z", minutes=minutes
        )
        ends = (await shown(world.amara, id_, "endsAt"))["endsAt"]
        day, hours, rest = 12 + lasts // 1440, lasts % 1440 // 60, lasts % 60
        assert ends == f"2099-01-{day}T{hours:02}:{rest:02}:00Z"


async def test_a_moment_without_an_offset_is_no_moment(world: World) -> None:
    for moment in ("2099-01-12T18:00:00", "2099-01-12", "18:00Z", "", "2099-02-30T18:00:00Z"):
        await world.amara.denied("BAD_USER_INPUT", "scheduleAppointment", groupId=world.monday, startsAt=moment)


# Whose calendar


async def test_left_out_the_calendar_is_the_viewers_own_or_the_only_one_there_is(world: World) -> None:
    own = await world.amara.do(
        "scheduleAppointment", "appointment { provider { id } }", groupId=world.monday, startsAt=in_days(7)
    )
    assert own["appointment"]["provider"] == {"id": world.amaras}
    await a_practice(name="Solo")
    owner = await a_user(world.nobody, practice="Solo", name="Olga", roles=[Role.OWNER])
    await a_user(world.nobody, practice="Solo", name="Sam Solo", roles=[Role.PROVIDER])
    client = await a_client(by=owner)
    only = await owner.do(
        "scheduleAppointment",
        "appointment { provider { name } }",
        clientId=client,
        startsAt=in_days(7),
        confirmSharing=True,
    )
    assert only["appointment"]["provider"] == {"name": "Sam Solo"}


async def test_nobody_is_put_on_the_calendar_of_a_provider_who_left(world: World) -> None:
    id_ = await an_appointment(by=world.owner, group=world.monday, provider=world.amaras)
    await Provider.filter(id=row_id("prv", world.bjorns)).update(active=False)
    given = {"startsAt": in_days(8), "providerId": world.bjorns, "confirmSharing": True}
    await world.owner.invalid("input.providerId", "scheduleAppointment", groupId=world.monday, **given)
    await world.owner.invalid("input.providerId", "rescheduleAppointment", id=id_, **given)


async def test_a_biller_who_treats_cannot_take_a_group_for_themselves_by_booking_it(world: World) -> None:
    """R20: the biller sees every group by its initials, but holds none that nobody shared with them."""
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.PROVIDER, Role.BILLER])
    before = await everything()
    for confirmed in (False, True):
        given = {"groupId": world.monday, "startsAt": in_days(7), "confirmSharing": confirmed}
        await ines.denied("FORBIDDEN", "scheduleAppointment", **given)
    assert changed(before, await everything()) == []
    mine = await a_group(by=ines)
    await an_appointment(by=ines, group=mine)


async def test_a_role_is_told_no_before_anything_about_the_input(world: World) -> None:
    wrong = {"startsAt": in_days(7), "durationMinutes": 0}
    await world.carol.denied("FORBIDDEN", "scheduleAppointment", **wrong)
    await world.bjorn.denied("NOT_FOUND", "scheduleAppointment", groupId=world.monday, **wrong)
    alone = {"clientId": world.client_ben, "providerId": world.bjorns}
    await world.amara.denied("FORBIDDEN", "scheduleAppointment", **alone, **wrong)
