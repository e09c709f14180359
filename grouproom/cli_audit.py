"""`grouproom audit`: whether the log, and the notes, are still as they were written."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from itertools import chain
from pathlib import Path
from sqlite3 import DatabaseError
from uuid import UUID

from tortoise.exceptions import OperationalError

from grouproom.commands import Failed, with_database
from grouproom.heads import Head, keep_heads, read_heads
from grouproom.settings import read_settings
from models.audit.practices import STAYS, left_behind, practices
from models.audit.verify import altered, hash_at
from models.charting.verify import altered_notes
from models.damage import damaged
from models.ids import wire_id

READ = ("practice", "client", "appointment", *chain.from_iterable(STAYS.values()))
"""What a verification reads."""
UNREADABLE = (OperationalError, DatabaseError)


def verify(options: argparse.Namespace) -> int:
    """Print what is so, and give 1 where something is not as it was written."""
    try:
        lines, good = with_database(read_settings(), lambda: verified(notes=options.notes, heads=options.heads))
    except UNREADABLE as error:
        raise Failed(_unreadable(error)) from error
    print("\n".join(lines))
    return 0 if good else 1


async def verified(*, notes: bool, heads: Path | None = None) -> tuple[list[str], bool]:
    """Give a line for each practice, or for each thing that is wrong, and whether all is as it was written."""
    lines = list[str]()
    try:
        lines += [f"The database is damaged: {fault}." for fault in await damaged(READ)]
        left = await left_behind()
        more, good = await (_notes() if notes else _log(heads, left, keep=not lines))
    except UNREADABLE as error:
        return [*lines, _unreadable(error)], False
    more += [f"{practice}: this practice is gone, and not its {what}." for practice, what in left.items()]
    return lines + (more or ["There is no practice yet."]), good and not (lines or left)


def _unreadable(error: Exception) -> str:
    return f"The database cannot be read to its end ({type(error).__name__}): a table or a page of it is not as it was."


async def _notes() -> tuple[list[str], bool]:
    lines, good = list[str](), True
    for practice, name in await practices():
        count, wrong = await altered_notes(practice)
        lines += [f"{name}: {sentence}." for sentence in wrong]
        if not wrong:
            lines.append(f"{name}: {count} locked notes are as they were signed.")
        good = good and not wrong
    return lines, good


async def _log(file: Path | None, left: Collection[str], *, keep: bool) -> tuple[list[str], bool]:
    lines, good = list[str](), not left
    kept = read_heads(file) if file else {}
    heads: dict[UUID, Head] = {}
    for practice, name in await practices():
        count, fault = await altered(practice)
        before = kept.pop(practice, None)
        fault = fault or await _cut_off(practice, count, before)
        said = f"{count} entries are as they were written" if fault is None else f"{fault}; all before it are"
        lines.append(f"{name}: {said}.")
        good = good and fault is None
        if (last := await hash_at(practice, count)) is not None:
            heads[practice] = Head(count, last)
    gone = [wire_id("prc", practice) for practice in kept]
    lines += [f"{practice}: this practice and its log are gone." for practice in gone if practice not in left]
    good = good and not gone
    if file and good and keep:
        keep_heads(file, heads)
    return lines, good


async def _cut_off(practice: UUID, count: int, kept: Head | None) -> str | None:
    """Say whether a log that is whole does not go on from where it ended when it was verified last."""
    if kept is None or await hash_at(practice, kept.seq) == kept.hash:
        return None
    return f"the entries after {count} are missing" if count < kept.seq else f"entry {kept.seq} is another than it was"
