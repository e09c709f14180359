"""Streams followed in this process: opened as a socket's handler opens them, without the socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import orjson
import pytest
from strawberry import Schema

from grouproom.graphql import Limits
from grouproom.graphql.documents import Documents
from grouproom.graphql.websocket import written
from models.places import unseal
from models.problems import Coded
from resolvers.practice.sign_in import holder
from resolvers.viewer import Viewer
from schema import build_schema
from schema.context import Context
from schema.streams import Streams
from subscriptions.hub import QUIET_SECONDS, Hub
from tests.client import Data, Person
from tests.world import in_days

PATIENCE = 10.0
"""Seconds within which whatever is waited for must come."""

STRETCH: Data = {"from": in_days(-30, 0), "to": in_days(30, 0)}
"""What calendars are asked for where nothing else is said."""

CHART = (
    "id state version templateBody groupNotes lastChangedBy viewerCanEdit viewerCanLock"
    " clientEntries { id clientNotes lastChangedBy version } notes { id body locked addenda { id body } }"
    " warnings { id message } run { id kind state total done failed steps { state reason } }"
)
"""What a chart says of itself."""

SESSION = (
    "id kind status title shortTitle busyOnly startsAt endsAt canceledAt cancelReason version"
    " provider { id name } group { id name }"
    " viewerCanReschedule viewerCanSetAttendance viewerCanTakePayment viewerCanChart"
    " attendanceSummary { total attended missed unset confirmed charged { amountMinor } paid { amountMinor } }"
    " attendances { id confirmation outcome attended serviceCode { id } fee { amountMinor } paid { amountMinor }"
    " balance { amountMinor } lastChangedBy version client { id name } }"
    f" chart {{ {CHART} }}"
)
"""What an appointment says of itself."""

CALENDAR = (
    "query ($from: DateTime!, $to: DateTime!, $providerIds: [ID!], $includeCanceled: Boolean! = true)"
    " { calendar(from: $from, to: $to, providerIds: $providerIds, includeCanceled: $includeCanceled)"
    f" {{ cursor appointments {{ {SESSION} }} }} }}"
)
CHANGES = (
    "subscription ($from: DateTime!, $to: DateTime!, $providerIds: [ID!], $after: String)"
    " { calendarChanges(from: $from, to: $to, providerIds: $providerIds, after: $after)"
    f" {{ cursor kind appointmentId appointment {{ {SESSION} }} }} }}"
)
CHART_CHANGES = f"subscription ($id: ID!) {{ chartChanges(chartId: $id) {{ {CHART} }} }}"
BOARD = f"subscription ($id: ID!) {{ attendanceBoard(appointmentId: $id) {{ {SESSION} }} }}"


class Follower:
    """One open stream, read only when a test asks for what comes next."""

    def __init__(self, texts: AsyncGenerator[str, None]) -> None:
        self._texts = texts
        self._coming: asyncio.Task[str] | None = None

    def begin(self) -> Self:
        """Let the stream run up to its first text, which then waits to be asked for."""
        self._coming = asyncio.ensure_future(anext(self._texts))
        return self

    @property
    def waits(self) -> bool:
        """Whether nothing has come yet of what was begun."""
        return self._coming is not None and not self._coming.done()

    async def text(self, patience: float | None = PATIENCE) -> str:
        """Give what comes next as it is written."""
        coming, self._coming = self._coming or asyncio.ensure_future(anext(self._texts)), None
        async with asyncio.timeout(patience):
            return await coming

    async def next(self, patience: float | None = PATIENCE) -> Any:
        """Give what comes next: the one field of its data, in which nothing may have failed."""
        payload = orjson.loads(await self.text(patience))
        assert "errors" not in payload, payload["errors"]
        [told] = payload["data"].values()
        return told

    async def change(self, kind: str, appointment: str | None = None) -> Any:
        """Expect the next change to be of this kind, and of this appointment."""
        told = await self.next()
        assert (told["kind"], told["appointmentId"]) == (kind, appointment), told
        return told

    async def ends(self, code: str) -> Coded:
        """Expect that nothing comes any more but the end, for this reason."""
        with pytest.raises(Coded) as ended:
            await self.text()
        assert ended.value.extensions["code"] == code
        return ended.value

    async def close(self) -> None:
        """Take the stream back, as a client that completes it does."""
        if self._coming is not None:
            self._coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._coming
        await self._texts.aclose()


async def viewer_of(person: Person) -> Viewer:
    """Give who the person is to the server."""
    viewer = await holder(None, person.token or "")
    assert viewer is not None
    return viewer


@dataclass
class Hall:
    """Where streams are opened on one hub, and closed when the test is over."""

    hub: Hub
    schema: Schema
    streams: Streams
    documents: Documents
    followers: list[Follower] = field(default_factory=list)

    @classmethod
    def of(cls, hub: Hub) -> Hall:
        """Build the schema, as every process of the server does, and open streams on this hub."""
        schema, reader = build_schema()
        return cls(hub, schema, Streams(schema._schema, reader, hub), Documents(schema, Limits()))

    async def open(self, person: Person, document: str, /, **variables: Any) -> Follower:
        """Open a stream as this person, and let it run up to its first text."""
        node = self.documents.prepare(document).node
        viewer = await viewer_of(person) if person.token else None
        follower = Follower(
            self.streams.open(node, None, variables, Context(viewer, "192.0.2.1", secure=False), written)
        )
        self.followers.append(follower)
        return follower

    async def changes(self, person: Person, **variables: Any) -> Follower:
        """Follow the calendar from `after` on, or from what it is now, as a client does that has just asked."""
        given = {**STRETCH, **variables}
        if "after" not in given:
            given["after"] = (await calendar(person, **given))["cursor"]
        return await self.open(person, CHANGES, **given)

    async def board(self, person: Person, appointment: str) -> Follower:
        """Follow a session's board."""
        return await self.open(person, BOARD, id=appointment)

    async def close(self) -> None:
        """Close all that are open."""
        for follower in self.followers:
            await follower.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in code that has no event for it
            await asyncio.sleep(0.001)


async def calendar(person: Person, **variables: Any) -> Data:
    """Give the calendar as this person sees it."""
    answer = await person.ask(CALENDAR, **{**STRETCH, **variables})
    found: Data = answer["calendar"]
    return found


def parse_place(cursor: str) -> tuple[UUID, int]:
    """Give the practice and the number of a place in its log of events."""
    found = unseal(cursor)
    assert found is not None
    return found[:2]


@asynccontextmanager
async def a_hall(*, poll_seconds: float = 100 * PATIENCE, quiet_seconds: float = QUIET_SECONDS) -> AsyncIterator[Hall]:
    """Open streams on a hub of their own, and leave nothing of them."""
    hub = Hub("memory://", poll_seconds=poll_seconds, quiet_seconds=quiet_seconds)
    await hub.start()
    hall = Hall.of(hub)
    try:
        yield hall
    finally:
        await hall.close()
        await hub.stop()
    assert [*hub.groups, *hub.members, *hub._logs] == []
