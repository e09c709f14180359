"""What these tests start from."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_line.machine import Machine, Server
from tests.databases import new_database


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo practice, planted in an empty database by two starters at once, and both still serving."""

    machine: Machine
    starters: tuple[Server, Server]

    @property
    def server(self) -> Server:
        return self.starters[0]


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    async with new_database(folder) as database, AsyncExitStack() as exits:
        machine = Machine(folder, database)
        starts = [exits.enter_async_context(machine.serving("--demo")) for _ in range(2)]
        first, second = await asyncio.gather(*starts)
        yield Demo(machine, (first, second))


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A machine with nothing in its database."""
    async with new_database(tmp_path) as database:
        yield Machine(tmp_path, database)


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Type commands, in this process, where nothing is set and nothing can be spoilt."""
    for name in [*os.environ]:
        if name.startswith("GROUPROOM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
