"""Owners and managers who are no clinicians read notes only in an emergency, and not in secret."""

from __future__ import annotations

import pytest

from models import EmergencyAccess
from tests.audit.log import begin, whose
from tests.charting.scene import Session, a_draft, in_review, locked, time_is_over
from tests.client import Data, Person
from tests.world import World

ACCESS = "access { id by reason active begunAt expiresAt client { id } }"
NOTES = """query ($id: ID!) { client(id: $id) { chartNotes {
  totalCount edges { node { id body signatures { signedAs } addenda { body } client { id } } } } } }"""
TOLD = "{ emergencyAccesses { totalCount edges { node { id by reason active client { id } } } } }"


async def notes_of(client: str, *, by: Person) -> list[Data]:
    asked = await by.ask(NOTES, id=client)
    assert asked["client"]["chartNotes"]["totalCount"] == len(asked["client"]["chartNotes"]["edges"])
    return [edge["node"] for edge in asked["client"]["chartNotes"]["edges"]]


async def told(by: Person) -> list[Data]:
    return [edge["node"] for edge in (await by.ask(TOLD))["emergencyAccesses"]["edges"]]


async def held(world: World) -> Session:
    return await locked(by=world.amara, group=world.monday)


async def test_the_owner_reads_one_clients_notes_once_it_is_said_why(world: World) -> None:
    session = await held(world)
    assert await notes_of(world.client_ada, by=world.owner) == []
    opened = await world.owner.do("breakGlass", ACCESS, clientId=world.client_ada, reason="The hospital asks.")
    assert (opened["access"]["reason"], opened["access"]["active"]) == ("The hospital asks.", True)
    [note] = await notes_of(world.client_ada, by=world.owner)
    assert note["body"]
    assert note["signatures"]
    assert await notes_of(world.client_ben, by=world.owner) == []
    # What all members share is not hers alone: the chart of the group stays closed.
    assert await world.owner.ask("query ($id: ID!) { chart(id: $id) { id } }", id=session.chart) == {"chart": None}


async def test_it_opens_to_nobody_else(world: World) -> None:
    await held(world)
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    for person in (world.manager, world.scheduler, world.carol):
        assert await notes_of(world.client_ada, by=person) == []


async def test_it_does_not_open_what_can_be_written(world: World) -> None:
    await held(world)
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    [note] = await notes_of(world.client_ada, by=world.owner)
    await world.owner.denied("FORBIDDEN", "addAddendum", noteId=note["id"], body="<p>Mine</p>")


async def test_the_author_is_told_though_what_was_read_is_taken_back(world: World) -> None:
    session = await in_review(by=world.amara, group=world.monday)
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    assert len(await notes_of(world.client_ada, by=world.owner)) == 1
    await world.owner.do("clearAttendance", attendanceId=session.lines[world.client_ada])
    assert await notes_of(world.client_ada, by=world.owner) == []
    assert [access["by"] for access in await told(world.amara)] == ["Olive Hart"]


async def test_it_ends_by_itself(world: World) -> None:
    await held(world)
    await world.manager.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.", minutes=1)
    assert len(await notes_of(world.client_ada, by=world.manager)) == 1
    await time_is_over()
    assert await notes_of(world.client_ada, by=world.manager) == []
    [access] = await told(world.owner)
    assert access["active"] is False


async def test_whoever_wrote_the_notes_is_told_and_so_is_the_client(world: World) -> None:
    await held(world)
    assert await told(world.amara) == []
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    for person in (world.amara, world.ada, world.owner, world.manager):
        [access] = await told(person)
        assert (access["reason"], access["client"]["id"]) == ("The hospital asks.", world.client_ada)
    for person in (world.bjorn, world.scheduler, world.carol, world.elsewhere.eve):
        assert await told(person) == []


async def test_the_log_says_who_opened_and_who_read(world: World) -> None:
    await held(world)
    since = await begin()
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    await notes_of(world.client_ada, by=world.owner)
    read, opened = await since.entries(by=world.owner)
    assert (opened["operation"], opened["action"], whose(opened)) == ("breakGlass", "CREATE", {world.client_ada})
    assert opened["columnsChanged"] == ["emergency_access created"]
    assert ("ChartNote.body" in read["fieldsRead"], whose(read)) == (True, {world.client_ada})


@pytest.mark.parametrize(
    "given, paths",
    [
        ({"reason": " "}, "input.reason"),
        ({"reason": "x" * 501}, "input.reason"),
        ({"reason": "a\0b"}, "input.reason"),
        ({"minutes": 0}, "input.minutes"),
        ({"minutes": 241}, "input.minutes"),
        ({"reason": "", "minutes": -1}, "input.reason input.minutes"),
    ],
)
async def test_without_a_reason_or_for_too_long_it_stays_closed(world: World, given: Data, paths: str) -> None:
    await world.owner.invalid(paths, "breakGlass", **({"clientId": world.client_ada, "reason": "Urgent."} | given))
    assert await EmergencyAccess.all().count() == 0


async def test_it_is_for_owners_and_managers_and_for_clients_of_theirs(world: World) -> None:
    given = {"clientId": world.client_ada, "reason": "Urgent."}
    for person in (world.amara, world.bjorn, world.scheduler, world.carol, world.ada):
        await person.denied("FORBIDDEN", "breakGlass", **given)
    await world.elsewhere.eve.denied("NOT_FOUND", "breakGlass", **given)
    await world.owner.denied("NOT_FOUND", "breakGlass", clientId=world.elsewhere.client, reason="Urgent.")
    assert await EmergencyAccess.all().count() == 0


async def test_a_note_in_review_is_opened_as_well_and_a_draft_is_not(world: World) -> None:
    await a_draft(by=world.amara, group=world.monday)
    await world.owner.do("breakGlass", clientId=world.client_ada, reason="The hospital asks.")
    assert await notes_of(world.client_ada, by=world.owner) == []


async def test_cut_to_a_client_or_to_what_is_open(world: World) -> None:
    await held(world)
    for client in (world.client_ada, world.client_ben):
        await world.owner.do("breakGlass", clientId=client, reason="The hospital asks.")
    document = (
        "query ($c: ID, $a: Boolean) { emergencyAccesses(clientId: $c, active: $a)"
        " { edges { node { client { id } } } } }"
    )
    for given, wanted in (
        ({"c": world.client_ben}, [world.client_ben]),
        ({"a": True}, [world.client_ben, world.client_ada]),
        ({"a": False}, []),
    ):
        asked = await world.owner.ask(document, **given)
        assert [edge["node"]["client"]["id"] for edge in asked["emergencyAccesses"]["edges"]] == wanted
    await world.owner.error("NOT_FOUND", document, c=world.elsewhere.client)
