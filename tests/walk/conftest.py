"""The article is one story: each step starts from what those before it have left."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack

import pytest

from tests.command_line.machine import Machine
from tests.databases import new_database
from tests.walk.story import Story

# With a broadcaster there are two processes, so that what is said in the one must reach the streams of the other.
BROADCAST = os.environ.get("TEST_BROADCAST_URL", "")
OPTIONS = ("--workers", "2") if BROADCAST else ()
SETTINGS = {"GROUPROOM_BROADCAST_URL": BROADCAST} if BROADCAST else {}

_stopped = pytest.StashKey[str]()


@pytest.fixture(scope="session")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A server with an empty database, and nobody there yet."""
    folder = tmp_path_factory.mktemp("walk")
    async with new_database(folder) as database, AsyncExitStack() as exits:
        machine = Machine(folder, database)
        server = await exits.enter_async_context(machine.serving(*OPTIONS, **SETTINGS))
        yield Story(machine, server, exits)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.session.stash.setdefault(_stopped, item.name)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _stopped in item.session.stash:
        pytest.skip(f"The story stopped at {item.session.stash[_stopped]}.")
