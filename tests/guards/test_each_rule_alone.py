"""Each table's rule by itself, past all paths and all other rules: no wall leans on another."""

from __future__ import annotations

import pytest
from tortoise.models import Model

from resolvers import access
from tests.guards.access_alone import CHANGES, surprises_alone, tables_of_the_matrix, viewers
from tests.guards.access_scene import Scene, build_scene
from tests.rows import Snapshot
from tests.world import World


@pytest.fixture(scope="module")
async def scene(stage: None, rehearsed: tuple[World, Snapshot]) -> Scene:
    world, snapshot = rehearsed
    await snapshot.restore()
    return await build_scene(world)


def test_the_matrix_speaks_of_each_rule() -> None:
    assert {model.__name__ for model in access.VISIBLE} == tables_of_the_matrix()
    assert {model.__name__ for model in access.CHANGEABLE} == CHANGES.keys()


@pytest.mark.parametrize("model", access.VISIBLE, ids=lambda model: model.__name__)
async def test_a_rule_alone_says_what_the_matrix_says(
    scene: Scene, rehearsed: tuple[World, Snapshot], model: type[Model]
) -> None:
    await scene.snapshot.restore()
    everybody = await viewers(scene, rehearsed[0].elsewhere.practice)
    assert await surprises_alone(scene, everybody, model) == []
