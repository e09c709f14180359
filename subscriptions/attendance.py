"""The live board of a session: as it is now, then again after each change."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Hashable
from contextlib import aclosing
from uuid import UUID

import orjson

from models.problems import NotFound
from resolvers.reading.asking import Run
from resolvers.reading.marks import shown_in
from resolvers.reading.run import Plan
from resolvers.viewer import Viewer
from subscriptions.appointments import Complete
from subscriptions.follow import SignInEnded, Told, follow
from subscriptions.hub import Hub, Log, ended_sign_ins


class BoardSource:
    """Reads a session as the viewers of one sight see it, each time it was touched."""

    whole = True

    def __init__(self, plan: Plan, run: Run, question: Hashable, complete: Complete, appointment: UUID) -> None:
        """Hold what is read, for whom, and how it is written."""
        assert run.viewer.practice_id is not None  # noqa: S101 - the operator follows nothing
        self.practice = run.viewer.practice_id
        self.sight = (plan.sql, question, plan.values(run))
        self.appointment = appointment
        self._plan, self._run, self._complete = plan, run, complete

    async def now(self) -> Told:
        """Give the session as it is now; NOT_FOUND when it is not, or no longer, the viewer's to see."""
        seq, text, over = await self._plan.state(self._run)
        if text is None:
            raise NotFound
        return Told(seq, self._complete(orjson.loads(text)), tuple(shown_in(text)), over)

    async def read(self, log: Log, after: int, upto: int) -> tuple[int, list[Told]]:
        """Give the session as it is now if it was touched after `after`."""
        if log.touched.get(self.appointment, 0) <= after:
            return upto, []
        # Not as far as what was told: whoever joins later is not to pass over what this process has yet to look at.
        return upto, [await self.now()]


async def attendance_board(hub: Hub, viewer: Viewer, source: BoardSource) -> AsyncGenerator[Told, None]:
    """Tell the state first, then again after each change; what comes in a burst is told once."""
    log = await hub.log(source.practice)
    log.watched[source.appointment] += 1
    try:
        first = await source.now()
        if await ended_sign_ins([viewer.sign_in_id]):
            raise SignInEnded
        yield first
        if first.last:
            return
        last = first.text
        async with aclosing(follow(hub, viewer, source, first.seq)) as changes:
            async for told in changes:
                if not isinstance(told, Told):
                    continue
                # What changed out of sight is not told: from how often it is, one could count the others.
                if told.text != last:
                    last = told.text
                    yield told
                if told.last:
                    return
    finally:
        log.watched[source.appointment] -= 1
        if not log.watched[source.appointment]:
            del log.watched[source.appointment]
            log.touched.pop(source.appointment, None)
        hub.leave(source.practice)
