"""Plans are shared by everybody of a kind, kept within bounds, and hold nobody."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from strawberry import Schema

import models
from models.ids import wire_id
from resolvers.access import door
from resolvers.reading.asking import Run
from resolvers.reading.plans import MOST_PLANS, MOST_SQL, Plans
from resolvers.viewer import Scope, Viewer
from schema import build_schema
from schema.context import Context
from schema.reads import Reader
from tests.guards.crowd import crowd
from tests.guards.reachable import reachable
from tests.guards.reading.scene import plant_scene

Made = tuple[Schema, Reader]
MINE = """query Mine($client: ID!, $text: String, $first: Int) {
    viewer { id provider { id } }
    clients(text: $text, first: $first) { totalCount edges { cursor node { id } } pageInfo { endCursor } }
    groups { edges { node { id name members { client { id } } } } }
    client(id: $client) { id }
    search(text: "own") { usuallySeesProvider match { ... on Group { id } ... on Client { id } } }
}"""


@pytest.fixture
def made() -> Made:
    return build_schema()


async def ask(schema: Schema, viewer: Viewer | None, document: str, **variables: Any) -> dict[str, Any]:
    context = Context(viewer, "127.0.0.1", secure=False)
    answer = await schema.execute(document, variable_values=variables, context_value=context)
    assert not answer.errors, answer.errors
    assert answer.data is not None
    return answer.data


# Nobody is in a plan


def traces(start: Any, ids: set[UUID], words: set[str]) -> list[Any]:
    """Give what says who somebody is: a viewer, an id of theirs in any form, or a word that stands for a value."""
    written = {form for i in ids for form in (str(i), i.hex)} | words
    return [
        thing
        for thing in reachable(start)
        if (isinstance(thing, Viewer) and thing.user_id)
        or isinstance(thing, Run)
        or (isinstance(thing, UUID) and thing in ids)
        or (isinstance(thing, str) and any(word in thing for word in written))
    ]


async def test_nothing_that_a_kept_plan_reaches_says_who_anybody_is(database: str, made: Made) -> None:
    schema, reader = made
    scene = await plant_scene(1)
    ids = {i for known in (scene.ids, scene.foreign) for some in known.values() for i in some}
    for viewer in filter(None, scene.viewers.values()):
        client = wire_id("clt", scene.ids["clt"][0])
        await ask(schema, viewer, MINE, client=client, text="zq8word", first=7)
        document = "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }"
        await ask(schema, viewer, document, id=client, ids=[wire_id("grp", i) for i in scene.ids["grp"]])
    owner = scene.viewers["owner"]
    assert owner
    group = wire_id("grp", scene.ids["grp"][0])
    payload = "... on UpdateGroupPayload { group { id name } }"
    document = f"mutation ($i: UpdateGroupInput!) {{ updateGroup(input: $i) {{ {payload} }} }}"
    await ask(schema, owner, document, i={"id": group, "name": "zq8word"})
    assert len(reader.plans) > 20
    assert traces(reader.plans, ids, {"zq8word"}) == []
    assert traces(door._statements, ids, {"zq8word"}) == []


async def test_a_plan_that_holds_somebody_is_found_out(database: str) -> None:
    viewer = (await plant_scene(1)).viewers["owner"]
    assert viewer
    for held in (lambda: viewer, partial(print, viewer.user_id), {"text": [f"usr_{viewer.practice_id}"]}):
        plans: Plans[Any] = Plans()
        plans.get("key", lambda held=held: held)  # type: ignore[misc]
        assert len(traces(plans, {i for i in (viewer.user_id, viewer.practice_id) if i}, set())) >= 1


async def test_the_keys_of_plans_hold_the_scope_and_not_the_viewer(database: str, made: Made) -> None:
    schema, reader = made
    scene = await plant_scene(1)
    for viewer in filter(None, scene.viewers.values()):
        await ask(schema, viewer, "{ viewer { id } groups { totalCount } }")
    scopes = {viewer.scope for viewer in scene.viewers.values() if viewer}
    keys = list(reader.plans._kept)
    assert len(keys) == 2 * len(scopes) < 2 * len(scene.viewers)
    for key in keys:
        assert isinstance(key, tuple)
        assert {type(part) for part in key} <= {str, Scope, tuple, type(None)}
        assert next(part for part in key if isinstance(part, Scope)) in scopes


def test_a_scope_is_made_of_nothing_but_yes_and_no() -> None:
    assert set(get_type_hints(Scope).values()) == {bool}


# One plan, many viewers


async def test_two_hundred_viewers_share_a_plan_and_each_gets_their_own_answer(database: str, made: Made) -> None:
    schema, reader = made
    people = await crowd(200)
    order = random.Random(1).sample(people, len(people))  # noqa: S311 - drawn again the same

    async def check(viewer: Viewer, client: UUID, group: UUID) -> None:
        answer = await ask(schema, viewer, MINE, client=wire_id("clt", client), text="own", first=5)
        assert viewer.user_id
        assert viewer.provider_id
        here, there = {"id": wire_id("clt", client)}, {"id": wire_id("grp", group)}
        assert answer["viewer"] == {
            "id": wire_id("usr", viewer.user_id),
            "provider": {"id": wire_id("prv", viewer.provider_id)},
        }
        assert [edge["node"] for edge in answer["clients"]["edges"]] == [here]
        assert answer["clients"]["totalCount"] == 1
        [edge] = answer["groups"]["edges"]
        assert edge["node"]["id"] == there["id"]
        assert edge["node"]["members"] == [{"client": here}]
        assert answer["client"] == here
        assert answer["search"] == [
            {"match": there, "usuallySeesProvider": True},
            {"match": here, "usuallySeesProvider": True},
        ]

    for n in range(0, len(order), 20):
        await asyncio.gather(*(check(*person) for person in order[n : n + 20]))
    assert len(reader.plans) == 5


async def test_one_viewer_asking_for_anothers_gets_nothing_from_the_plan_of_the_other(
    database: str, made: Made
) -> None:
    schema, _ = made
    (mine, own, _), (_, other, _) = await crowd(2)
    document = "query ($id: ID!) { client(id: $id) { id } node(id: $id) { id } }"
    for wanted, found in ((own, True), (other, False), (own, True)):
        answer = await ask(schema, mine, document, id=wire_id("clt", wanted))
        assert (answer["client"] is not None, answer["node"] is not None) == (found, found)


# What a plan is for


@pytest.mark.parametrize("order", [(None, "grief"), ("grief", None), ("absent", "grief"), ("grief", "absent")])
async def test_no_word_and_a_word_are_two_plans(database: str, made: Made, order: tuple[str | None, ...]) -> None:
    schema, _ = made
    people = await crowd(1)
    for text in order:
        given = {} if text == "absent" else {"text": text}
        answer = await ask(
            schema, people[0][0], "query ($text: String) { clients(text: $text) { totalCount } }", **given
        )
        assert answer["clients"]["totalCount"] == (0 if text == "grief" else 1)


async def test_yes_no_both_and_the_usual_are_four_plans(database: str, made: Made) -> None:
    schema, reader = made
    [(viewer, client, _), _] = await crowd(2)
    await models.Client.filter(id=client).update(active=False)
    document = "query ($active: Boolean) { clients(active: $active) { totalCount } }"
    for given, count in (({"active": True}, 0), ({"active": False}, 1), ({"active": None}, 1), ({}, 0)) * 2:
        assert (await ask(schema, viewer, document, **given))["clients"]["totalCount"] == count
    assert len(reader.plans) == 4


async def test_ids_of_two_types_are_two_plans(database: str, made: Made) -> None:
    schema, reader = made
    [(viewer, client, group)] = await crowd(1)
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for wire, name in ((wire_id("clt", client), "Client"), (wire_id("grp", group), "Group")) * 2:
        assert (await ask(schema, viewer, document, id=wire))["node"] == {"__typename": name, "id": wire}
    assert len(reader.plans) == 2


# Within bounds


def test_of_plans_the_one_that_was_longest_unused_goes() -> None:
    plans: Plans[str] = Plans(2)
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    for name in ("a", "b", "a", "c", "a", "b"):
        assert plans.get(name, partial(make, name)) == name
    assert made == ["a", "b", "c", "b"]
    assert len(plans) == 2


def test_of_heavy_plans_fewer_are_kept() -> None:
    plans: Plans[str] = Plans(weigh=len)
    half, twice = "a" * (MOST_SQL // 2), "b" * (2 * MOST_SQL)
    for name, plan, left in (("a", half, 1), ("b", half, 2), ("c", half, 2), ("d", twice, 1), ("e", "light", 1)):
        assert plans.get(name, partial(str, plan)) == plan
        assert len(plans) == left
    for n in range(50):
        plans.get(n, partial(str, "light"))
    assert len(plans) == 51


async def test_the_reader_weighs_its_plans_by_their_statements(database: str, made: Made) -> None:
    schema, reader = made
    [(viewer, _, _)] = await crowd(1)
    for n in range(3):
        await ask(schema, viewer, f"{{ a{n}: clients {{ totalCount }} }}")
    assert reader.plans._weight == sum(len(plan.sql) for plan, _, _ in reader.plans._kept.values()) > 0


async def test_the_reader_keeps_no_more_plans_than_it_may(database: str, made: Made) -> None:
    schema, reader = made
    assert reader.plans._most == MOST_PLANS <= 1000
    reader.plans = Plans(5)
    [(viewer, _, _)] = await crowd(1)
    for n in (*range(12), 0, 11):
        answer = await ask(schema, viewer, f"{{ a{n}: clients {{ totalCount }} }}")
        assert answer == {f"a{n}": {"totalCount": 1}}
        assert len(reader.plans) <= 5
