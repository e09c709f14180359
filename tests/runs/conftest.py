"""What the tests of runs start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from models.database import connection, dialect, fetch
from models.unit_of_work import drain
from tests.runs.door import Door, open_door
from tests.runs.house import House, a_house
from tests.world import World

_SIGNED = ("addendum", "signature", "chart_note")
_FREEZING = "SELECT name,sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'frozen_%'"


@pytest.fixture
async def scene(world: World) -> AsyncIterator[World]:
    """The cast, from whose database what was signed is taken again afterwards, which the product never does."""
    yield world
    await drain()
    if dialect() == "postgres":
        away = "".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in _SIGNED)
        back = "".join(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in _SIGNED)
    else:
        triggers = await fetch(_FREEZING)
        away = "".join(f"DROP TRIGGER {trigger['name']};" for trigger in triggers)
        back = "".join(f"{trigger['sql']};" for trigger in triggers)
    gone = "".join(f"DELETE FROM {table};" for table in _SIGNED)
    await connection().execute_script(f"BEGIN;{away}{gone}{back}COMMIT;")


@pytest.fixture
async def door(scene: World) -> AsyncIterator[Door]:
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
