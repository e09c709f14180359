from __future__ import annotations

from tests.client import Data, Person
from tests.world import World, a_client, a_group, an_appointment, in_days

AT = "2099-01-12T18:00:00Z"


async def schedule(by: Person, **given: object) -> list[str]:
    made = await by.do("scheduleAppointment", "overlaps { title }", **{"startsAt": AT, **given})
    return [one["title"] for one in made["overlaps"]]


async def test_what_is_at_the_same_time_on_the_same_calendar_is_reported_and_does_not_block(world: World) -> None:
    assert await schedule(world.amara, groupId=world.monday) == []
    assert await schedule(world.amara, clientId=world.client_ben) == ["Monday Grief Group"]
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    assert await schedule(world.amara, clientId=emil) == ["Monday Grief Group", "Ben Castillo"]


async def test_an_overlap_is_any_moment_in_common_and_no_common_edge(world: World) -> None:
    await an_appointment(by=world.amara, group=world.monday, starts_at=AT)
    emil = await a_client(by=world.amara, last_name="Holm")
    for starts, minutes, overlaps in (
        ("2099-01-12T17:00:00Z", 60, False),
        ("2099-01-12T17:00:00Z", 61, True),
        ("2099-01-12T18:59:00Z", 1, True),
        ("2099-01-12T19:00:00Z", 60, False),
        ("2099-01-12T18:20:00Z", 10, True),
        ("2099-01-12T12:00:00Z", 1000, True),
        ("2099-01-12T12:00:00-06:00", 60, True),
    ):
        made = await world.amara.do(
            "scheduleAppointment",
            "appointment { id } overlaps { title }",
            clientId=emil,
            startsAt=starts,
            durationMinutes=minutes,
        )
        assert [one["title"] for one in made["overlaps"]] == ["Monday Grief Group"] * overlaps, (starts, minutes)
        await world.amara.do("cancelAppointment", id=made["appointment"]["id"])


async def test_another_calendar_counts_only_for_the_same_clients(world: World) -> None:
    await an_appointment(by=world.bjorn, group=world.thursday, starts_at=AT)
    assert await schedule(world.amara, groupId=world.monday) == []
    emil = await a_client(by=world.owner, last_name="Holm", providers=[world.amaras, world.bjorns])
    await an_appointment(by=world.bjorn, client=emil, starts_at=AT)
    assert await schedule(world.owner, clientId=emil, providerId=world.amaras) == ["Monday Grief Group", "Nora Holm"]


async def test_a_clients_other_session_is_reported_only_to_whoever_may_know_of_it(world: World) -> None:
    emil = await a_client(by=world.owner, last_name="Holm", providers=[world.amaras, world.bjorns])
    await an_appointment(by=world.bjorn, client=emil, starts_at=AT)
    assert await schedule(world.amara, clientId=emil) == []
    assert await schedule(world.scheduler, clientId=emil, providerId=world.amaras) == ["Nora Holm", "Nora Holm"]


async def test_a_member_in_two_groups_cannot_be_in_both_unnoticed(world: World) -> None:
    evening = await a_group(by=world.amara, name="Evening Circle", clients=[world.client_ada])
    await an_appointment(by=world.owner, group=world.monday, provider=world.amaras, starts_at=AT)
    given = {"groupId": evening, "providerId": world.bjorns, "confirmSharing": True}
    assert await schedule(world.owner, **given) == ["Monday Grief Group"]


async def test_of_a_colleagues_calendar_it_is_told_that_the_time_is_taken(world: World) -> None:
    await an_appointment(by=world.bjorn, group=world.thursday, starts_at=AT)
    given = {"groupId": world.monday, "providerId": world.bjorns, "confirmSharing": True}
    assert await schedule(world.amara, **given) == ["Busy"]


async def test_what_was_called_off_takes_no_time(world: World) -> None:
    off = await an_appointment(by=world.amara, group=world.monday, starts_at=AT)
    await world.amara.do("cancelAppointment", id=off)
    assert await schedule(world.amara, groupId=world.monday) == []


async def test_moving_reports_overlaps_too_and_never_the_appointment_itself(world: World) -> None:
    async def move(**given: object) -> list[Data]:
        moved = await world.amara.do("rescheduleAppointment", "overlaps { id }", id=session, **given)
        overlaps: list[Data] = moved["overlaps"]
        return overlaps

    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(9))
    there = await an_appointment(by=world.amara, client=world.client_ben, starts_at=AT)
    assert await move(startsAt="2099-01-12T18:30:00Z") == [{"id": there}]
    assert await move(startsAt="2099-01-12T18:45:00Z") == [{"id": there}]
    assert await move(startsAt="2099-01-12T19:00:00Z") == []


async def test_overlaps_come_in_order_of_start(world: World) -> None:
    clients = [await a_client(by=world.amara, last_name=f"Berg {n}") for n in range(3)]
    for client, minute in zip(clients, (40, 20, 30), strict=True):
        await an_appointment(by=world.amara, client=client, starts_at=f"2099-01-12T18:{minute}:00Z")
    assert await schedule(world.amara, groupId=world.monday) == ["Nora Berg 1", "Nora Berg 2", "Nora Berg 0"]
