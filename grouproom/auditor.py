"""What follows by the clock: the log of audit is written, who is still there is noted, what is closed again is told."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from models.audit import buffer
from models.audit.entries import OtherSecret
from models.base import now
from models.charting.closings import Closings
from resolvers.practice import idleness

PAUSE_SECONDS = 0.5
FAREWELLS = 10

_log = logging.getLogger("grouproom.audit")


class Auditor:
    """The task of this process that writes what waits: a moment later, and before the end."""

    def __init__(self, kept_for: timedelta) -> None:
        """Prepare; what closed while nobody was there is told to streams that go on after as long as that."""
        self._closings = Closings(now() - kept_for)
        self._failures = set[str]()
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write())

    async def stop(self) -> None:
        """Write all that waits, and end; a database that is away is asked again for a while."""
        self._ending.set()
        if self._task is not None:
            await self._task

    async def _write(self) -> None:
        # Not cancelled: whoever is cancelled while it writes does not know whether it is written.
        while not await self._ends_within(PAUSE_SECONDS):
            await self._written()
        for _ in range(FAREWELLS):
            if await self._written():
                return
            await asyncio.sleep(PAUSE_SECONDS)
        _log.error("It could not be written: %d readings are missing in the log of audit.", buffer.waiting())

    async def _ends_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._ending.wait()
        return False

    async def _written(self) -> bool:
        failures = set[str]()
        for flush in (buffer.flush, idleness.flush, self._closings.tell):
            try:
                await flush()
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                failures.add(str(error) if isinstance(error, OtherSecret) else type(error).__name__)
        for failure in failures - self._failures:
            _log.warning("The log of audit waits (%s); it is tried again.", failure)
        self._failures = failures
        return not failures
