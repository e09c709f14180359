"""The matrix, tried: whether a path, a refusal or a payload shows somebody what it says, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type

from tests.client import Data
from tests.guards.access_given import GIVEN, SHOWS, WRONG
from tests.guards.access_matrix import ACTIONS, PROBLEMS, ROWS, TYPES, type_of
from tests.guards.access_paths import Path
from tests.guards.access_scene import POINTS, Scene
from tests.guards.access_shown import CORE, differences, selection

ENDS = {"no": "FORBIDDEN", "-": "NOT_FOUND"}
DENIED = {
    action: {by: ENDS[cell] for by, cell in cells.items() if cell in ENDS} | {"nobody": "UNAUTHENTICATED"}
    for action, cells in ACTIONS.items()
}
MOVED = {"attendanceSummary", "canceledAt", "cancelReason", "viewerCanEdit", "viewerCanLock"}


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


async def refuses_as_it_says(scene: Scene, refusal: str) -> None:
    """Expect everybody to be refused as the matrix says, and to be shown the rows of the problem that it says."""
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


async def shows_no_more_than_may_be_seen(scene: Scene, answer: Data, by: str) -> None:
    """Compare with what is stored now; what the action itself moved is told in the rooms."""
    now = await scene.now()
    known = {id_: row for row, id_ in scene.ids.items()}
    assert [known[id_] for id_ in ids_in(answer) if id_ in known and not ROWS[known[id_]][by]] == []
    for shown in rows_in(answer):
        if (row := known.get(shown["id"])) is not None:
            assert differences(now, row, by, shown).keys() <= {*POINTS.get(row, {}), *MOVED}


def shown_in(of: GraphQLObjectType) -> Iterator[str]:
    """Name the fields in which a payload or a problem shows rows."""
    for name, field in of.fields.items():
        named = get_named_type(field.type)
        if named.name in TYPES.values() or isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            yield name


def shown_of(type_name: str, kinds: set[str]) -> str:
    """Ask in full for the rows of these types that a payload or a problem shows."""
    of = cast("GraphQLObjectType", CORE.get_type(type_name))
    asked = []
    for name in shown_in(of):
        shown = get_named_type(of.fields[name].type)
        possible = {shown.name} if isinstance(shown, GraphQLObjectType) else kinds
        fragments = " ".join(f"... on {kind} {{ {selection(kind)} }}" for kind in sorted(possible))
        asked.append(f"{name} {{ __typename {fragments} }}")
    return " ".join(asked)


def rows_of(action: str) -> list[str]:
    """Give the rows that an action of the matrix is about."""
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
