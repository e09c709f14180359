"""The cast on the stage: built once, and put back as it was before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from models.audit.buffer import forget
from models.unit_of_work import drain
from resolvers.practice import sign_in
from tests.client import InProcess, in_process
from tests.databases import empty
from tests.rows import Snapshot
from tests.week import Week, a_week
from tests.world import QUICK_HASHER, World, build_world


@pytest.fixture(scope="session")
def server() -> InProcess:
    """The way to the built schema, in this process."""
    return in_process()


@pytest.fixture(scope="session")
async def rehearsed(database_url: str, server: InProcess) -> tuple[World, Snapshot]:
    """The cast, and all rows as they are when it steps on the stage."""
    await empty()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_hasher", QUICK_HASHER)
        world = await build_world(server)
    snapshot = await Snapshot.take("cast")
    await empty()
    return world, snapshot


@pytest.fixture(scope="session")
async def rehearsed_week(rehearsed: tuple[World, Snapshot]) -> tuple[Week, Snapshot]:
    """The cast in the middle of their work, and all rows as they are then."""
    world, snapshot = rehearsed
    await snapshot.restore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_hasher", QUICK_HASHER)
        week = await a_week(world)
    kept = await Snapshot.take("week")
    await empty()
    return week, kept


@pytest.fixture(scope="module")
async def stage(database_url: str) -> AsyncIterator[None]:
    """Leave nothing to tests that begin with an empty database."""
    yield
    await drain()
    forget()
    await empty()


@pytest.fixture
async def world(stage: None, rehearsed: tuple[World, Snapshot], monkeypatch: pytest.MonkeyPatch) -> World:
    """The cast, as it is before anything happens."""
    monkeypatch.setattr(sign_in, "_hasher", QUICK_HASHER)
    cast, snapshot = rehearsed
    forget()
    await snapshot.restore()
    return cast


@pytest.fixture
async def week(stage: None, rehearsed_week: tuple[Week, Snapshot], monkeypatch: pytest.MonkeyPatch) -> Week:
    """The cast in the middle of their work, before anything else happens."""
    monkeypatch.setattr(sign_in, "_hasher", QUICK_HASHER)
    cast, snapshot = rehearsed_week
    forget()
    await snapshot.restore()
    return cast
