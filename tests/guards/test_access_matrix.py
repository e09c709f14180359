"""Every line of the matrix, over every path by which a client can reach a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type

from models.audit.buffer import forget
from models.database import fetch
from models.ids import row_id
from tests.client import Data, document_of
from tests.guards.access_given import GIVEN, SHOWS, WRONG
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
from tests.guards.access_scene import CALENDARS, POINTS, SELVES, Scene, build_scene
from tests.guards.access_shown import CORE, differences, selection
from tests.guards.access_stored import TABLES
from tests.rows import Snapshot, changed, everything
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


def test_every_root_field_is_a_path_or_an_action() -> None:
    query, mutation = (cast("GraphQLObjectType", CORE.get_type(name)) for name in ("Query", "Mutation"))
    gone = {
        name for name in query.fields for path in PATHS if f"{name} {{" in path.document or f"{name}(" in path.document
    }
    assert gone == query.fields.keys()
    assert {action.partition(" ")[0] for action in ACTIONS} | FOR_ALL == mutation.fields.keys()


def test_every_problem_that_shows_a_row_stands_in_the_table() -> None:
    mutation = cast("GraphQLObjectType", CORE.get_type("Mutation"))
    members = {
        member
        for field in mutation.fields.values()
        if isinstance(result := get_named_type(field.type), GraphQLUnionType)
        for member in result.types
        if not member.name.endswith(AROUND_ROWS)
    }
    showing = {member.name for member in members if any(True for _ in _shown_in(member))}
    assert showing == {refusal.partition(" ")[0] for refusal in PROBLEMS}


def _shown_in(problem: GraphQLObjectType) -> Iterator[str]:
    """Name the fields in which a problem shows rows."""
    for name, field in problem.fields.items():
        of = get_named_type(field.type)
        if of.name in TYPES.values() or isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
            yield name


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


async def surprises(scene: Scene, path: Path, by: str) -> object:
    """Say what is otherwise than the matrix has it for this person on this path; nothing, when all is as it says."""
    answer = await path.answer(scene, by)
    if answer.errors or answer.data is None:
        return answer
    reached = path.finds(scene, answer.data)
    if bool(reached) is not path.is_open_to(by):
        return f"reached: {bool(reached)}"
    if not reached and path.name in {"node", "nodes", "client", "group", "appointment", "chart", "chartRun"}:
        unknown = {name: scene.ids[row][:4] + "0" * 32 for name, row in path.ids.items()}
        if answer != await scene.people[by].answer(path.document, **unknown):
            return "hidden looks otherwise than absent"
    return [wrong for shown in reached if (wrong := differences(scene, path.row, by, shown))]


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


# Doing


ENDS = {"no": "FORBIDDEN", "-": "NOT_FOUND"}
DONE = [(action, by) for action, cells in ACTIONS.items() for by, cell in cells.items() if cell == "do"]
DENIED = {
    action: {by: ENDS[cell] for by, cell in cells.items() if cell in ENDS} | {"nobody": "UNAUTHENTICATED"}
    for action, cells in ACTIONS.items()
}
MOVED = {"attendanceSummary", "canceledAt", "cancelReason", "viewerCanEdit", "viewerCanLock"}


def shown_of(type_name: str, kinds: set[str]) -> str:
    """Ask in full for the rows of these types that a payload or a problem shows."""
    of = cast("GraphQLObjectType", CORE.get_type(type_name))
    asked = []
    for name in _shown_in(of):
        shown = get_named_type(of.fields[name].type)
        possible = {shown.name} if isinstance(shown, GraphQLObjectType) else kinds
        fragments = " ".join(f"... on {kind} {{ {selection(kind)} }}" for kind in sorted(possible))
        asked.append(f"{name} {{ __typename {fragments} }}")
    return " ".join(asked)


def rows_of(action: str) -> list[str]:
    words = action.split()[1:]
    return [" ".join(words[n : n + 2]) for n in range(0, len(words), 2)]


def rows_in(answer: Data) -> Iterator[Data]:
    """Give each row that a payload or a problem shows."""
    for shown in answer.values():
        for one in shown if isinstance(shown, list) else [shown]:
            if isinstance(one, dict) and "id" in one:
                yield one


def ids_in(shown: Any) -> Iterator[str]:
    """Give every id that stands anywhere in an answer."""
    if isinstance(shown, dict):
        if isinstance(shown.get("id"), str):
            yield shown["id"]
        shown = list(shown.values())
    if isinstance(shown, list):
        for one in shown:
            yield from ids_in(one)


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


async def shows_no_more_than_may_be_seen(scene: Scene, answer: Data, by: str) -> None:
    """Compare with what is stored now; what the action itself moved is told in the rooms."""
    now = await scene.now()
    known = {id_: row for row, id_ in scene.ids.items()}
    assert [known[id_] for id_ in ids_in(answer) if id_ in known and not ROWS[known[id_]][by]] == []
    for shown in rows_in(answer):
        if (row := known.get(shown["id"])) is not None:
            assert differences(now, row, by, shown).keys() <= {*POINTS.get(row, {}), *MOVED}


# Being refused


@pytest.mark.parametrize("refusal", PROBLEMS)
async def test_a_refusal_shows_no_more_than_may_be_seen(scene: Scene, refusal: str) -> None:
    await scene.snapshot.restore()
    problem, _, action = refusal.partition(" ")
    mutation, [row] = action.partition(" ")[0], rows_of(action)
    moved = set()
    if problem == "AttendanceNotSet":
        # No session of the scene is charted before it is known who came.
        await scene.people["bjorn"].do("clearAttendance", attendanceId=scene.ids["line Thursday/Dora"])
        moved = {"serviceCode", "chartNote"}
    given = GIVEN[mutation](scene, [row, "provider Amara"] if problem == "NotUsuallySeen" else [row])
    if problem in WRONG:
        given |= WRONG[problem](scene, [row])
    asked = f"__typename ... on {problem} {{ {shown_of(problem, {type_of(row)})} }}"
    document = (
        f"mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{ {asked} }} }}"
    )
    now = await scene.now()
    for by, cell in PROBLEMS[refusal].items():
        if cell in ENDS:
            await scene.people[by].error(ENDS[cell], document, input=given)
            continue
        refused = (await scene.people[by].ask(document, input=given))[mutation]
        assert refused["__typename"] == problem
        shown = {now.name_of(one["id"]): one for one in rows_in(refused)}
        expected = SHOWS[problem](row) if problem in SHOWS else [row]
        assert list(shown) == (expected if cell == "+" else [])
        for name, one in shown.items():
            assert differences(now, name, by, one).keys() == moved


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
