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
from tests.world import World, a_client

KEY = "once"
each = pytest.mark.parametrize("deed", DEEDS, ids=str)


async def lose_sight(world: World, name: str) -> None:
    """Let this person be somebody in the portal who sees nothing but an empty record of their own."""
    nora = await a_client(by=world.owner)
    changes = {"roles": "CLIENT", "provider_id": None, "client_id": row_id("clt", nora)}
    email = {"scheduler": "sofia", "owner": "olive"}.get(name, name)
    assert await User.filter(email=f"{email}@lakeside.example").update(**changes) == 1


@each
async def test_the_same_key_and_input_write_nothing_again_and_answer_the_same(world: World, deed: Deed) -> None:
    """N14."""
    first = await deed.do(world, idempotencyKey=KEY)
    before = await everything()
    assert await deed.do(world, idempotencyKey=KEY) == first
    assert changed(before, await everything()) == []


@each
async def test_a_repeat_may_ask_for_other_fields(world: World, deed: Deed) -> None:
    """N14."""
    await deed.person(world).do(deed.mutation, **deed.given(world), idempotencyKey=KEY)
    whole = await deed.do(world, idempotencyKey=KEY)
    assert len(whole) > 1


@each
async def test_another_input_under_the_same_key_is_a_conflict(world: World, deed: Deed) -> None:
    """N14."""
    await deed.do(world, idempotencyKey=KEY)
    before = await everything()
    asking = deed.person(world)
    for other in (deed.other(world), deed.wrong(world)):
        await asking.refused("IdempotencyConflict", deed.mutation, **other, idempotencyKey=KEY)
    assert changed(before, await everything()) == []


@each
async def test_another_key_is_another_request(world: World, deed: Deed) -> None:
    """N14."""
    await deed.do(world, idempotencyKey=KEY)
    await deed.person(world).do(deed.mutation, **deed.other(world), idempotencyKey="again")
    assert await IdempotencyKey.all().count() == 2


@each
async def test_a_refusal_is_not_remembered(world: World, deed: Deed) -> None:
    """N14."""
    before = await everything()
    answer = await deed.person(world).answer(
        document_of(deed.mutation), input={**deed.wrong(world), "idempotencyKey": KEY}
    )
    assert answer.errors or f"{answer.data}".count("Payload") == 0
    assert changed(before, await everything()) == []
    await deed.do(world, idempotencyKey=KEY)


@each
async def test_two_at_once_with_one_key_have_one_effect(world: World, deed: Deed) -> None:
    """N14."""
    answers = await asyncio.gather(*(deed.do(world, idempotencyKey=KEY) for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    [kept] = await IdempotencyKey.all()
    assert (kept.operation, kept.key) == (deed.mutation, KEY)
    before = await everything()
    await deed.do(world, idempotencyKey=KEY)
    assert changed(before, await everything()) == []


async def test_of_two_at_once_with_one_key_neither_is_refused_for_what_the_other_did(world: World) -> None:
    """N14."""
    given = {"id": world.monday, "name": "Monday Circle", "expectedVersion": 1, "idempotencyKey": KEY}
    answers = await asyncio.gather(*(world.amara.do("updateGroup", "group { version }", **given) for _ in range(8)))
    assert answers == [{"__typename": "UpdateGroupPayload", "group": {"version": 2}}] * 8
    made = {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 0, "idempotencyKey": KEY}
    codes = await asyncio.gather(*(world.owner.do("createServiceCode", "serviceCode { id }", **made) for _ in range(8)))
    assert codes == [codes[0]] * 8


@each
async def test_two_at_once_with_one_key_and_two_inputs_are_a_conflict_for_one_of_them(world: World, deed: Deed) -> None:
    """N14."""
    asking = deed.person(world)
    results = await asyncio.gather(
        asking.result(deed.mutation, **deed.given(world), idempotencyKey=KEY),
        asking.result(deed.mutation, **deed.other(world), idempotencyKey=KEY),
    )
    names = sorted(result["__typename"] for result in results)
    assert names[1] == "IdempotencyConflict" or names[0] == "IdempotencyConflict"
    assert names[0] != names[1]


@each
async def test_whoever_lost_sight_of_it_is_told_nothing_by_a_repeat(world: World, deed: Deed) -> None:
    """N14: a repeat reads the rows as the viewer that its sender is now."""
    await deed.do(world, idempotencyKey=KEY)
    await lose_sight(world, deed.by)
    before = await everything()
    document = document_of(deed.mutation, deed.select)
    await deed.person(world).error("NOT_FOUND", document, input={**deed.given(world), "idempotencyKey": KEY})
    assert changed(before, await everything()) == []


@each
async def test_the_answer_that_is_kept_holds_ids_and_no_words(world: World, deed: Deed) -> None:
    """N14: what is kept says nothing of anybody."""
    await deed.do(world, idempotencyKey=KEY)
    [kept] = await IdempotencyKey.all()
    answer = orjson.loads(kept.answer)
    assert answer.keys() == {"type", "nodes"}
    assert answer["type"] == payload_of(deed.mutation)
    assert [str(UUID(row)) for row in answer["nodes"].values()] == list(answer["nodes"].values())


async def test_a_repeat_shows_the_rows_as_they_are_now(world: World) -> None:
    """N14."""
    given = {"id": world.monday, "name": "Monday Circle", "idempotencyKey": KEY}
    first = await world.amara.do("updateGroup", "group { name version }", **given)
    await world.owner.do("updateGroup", id=world.monday, name="Mourning")
    again = await world.amara.do("updateGroup", "group { name version }", **given)
    assert (first["group"], again["group"]) == (
        {"name": "Monday Circle", "version": 2},
        {"name": "Mourning", "version": 3},
    )


async def test_a_repeat_is_no_version_conflict_though_the_version_is_another_now(world: World) -> None:
    """N14: a phone that sends its queue again is not told that somebody changed it first."""
    given = {"id": world.monday, "name": "Monday Circle", "expectedVersion": 1, "idempotencyKey": KEY}
    await world.amara.do("updateGroup", **given)
    await world.amara.do("updateGroup", **given)


async def test_a_repeated_removal_keeps_to_the_membership_it_ended(world: World) -> None:
    """N14: also after the client came back."""
    given = {"groupId": world.monday, "clientId": world.client_ben}
    select = "membership { id leftAt }"
    ended = await world.amara.do("removeGroupMember", select, **given, idempotencyKey=KEY)
    await world.amara.do("addGroupMember", **given)
    assert await world.amara.do("removeGroupMember", select, **given, idempotencyKey=KEY) == ended
    asked = await world.amara.ask("query ($id: ID!) { group(id: $id) { members { id } } }", id=world.monday)
    assert len(asked["group"]["members"]) == 3


async def test_a_removal_of_nobody_is_remembered_as_that(world: World) -> None:
    """N14."""
    given = {"groupId": world.monday, "clientId": await a_client(by=world.amara)}
    for _ in range(2):
        removed = await world.amara.do("removeGroupMember", "membership { id }", **given, idempotencyKey=KEY)
        assert removed["membership"] is None


async def test_a_key_belongs_to_one_person_and_one_mutation(world: World) -> None:
    """N14."""
    for person in (world.amara, world.bjorn, world.elsewhere.eve):
        await person.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=KEY)
        await person.do("createClient", firstName="Emil", lastName="Holm", idempotencyKey=KEY)
    assert await IdempotencyKey.all().count() == 6


async def test_a_key_that_is_null_is_none(world: World) -> None:
    """N14."""
    for _ in range(2):
        await world.amara.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=None)
    assert (await world.amara.ask("{ groups { totalCount } }"))["groups"]["totalCount"] == 3


async def test_input_is_the_same_whatever_the_order_and_with_defaults_said_or_not(world: World) -> None:
    """N14."""
    await world.amara.do("archiveGroup", id=world.monday, idempotencyKey=KEY)
    await world.amara.do("archiveGroup", idempotencyKey=KEY, archived=True, id=world.monday)
    await world.amara.refused(
        "IdempotencyConflict", "archiveGroup", id=world.monday, archived=False, idempotencyKey=KEY
    )


async def test_null_is_not_the_same_input_as_left_out(world: World) -> None:
    """N14: in a change the one clears and the other keeps."""
    await world.amara.do("updateClient", id=world.client_ada, phone=None, idempotencyKey=KEY)
    await world.amara.refused("IdempotencyConflict", "updateClient", id=world.client_ada, idempotencyKey=KEY)


async def test_a_key_may_be_long_and_of_any_script(world: World) -> None:
    """N14."""
    for key in ("x" * 200, "ключ", "🔑", "'; --", "01a2-…"):
        await world.amara.do("createGroup", name="Evening Circle", initials="EC", idempotencyKey=key)
