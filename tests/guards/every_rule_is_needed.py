"""Take any one rule away, and the matrix is not what it says: each rule is under test."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from models.audit.buffer import forget
from resolvers.access import door
from resolvers.reading.run import Plans
from tests.client import Failed, in_process
from tests.guards.access_given import GIVEN
from tests.guards.access_matrix import PEOPLE, type_of
from tests.guards.access_paths import PATHS
from tests.guards.access_scene import Scene, build_scene
from tests.guards.mutants import kinds
from tests.guards.test_access_matrix import DENIED, rows_of, surprises
from tests.rows import Snapshot
from tests.world import World

KINDS = kinds()
_log = logging.getLogger("mutants")
TWICE = {
    "Signature": "is reached only through its note, whose rule says the same",
    "ChartRunStep": "is reached only through its run, whose rule says the same",
    "PaymentAllocation": "is reached only through its payment, whose rule says the same",
    "User": "is asked for only as oneself",
    "ClientProvider": "is read only with its two ends",
    "GroupShare": "is read only with its two ends",
}
"""Tables whose rules stand before others which say the same, and why nothing else would be seen without them."""


@pytest.fixture(scope="module")
async def scene(stage: None, rehearsed: tuple[World, Snapshot]) -> Scene:
    world, snapshot = rehearsed
    await snapshot.restore()
    return await build_scene(world)


async def found_out(scene: Scene, near: str, elsewhere: list[str]) -> str | None:
    """Say what is otherwise than the matrix has it; nothing, when all of it is as it says."""
    for by, viewer in scene.people.items():
        for one in elsewhere if by not in {"eve", "nobody"} else []:
            if (await viewer.ask("query ($id: ID!) { node(id: $id) { id } }", id=one))["node"]:
                return f"{one} of another practice as {by}"
    # A path to a row of which more is seen is the likeliest to tell.
    for path in sorted(PATHS, key=lambda path: type_of(path.row) != near):
        for by in PEOPLE:
            forget()
            if await surprises(scene, path, by):
                return f"{path} as {by}"
    for action, denied in DENIED.items():
        for by, code in denied.items():
            mutation = action.partition(" ")[0]
            try:
                await scene.people[by].denied(code, mutation, **GIVEN[mutation](scene, rows_of(action)))
            except (Failed, AssertionError):
                return f"{action} as {by}"
    return None


@pytest.mark.mutant
@pytest.mark.parametrize("kind", KINDS)
async def test_a_rule_that_is_taken_away_is_found_out(
    scene: Scene, rehearsed: tuple[World, Snapshot], kind: str
) -> None:
    theirs = rehearsed[0].elsewhere
    elsewhere = [theirs.practice, theirs.provider, theirs.client, theirs.group, theirs.membership, theirs.service_code]
    unnoticed = []
    for name, mutant in KINDS[kind]().items():
        await scene.snapshot.restore()
        server = in_process()
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(door, "_statements", Plans(200))
            mutant(monkeypatch)
            people = {by: replace(person, send=server, must_never_see="") for by, person in scene.people.items()}
            found = await found_out(replace(scene, people=people), kind.rpartition(" ")[2], elsewhere)
        _log.warning("%s: %s", name, found or "NOTHING NOTICES")
        if found is None and name.rpartition(" ")[2] not in TWICE:
            unnoticed.append(name)
    assert unnoticed == []
