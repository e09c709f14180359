"""What every test starts from: a database that is its own, and no network."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from models.audit.buffer import forget
from models.database import close_database, connection, open_database
from models.migrate import migrate
from models.secret import use_secret
from models.unit_of_work import drain
from tests.databases import ON_POSTGRES, SECRET, empty, new_database
from tests.stage import rehearsed, rehearsed_week, server, stage, week, world
from tests.workers import pytest_collection_modifyitems, pytest_xdist_auto_num_workers, pytest_xdist_make_scheduler

__all__ = ["rehearsed", "rehearsed_week", "server", "stage", "week", "world"]
__all__ += ["pytest_collection_modifyitems", "pytest_xdist_auto_num_workers", "pytest_xdist_make_scheduler"]

_REACHING = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


def _is_here(host: Any) -> bool:
    # Without a host it is a socket of this machine's, or one that only listens.
    if isinstance(host, bytes):
        host = host.decode()
    if not host or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, given: tuple[Any, ...]) -> None:
    place = _REACHING.get(event)
    if place is None:
        return
    address = given[place]
    if place and not isinstance(address, tuple):
        return
    host = address[0] if isinstance(address, tuple) else address
    if not _is_here(host):
        raise RuntimeError(f"A test reaches out to {host}: only this machine is there for tests.")


sys.addaudithook(_refuse_network)

# The schema and the plans that are kept make a large heap; looking through it as often as Python does by itself takes
# a tenth of the time.
gc.set_threshold(50_000, 20, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what is as what is expected, to be read in the diff")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether what is found becomes what is expected."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keep a line that is shown when all tests are done, whichever process does them."""
    return lambda line: record_property("figures", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", []):
        for name, line in getattr(report, "user_properties", []):
            if name == "figures":
                terminalreporter.write_line(line)


@pytest.fixture(scope="session")
async def database_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of the suite's own database, migrated and open."""
    async with new_database(tmp_path_factory.mktemp("database")) as url:
        use_secret(SECRET)
        await migrate(url)
        await open_database(url)
        try:
            if not ON_POSTGRES:
                # What is lost with the power is no matter here, and waiting for the disk takes most of the time.
                await connection().execute_script("PRAGMA synchronous = OFF")
            yield url
        finally:
            await close_database()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The suite's database, empty before and after the test."""
    yield database_url
    # What holds the database for ever fails the test that left it so.
    async with asyncio.timeout(30):
        await drain()
        forget()
        await empty()


@pytest.fixture
async def other_database(tmp_path: Path) -> AsyncIterator[str]:
    """The address of one more database, with nothing in it: for other processes, and to be migrated."""
    async with new_database(tmp_path) as url:
        yield url
