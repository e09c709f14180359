"""What was read, until it is written: entries wait a moment, so that a reading does not wait for them.

They are written in batches, several times a second and when the process ends. A process that is killed loses those of
its last moment; changes are not among them, whose entries are written with the changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from models.audit.entries import Asked, AuditAction, Entry, OtherSecret, append, is_ours
from models.problems import Unavailable
from models.unit_of_work import unit_of_work

_log = logging.getLogger("grouproom.audit")

MOST_WAITING = 5_000
MOST_AT_ONCE = 500

_waiting: deque[Entry] = deque()
_delivered: dict[Asked, Entry] = {}
_ours = set[UUID]()
"""Practices of which it is known that their log is signed with the secret at hand."""


def note(entry: Entry) -> None:
    """Let an entry wait to be written."""
    _waiting.append(entry)


def note_delivery(asked: Asked, rows: Iterable[str]) -> None:
    """Note what a stream was told; of one stream, what comes in a moment becomes one entry."""
    entry = _delivered.get(asked)
    if entry is None:
        entry = _delivered[asked] = Entry(asked, AuditAction.READ, times=0)
        _waiting.append(entry)
    entry.rows += rows
    entry.times += 1


async def room(practice: UUID | None) -> None:
    """Wait where too much waits already: what cannot be noted is not shown. UNAVAILABLE where it never could be."""
    if practice is not None and practice not in _ours:
        try:
            if await is_ours(practice):
                _ours.add(practice)
        except OtherSecret as error:
            _log.error("Nothing is shown or changed. %s", error)
            raise Unavailable from error
    if len(_waiting) >= MOST_WAITING:
        # Whoever is cancelled while it writes does not know whether it is written.
        await asyncio.shield(asyncio.create_task(flush()))


def waiting() -> int:
    """Say how many entries wait."""
    return len(_waiting)


async def flush() -> None:
    """Write what waits, each practice's by itself. What could not be written waits on, and its reason is raised."""
    while _waiting:
        _delivered.clear()
        taken = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_AT_ONCE))]
        by_practice: dict[UUID, list[Entry]] = {}
        for entry in taken:
            by_practice.setdefault(entry.asked.practice_id, []).append(entry)
        left, failures = set(by_practice), list[Exception]()
        try:
            for practice, entries in by_practice.items():
                try:
                    await unit_of_work(partial(append, practice, entries))
                    left.discard(practice)
                except Exception as error:  # noqa: BLE001 - raised when the others' are written
                    failures.append(error)
        finally:
            _waiting.extendleft(reversed([entry for entry in taken if entry.asked.practice_id in left]))
        if failures:
            raise failures[0]


def forget() -> None:
    """Drop what waits: for tests, whose rows are gone."""
    _ours.clear()
    _waiting.clear()
    _delivered.clear()
