"""A connection to PostgreSQL over which nothing comes any more, and that nobody closed, holds nobody for ever."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from tortoise.context import TortoiseContext

from models.database import config, connect, fetch
from models.problems import Unavailable
from models.unit_of_work import unit_of_work
from tests.databases import ON_POSTGRES
from tests.runs.workers import comes_true
from tests.streams.servers import proxy


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no wire")
async def test_what_is_asked_over_a_wire_that_has_fallen_silent_is_given_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.database.COMMAND_SECONDS", 0.5)
    parts = urlsplit(database_url)
    async with proxy(parts.port or 5432) as (carrier, port), TortoiseContext() as context:
        there = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}").geturl()
        await context.init(config=config(there))
        await connect()

        async def change() -> None:
            await fetch("SELECT 1 AS one")
            carrier.freeze()
            await fetch("SELECT 1 AS one")

        async def is_back() -> bool:
            # Each connection that there was is found to be silent by whoever takes it next.
            with suppress(Unavailable):
                return await fetch("SELECT 1 AS one") == [{"one": 1}]
            return False

        with pytest.raises(Unavailable):
            await unit_of_work(change)
        await comes_true(is_back)
        carrier.freeze()
        with pytest.raises(Unavailable):
            await fetch("SELECT 1 AS one")
        await comes_true(is_back)
