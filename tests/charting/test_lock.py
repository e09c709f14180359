from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError

from models import ChartNote, Provider, Signature
from models.base import wire_moment
from models.charting.notes import ATTESTATION, hash_of
from models.database import fetch
from models.ids import row_id
from tests.charting.scene import (
    GROUP_NOTES,
    Session,
    a_draft,
    a_second_facilitator,
    complete,
    in_review,
    lock,
    locked,
    locking,
    look,
    notes,
    row_of,
    save,
    state,
    tamper,
    words_for,
    work,
)
from tests.client import Data, Person
from tests.rows import changed, count, everything
from tests.world import World, a_client, an_ended_membership

# The second button


async def test_no_note_says_when_its_turn_came(world: World) -> None:
    """From the last one's turn a client could tell how many others came."""
    session = await locked(by=world.amara, group=world.monday)
    found = (await notes(session, by=world.amara)).values()
    assert len(found) == 3
    assert len({note["lockedAt"] for note in found}) == 1
    # The first 48 bits of an id are its moment.
    assert len({note["id"][4:16] for note in found}) == 1


async def test_locking_signs_and_locks_every_note(world: World) -> None:
    """R46, R49."""
    session = await in_review(by=world.amara, group=world.monday, absent=[world.client_ben])
    reviewed = await notes(session, by=world.amara)
    chart = await lock(session, by=world.amara)
    assert (chart["state"], chart["viewerCanEdit"], chart["viewerCanLock"]) == ("LOCKED", False, False)
    found = await notes(session, by=world.amara)
    assert set(found) == {world.client_ada, world.client_chloe}
    for client, note in found.items():
        assert (note["id"], note["body"]) == (reviewed[client]["id"], GROUP_NOTES + words_for(client))
        assert note["locked"] is True
        assert note["verified"] is True
        assert note["lockedAt"] is not None
        assert len(note["contentHash"]) == 64


async def test_locking_answers_with_the_run_behind_the_progress_bar(world: World) -> None:
    """R47."""
    session = await in_review(by=world.amara, group=world.monday)
    run = await locking(session, by=world.amara)
    chart = await look(session, by=world.amara)
    assert chart["state"] == "LOCKING"
    assert (chart["run"]["id"], chart["run"]["kind"], chart["run"]["state"]) == (run, "LOCK", "QUEUED")
    assert [step["state"] for step in chart["run"]["steps"]] == ["WAITING"] * 3
    await work()
    done = (await look(session, by=world.amara))["run"]
    assert (done["id"], done["state"], done["total"], done["done"], done["failed"]) == (run, "SUCCEEDED", 3, 3, 0)


async def test_the_version_that_was_reviewed_is_named(world: World) -> None:
    """R46: what changed since is not signed."""
    session = await in_review(by=world.amara, group=world.monday)
    version = (await look(session, by=world.amara))["version"]
    before = await everything()
    for other in (version - 1, version + 1, 0):
        await world.amara.refused("VersionConflict", "lockChart", chartId=session.chart, expectedVersion=other)
    assert changed(before, await everything()) == []
    await world.amara.do("reopenChart", chartId=session.chart)
    await save(session, by=world.amara, notes="<p>Other</p>")
    await complete(session, by=world.amara)
    await world.amara.refused("VersionConflict", "lockChart", chartId=session.chart, expectedVersion=version)


async def test_what_was_not_reviewed_is_not_locked(world: World) -> None:
    """R46: complete, review, then lock."""
    draft = await a_draft(by=world.amara, group=world.monday)
    asked = (
        "mutation ($input: LockChartInput!) { lockChart(input: $input) { __typename"
        " ... on ChartNotReviewed { message chart { id state } } } }"
    )
    for expected in ("DRAFT", "ASSEMBLING"):
        before = await everything()
        given = {"chartId": draft.chart, "expectedVersion": 2}
        told = (await world.amara.ask(asked, input=given))["lockChart"]
        assert told.pop("message")
        assert told == {"__typename": "ChartNotReviewed", "chart": {"id": draft.chart, "state": expected}}
        assert changed(before, await everything()) == []
        await world.amara.do("completeChart", chartId=draft.chart)


async def test_a_second_call_answers_with_the_run_that_exists_before_anything_is_compared(world: World) -> None:
    """N1: a phone that sends it again is told the same."""
    bjorn = await a_second_facilitator(world)
    session = await in_review(by=world.amara, group=world.monday, notes="<p>Ben</p>")
    run = await locking(session, by=world.amara)
    for _ in range(2):
        before = await everything()
        for person in (world.amara, bjorn):
            given: Data = {"chartId": session.chart, "expectedVersion": 1, "acknowledgedWarningIds": ["x"]}
            assert (await person.do("lockChart", "run { id }", **given))["run"] == {"id": run}
        assert changed(before, await everything()) == []
        await work()


async def test_of_many_who_lock_at_once_all_have_the_one_run_and_every_note_is_signed_once(world: World) -> None:
    """N1."""
    bjorn = await a_second_facilitator(world)
    session = await in_review(by=world.amara, group=world.monday)
    given = {"chartId": session.chart, "expectedVersion": (await look(session, by=world.amara))["version"]}
    answers = await asyncio.gather(
        *(person.do("lockChart", "run { id }", **given) for person in (world.amara, bjorn) * 3)
    )
    assert len({answer["run"]["id"] for answer in answers}) == 1
    await work()
    assert (await count("chart_note"), await count("signature")) == (3, 3)


async def test_only_who_may_chart_the_session_locks_it(world: World) -> None:
    session = await in_review(by=world.amara, group=world.monday)
    given = {"chartId": session.chart, "expectedVersion": (await look(session, by=world.amara))["version"]}
    before = await everything()
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.ada, world.bjorn):
        await person.denied("NOT_FOUND", "lockChart", **given)
    await world.elsewhere.eve.denied("NOT_FOUND", "lockChart", **given)
    assert changed(before, await everything()) == []


# The signature


async def test_the_signature_is_of_who_is_signed_in_with_name_credentials_and_attestation(world: World) -> None:
    """PIM 3.3.2.4: of the author, never of a name that was picked."""
    session = await in_review(by=world.amara, group=world.monday)
    attestation = (await look(session, by=world.amara))["attestation"]
    before = datetime.now(UTC) - timedelta(seconds=1)
    await lock(session, by=world.amara)
    for note in (await notes(session, by=world.amara)).values():
        [signature] = note["signatures"]
        assert signature["signedBy"] == {"name": "Amara Okafor"}
        assert signature["signedAs"] == "Amara Okafor, LCSW"
        assert signature["attestation"] == attestation == ATTESTATION
        assert signature["signedAt"] == note["lockedAt"]
        assert before < datetime.fromisoformat(signature["signedAt"]) <= datetime.now(UTC)


async def test_whoever_locks_signs_though_another_completed(world: World) -> None:
    bjorn = await a_second_facilitator(world)
    session = await in_review(by=world.amara, group=world.monday)
    await lock(session, by=bjorn)
    for note in (await notes(session, by=world.amara)).values():
        assert [one["signedAs"] for one in note["signatures"]] == ["Björn Lindqvist, PhD"]
        assert note["provider"] == {"name": "Björn Lindqvist"}


async def test_the_signature_stands_as_it_was_when_the_signer_is_called_otherwise_later(world: World) -> None:
    session = await locked(by=world.amara, group=world.monday)
    await Provider.filter(id=row_id("prv", world.amaras)).update(name="Amara Nwosu", credentials="PsyD")
    for note in (await notes(session, by=world.amara)).values():
        [signature] = note["signatures"]
        assert (signature["signedAs"], signature["signedBy"]) == ("Amara Okafor, LCSW", {"name": "Amara Nwosu"})
        assert note["verified"] is True


async def test_who_has_no_credentials_signs_by_name_alone(world: World) -> None:
    session = await in_review(by=world.amara, group=world.monday)
    await Provider.filter(id=row_id("prv", world.amaras)).update(credentials=None)
    await lock(session, by=world.amara)
    for note in (await notes(session, by=world.amara)).values():
        assert [one["signedAs"] for one in note["signatures"]] == ["Amara Okafor"]


# Attendance, payment and membership afterwards


async def test_attendance_freezes_and_payment_and_refund_do_not(world: World) -> None:
    """R49."""
    session = await locked(by=world.amara, group=world.monday)
    ada = session.lines[world.client_ada]
    for person in (world.amara, world.scheduler, world.owner):
        await person.refused("ChartLocked", "clearAttendance", attendanceId=ada)
        await person.refused("ChartLocked", "setAttendance", attendanceId=ada, outcome="ABSENT")
        await person.refused("ChartLocked", "markAllAttended", appointmentId=session.id)
    given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH", "attendanceId": ada}
    paid = await world.amara.do("acceptPayment", "payment { id }", **given, idempotencyKey="paid")
    await world.owner.do("refundPayment", paymentId=paid["payment"]["id"], idempotencyKey="refunded")
    assert all(note["verified"] for note in (await notes(session, by=world.amara)).values())


async def test_who_leaves_the_group_or_is_called_otherwise_keeps_the_note_as_it_is(world: World) -> None:
    """R9."""
    session = await locked(by=world.amara, group=world.monday)
    before = await notes(session, by=world.amara)
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ben)
    await world.amara.do("updateClient", id=world.client_ben, lastName="Castle", active=False)
    after = await notes(session, by=world.amara)
    after[world.client_ben]["client"]["name"] = "Ben Castillo"
    assert after == before


# The chain of a client's record


async def record_of(person: Person, client: str) -> list[Data]:
    """Give the client's locked notes in the order in which they were signed."""
    asked = await person.ask(
        "query ($id: ID!) { client(id: $id) { chartNotes(order: EARLIEST_FIRST)"
        " { edges { node { id contentHash verified lockedAt } } } } }",
        id=client,
    )
    found = [edge["node"] for edge in asked["client"]["chartNotes"]["edges"]]
    return sorted((note for note in found if note["lockedAt"]), key=lambda note: str(note["lockedAt"]))


async def verified(world: World, client: str) -> list[bool]:
    return [note["verified"] for note in await record_of(world.amara, client)]


async def three_sessions(world: World) -> list[Session]:
    """Lock three sessions, in another order than they were held; Ben missed the second."""
    return [
        await locked(by=world.amara, group=world.monday, starts_at=start, absent=absent)
        for start, absent in (
            ("2026-01-12T18:00:00Z", []),
            ("2026-01-05T18:00:00Z", [world.client_ben]),
            ("2026-01-19T18:00:00Z", []),
        )
    ]


async def test_each_note_is_chained_to_the_one_that_was_locked_before_in_this_clients_record(world: World) -> None:
    """N6: one chain for each client, in the order of locking."""
    await three_sessions(world)
    chains: dict[UUID, list[ChartNote]] = {}
    for note in await ChartNote.all().order_by("chain_no"):
        chains.setdefault(note.client_id, []).append(note)
    lengths = {row_id("clt", world.client_ada): 3, row_id("clt", world.client_ben): 2}
    assert {client: len(chain) for client, chain in chains.items() if client in lengths} == lengths
    for chain in chains.values():
        assert [note.chain_no for note in chain] == [*range(1, len(chain) + 1)]
        assert [note.previous_hash for note in chain] == [None, *(note.content_hash for note in chain[:-1])]
        for note in chain:
            signature = await Signature.get(note_id=note.id)
            assert note.locked_at is not None
            assert note.content_hash == hash_of(
                note=note.id,
                client=note.client_id,
                appointment=note.appointment_id,
                provider=signature.provider_id,
                body=note.body,
                locked_at=wire_moment(note.locked_at),
                signed_as=signature.signed_as,
                attestation=signature.attestation,
                previous=note.previous_hash,
            )
    for client, length in ((world.client_ada, 3), (world.client_ben, 2), (world.client_chloe, 3)):
        assert await verified(world, client) == [True] * length


CHANGES = {
    "a byte of the text": "UPDATE chart_note SET body = body || ' ' WHERE id = {note}",
    "a letter of the text": "UPDATE chart_note SET body = replace(body, 'spoke', 'spoKe') WHERE id = {note}",
    "the moment": "UPDATE chart_note SET locked_at = '2026-01-05 18:00:00+00:00' WHERE id = {note}",
    "the provider": "UPDATE chart_note SET provider_id = {bjorn} WHERE id = {note}",
    "the hash": "UPDATE chart_note SET content_hash = replace(content_hash, substr(content_hash, 1, 1), 'g')"
    " WHERE id = {note}",
    "the hash before": "UPDATE chart_note SET previous_hash = 'x' WHERE id = {note}",
    "the signer's name": "UPDATE signature SET signed_as = 'Amara Okafor, LCSX' WHERE note_id = {note}",
    "the attestation": "UPDATE signature SET attestation = attestation || '.' WHERE note_id = {note}",
    "the signer": "UPDATE signature SET provider_id = {bjorn} WHERE note_id = {note}",
    "the moment of signing": "UPDATE signature SET signed_at = '2026-01-05 18:00:00+00:00' WHERE note_id = {note}",
    "the signature taken away": "DELETE FROM signature WHERE note_id = {note}",
    "another signature": "INSERT INTO signature"
    " (id, practice_id, note_id, provider_id, signed_as, signed_at, attestation)"
    " SELECT note_id, practice_id, note_id, {bjorn}, signed_as, signed_at, attestation"
    " FROM signature WHERE note_id = {note}",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_is_changed_of_a_locked_note_is_not_verified_any_more(world: World, change: str) -> None:
    """N6: the first note and later ones, and where only the text was changed no other; 164.312(c)(2)."""
    for _ in range(3):
        await locked(by=world.amara, client=world.client_ada)
    for n in range(3):
        note = (await record_of(world.amara, world.client_ada))[n]["id"]
        before = await everything()
        await tamper(CHANGES[change].format(note=row_of(note), bjorn=row_of(world.bjorns)))
        assert len(changed(before, await everything())) == 1
        found = await verified(world, world.client_ada)
        assert found[n] is False
        if "text" in change:
            assert found == [False] * (n + 1) + [True] * (2 - n)


async def test_a_note_that_is_made_anew_breaks_the_one_after_it(world: World) -> None:
    """N6: a hash that is made to fit does not fit the next, nor its own seal."""
    await three_sessions(world)
    first = (await record_of(world.amara, world.client_ada))[0]
    note = await ChartNote.get(id=row_id("not", first["id"]))
    signature = await Signature.get(note_id=note.id)
    assert note.locked_at is not None
    made = hash_of(
        note=note.id,
        client=note.client_id,
        appointment=note.appointment_id,
        provider=note.provider_id,
        body="<p>Nothing happened.</p>",
        locked_at=wire_moment(note.locked_at),
        signed_as=signature.signed_as,
        attestation=signature.attestation,
        previous=None,
    )
    forged = f"UPDATE chart_note SET body = '<p>Nothing happened.</p>', content_hash = '{made}'"
    await tamper(f"{forged} WHERE id = {row_of(first['id'])}")
    assert await verified(world, world.client_ada) == [False, False, True]
    assert await verified(world, world.client_chloe) == [True] * 3


async def test_a_note_that_is_taken_away_breaks_the_one_after_it(world: World) -> None:
    """N6."""
    await three_sessions(world)
    for left in ([False, True], [False]):
        first = row_of((await record_of(world.amara, world.client_ada))[0]["id"])
        await tamper(f"DELETE FROM signature WHERE note_id = {first}; DELETE FROM chart_note WHERE id = {first}")
        assert await verified(world, world.client_ada) == left


async def test_two_sessions_of_one_client_that_are_locked_at_once_are_one_chain(world: World) -> None:
    """N6."""
    sessions = [
        await in_review(by=world.amara, group=world.monday),
        await in_review(by=world.amara, group=world.monday),
        await in_review(by=world.amara, client=world.client_ada),
    ]
    for session in sessions:
        await locking(session, by=world.amara)
    await asyncio.gather(work(), work(), work())
    assert [await state(session, by=world.amara) for session in sessions] == ["LOCKED"] * 3
    assert await verified(world, world.client_ada) == [True] * 3
    chain = await ChartNote.filter(client_id=row_id("clt", world.client_ada)).order_by("chain_no")
    assert [note.chain_no for note in chain] == [1, 2, 3]


# Immutable


async def test_the_database_itself_refuses_to_change_or_delete_what_is_locked(world: World) -> None:
    """R49: by a trigger, on either database, whoever asks."""
    session = await locked(by=world.amara, group=world.monday)
    await world.amara.do("addAddendum", chartId=session.chart, body="<p>Later</p>")
    before = await everything()
    for table in ("chart_note", "signature", "addendum"):
        [first, *_] = await fetch(f"SELECT * FROM {table}")
        for column in first:
            with pytest.raises(IntegrityError, match=f"frozen_{table}"):
                await fetch(f"UPDATE {table} SET {column} = {column}")
        with pytest.raises(IntegrityError, match=f"frozen_{table}"):
            await fetch(f"DELETE FROM {table}")
    assert changed(before, await everything()) == []


async def test_what_is_in_review_may_go_beside_what_is_locked(world: World) -> None:
    """R49: from the moment of signing, and not before."""
    signed = await locked(by=world.amara, group=world.monday)
    reviewed = await in_review(by=world.amara, group=world.monday)
    await fetch("UPDATE chart_note SET body = 'x' WHERE locked_at IS NULL")
    assert {note["body"] for note in (await notes(reviewed, by=world.amara)).values()} == {"x"}
    await world.amara.do("reopenChart", chartId=reviewed.chart)
    assert await count("chart_note") == len(await notes(signed, by=world.amara))


async def test_a_former_members_note_is_locked_with_the_others(world: World) -> None:
    """R9, R44: who was on the roster and came has a note, wherever they are now."""
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=emil)
    draft = await a_draft(by=world.amara, group=world.monday)
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=emil)
    await an_ended_membership(by=world.amara, group=world.monday, client=await a_client(by=world.amara))
    await complete(draft, by=world.amara)
    await lock(draft, by=world.amara)
    assert set(await notes(draft, by=world.amara)) == {world.client_ada, world.client_ben, world.client_chloe, emil}
