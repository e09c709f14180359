"""A machine to try the command line on: a folder and a database of its own, and none of the developer's settings."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import httpx

COMMAND = str(Path(sys.executable).with_name("grouproom"))
PATIENCE = 60.0
"""Seconds that anything may take before the test gives up on it."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a command."""

    code: int
    out: str
    err: str

    def done(self) -> str:
        """Give what it printed; it must have been carried out."""
        assert self.code == 0, self.err
        assert not self.err
        return self.out.strip()

    def refused(self) -> list[str]:
        """Give the lines that say why it was not carried out."""
        assert self.code == 1, self.err
        assert not self.out
        return self.err.splitlines()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and what it says into a file."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All it has printed."""
        return self.log.read_text(encoding="utf-8")

    @property
    def token(self) -> str:
        """The bearer token that the demo's banner shows."""
        return self.said.partition("Authorization: Bearer ")[2].split(maxsplit=1)[0]

    async def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send a signal to it and all its workers, as a terminal does, and give the exit code."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where commands are typed."""

    folder: Path
    database: str

    def environment(self, **settings: str) -> dict[str, str]:
        """Give all that a command finds set."""
        here = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**here, "GROUPROOM_DATABASE_URL": self.database, "XDG_DATA_HOME": str(self.folder), **settings}

    async def run(self, *arguments: str, typed: str = "", **settings: str) -> Ran:
        """Run one command to its end."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.folder,
            env=self.environment(**settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(typed.encode()), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    @asynccontextmanager
    async def serving(self, *options: str, **settings: str) -> AsyncIterator[Server]:
        """Serve on a free port for as long as the block lasts, or until it is stopped."""
        port = free_port()
        log = self.folder / f"{port}.log"
        with log.open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                COMMAND,
                *("serve", "--port", str(port), *options),
                cwd=self.folder,
                env=self.environment(**settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        server = Server(process, port, log)
        try:
            await _answering(server)
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def _answering(server: Server) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(verify=False, trust_env=False) as http:  # noqa: S501 - no TLS on loopback
        while server.process.returncode is None:
            with suppress(httpx.TransportError):
                if (await http.get(f"http://{server.address}/healthz")).is_success:
                    return
            await asyncio.sleep(0.02)
    raise AssertionError(server.said)
