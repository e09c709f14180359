"""What the tests of streams start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.command_line.machine import Server
from tests.databases import ON_POSTGRES
from tests.rows import Snapshot
from tests.streams.follower import PATIENCE, Hall, a_hall
from tests.streams.processes import servers
from tests.streams.servers import needs_redis, redis_server
from tests.world import World


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    """Streams on a hub that looks only when it is woken; at the end nothing is left of them."""
    async with a_hall(poll_seconds=6 * PATIENCE) as opened:
        yield opened


WIRES = ["database", pytest.param("redis", marks=needs_redis)] if ON_POSTGRES else ["polling"]


# Their workers would go on with the chart runs of other tests, so they end with those that ask for them.
@pytest.fixture(scope="module", params=WIRES)
async def pair_of_servers(
    request: pytest.FixtureRequest, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Server]]:
    folder = tmp_path_factory.mktemp("servers")
    if request.param == "redis":
        async with redis_server(folder) as redis, servers(folder, database_url, broadcast=redis.url) as pair:
            yield pair
    else:
        async with servers(folder, database_url) as pair:
            yield pair


@pytest.fixture
async def pair(
    pair_of_servers: list[Server], world: World, rehearsed: tuple[World, Snapshot]
) -> AsyncIterator[list[Server]]:
    """Two processes that serve the suite's own database, with the cast in it."""
    yield pair_of_servers
    # On SQLite what others have written does not show in this process's count of changes.
    rehearsed[1].mark = None
