"""Every line of the matrix, over every path by which a client can reach a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from graphql import GraphQLObjectType

from models.database import fetch
from models.ids import row_id
from tests.client import Data, document_of
from tests.guards.access_matrix import ACTIONS, FIELDS, FOR_ALL, KINDS, PEOPLE, ROWS, WITHOUT_ROWS, type_of
from tests.guards.access_paths import CORE, PATHS, Path, selection
from tests.guards.access_scene import CALENDARS, SELVES, TABLES, Scene, build_scene, differences
from tests.rows import Snapshot, changed, everything
from tests.world import World


@pytest.fixture(scope="module")
async def scene(stage: None, rehearsed: tuple[World, Snapshot]) -> Scene:
    world, snapshot = rehearsed
    await snapshot.restore()
    return await build_scene(world)


# The table is whole


def test_every_field_of_the_schema_stands_in_the_table() -> None:
    types = [of for name, of in CORE.type_map.items() if isinstance(of, GraphQLObjectType) and name[:2] != "__"]
    roots = {"Query", "Mutation", "Subscription"}
    held = {of.name for of in types} - roots - WITHOUT_ROWS
    assert {name.partition(".")[0] for name in FIELDS} == held
    assert {of.name for of in types} >= WITHOUT_ROWS
    fields = {f"{of.name}.{name}" for of in types if of.name in held for name in of.fields}
    assert fields == FIELDS.keys()


def test_every_root_field_is_a_path_or_an_action() -> None:
    query, mutation = (cast("GraphQLObjectType", CORE.get_type(name)) for name in ("Query", "Mutation"))
    gone = {
        name for name in query.fields for path in PATHS if f"{name} {{" in path.document or f"{name}(" in path.document
    }
    assert gone == query.fields.keys()
    assert {action.partition(" ")[0] for action in ACTIONS} | FOR_ALL == mutation.fields.keys()


async def test_every_row_of_the_practice_stands_in_the_table(scene: Scene) -> None:
    await scene.snapshot.restore()
    assert scene.ids.keys() == ROWS.keys()
    for type_name, table in TABLES.items():
        column = "id" if table == "practice" else "practice_id"
        here = await fetch(
            f'SELECT count(*) AS n FROM "{table}" WHERE {column}=$1', [row_id("prc", scene.ids["practice"])]
        )
        assert here[0]["n"] == len([row for row in ROWS if type_of(row) == type_name])


# Reading


async def surprises(scene: Scene, path: Path, by: str) -> object:
    """Say what is otherwise than the matrix has it for this person on this path; nothing, when all is as it says."""
    answer = await path.answer(scene, by)
    if answer.errors or answer.data is None:
        return answer
    reached = [one for one in path.dig(answer.data) if one and one.get("id") == scene.ids[path.row]]
    if bool(reached) is not path.is_open_to(by):
        return f"reached: {bool(reached)}"
    if not reached and path.name in {"node", "nodes", "client", "group"}:
        unknown = {name: scene.ids[row][:4] + "0" * 32 for name, row in path.ids.items()}
        if answer != await scene.people[by].answer(path.document, **unknown):
            return "hidden looks otherwise than absent"
    return [wrong for shown in reached if (wrong := await differences(scene, path.row, by, shown))]


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
        "{ clients(active: null) { totalCount } groups(archived: null) { totalCount }"
        ' found: search(text: "group", scope: ALL) { match { __typename } }'
        " viewer { practice { providers { id } } } }"
    )
    seen = {
        type_name: len([row for row in ROWS if type_of(row) == type_name and ROWS[row][by]]) for type_name in TABLES
    }
    assert asked["clients"]["totalCount"] == seen["Client"]
    assert asked["groups"]["totalCount"] == seen["Group"]
    assert len(asked["viewer"]["practice"]["providers"]) == seen["Provider"]
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


# Doing

GIVEN: dict[str, Callable[[Scene, list[str]], Data]] = {
    "createServiceCode": lambda _, __: {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 4000},
    "updateServiceCode": lambda s, rows: {"id": s.ids[rows[0]], "feeMinor": 12300},
    "createClient": lambda _, __: {"firstName": "Nora", "lastName": "Berg"},
    "updateClient": lambda s, rows: {"id": s.ids[rows[0]], "phone": "110"},
    "createGroup": lambda s, _: {"name": "Evening", "initials": "EC", "providerId": s.ids["provider Amara"]},
    "updateGroup": lambda s, rows: {"id": s.ids[rows[0]], "name": "Renamed Circle", "initials": "RC"},
    "archiveGroup": lambda s, rows: {"id": s.ids[rows[0]]},
    "addGroupMember": lambda s, rows: {"groupId": s.ids[rows[0]], "clientId": s.ids[rows[1]]},
    "removeGroupMember": lambda s, rows: {"groupId": s.ids[rows[0]], "clientId": s.ids[rows[1]]},
}
ENDS = {"no": "FORBIDDEN", "-": "NOT_FOUND"}
CASES = [
    (action, by, cell)
    for action, cells in ACTIONS.items()
    for by, cell in {**cells, "nobody": "out"}.items()
    if cell != "."
]


def payload_selection(mutation: str) -> str:
    of = cast("GraphQLObjectType", CORE.get_type(f"{mutation[0].upper()}{mutation[1:]}Payload"))
    return " ".join(f"{name} {{ {selection(str(given.type).strip('!'))} }}" for name, given in of.fields.items())


def rows_of(action: str) -> list[str]:
    words = action.split()[1:]
    return [" ".join(words[n : n + 2]) for n in range(0, len(words), 2)]


@pytest.mark.parametrize("action, by, cell", CASES, ids=[f"{action} by {by}" for action, by, _ in CASES])
async def test_an_action_is_done_or_denied_as_the_matrix_says(scene: Scene, action: str, by: str, cell: str) -> None:
    await scene.snapshot.restore()
    mutation, rows = action.partition(" ")[0], rows_of(action)
    document = document_of(mutation, payload_selection(mutation))
    before = await everything()
    answer = await scene.people[by].answer(document, input=GIVEN[mutation](scene, rows))
    if cell != "do":
        assert answer.codes == [ENDS.get(cell, "UNAUTHENTICATED")]
        assert answer.data == {mutation: None}
        assert changed(before, await everything()) == []
        return
    assert answer.errors == []
    assert answer.data is not None
    assert answer.data[mutation]["__typename"].endswith("Payload")
    assert changed(before, await everything()) != []
    for shown in answer.data[mutation].values():
        if isinstance(shown, dict) and shown["id"] in scene.ids.values():
            row = scene.name_of(shown["id"])
            wrong = await differences(scene, row, by, shown)
            # What the action itself moved is told in the rooms; here, that nothing shows which is not to be seen.
            assert wrong.keys() <= {"members", "groups", "memberships"}


@pytest.mark.parametrize("code", ["FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"])
async def test_every_denial_of_a_kind_looks_the_same(scene: Scene, code: str) -> None:
    await scene.snapshot.restore()
    told = set()
    for action, by, cell in CASES:
        if cell != "do" and ENDS.get(cell, "UNAUTHENTICATED") == code:
            mutation = action.partition(" ")[0]
            given = GIVEN[mutation](scene, rows_of(action))
            error = await scene.people[by].denied(code, mutation, **given)
            told.add((error["message"], str(error["extensions"])))
    assert len(told) == 1
