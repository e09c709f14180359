"""Following the log: those who see the same share one reading and one text, and nobody waits for anybody.

What viewers see is the same when statement and bound values are the same: then so is the answer, by construction. A
group of such followers reads once and gives the text to each. A follower that is behind reads on alone until it has
caught up; one that takes too long to read loses its place in the group and catches up in the same way, so that what
waits for it is bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Hashable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from resolvers.viewer import Viewer
from subscriptions.hub import Hub, Log, ended_sign_ins

MOST_WAITING = 64


class SignInEnded(Exception):
    """The sign-in that a stream belongs to has ended."""


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the place in the log up to which it tells."""

    seq: int
    text: str
    last: bool = False


class Source(Protocol):
    """Where a sight's texts come from."""

    @property
    def sight(self) -> Hashable:
        """What decides what is seen."""

    @property
    def practice(self) -> UUID:
        """Whose log it is."""

    async def read(self, log: Log, after: int, upto: int) -> tuple[int, list[Told]]:
        """Give how far it was read, at most to `upto`, and what is to be told of that."""


class Member:
    """One follower in a group: what waits for it, and why it ended."""

    def __init__(self, viewer: Viewer) -> None:
        """Begin with nothing waiting."""
        self.sign_in_id = viewer.sign_in_id
        self.waiting: deque[Told] = deque()
        self.behind = False
        self.failure: BaseException | None = None
        self._something = asyncio.Event()

    def push(self, told: Told) -> None:
        """Let a text wait; where too many wait already, none does, and it reads on alone from where it is."""
        if len(self.waiting) >= MOST_WAITING:
            self.behind = True
            self.waiting.clear()
        if not self.behind:
            self.waiting.append(told)
        self._something.set()

    def end(self, failure: BaseException | None = None) -> None:
        """End the stream; without a failure, because its sign-in did."""
        self.failure = failure or SignInEnded()
        self._something.set()

    async def takes(self, group: Group, cursor: int, quiet_seconds: float | None) -> AsyncGenerator[Told | int, None]:
        """Give what is told to the group from a place on, until so much waits that it must read on alone."""
        self.behind = False
        while True:
            told = await self._next(quiet_seconds)
            if told is not None and told.seq > cursor:
                cursor = told.seq
                yield told
            elif told is None and self.behind:
                return
            elif told is None:
                cursor = max(cursor, group.cursor)
                yield cursor

    async def _next(self, seconds: float | None) -> Told | None:
        """Give what waits longest; None when it is behind, or when nothing came for so long."""
        try:
            async with asyncio.timeout(seconds):
                while not self.waiting and not self.behind and self.failure is None:
                    self._something.clear()
                    await self._something.wait()
        except TimeoutError:
            return None
        if self.failure is not None:
            raise self.failure
        return None if self.behind else self.waiting.popleft()


class Group:
    """All followers of one sight that have caught up."""

    def __init__(self, hub: Hub, source: Source, log: Log, seq: int) -> None:
        """Begin at a place in the log."""
        self.hub, self.source, self.log = hub, source, log
        self.cursor = seq
        self.members: set[Member] = set()
        self.task: asyncio.Task[None] | None = None

    def join(self, member: Member) -> None:
        """Take in a follower that has caught up."""
        self.members.add(member)
        if self.task is None:
            self.task = asyncio.create_task(self._run())

    def leave(self, member: Member) -> None:
        """Let a follower go; the last one takes the group with it."""
        self.members.discard(member)
        if not self.members:
            if self.task is not None:
                self.task.cancel()
            if self.hub.groups.get(self.source.sight) is self:
                del self.hub.groups[self.source.sight]

    async def _run(self) -> None:
        try:
            while True:
                upto = await self.log.beyond(self.cursor)
                read, texts = await self.source.read(self.log, self.cursor, upto)
                # Asked after reading, so that nothing is told that was committed after a sign-in's end.
                ended = await ended_sign_ins(member.sign_in_id for member in self.members) if texts else set()
                self.cursor = read
                for member in self.members:
                    if member.sign_in_id in ended:
                        member.end()
                        continue
                    for told in texts:
                        member.push(told)
        except Exception as error:  # noqa: BLE001 - each follower's own stream tells it
            if self.hub.groups.get(self.source.sight) is self:
                del self.hub.groups[self.source.sight]
            for member in self.members:
                member.end(error)


async def follow(
    hub: Hub, viewer: Viewer, source: Source, after: int, *, quiet_seconds: float | None = None
) -> AsyncGenerator[Told | int, None]:
    """Give all that is told after a place in the log, in order and once; the place itself where all is quiet."""
    log = await hub.log(source.practice)
    member = Member(viewer)
    hub.members.add(member)
    cursor = after
    try:
        while True:
            group = hub.groups.setdefault(source.sight, Group(hub, source, log, cursor))
            while cursor < group.cursor:
                cursor, texts = await source.read(log, cursor, group.cursor)
                if texts and await ended_sign_ins([viewer.sign_in_id]):
                    raise SignInEnded
                for told in texts:
                    yield told
            if hub.groups.get(source.sight) is not group:
                continue
            group.join(member)
            try:
                async for item in member.takes(group, cursor, quiet_seconds):
                    cursor = item.seq if isinstance(item, Told) else item
                    yield item
            finally:
                group.leave(member)
    finally:
        hub.members.discard(member)
        hub.leave(source.practice)
