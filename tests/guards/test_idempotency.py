"""N14: a request that is sent twice with one key is carried out once, whichever mutation it is."""

from __future__ import annotations

import asyncio
from uuid import UUID

import orjson
import pytest

from models import IdempotencyKey, User
from models.ids import row_id
from tests.client import document_of, payload_of
from tests.guards.deeds import DEEDS, Deed
from tests.rows import changed, everything
from tests.week import Week
from tests.world import a_client

KEY = "once"
each = pytest.mark.parametrize("deed", DEEDS, ids=str)


async def lose_sight(week: Week, name: str) -> None:
    """Let this person be somebody in the portal who sees nothing but an empty record of their own."""
    nora = await a_client(by=week.owner)
    changes = {"roles": "CLIENT", "provider_id": None, "client_id": row_id("clt", nora)}
    email = {"scheduler": "sofia", "owner": "olive"}.get(name, name)
    assert await User.filter(email=f"{email}@lakeside.example").update(**changes) == 1


@each
async def test_the_same_key_and_input_write_nothing_again_and_answer_the_same(week: Week, deed: Deed) -> None:
    """N14."""
    first = await deed.do(week, idempotencyKey=KEY)
    before = await everything()
    assert await deed.do(week, idempotencyKey=KEY) == first
    assert changed(before, await everything()) == []


@each
async def test_a_repeat_may_ask_for_other_fields(week: Week, deed: Deed) -> None:
    """N14."""
    await deed.person(week).do(deed.mutation, **deed.given(week), idempotencyKey=KEY)
    whole = await deed.do(week, idempotencyKey=KEY)
    assert len(whole) > 1


@each
async def test_another_input_under_the_same_key_is_a_conflict(week: Week, deed: Deed) -> None:
    """N14."""
    await deed.do(week, idempotencyKey=KEY)
    before = await everything()
    asking = deed.person(week)
    for other in (deed.other(week), deed.wrong(week)):
        await asking.refused("IdempotencyConflict", deed.mutation, **other, idempotencyKey=KEY)
    assert changed(before, await everything()) == []


@each
async def test_another_key_is_another_request(week: Week, deed: Deed) -> None:
    """N14."""
    await deed.do(week, idempotencyKey=KEY)
    await deed.person(week).do(deed.mutation, **deed.other(week), idempotencyKey="again")
    kept = await IdempotencyKey.filter(operation=deed.mutation, key__in=[KEY, "again"])
    assert len(kept) == 2


@each
async def test_a_refusal_is_not_remembered(week: Week, deed: Deed) -> None:
    """N14."""
    before = await everything()
    answer = await deed.person(week).answer(
        document_of(deed.mutation), input={**deed.wrong(week), "idempotencyKey": KEY}
    )
    assert answer.errors or f"{answer.data}".count("Payload") == 0
    assert changed(before, await everything()) == []
    await deed.do(week, idempotencyKey=KEY)


@each
async def test_two_at_once_with_one_key_have_one_effect(week: Week, deed: Deed) -> None:
    """N14."""
    answers = await asyncio.gather(*(deed.do(week, idempotencyKey=KEY) for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    [kept] = await IdempotencyKey.filter(key=KEY)
    assert kept.operation == deed.mutation
    before = await everything()
    await deed.do(week, idempotencyKey=KEY)
    assert changed(before, await everything()) == []


async def test_of_two_at_once_with_one_key_neither_is_refused_for_what_the_other_did(week: Week) -> None:
    """N14."""
    given = {"id": week.monday, "name": "Monday Circle", "expectedVersion": 1, "idempotencyKey": KEY}
    answers = await asyncio.gather(*(week.amara.do("updateGroup", "group { version }", **given) for _ in range(8)))
    assert answers == [{"__typename": "UpdateGroupPayload", "group": {"version": 2}}] * 8
    made = {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 0, "idempotencyKey": KEY}
    codes = await asyncio.gather(*(week.owner.do("createServiceCode", "serviceCode { id }", **made) for _ in range(8)))
    assert codes == [codes[0]] * 8


@each
async def test_two_at_once_with_one_key_and_two_inputs_are_a_conflict_for_one_of_them(week: Week, deed: Deed) -> None:
    """N14."""
    asking = deed.person(week)
    results = await asyncio.gather(
        asking.result(deed.mutation, **deed.given(week), idempotencyKey=KEY),
        asking.result(deed.mutation, **deed.other(week), idempotencyKey=KEY),
    )
    names = sorted(result["__typename"] for result in results)
    assert names[1] == "IdempotencyConflict" or names[0] == "IdempotencyConflict"
    assert names[0] != names[1]


@each
async def test_whoever_lost_sight_of_it_is_told_nothing_by_a_repeat(week: Week, deed: Deed) -> None:
    """N14: a repeat reads the rows as the viewer that its sender is now."""
    await deed.do(week, idempotencyKey=KEY)
    await lose_sight(week, deed.by)
    before = await everything()
    document = document_of(deed.mutation, deed.select)
    await deed.person(week).error("NOT_FOUND", document, input={**deed.given(week), "idempotencyKey": KEY})
    assert changed(before, await everything()) == []


@each
async def test_the_answer_that_is_kept_holds_ids_and_no_words(week: Week, deed: Deed) -> None:
    """N14: what is kept says nothing of anybody."""
    await deed.do(week, idempotencyKey=KEY)
    [kept] = await IdempotencyKey.filter(key=KEY)
    answer = orjson.loads(kept.answer)
    assert answer.keys() == {"type", "nodes"}
    assert answer["type"] == payload_of(deed.mutation)
    rows = [row for given in answer["nodes"].values() for row in (given if isinstance(given, list) else [given])]
    assert [str(UUID(row)) for row in rows] == rows


async def test_a_repeat_shows_the_rows_as_they_are_now(week: Week) -> None:
    """N14."""
    given = {"id": week.monday, "name": "Monday Circle", "idempotencyKey": KEY}
    first = await week.amara.do("updateGroup", "group { name version }", **given)
    await week.owner.do("updateGroup", id=week.monday, name="Mourning")
    again = await week.amara.do("updateGroup", "group { name version }", **given)
    assert (first["group"], again["group"]) == (
        {"name": "Monday Circle", "version": 2},
        {"name": "Mourning", "version": 3},
    )


async def test_a_repeat_is_no_version_conflict_though_the_version_is_another_now(week: Week) -> None:
    """N14: a phone that sends its queue again is not told that somebody changed it first."""
    given = {"id": week.monday, "name": "Monday Circle", "expectedVersion": 1, "idempotencyKey": KEY}
    await week.amara.do("updateGroup", **given)
    await week.amara.do("updateGroup", **given)


async def test_a_repeated_removal_keeps_to_the_membership_it_ended(week: Week) -> None:
    """N14: also after the client came back."""
    given = {"groupId": week.monday, "clientId": week.client_ben}
    select = "membership { id leftAt }"
    ended = await week.amara.do("removeGroupMember", select, **given, idempotencyKey=KEY)
    await week.amara.do("addGroupMember", **given)
    assert await week.amara.do("removeGroupMember", select, **given, idempotencyKey=KEY) == ended
    asked = await week.amara.ask("query ($id: ID!) { group(id: $id) { members { id } } }", id=week.monday)
    assert len(asked["group"]["members"]) == 3


async def test_a_removal_of_nobody_is_remembered_as_that(week: Week) -> None:
    """N14."""
    given = {"groupId": week.monday, "clientId": await a_client(by=week.amara)}
    for _ in range(2):
        removed = await week.amara.do("removeGroupMember", "membership { id }", **given, idempotencyKey=KEY)
        assert removed["membership"] is None


async def test_a_key_belongs_to_one_person_and_one_mutation(week: Week) -> None:
    """N14."""
    for person in (week.amara, week.bjorn, week.elsewhere.eve):
        await person.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=KEY)
        await person.do("createClient", firstName="Emil", lastName="Holm", idempotencyKey=KEY)
    assert await IdempotencyKey.filter(key=KEY).count() == 6


async def test_a_key_that_is_null_is_none(week: Week) -> None:
    """N14."""
    for _ in range(2):
        await week.amara.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=None)
    assert (await week.amara.ask("{ groups { totalCount } }"))["groups"]["totalCount"] == 3


async def test_input_is_the_same_whatever_the_order_and_with_defaults_said_or_not(week: Week) -> None:
    """N14."""
    await week.amara.do("archiveGroup", id=week.monday, idempotencyKey=KEY)
    await week.amara.do("archiveGroup", idempotencyKey=KEY, archived=True, id=week.monday)
    await week.amara.refused("IdempotencyConflict", "archiveGroup", id=week.monday, archived=False, idempotencyKey=KEY)


async def test_null_is_not_the_same_input_as_left_out(week: Week) -> None:
    """N14: in a change the one clears and the other keeps."""
    await week.amara.do("updateClient", id=week.client_ada, phone=None, idempotencyKey=KEY)
    await week.amara.refused("IdempotencyConflict", "updateClient", id=week.client_ada, idempotencyKey=KEY)


async def test_a_key_may_be_long_and_of_any_script(week: Week) -> None:
    """N14."""
    for key in ("x" * 200, "ключ", "🔑", "'; --", "01a2-…"):
        await week.amara.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=key)
