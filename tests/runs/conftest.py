"""What the tests of runs start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.runs.door import Door, open_door
from tests.runs.house import House, a_house
from tests.world import World


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    """The way in over real sockets."""
    async with open_door() as door:
        yield door


@pytest.fixture(scope="session")
async def built_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A practice for servers that run as processes."""
    async with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
async def house(built_house: House) -> AsyncIterator[House]:
    """The same, with no server left over by the tests before nor to those after."""
    yield built_house
    await built_house.close()
