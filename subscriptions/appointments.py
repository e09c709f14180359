"""The calendar's stream: everything that changed since a place in the log, in order and once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import orjson

from models.base import now
from models.database import fetch
from models.places import unseal
from models.problems import BadInput
from resolvers.reading.asking import Run
from resolvers.reading.marks import shown_in
from resolvers.reading.run import Plan
from resolvers.viewer import Viewer
from subscriptions.follow import Told, follow
from subscriptions.hub import Hub, Log

MOST_AT_ONCE = 200

_NO_PLACE = {"after": 0, "upto": 0, "most": 0}

Complete = Callable[[object], str]


class CalendarSource:
    """Reads batches of the log as the viewers of one sight are told of them."""

    whole = False

    def __init__(
        self, plan: Plan, run: Run, question: Hashable, complete: Complete, plain: Callable[[str, int], str]
    ) -> None:
        """Hold what is read, for whom, and how it is written; `plain` writes what has only a kind and a cursor."""
        assert run.viewer.practice_id is not None  # noqa: S101 - the operator follows nothing
        self.practice = run.viewer.practice_id
        self.sight = (plan.sql, question, plan.values(Run(run.viewer, run.args, _NO_PLACE)))
        self._plan, self._run, self._complete, self._plain = plan, run, complete, plain

    async def read(self, log: Log, after: int, upto: int) -> tuple[int, list[Told]]:
        """Read on from `after`, and give what is told; RESET where the log does not hold all of it any more."""
        del log
        texts = await self._plan.batch(
            Run(self._run.viewer, self._run.args, {"after": after, "upto": upto, "most": MOST_AT_ONCE})
        )
        end = min(upto, after + MOST_AT_ONCE)
        if len(texts) != end - after or texts[-1][0] != end:
            return upto, [self.reset(upto)]
        return end, [
            Told(seq, self._complete(orjson.loads(text)), tuple(shown_in(text)))
            for seq, text in texts
            if text is not None
        ]

    def reset(self, seq: int) -> Told:
        """Tell to fetch the calendar again, and to go on from there."""
        return Told(seq, self._plain("RESET", seq))

    def checkpoint(self, seq: int) -> Told:
        """Tell only how far all was told."""
        return Told(seq, self._plain("CHECKPOINT", seq))


async def calendar_changes(
    hub: Hub, viewer: Viewer, source: CalendarSource, after: str | None
) -> AsyncGenerator[Told, None]:
    """Tell each change since `after`; RESET where that is too long ago, CHECKPOINT where all is quiet."""
    cursor = latest = await _latest(source.practice)
    if after is not None:
        practice, cursor, given_at = _place(after)
        # By its age alone, whether or not something is forgotten: that would say that something had happened.
        too_old = given_at < now() - hub.kept_for
        if practice != source.practice or not 0 <= cursor <= latest or too_old:
            cursor = latest
            yield source.reset(latest)
    async with aclosing(follow(hub, viewer, source, cursor, quiet_seconds=hub.quiet_seconds)) as changes:
        async for item in changes:
            yield item if isinstance(item, Told) else source.checkpoint(item)


def _place(text: str) -> tuple[UUID, int, datetime]:
    """Read a place in a log; what is none is BAD_USER_INPUT."""
    found = unseal(text)
    if found is None:
        raise BadInput("This cursor is not one of the calendar's: fetch the calendar again.", field="after")
    return found


async def _latest(practice: UUID) -> int:
    rows = await fetch("SELECT seq FROM event_counter WHERE practice_id=$1", [practice])
    return int(rows[0]["seq"]) if rows else 0
