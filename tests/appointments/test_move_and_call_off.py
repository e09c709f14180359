from __future__ import annotations

from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, an_appointment, in_days, lines_of

MOVED = "appointment { startsAt endsAt version provider { name } attendances { client { name } } }"


async def appointment(person: Person, id_: str, select: str = "title provider { name }") -> Data | None:
    asked = await person.ask(f"query ($id: ID!) {{ appointment(id: $id) {{ {select} }} }}", id=id_)
    found: Data | None = asked["appointment"]
    return found


# Moving


async def test_it_moves_to_another_time_and_stays_as_long_as_it_was(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday, minutes=75)
    moved = await world.amara.do("rescheduleAppointment", MOVED, id=session, startsAt="2099-01-12T18:00:00-06:00")
    assert moved["appointment"] == {
        "startsAt": "2099-01-13T00:00:00Z",
        "endsAt": "2099-01-13T01:15:00Z",
        "version": 2,
        "provider": {"name": "Amara Okafor"},
        "attendances": [{"client": {"name": n}} for n in ("Addie Ångström", "Ben Castillo", "Chloe Dubois")],
    }
    moved = await world.amara.do(
        "rescheduleAppointment", MOVED, id=session, startsAt="2099-01-13T00:00:00Z", durationMinutes=30
    )
    assert (moved["appointment"]["endsAt"], moved["appointment"]["version"]) == ("2099-01-13T00:30:00Z", 3)


async def test_moving_it_to_where_it_is_changes_nothing(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    before = await everything()
    given = {"id": session, "startsAt": in_days(7), "durationMinutes": 60, "providerId": world.amaras}
    for more in ({}, {"expectedVersion": 1}, {"durationMinutes": None, "providerId": None}):
        moved = await world.amara.do("rescheduleAppointment", "appointment { version }", **given | more)
        assert moved["appointment"] == {"version": 1}
    assert changed(before, await everything()) == []


async def test_what_is_over_can_be_moved_and_what_came_of_it_stays(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    await world.amara.do("rescheduleAppointment", id=session, startsAt=in_days(-8))
    asked = await appointment(world.amara, session, "attendanceSummary { attended charged { amountMinor } }")
    assert asked == {"attendanceSummary": {"attended": 1, "charged": {"amountMinor": 6000}}}


async def test_moving_a_group_to_another_provider_shows_the_same_alert_and_shares_it(world: World) -> None:
    """R22, R23."""
    session = await an_appointment(by=world.amara, group=world.monday)
    given = {"id": session, "startsAt": in_days(8), "providerId": world.bjorns}
    before = await everything()
    for by in (world.amara, world.scheduler):
        problem = await by.refused("NotUsuallySeen", "rescheduleAppointment", **given)
        assert problem["message"] == "This group doesn't usually see this provider."
        assert (problem["match"], problem["provider"]) == ({"id": world.monday}, {"id": world.bjorns})
    assert changed(before, await everything()) == []
    moved = await world.amara.do("rescheduleAppointment", MOVED, **given, confirmSharing=True)
    assert moved["appointment"]["provider"] == {"name": "Björn Lindqvist"}
    assert await appointment(world.bjorn, session) == {
        "title": "Monday Grief Group",
        "provider": {"name": "Björn Lindqvist"},
    }
    again = await world.bjorn.do("rescheduleAppointment", MOVED, **given | {"providerId": world.amaras})
    assert again["appointment"]["provider"] == {"name": "Amara Okafor"}
    assert await count("group_share") == 1


async def test_a_group_that_was_put_away_is_shared_with_nobody_by_moving_it(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("archiveGroup", id=world.monday)
    given = {"id": session, "startsAt": in_days(8), "confirmSharing": True}
    await world.scheduler.invalid("input.providerId", "rescheduleAppointment", **given, providerId=world.bjorns)
    await world.scheduler.do("rescheduleAppointment", **given)


async def test_a_client_alone_is_moved_to_a_colleague_by_the_office_only(world: World) -> None:
    """R22: the office is asked first; whoever had it knows no more than that the time is taken."""
    session = await an_appointment(by=world.amara, client=world.client_ben)
    given = {"id": session, "startsAt": in_days(8), "providerId": world.bjorns}
    await world.amara.denied("FORBIDDEN", "rescheduleAppointment", **given, confirmSharing=True)
    problem = await world.owner.refused("NotUsuallySeen", "rescheduleAppointment", **given)
    assert problem["message"] == "This client doesn't usually see this provider."
    await world.owner.do("rescheduleAppointment", **given, confirmSharing=True)
    assert (await appointment(world.bjorn, session) or {})["title"] == "Ben Castillo"
    assert (await appointment(world.amara, session) or {})["title"] == "Busy"
    # Amara usually sees Ben all the same.
    assert (await world.amara.ask("query ($id: ID!) { client(id: $id) { id } }", id=world.client_ben))["client"]


async def test_a_client_alone_is_moved_to_nobody_once_its_notes_are_begun(world: World) -> None:
    """A draft is its author's: what front desk moves opens nothing that was written to a colleague."""
    session = await an_appointment(by=world.amara, client=world.client_ben)
    begun = await world.amara.do("startChart", "chart { id }", appointmentId=session)
    given = {"id": session, "startsAt": in_days(8)}
    for confirmed in (False, True):
        await world.scheduler.invalid(
            "input.providerId", "rescheduleAppointment", **given, providerId=world.bjorns, confirmSharing=confirmed
        )
    await world.scheduler.do("rescheduleAppointment", **given, providerId=world.amaras)
    found = "query ($id: ID!) { chart(id: $id) { id } }"
    assert (await world.amara.ask(found, id=begun["chart"]["id"]))["chart"]
    assert (await world.bjorn.ask(found, id=begun["chart"]["id"]))["chart"] is None


async def test_a_client_who_was_seen_only_there_leaves_the_sight_of_whoever_lost_the_appointment(world: World) -> None:
    session = await an_appointment(by=world.owner, client=world.client_dora, provider=world.bjorns)
    await world.owner.do(
        "rescheduleAppointment", id=session, startsAt=in_days(7), providerId=world.amaras, confirmSharing=True
    )
    await world.owner.do("updateClient", id=world.client_dora, providerIds=[world.bjorns])
    find = "query ($id: ID!) { client(id: $id) { name } }"
    assert (await world.amara.ask(find, id=world.client_dora))["client"] == {"name": "Dora Lund"}
    await world.owner.do("rescheduleAppointment", id=session, startsAt=in_days(7), providerId=world.bjorns)
    assert (await world.amara.ask(find, id=world.client_dora))["client"] is None


async def test_who_moved_it_first_is_not_overwritten(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.scheduler.do("rescheduleAppointment", id=session, startsAt=in_days(8), expectedVersion=1)
    stale = {"id": session, "startsAt": in_days(9), "expectedVersion": 1}
    problem = await world.amara.refused("VersionConflict", "rescheduleAppointment", **stale)
    assert problem["current"] == {"id": session}
    await world.amara.refused("VersionConflict", "cancelAppointment", id=session, expectedVersion=1)
    await world.amara.do("cancelAppointment", id=session, expectedVersion=2)


# Calling off


async def test_what_is_called_off_is_kept_with_its_reason_for_staff(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    off = await world.amara.do(
        "cancelAppointment",
        "appointment { status canceledAt cancelReason version startsAt attendances { id } viewerCanReschedule }",
        id=session,
        reason="  Snow on the road ",
    )
    kept = off["appointment"]
    assert (kept["status"], kept["cancelReason"], kept["version"]) == ("CANCELED", "Snow on the road", 2)
    assert kept["canceledAt"] is not None
    assert len(kept["attendances"]) == 3
    assert kept["viewerCanReschedule"] is False
    for person, reason in (
        (world.owner, "Snow on the road"),
        (world.carol, "Snow on the road"),
        (world.bjorn, None),
        (world.ada, None),
    ):
        assert await appointment(person, session, "status cancelReason") == {
            "status": "CANCELED",
            "cancelReason": reason,
        }


async def test_calling_off_twice_is_as_once_and_the_first_reason_stays(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    await world.amara.do("cancelAppointment", id=session, reason="Snow")
    before = await everything()
    again = await world.amara.do("cancelAppointment", "appointment { cancelReason }", id=session, reason="Rain")
    assert again["appointment"] == {"cancelReason": "Snow"}
    assert changed(before, await everything()) == []


async def test_what_somebody_is_charged_for_is_cleared_before_it_is_called_off(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    await world.amara.do("setAttendance", attendanceId=line, outcome="LATE_CANCEL")
    await world.amara.invalid("input.id", "cancelAppointment", id=session)
    await world.amara.do("clearAttendance", attendanceId=line)
    await world.amara.do("cancelAppointment", id=session)
    for mutation, given in (
        ("setAttendance", {"attendanceId": line, "outcome": "ATTENDED"}),
        ("recordConfirmation", {"attendanceId": line, "status": "CONFIRMED"}),
    ):
        await world.amara.invalid("input.attendanceId", mutation, **given)
    await world.amara.invalid("input.appointmentId", "markAllAttended", appointmentId=session)
    await world.amara.invalid("input.id", "rescheduleAppointment", id=session, startsAt=in_days(8))


async def test_a_client_moves_and_calls_off_nothing(world: World) -> None:
    session = await an_appointment(by=world.amara, client=world.client_ada)
    assert (await appointment(world.ada, session, "viewerCanReschedule") or {})["viewerCanReschedule"] is False
    await world.ada.denied("FORBIDDEN", "rescheduleAppointment", id=session, startsAt=in_days(8))
    await world.ada.denied("FORBIDDEN", "cancelAppointment", id=session)


async def test_in_another_practice_it_is_not_there(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    eve = world.elsewhere.eve
    assert await appointment(eve, session) is None
    await eve.denied("NOT_FOUND", "rescheduleAppointment", id=session, startsAt=in_days(8))
    await eve.denied("NOT_FOUND", "cancelAppointment", id=session)
    await world.owner.denied(
        "NOT_FOUND", "rescheduleAppointment", id=session, startsAt=in_days(8), providerId=world.elsewhere.provider
    )
