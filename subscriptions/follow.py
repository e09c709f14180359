"""Following the log: those who see the same share one reading and one text, and nobody waits for anybody.

What viewers see is the same when statement and bound values are the same: then so is the answer, by construction. A
group of such followers reads once and gives the text to each. A follower that is behind reads on alone until it has
caught up; one that takes too long to read loses its place in the group and catches up in the same way, so that what
waits for it is bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from models.problems import Unavailable
from models.unit_of_work import is_transient
from resolvers.viewer import Viewer
from subscriptions.hub import POLL_SECONDS, Hub, Log, ended_sign_ins

P = ParamSpec("P")
T = TypeVar("T")

MOST_WAITING = 64
"""Texts; one more reading is put behind them, so that what a single reading gives always finds room."""


class SignInEnded(Exception):
    """The sign-in that a stream belongs to has ended."""


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the place in the log up to which it tells."""

    seq: int
    text: str
    shown: tuple[str, ...] = ()
    """The rows of PHI that it was made of, for the log of audit of each who is told it."""
    last: bool = False


class Source(Protocol):
    """Where a sight's texts come from."""

    @property
    def sight(self) -> Hashable:
        """What decides what is seen."""

    @property
    def practice(self) -> UUID:
        """Whose log it is."""

    @property
    def whole(self) -> bool:
        """Whether each text says all there is, so that a later one stands for those before it."""

    async def read(self, log: Log, after: int, upto: int) -> tuple[int, list[Told]]:
        """Give how far it was read, at most to `upto`, and what is to be told of that."""


class Member:
    """One follower in a group: what waits for it, and why it ended."""

    def __init__(self, sign_in_id: UUID | None) -> None:
        """Begin with nothing waiting."""
        self.sign_in_id = sign_in_id
        self.waiting: deque[Told] = deque()
        self.behind = False
        self._failure: BaseException | None = None
        self._something = asyncio.Event()

    def push(self, texts: list[Told], *, whole: bool) -> None:
        """Let texts wait; where too many wait already, none does, and it reads on alone from where it is."""
        if whole:
            self.waiting.clear()
        if len(self.waiting) >= MOST_WAITING:
            self.behind = True
            self.waiting.clear()
        if not self.behind:
            self.waiting.extend(texts)
        self._something.set()

    def end(self, failure: BaseException | None = None) -> None:
        """End the stream; without a failure, because its sign-in did."""
        self._failure = self._failure or failure or SignInEnded()
        self._something.set()

    async def ended(self) -> None:
        """Wait for the end, and raise what it came from."""
        while True:
            await self._hear(None)

    async def takes(self, group: Group, cursor: int, quiet_seconds: float | None) -> AsyncGenerator[Told | int, None]:
        """Give what is told to the group from a place on, until so much waits that it must read on alone."""
        self.behind = False
        while not self.behind:
            await self._hear(quiet_seconds)
            if self.waiting:
                told = self.waiting.popleft()
                if told.seq > cursor:
                    cursor = told.seq
                    yield told
            elif not self.behind:
                cursor = max(cursor, group.cursor)
                yield cursor

    async def _hear(self, seconds: float | None) -> None:
        """Wait until something waits or it is behind, but at most for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (self.waiting or self.behind or self._failure):
                    self._something.clear()
                    await self._something.wait()
        if self._failure is not None:
            raise self._failure


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
            self._disband()

    def _disband(self) -> None:
        if self.hub.groups.get(self.source.sight) is self:
            del self.hub.groups[self.source.sight]

    async def _run(self) -> None:
        try:
            while True:
                upto = await self.log.beyond(self.cursor)
                read, texts = await _patiently(self.source.read, self.log, self.cursor, upto)
                if texts:
                    # Asked after reading, so that nothing is told that was committed after a sign-in's end.
                    ended = await self._ended()
                    for member in self.members:
                        if member.sign_in_id in ended:
                            member.end()
                        else:
                            member.push(texts, whole=self.source.whole)
                self.cursor = read
        except Exception as error:  # noqa: BLE001 - each follower's own stream tells it
            self._disband()
            for member in self.members:
                member.end(error)

    async def _ended(self) -> set[UUID | None]:
        """Say whose sign-in has ended, also of those who join while that is asked."""
        asked: set[UUID | None] = set()
        ended: set[UUID | None] = set()
        while new := {member.sign_in_id for member in self.members} - asked:
            ended |= await _patiently(ended_sign_ins, new)
            asked |= new
        return ended


async def follow(
    hub: Hub, viewer: Viewer, source: Source, after: int, *, quiet_seconds: float | None = None
) -> AsyncGenerator[Told | int, None]:
    """Give all that is told after a place in the log, in order and once; the place itself where all is quiet."""
    log = await hub.log(source.practice)
    member = Member(viewer.sign_in_id)
    hub.members.add(member)
    cursor = after
    try:
        while True:
            group = hub.groups.get(source.sight)
            upto = log.latest if group is None else group.cursor
            if cursor < upto:
                cursor, texts = await _patiently(source.read, log, cursor, upto)
                ended = await _patiently(ended_sign_ins, [viewer.sign_in_id]) if texts else set()
                if ended:
                    raise SignInEnded
                for told in texts:
                    yield told
                continue
            if group is None:
                group = hub.groups[source.sight] = Group(hub, source, log, cursor)
            group.join(member)
            try:
                async with aclosing(member.takes(group, cursor, quiet_seconds)) as taken:
                    async for item in taken:
                        cursor = item.seq if isinstance(item, Told) else item
                        yield item
            finally:
                group.leave(member)
    finally:
        hub.members.discard(member)
        hub.leave(source.practice)


async def signed_out(hub: Hub, viewer: Viewer) -> None:
    """Wait until the viewer's sign-in has ended."""
    member = Member(viewer.sign_in_id)
    hub.members.add(member)
    try:
        with suppress(SignInEnded):
            await member.ended()
    finally:
        hub.members.discard(member)


async def _patiently(ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask again until it is answered where only the database is away: a stream outlives that."""
    while True:
        try:
            return await ask(*args, **kwargs)
        except Exception as error:
            if not (isinstance(error, Unavailable) or is_transient(error)):
                raise
        await asyncio.sleep(POLL_SECONDS)
