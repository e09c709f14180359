"""Take any one rule away, and the matrix is not what it says: each rule is under test."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from models.audit.buffer import forget
from models.problems import Coded
from resolvers import access
from resolvers.access import door
from resolvers.reading.plans import Plans
from tests.client import Failed, in_process
from tests.guards.access_alone import surprises_alone, viewers
from tests.guards.access_given import GIVEN
from tests.guards.access_matrix import PEOPLE, PROBLEMS, type_of
from tests.guards.access_paths import PATHS, Path
from tests.guards.access_scene import Scene, build_scene
from tests.guards.access_streams import WATCHED, surprises_in_log, surprises_on_board
from tests.guards.access_tried import DENIED, refuses_as_it_says, rows_of, surprises
from tests.guards.mutants import kinds
from tests.rows import Snapshot
from tests.streams.follower import a_hall
from tests.world import Elsewhere, World

KINDS = kinds()
Found = AsyncGenerator[str, None]
_log = logging.getLogger("mutants")


@pytest.fixture(scope="module")
async def scene(stage: None, rehearsed: tuple[World, Snapshot]) -> Scene:
    world, snapshot = rehearsed
    await snapshot.restore()
    return await build_scene(world)


async def of_another_practice(scene: Scene, there: Elsewhere) -> Found:
    theirs = [there.practice, there.provider, there.client, there.group, there.membership, there.service_code]
    for by, viewer in scene.people.items():
        for one in theirs if by not in {"eve", "nobody"} else []:
            if (await viewer.ask("query ($id: ID!) { node(id: $id) { id } }", id=one))["node"]:
                yield f"{one} of another practice as {by}"


async def on_paths(scene: Scene, some: Callable[[Path], bool]) -> Found:
    for path in filter(some, PATHS):
        for by in PEOPLE:
            forget()
            if await surprises(scene, path, by):
                yield f"{path} as {by}"


async def of_what_is_denied(scene: Scene) -> Found:
    for action, denied in DENIED.items():
        forget()
        for by, code in denied.items():
            mutation = action.partition(" ")[0]
            try:
                await scene.people[by].denied(code, mutation, **GIVEN[mutation](scene, rows_of(action)))
            except (Failed, AssertionError):
                yield f"{action} as {by}"


async def of_what_is_refused(scene: Scene) -> Found:
    for refusal in PROBLEMS:
        forget()
        try:
            await refuses_as_it_says(scene, refusal)
        except (Failed, AssertionError):
            yield refusal
    await scene.snapshot.restore()


async def in_streams(scene: Scene) -> Found:
    async with a_hall(quiet_seconds=0) as hall:
        for by in PEOPLE:
            forget()
            try:
                for row in WATCHED:
                    if await surprises_on_board(hall, scene, row, by):
                        yield f"the board of {row} as {by}"
                if await surprises_in_log(hall, scene, by):
                    yield f"the calendar's log as {by}"
            except (Coded, AssertionError) as error:
                yield f"{error} in a stream as {by}"


async def alone(scene: Scene, there: Elsewhere) -> Found:
    everybody = await viewers(scene, there.practice)
    for model in access.VISIBLE:
        for found in await surprises_alone(scene, everybody, model):
            yield f"{found} by this rule alone"


async def found_out(scene: Scene, near: str, there: Elsewhere) -> str | None:
    """Say what is otherwise than the matrix has it; nothing, when all of it is as it says.

    What shows on a path is looked for before what only the rule alone shows; but first where it is likely.
    """
    for way in (
        of_another_practice(scene, there),
        on_paths(scene, lambda path: type_of(path.row) == near),
        of_what_is_denied(scene),
        of_what_is_refused(scene),
        in_streams(scene),
        alone(scene, there),
        on_paths(scene, lambda path: type_of(path.row) != near),
    ):
        # Nothing of it is to be written: what was shown of another practice may not be.
        forget()
        async with aclosing(way):
            async for found in way:
                return found
    return None


@pytest.mark.mutant
@pytest.mark.parametrize("kind", KINDS)
async def test_a_rule_that_is_taken_away_is_found_out(
    scene: Scene, rehearsed: tuple[World, Snapshot], kind: str
) -> None:
    unnoticed = []
    for name, mutant in KINDS[kind]().items():
        await scene.snapshot.restore()
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(door, "_statements", Plans(200))
            mutant(monkeypatch)
            server = in_process()
            people = {by: replace(person, send=server, must_never_see="") for by, person in scene.people.items()}
            found = await found_out(replace(scene, people=people), name.rpartition(" ")[2], rehearsed[0].elsewhere)
        _log.warning("%s: %s", name, found or "NOTHING NOTICES")
        if found is None:
            unnoticed.append(name)
    assert unnoticed == []
