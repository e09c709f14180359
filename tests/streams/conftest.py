"""What the tests of streams start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from subscriptions.hub import Hub
from tests.streams.follower import PATIENCE, Hall


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    """Streams on a hub that looks only when it is woken; at the end nothing is left of them."""
    hub = Hub("memory://", poll_seconds=6 * PATIENCE)
    await hub.start()
    hall = Hall.of(hub)
    try:
        yield hall
    finally:
        await hall.close()
        await hub.stop()
    assert [*hub.groups, *hub.members, *hub._logs] == []
