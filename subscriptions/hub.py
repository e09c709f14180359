"""One place in each process that knows how far each practice's log reaches, and whose sign-ins have ended."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from models.base import now
from models.database import fetch
from models.events import KEPT_FOR, LISTENERS, trim
from models.problems import Unavailable
from subscriptions.wire import Wire

if TYPE_CHECKING:
    from subscriptions.follow import Group, Member

POLL_SECONDS = 0.8
QUIET_SECONDS = 240.0
TRIM_SECONDS = 3600.0

_log = logging.getLogger("grouproom.hub")


class Log:
    """How far one practice's log reaches, and which watched appointments were touched where."""

    def __init__(self, latest: int) -> None:
        """Begin at the end of the log."""
        self.latest = latest
        self.touched: dict[UUID, int] = {}
        self.watched: Counter[UUID] = Counter()
        self.followers = 0
        self._changed = asyncio.Event()

    async def beyond(self, seq: int) -> int:
        """Wait until the log reaches further than `seq`, and say how far."""
        while self.latest <= seq:
            await self._changed.wait()
        return self.latest

    def advance(self, seq: int) -> None:
        """Note that the log reaches so far, and wake who waits for it."""
        if seq > self.latest:
            self.latest = seq
            self._changed.set()
            self._changed = asyncio.Event()


class Hub:
    """Wakes the streams of this process: by what it committed itself, by the wire, and by looking every second."""

    def __init__(
        self,
        broadcast_url: str,
        *,
        kept_for: timedelta = KEPT_FOR,
        poll_seconds: float = POLL_SECONDS,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        """Prepare; events are kept for so long, and a stream is told its place after so long a silence."""
        self.quiet_seconds = quiet_seconds
        self.kept_for, self._poll_seconds = kept_for, poll_seconds
        self.groups: dict[Hashable, Group] = {}
        self.members: set[Member] = set()
        self._logs: dict[UUID, Log] = {}
        self._wire = Wire(broadcast_url, self._heard)
        self._dirty = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen."""
        LISTENERS.append(self.wake)
        self._wire.start()
        self._tasks = [asyncio.create_task(self._refresh()), asyncio.create_task(self._trim())]

    async def stop(self) -> None:
        """End all streams and stop listening."""
        LISTENERS.remove(self.wake)
        for member in self.members:
            member.end(Unavailable())
        tasks = [*self._tasks, *(group.task for group in self.groups.values() if group.task)]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._wire.stop()

    def wake(self, practice: UUID) -> None:
        """Look at once, and let the other processes look: something was committed in this practice."""
        self._dirty.set()
        self._wire.tell(practice.hex)

    async def log(self, practice: UUID) -> Log:
        """Give a practice's log, known from here on until `leave`."""
        known = self._logs.get(practice)
        if known is None:
            latest = (await _counters([practice])).get(practice, 0)
            known = self._logs.setdefault(practice, Log(latest))
        known.followers += 1
        return known

    def leave(self, practice: UUID) -> None:
        """Forget a log that nobody follows any more."""
        known = self._logs[practice]
        known.followers -= 1
        if not known.followers:
            del self._logs[practice]

    def _heard(self, message: str) -> None:
        # Not knowing what was missed before a new start of the wire, all is looked at.
        if not message or any(practice.hex == message for practice in self._logs):
            self._dirty.set()

    async def _refresh(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - a database that is away comes back; streams wait for it
                _log.warning("The log could not be read (%s); it is tried again.", type(error).__name__)

    async def _look(self) -> None:
        if self.members:
            ended = await ended_sign_ins(member.sign_in_id for member in self.members)
            for member in [m for m in self.members if m.sign_in_id in ended]:
                member.end()
        if not self._logs:
            return
        for practice, latest in (await _counters(list(self._logs))).items():
            log = self._logs.get(practice)
            if log is None or latest <= log.latest:
                continue
            if log.watched:
                touched = await fetch(
                    "SELECT appointment_id,max(seq) AS seq FROM event WHERE practice_id=$1 AND seq>$2 AND seq<=$3"
                    " GROUP BY appointment_id",
                    [practice, log.latest, latest],
                )
                seen = {UUID(str(row["appointment_id"])): int(row["seq"]) for row in touched}
                log.touched |= {appointment: seq for appointment, seq in seen.items() if log.watched[appointment] > 0}
            log.advance(latest)

    async def _trim(self) -> None:
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            with suppress(Exception):
                await trim(self.kept_for)


async def _counters(practices: list[UUID]) -> dict[UUID, int]:
    places = ",".join(f"${n + 1}" for n in range(len(practices)))
    sql = f"SELECT practice_id,seq FROM event_counter WHERE practice_id IN ({places})"  # noqa: S608 - only placeholders
    rows = await fetch(sql, practices)
    return {UUID(str(row["practice_id"])): int(row["seq"]) for row in rows}


async def ended_sign_ins(sign_ins: Iterable[UUID | None]) -> set[UUID]:
    """Say which of these have ended or expired, in as many statements as a thousand each need."""
    asked = [i for i in dict.fromkeys(sign_ins) if i is not None]
    good: set[UUID] = set()
    for start in range(0, len(asked), 1000):
        some = asked[start : start + 1000]
        places = ",".join(f"${n + 2}" for n in range(len(some)))
        good_ones = f"ended_at IS NULL AND expires_at>$1 AND (idle_until IS NULL OR idle_until>$1) AND id IN ({places})"
        rows = await fetch(f"SELECT id FROM sign_in WHERE {good_ones}", [now(), *some])  # noqa: S608 - as above
        good |= {UUID(str(row["id"])) for row in rows}
    return {*asked} - good
