"""What was read, until it is written: entries wait a moment, so that a reading does not wait for them.

They are written in batches, several times a second and when the process ends. A process that is killed loses those of
its last moment; changes are not among them, whose entries are written with the changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from uuid import UUID

from models.audit.entries import Asked, AuditAction, Entry, OtherSecret, append, is_ours
from models.problems import Unavailable
from models.unit_of_work import to_its_end, unit_of_work

_log = logging.getLogger("grouproom.audit")

MOST_WAITING = 5_000
"""Of one practice: one whose log cannot be written keeps no other from reading."""
MOST_AT_ONCE = 500


@dataclass(slots=True)
class _Waiting:
    """What waits for one practice's log, in order; it stays until it is written."""

    entries: deque[Entry] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self, practice: UUID) -> None:
        """Write what waits by now, and leave what comes meanwhile: where much is read, there is always more."""
        async with self.turn:
            left = len(self.entries)
            while left > 0:
                some = list(islice(self.entries, min(left, MOST_AT_ONCE)))
                for entry in some:
                    _delivered.pop(entry.asked, None)
                await unit_of_work(partial(append, practice, some))
                for _ in some:
                    self.entries.popleft()
                left -= len(some)


_waiting: dict[UUID, _Waiting] = {}
_delivered: dict[Asked, Entry] = {}
_ours = set[UUID]()
"""Practices of which it is known that their log is signed with the secret at hand."""


def note(entry: Entry) -> None:
    """Let an entry wait to be written."""
    _waiting.setdefault(entry.asked.practice_id, _Waiting()).entries.append(entry)


def note_delivery(asked: Asked, rows: Iterable[str]) -> None:
    """Note what a stream was told; of one stream, what comes in a moment becomes one entry."""
    entry = _delivered.get(asked)
    if entry is None:
        entry = _delivered[asked] = Entry(asked, AuditAction.READ, times=0)
        note(entry)
    entry.rows += rows
    entry.times += 1


async def room(practice: UUID | None) -> None:
    """Wait where too much waits already: what cannot be noted is not shown. UNAVAILABLE where it never could be."""
    if practice is None:
        return
    if practice not in _ours:
        try:
            if await is_ours(practice):
                _ours.add(practice)
        except OtherSecret as error:
            _log.error("Nothing is shown or changed. %s", error)
            raise Unavailable from error
    held = _waiting.get(practice)
    if held is not None and len(held.entries) >= MOST_WAITING:
        # Whoever is cancelled while it writes does not know whether it is written.
        await to_its_end(held.write(practice))


def waiting() -> int:
    """Say how many entries wait."""
    return sum(len(held.entries) for held in _waiting.values())


async def flush() -> None:
    """Write what waits, each practice's by itself. What could not be written waits on, and its reason is raised."""
    failures = list[Exception]()
    for practice, held in list(_waiting.items()):
        try:
            await held.write(practice)
        except Exception as error:  # noqa: BLE001 - raised when the others' are written
            failures.append(error)
    if failures:
        raise failures[0]


def forget() -> None:
    """Drop what waits: for tests, whose rows are gone."""
    _ours.clear()
    _waiting.clear()
    _delivered.clear()
