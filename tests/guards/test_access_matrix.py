"""Every line of the matrix, over every path by which a client can reach a row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type
from tortoise.models import Model

from models.audit.buffer import forget
from models.database import fetch
from models.ids import row_id
from resolvers import access
from tests.client import document_of
from tests.guards.access_alone import CHANGES, surprises_alone, tables_of_the_matrix, viewers
from tests.guards.access_given import GIVEN
from tests.guards.access_matrix import (
    ACTIONS,
    AROUND_ROWS,
    FIELDS,
    FOR_ALL,
    KINDS,
    PEOPLE,
    PROBLEMS,
    ROWS,
    TYPES,
    WITHOUT_ROWS,
    type_of,
)
from tests.guards.access_paths import PATHS, Path
from tests.guards.access_scene import CALENDARS, SELVES, Scene, build_scene
from tests.guards.access_shown import CORE, selection
from tests.guards.access_stored import TABLES
from tests.guards.access_streams import BOARDS, CALENDAR, WATCHED, surprises_in_log, surprises_on_board
from tests.guards.access_tried import (
    DENIED,
    refuses_as_it_says,
    rows_of,
    shown_in,
    shown_of,
    shows_no_more_than_may_be_seen,
    surprises,
)
from tests.rows import Snapshot, changed, everything
from tests.streams.follower import Hall, a_hall
from tests.world import World, in_days


@pytest.fixture(scope="module")
async def scene(stage: None, rehearsed: tuple[World, Snapshot]) -> Scene:
    world, snapshot = rehearsed
    await snapshot.restore()
    return await build_scene(world)


@pytest.fixture(autouse=True)
def unread() -> None:
    """Write nothing of what is read here into the log that is read here."""
    forget()


# The table is whole


def test_every_field_of_the_schema_stands_in_the_table() -> None:
    types = [of for name, of in CORE.type_map.items() if isinstance(of, GraphQLObjectType) and name[:2] != "__"]
    roots = {"Query", "Mutation", "Subscription"}
    problem = cast("GraphQLInterfaceType", CORE.get_type("Problem"))
    around = {of.name for of in types if of.name.endswith(AROUND_ROWS) or problem in of.interfaces}
    held = {of.name for of in types} - roots - WITHOUT_ROWS - around
    assert {name.partition(".")[0] for name in FIELDS} == held
    assert {of.name for of in types} >= WITHOUT_ROWS
    fields = {f"{of.name}.{name}" for of in types if of.name in held for name in of.fields}
    assert fields == FIELDS.keys()


def test_every_root_field_is_a_path_or_an_action_or_a_stream() -> None:
    roots = ("Query", "Mutation", "Subscription")
    query, mutation, subscription = (cast("GraphQLObjectType", CORE.get_type(name)) for name in roots)
    gone = {
        name for name in query.fields for path in PATHS if f"{name} {{" in path.document or f"{name}(" in path.document
    }
    assert gone == query.fields.keys()
    assert {action.partition(" ")[0] for action in ACTIONS} | FOR_ALL == mutation.fields.keys()
    assert {CALENDAR, *(name for name, _ in BOARDS.values())} == subscription.fields.keys()


def test_every_problem_that_shows_a_row_stands_in_the_table() -> None:
    mutation = cast("GraphQLObjectType", CORE.get_type("Mutation"))
    members = {
        member
        for field in mutation.fields.values()
        if isinstance(result := get_named_type(field.type), GraphQLUnionType)
        for member in result.types
        if not member.name.endswith(AROUND_ROWS)
    }
    showing = {member.name for member in members if any(True for _ in shown_in(member))}
    assert showing == {refusal.partition(" ")[0] for refusal in PROBLEMS}


async def test_every_row_of_the_practice_stands_in_the_table(scene: Scene) -> None:
    await scene.snapshot.restore()
    assert scene.ids.keys() == ROWS.keys()
    assert set(TABLES) == set(TYPES.values())
    for type_name, table in TABLES.items():
        column = "id" if table == "practice" else "practice_id"
        here = await fetch(
            f'SELECT count(*) AS n FROM "{table}" WHERE {column}=$1', [row_id("prc", scene.ids["practice"])]
        )
        assert here[0]["n"] == len([row for row in ROWS if type_of(row) == type_name])


# Reading


@pytest.mark.parametrize("path", PATHS, ids=str)
async def test_a_path_leads_to_a_row_or_to_nothing_as_the_matrix_says(scene: Scene, path: Path) -> None:
    await scene.snapshot.restore()
    assert {by: found for by in PEOPLE if (found := await surprises(scene, path, by))} == {}


@pytest.mark.parametrize("path", PATHS, ids=str)
async def test_signed_out_no_path_leads_anywhere(scene: Scene, path: Path) -> None:
    await scene.snapshot.restore()
    answer = await path.answer(scene, "nobody")
    assert answer.codes == ([] if path.document.startswith("{ viewer") else ["UNAUTHENTICATED"])
    assert answer.data is not None
    assert list(answer.data.values()) == [None]


@pytest.mark.parametrize("by", [person for person in PEOPLE if person != "eve"])
async def test_counts_count_what_is_seen(scene: Scene, by: str) -> None:
    await scene.snapshot.restore()
    asked = await scene.people[by].ask(
        "query ($from: DateTime!, $to: DateTime!) {"
        " clients(active: null) { totalCount } groups(archived: null) { totalCount }"
        " calendar(from: $from, to: $to, includeCanceled: true) { appointments { id } }"
        ' found: search(text: "group", scope: ALL) { match { __typename } }'
        " auditLog { totalCount } emergencyAccesses { totalCount }"
        " viewer { practice { providers { id } } } }",
        **{"from": in_days(-14), "to": in_days(14)},
    )
    seen = {
        type_name: len([row for row in ROWS if type_of(row) == type_name and ROWS[row][by]]) for type_name in TABLES
    }
    assert asked["clients"]["totalCount"] == seen["Client"]
    assert asked["groups"]["totalCount"] == seen["Group"]
    assert len(asked["calendar"]["appointments"]) == seen["Appointment"]
    assert len(asked["viewer"]["practice"]["providers"]) == seen["Provider"]
    assert asked["auditLog"]["totalCount"] == seen["AuditEntry"]
    assert asked["emergencyAccesses"]["totalCount"] == seen["EmergencyAccess"]
    knows = KINDS[by] in {"office", "provider", "scheduler"}
    assert len(asked["found"]) == (seen["Group"] if knows else 0)


@pytest.mark.parametrize("by", PEOPLE)
async def test_the_viewer_is_oneself(scene: Scene, by: str) -> None:
    asked = (await scene.people[by].ask(f"{{ viewer {{ {selection('Viewer')} }} }}"))["viewer"]
    users = await fetch("SELECT * FROM user_account WHERE id=$1", [row_id("usr", asked["id"])])
    assert [user["email"] for user in users] == [asked["email"]]
    assert users[0]["name"] == asked["name"]
    assert users[0]["roles"].split() == asked["roles"]
    if by != "eve":
        cells = {name.partition(".")[2]: line[KINDS[by]] for name, line in FIELDS.items() if name.startswith("Viewer")}
        assert asked["practice"] == {"id": scene.ids["practice"]}
        for name, own in (("provider", CALENDARS), ("client", SELVES)):
            expected = {"id": scene.ids[own[by]]} if cells[name] == "seen" else None
            assert asked[name] == expected


# Following


@pytest.fixture
async def hall(scene: Scene) -> AsyncIterator[Hall]:
    await scene.snapshot.restore()
    async with a_hall(quiet_seconds=0) as hall:
        yield hall


@pytest.mark.parametrize("row", WATCHED)
async def test_a_board_tells_what_the_matrix_says(scene: Scene, hall: Hall, row: str) -> None:
    assert {by: found for by in PEOPLE if (found := await surprises_on_board(hall, scene, row, by))} == {}


@pytest.mark.parametrize("by", PEOPLE)
async def test_all_of_the_calendars_log_tells_what_the_matrix_says(scene: Scene, hall: Hall, by: str) -> None:
    assert await surprises_in_log(hall, scene, by) == []


# Doing


DONE = [(action, by) for action, cells in ACTIONS.items() for by, cell in cells.items() if cell == "do"]


@pytest.mark.parametrize("action, by", DONE, ids=[f"{action} by {by}" for action, by in DONE])
async def test_an_action_is_done_as_the_matrix_says(scene: Scene, action: str, by: str) -> None:
    await scene.snapshot.restore()
    mutation, rows = action.partition(" ")[0], rows_of(action)
    payload = f"{mutation[0].upper()}{mutation[1:]}Payload"
    document = document_of(mutation, shown_of(payload, set()))
    done = (await scene.people[by].ask(document, input=GIVEN[mutation](scene, rows)))[mutation]
    assert done["__typename"] == payload
    assert changed(scene.rows, await everything()) != []
    await shows_no_more_than_may_be_seen(scene, done, by)


@pytest.mark.parametrize("action", DENIED)
async def test_an_action_is_denied_as_the_matrix_says(scene: Scene, action: str) -> None:
    await scene.snapshot.restore()
    mutation, rows = action.partition(" ")[0], rows_of(action)
    for by, code in DENIED[action].items():
        await scene.people[by].denied(code, mutation, **GIVEN[mutation](scene, rows))
    assert changed(scene.rows, await everything()) == []


# Being refused


@pytest.mark.parametrize("refusal", PROBLEMS)
async def test_a_refusal_shows_no_more_than_may_be_seen(scene: Scene, refusal: str) -> None:
    await refuses_as_it_says(scene, refusal)


@pytest.mark.parametrize("code", ["FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"])
async def test_every_denial_of_a_kind_looks_the_same(scene: Scene, code: str) -> None:
    await scene.snapshot.restore()
    told = set()
    for action, denied in DENIED.items():
        for by in [by for by, ends in denied.items() if ends == code]:
            mutation = action.partition(" ")[0]
            error = await scene.people[by].denied(code, mutation, **GIVEN[mutation](scene, rows_of(action)))
            told.add((error["message"], str(error["extensions"])))
    assert len(told) == 1


# Each rule by itself


def test_the_matrix_speaks_of_each_rule() -> None:
    assert {model.__name__ for model in access.VISIBLE} == tables_of_the_matrix()
    assert {model.__name__ for model in access.CHANGEABLE} == CHANGES.keys()


@pytest.mark.parametrize("model", access.VISIBLE, ids=lambda model: model.__name__)
async def test_a_rule_alone_says_what_the_matrix_says(
    scene: Scene, rehearsed: tuple[World, Snapshot], model: type[Model]
) -> None:
    """Past all paths and all other rules: no wall leans on another."""
    await scene.snapshot.restore()
    everybody = await viewers(scene, rehearsed[0].elsewhere.practice)
    assert await surprises_alone(scene, everybody, model) == []
