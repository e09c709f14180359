"""The wire between processes: it carries wake-ups, and never a word of what happened.

broadcaster does not notice that its server restarted: its listener is dead and its subscribers wait for ever. So each
process hears its own beat, and when it does not, everything is thrown away and made anew. A wake-up that was lost
meanwhile costs one poll.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from typing import cast
from urllib.parse import parse_qsl, urlencode

import asyncpg
from broadcaster import Broadcast, Event
from broadcaster._backends.postgres import PostgresBackend

CHANNEL, BEAT = "grouproom", "beat"
BEAT_SECONDS = 2.0
SILENT_SECONDS = 5.0
GIVE_UP_SECONDS = 3.0
MOST_WAITING = 1000
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 10.0

_log = logging.getLogger("grouproom.wire")


class Wire:
    """One subscription of this process, supervised."""

    def __init__(self, url: str, heard: Callable[[str], None]) -> None:
        """Prepare; `heard` is called with each message of other processes, and with "" after each new start."""
        self._url = url
        self._heard = heard
        self._me = secrets.token_hex(8)
        self._waiting: dict[str, None] = {}
        self._something = asyncio.Event()
        self._last_beat = 0.0
        self._ending = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen and to publish."""
        self._task = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """End both."""
        self._ending = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def tell(self, message: str) -> None:
        """Publish soon; the same message is sent once for all who told it meanwhile."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting[message] = None
        self._something.set()

    async def _supervise(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._live()
            except Exception as error:  # noqa: BLE001 - whatever the server's client raises, it is made anew
                _log.warning("The broadcaster is lost (%s); streams poll until it is back.", type(error).__name__)
            if self._ending:
                # Not cancelled: broadcaster, while it subscribes, makes another exception of that.
                return
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE:
                pause = SHORTEST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live(self) -> None:
        broadcast = _broadcast(self._url)
        try:
            subscription = broadcast.subscribe(CHANNEL)
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await broadcast.connect()
                subscriber = await subscription.__aenter__()
            try:
                await self._speak_and_listen(broadcast, subscriber)
            finally:
                # A server that has fallen silent answers no farewell either.
                with suppress(Exception):
                    async with asyncio.timeout(GIVE_UP_SECONDS):
                        await subscription.__aexit__(None, None, None)
        finally:
            await _throw_away(broadcast)

    async def _speak_and_listen(self, broadcast: Broadcast, subscriber: object) -> None:
        self._last_beat = asyncio.get_running_loop().time()
        self._heard("")

        async def listen() -> None:
            async for event in cast("AsyncIterable[Event]", subscriber):
                self._take(str(event.message))

        tasks = {asyncio.create_task(work) for work in (listen(), self._publish(broadcast), self._beat())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def _take(self, message: str) -> None:
        what, _, whose = message.partition(" ")
        if whose != self._me:
            if what != BEAT:
                self._heard(what)
        elif what == BEAT:
            self._last_beat = asyncio.get_running_loop().time()

    async def _publish(self, broadcast: Broadcast) -> None:
        # One at a time: on PostgreSQL, concurrent publishes raise.
        while True:
            await self._something.wait()
            self._something.clear()
            waiting, self._waiting = self._waiting, {}
            for message in waiting:
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    await broadcast.publish(CHANNEL, f"{message} {self._me}")

    async def _beat(self) -> None:
        while asyncio.get_running_loop().time() - self._last_beat < SILENT_SECONDS:
            self.tell(BEAT)
            await asyncio.sleep(BEAT_SECONDS)
        raise TimeoutError("No beat came back.")


class _Postgres(PostgresBackend):
    """broadcaster's own, which takes no `?ssl=true` as the address of the database does."""

    async def connect(self) -> None:
        """Connect, over TLS where that was asked for."""
        address, _, query = self._url.partition("?")
        given = dict(parse_qsl(query))
        over_tls = True if given.pop("ssl", None) else None
        self._conn = await asyncpg.connect(f"{address}?{urlencode(given)}" if given else address, ssl=over_tls)
        self._listen_queue = asyncio.Queue()


def _broadcast(url: str) -> Broadcast:
    return Broadcast(backend=_Postgres(url)) if url.startswith("postgres") else Broadcast(url)


async def _throw_away(broadcast: Broadcast) -> None:
    """Let go of all that it holds; broadcaster's own way leaves most of that where it never connected, or died."""
    backend = broadcast._backend  # noqa: SLF001 - see above
    # What listens inside of it may be waiting, or have died of the lost connection without anybody being told.
    for task in (getattr(broadcast, "_listener_task", None), getattr(backend, "_listener", None)):
        if isinstance(task, asyncio.Task) and not task.cancel() and not task.cancelled():
            task.exception()
    with suppress(Exception):
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await backend.disconnect()
