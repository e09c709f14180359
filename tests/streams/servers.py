"""Servers that a test may stop, freeze and kill: none that anybody else uses."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.command_line.machine import free_port
from tests.streams.follower import PATIENCE

REDIS = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(REDIS is None, reason="there is no redis-server on this machine to start")


@dataclass
class RedisServer:
    """A Redis of the test's own."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = await asyncio.create_subprocess_exec(
            REDIS or "redis-server",
            *("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():  # noqa: ASYNC110 - another process has no event for it
                await asyncio.sleep(0.005)

    async def _answers(self) -> bool:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"PING\r\n")
            answer = await reader.readline()
            writer.close()
            return answer == b"+PONG\r\n"
        return False

    async def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            await self.process.wait()
            self.process = None


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[RedisServer]:
    """Run a Redis for as long as the block lasts."""
    server = RedisServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@dataclass
class Proxy:
    """Stands before a server and hands everything on, until it is told to let connections fall silent."""

    port: int
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def freeze(self) -> None:
        """Hand nothing on any more in the connections that there are, and close none of them."""
        self.silent.set()
        self.silent = asyncio.Event()

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways."""
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        silent = self.silent
        self.writers += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink, silent))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, silent: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await source.read(2**16):
                if not silent.is_set():
                    sink.write(data)
                    await sink.drain()
        if not silent.is_set():
            sink.close()


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[tuple[Proxy, int]]:
    """Stand before the server on this port, and give the port to come in by."""
    carrier = Proxy(port)
    server = await asyncio.start_server(carrier.hand_on, "127.0.0.1", 0)
    try:
        yield carrier, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in [*carrier.tasks]:
            task.cancel()
        for writer in carrier.writers:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
        await server.wait_closed()
