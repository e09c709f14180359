"""The calendar's stream: everything that changed since a place in the log, in order and once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from uuid import UUID

from models.database import fetch
from models.problems import BadInput
from resolvers.reading.asking import Run
from resolvers.reading.run import Plan
from resolvers.viewer import Viewer
from subscriptions.follow import Told, follow
from subscriptions.hub import Hub, Log

CHECKPOINT_SECONDS = 240.0
MOST_AT_ONCE = 200

_NO_PLACE = {"after": 0, "upto": 0, "most": 0}

Complete = Callable[[object], str]


class CalendarSource:
    """Reads batches of the log as the viewers of one sight are told of them."""

    def __init__(self, plan: Plan, run: Run, question: Hashable, complete: Complete) -> None:
        """Hold what is read, for whom, and how it is written."""
        assert run.viewer.practice_id is not None  # noqa: S101 - the operator follows nothing
        self.practice = run.viewer.practice_id
        self.sight = (plan.sql, question, plan.values(Run(run.viewer, run.args, _NO_PLACE)))
        self._plan, self._run, self._complete = plan, run, complete

    async def read(self, log: Log, after: int, upto: int) -> tuple[int, list[Told]]:
        """Read on from `after`, and give what is told."""
        del log
        rows = await self._plan.batch(
            Run(self._run.viewer, self._run.args, {"after": after, "upto": upto, "most": MOST_AT_ONCE})
        )
        texts = [Told(seq, self._complete(tree)) for seq, tree in rows if tree is not None]
        return (rows[-1][0] if len(rows) == MOST_AT_ONCE else upto), texts


async def calendar_changes(
    hub: Hub, viewer: Viewer, source: CalendarSource, after: str | None, plain: Callable[[str, str], str]
) -> AsyncGenerator[str, None]:
    """Tell each change since `after`; RESET where the log does not reach back so far, CHECKPOINT where all is quiet.

    `plain` writes those two from their kind and their cursor.
    """
    practice = source.practice
    latest = await _latest(practice)
    cursor = latest
    if after is not None:
        asked = parse_place(after)
        if asked[0] == practice and await _reaches(practice, asked[1], latest):
            cursor = asked[1]
        else:
            yield plain("RESET", place(practice, latest))
    async with aclosing(follow(hub, viewer, source, cursor, quiet_seconds=CHECKPOINT_SECONDS)) as changes:
        async for told in changes:
            yield told.text if isinstance(told, Told) else plain("CHECKPOINT", place(practice, told))


def place(practice: UUID, seq: int) -> str:
    """Write a place in a practice's log as clients keep it: opaque, and granting nothing."""
    return f"{practice}:{seq}".encode().hex()


def parse_place(text: str) -> tuple[UUID, int]:
    """Read a place in a log; what is none is BAD_USER_INPUT."""
    try:
        practice, _, seq = bytes.fromhex(text).decode("ascii").partition(":")
        return UUID(practice), int(seq)
    except ValueError:
        raise BadInput("This cursor is not one of the calendar's: fetch the calendar again.", field="after") from None


async def _latest(practice: UUID) -> int:
    rows = await fetch("SELECT seq FROM event_counter WHERE practice_id=$1", [practice])
    return int(rows[0]["seq"]) if rows else 0


async def _reaches(practice: UUID, seq: int, latest: int) -> bool:
    if not 0 <= seq <= latest:
        return False
    if seq == latest:
        return True
    return bool(await fetch("SELECT 1 AS yes FROM event WHERE practice_id=$1 AND seq=$2", [practice, seq + 1]))
