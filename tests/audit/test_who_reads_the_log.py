"""The practice reads its whole log, a clinician what they did, a client who saw their record."""

from __future__ import annotations

import pytest

from tests.audit.log import begin, whose
from tests.charting.scene import a_draft, complete, lock
from tests.week import Week
from tests.world import World, an_appointment, in_days, lines_of

SET = """
mutation ($input: SetAttendanceInput!) {
  setAttendance(input: $input) {
    ... on SetAttendancePayload { attendance { appointment { attendances { client { name } outcome } } } }
  }
}
"""
NAMES = "query Board($id: ID!) { group(id: $id) { members { client { name } } } }"


async def test_owners_and_managers_read_all_of_it(world: World) -> None:
    since = await begin()
    await world.amara.ask(NAMES, id=world.monday)
    await world.scheduler.ask(NAMES, id=world.thursday)
    for person in (world.owner, world.manager):
        entries = await since.entries(by=person)
        assert {"Amara Okafor", "Sol Reyes"} & {entry["actorName"] for entry in entries}
        assert len([entry for entry in entries if entry["operation"] == "group"]) == 2


async def test_a_provider_reads_what_they_did_and_no_more(world: World) -> None:
    since = await begin()
    await world.amara.ask(NAMES, id=world.monday)
    await world.owner.ask(NAMES, id=world.monday)
    entries = await since.entries(by=world.amara)
    assert [(entry["actorName"], entry["document"]) for entry in entries] == [("Amara Okafor", "Board")]
    assert await since.entries(by=world.bjorn) == []


async def test_the_front_desk_and_billers_read_nothing_of_it(world: World) -> None:
    since = await begin()
    await world.scheduler.ask(NAMES, id=world.monday)
    for person in (world.scheduler, world.carol):
        assert await since.entries(by=person) == []


async def test_a_client_reads_who_saw_their_record_and_nothing_of_anybody_else(world: World) -> None:
    since = await begin()
    await world.amara.ask(NAMES, id=world.monday)
    await world.amara.ask("query ($id: ID!) { client(id: $id) { name } }", id=world.client_ben)
    await world.ada.ask("query ($id: ID!) { client(id: $id) { name } }", id=world.client_ada)
    own, seen = await since.entries(by=world.ada)
    assert (seen["actorName"], seen["operation"], whose(seen)) == ("Amara Okafor", "group", {world.client_ada})
    # How many were seen with them, and what the colleague's program calls it, is nobody's to know.
    assert [seen[name] for name in ("objectIds", "address", "signInId", "document", "sequence")] == [None] * 5
    assert own["actorName"] == "Ada Lindgren" or own["operation"] == "client"
    assert own["objectIds"] == [world.client_ada]
    said = str(await since.entries(by=world.ada))
    for other in (world.client_ben, world.client_chloe, "Ben", "Chloe"):
        assert other not in said


async def test_a_client_cannot_count_the_others_by_how_often_they_are_shown_together(world: World) -> None:
    since = await begin()
    session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-1))
    lines = await lines_of(session, by=world.amara)
    for client in (world.client_ben, world.client_chloe) * 2:
        await world.amara.ask(SET, input={"attendanceId": lines[client], "outcome": "ATTENDED"})
        await world.amara.do("clearAttendance", attendanceId=lines[client])
    shown = [entry for entry in await since.entries(by=world.owner) if entry["operation"] == "setAttendance"]
    assert len([entry for entry in shown if world.client_ada in whose(entry)]) == 4
    told = [entry for entry in await since.entries(by=world.ada) if entry["operation"] == "setAttendance"]
    # Two, where an hour of the clock ends meanwhile.
    assert len(told) in {1, 2}
    assert {entry["times"] for entry in told} == {None}


async def test_a_client_who_was_shown_beside_another_is_not_told_that_their_record_was_changed(week: Week) -> None:
    since = await begin()
    whole = "attendance { appointment { attendances { client { name } } } }"
    await week.amara.do("setAttendance", whole, attendanceId=week.coming_ben, outcome="ATTENDED")
    beside, changed = [entry for entry in await since.entries(by=week.owner) if entry["operation"] == "setAttendance"][
        ::-1
    ]
    assert (changed["action"], whose(changed)) == ("UPDATE", {week.client_ben})
    assert (beside["action"], beside["columnsChanged"]) == ("READ", [])
    assert week.client_ada in whose(beside)
    assert week.client_ben not in whose(beside)
    told = [entry for entry in await since.entries(by=week.ada) if entry["operation"] == "setAttendance"]
    assert [(entry["action"], entry["columnsChanged"]) for entry in told] == [("READ", None)]


async def test_a_client_is_told_who_had_notes_locked_and_not_how_long_all_of_them_took(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday)
    await complete(draft, by=world.amara)
    since = await begin()
    await lock(draft, by=world.amara)
    assert "RUN" in {entry["channel"] for entry in await since.entries(by=world.owner)}
    told = await since.entries(by=world.ada)
    assert "lockChart" in {entry["operation"] for entry in told}
    assert "RUN" not in {entry["channel"] for entry in told}


async def test_the_log_is_cut_to_a_client_a_person_or_a_time(world: World) -> None:
    since = await begin()
    viewer = "query ($id: ID!) { client(id: $id) { name } }"
    await world.amara.ask(viewer, id=world.client_ada)
    await world.amara.ask(viewer, id=world.client_ben)
    await world.owner.ask(viewer, id=world.client_ada)
    of_ada = await since.entries(by=world.owner, clientId=world.client_ada)
    assert [whose(entry) for entry in of_ada] == [{world.client_ada}] * 2
    amara = of_ada[1]["actorId"]
    by_amara = await since.entries(by=world.owner, actorId=amara)
    assert [whose(entry) for entry in by_amara] == [{world.client_ben}, {world.client_ada}]
    earlier, later = by_amara[1]["recordedAt"], by_amara[0]["recordedAt"]
    between = await since.entries(by=world.owner, **{"from": earlier, "to": later})
    assert [entry["id"] for entry in between] == [by_amara[1]["id"]]
    assert await since.entries(by=world.owner, **{"from": in_days(1)}) == []


async def test_whoever_reads_the_log_is_in_it(world: World) -> None:
    since = await begin()
    await world.amara.ask(NAMES, id=world.monday)
    await since.entries(by=world.owner)
    entry = await since.latest(by=world.owner)
    assert (entry["operation"], entry["actorName"]) == ("auditLog", (await _name(world)))
    assert any(wire.startswith("aud_") for wire in entry["objectIds"])


async def _name(world: World) -> str:
    return str((await world.owner.ask("{ viewer { name } }"))["viewer"]["name"])


@pytest.mark.parametrize("page", [1, 2, 7])
async def test_its_pages_are_in_order_and_whole(week: Week, page: int) -> None:
    await begin()
    document = (
        "query ($n: Int, $a: String) { auditLog(first: $n, after: $a)"
        " { edges { node { id recordedAt } } pageInfo { hasNextPage endCursor } } }"
    )
    everything = await week.owner.ask(document, n=20)
    moments = [edge["node"]["recordedAt"] for edge in everything["auditLog"]["edges"]]
    assert moments == sorted(moments, reverse=True)
    wanted = [edge["node"]["id"] for edge in everything["auditLog"]["edges"]]
    found, after = list[str](), None
    while len(found) < len(wanted):
        asked = (await week.owner.ask(document, n=page, a=after))["auditLog"]
        found += [edge["node"]["id"] for edge in asked["edges"]]
        after = asked["pageInfo"]["endCursor"]
    assert found[: len(wanted)] == wanted


async def test_an_entry_is_found_again_by_its_id_by_those_who_may_read_it(world: World) -> None:
    since = await begin()
    await world.amara.ask(NAMES, id=world.monday)
    entry = await since.latest(by=world.owner)
    document = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { hash } } }"
    for person in (world.owner, world.amara, world.ada):
        assert await person.ask(document, id=entry["id"]) == {"node": {"hash": entry["hash"]}}
    for person in (world.bjorn, world.scheduler, world.carol, world.elsewhere.eve):
        assert await person.ask(document, id=entry["id"]) == {"node": None}
