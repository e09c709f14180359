"""PostgreSQL and Redis answer, or one sentence says which does not."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

import asyncpg
from redis import Redis


async def postgres(url: str) -> None:
    """Connect to the server; the test session makes the database of the address by itself."""
    await (await asyncpg.connect(urlsplit(url)._replace(path="/postgres").geturl(), timeout=5)).close()


async def redis(url: str) -> None:
    """Ask for a sign of life; nothing else runs here that would have to wait."""
    with Redis.from_url(url, socket_connect_timeout=5) as server:
        server.ping()


async def main(postgres_url: str, redis_url: str) -> int:
    """Say which service does not answer, and fail."""
    for name, variable, url, ask in (
        ("PostgreSQL", "TEST_POSTGRES", postgres_url, postgres),
        ("Redis", "TEST_REDIS", redis_url, redis),
    ):
        try:
            await ask(url)
        except Exception as error:  # noqa: BLE001 - whatever the reason, the sentence is the same
            address = urlsplit(url).netloc.rpartition("@")[2]
            print(
                f"make check needs {name} at {address}, and got {type(error).__name__}: {error}; "
                f"start it, or say where it is with {variable}=...",
                file=sys.stderr,
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
