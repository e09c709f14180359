"""Three habits that no type shows: no task inside a unit of work, settings only at the door, the viewer first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("schema", "subscriptions", "resolvers", "models")
# Some of these make a task of a coroutine without saying so.
MAKES_TASKS = {
    "TaskGroup",
    "as_completed",
    "create_task",
    "ensure_future",
    "gather",
    "run_coroutine_threadsafe",
    "shield",
    "wait_for",
}
READS_SETTINGS = {"environ", "environb", "getenv", "getenvb"}
# The rooms and what stands beside them; the door itself asks on a viewer's behalf about rows that it was given.
NO_ROOMS = {"reading", "access", "viewer.py"}
# One compares a password with its hash, and asks the database nothing; the other writes down who was seen, whoever that
# was, and tells nobody.
FOR_NOBODY = {"password_is", "flush"}


def sources(*floors: str) -> Iterator[tuple[str, ast.Module]]:
    for floor in floors:
        for path in sorted((ROOT / floor).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give every name that is read, whether plain, of a module or imported."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield node.lineno, name
            case ast.ImportFrom(names=imported):
                yield from ((node.lineno, alias.name) for alias in imported)


def found(names_sought: set[str], *floors: str) -> list[str]:
    return [
        f"{path}:{line} {name}" for path, tree in sources(*floors) for line, name in names(tree) if name in names_sought
    ]


def test_nothing_makes_a_task_where_it_might_take_a_transaction_along() -> None:
    made = found(MAKES_TASKS, "models", "resolvers")
    assert {place.split(":")[0] for place in made} == {"models/unit_of_work.py"}, made


def test_only_the_door_reads_the_environment() -> None:
    assert found(READS_SETTINGS, *FLOORS) == []


def public_coroutines() -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    for path, tree in sources("resolvers"):
        if Path(path).parts[1] not in NO_ROOMS:
            for node in tree.body:
                if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
                    yield f"{path}:{node.lineno} {node.name}", node


def test_whatever_is_answered_or_done_is_told_first_for_whom() -> None:
    coroutines = dict(public_coroutines())
    assert coroutines
    without = [
        name
        for name, node in coroutines.items()
        if node.name not in FOR_NOBODY
        and [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)][:1] != ["viewer"]
    ]
    assert without == []


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['X']", "from os import getenv", "import os as o\no.getenv('X')"],
)
def test_the_guard_sees_every_way_to_read_the_environment(source: str) -> None:
    assert {name for _, name in names(ast.parse(source))} & READS_SETTINGS


@pytest.mark.parametrize(
    "source",
    ["import asyncio\nasyncio.create_task(x())", "from asyncio import gather", "async with TaskGroup() as g: pass"],
)
def test_the_guard_sees_every_way_to_make_a_task(source: str) -> None:
    assert {name for _, name in names(ast.parse(source))} & MAKES_TASKS
