"""What stays open on people's screens: asked for once, and from then on changed only by what a stream says."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from typing import Any

from tests.walk.browser import Data, Person, Socket, Stream
from tests.walk.session_documents import APPOINTMENT, BOARD, CALENDAR, CHANGES


class CalendarScreen:
    """A stretch of the calendar, as an application keeps it."""

    def __init__(self, socket: Socket, shown: Data, stream: Stream, stretch: Data) -> None:
        self.socket = socket
        self.shown = shown
        self.stream = stream
        self.stretch = stretch

    @classmethod
    async def open(cls, person: Person, exits: AsyncExitStack, **stretch: str) -> CalendarScreen:
        """Ask for the stretch, and follow it from there over a socket of its own."""
        socket = await exits.enter_async_context(person.socket())
        calendar = (await socket.ask(CALENDAR, **stretch))["calendar"]
        stream = socket.stream(CHANGES, **stretch, after=calendar["cursor"])
        await exits.enter_async_context(aclosing(stream))
        return cls(socket, _by_id(calendar), stream, stretch)

    async def hears(self) -> list[tuple[str, str | None]]:
        """Take in what the stream says until the screen shows what the calendar is now, and give what was said."""
        now = _by_id((await self.socket.ask(CALENDAR, **self.stretch))["calendar"])
        said = []
        while self.shown != now:
            change = await self.stream.next()
            appointment = change["appointment"]
            said.append((change["kind"], appointment and appointment["title"]))
            if appointment is None:
                del self.shown[change["appointmentId"]]
            else:
                self.shown[change["appointmentId"]] = appointment
        return said


class BoardScreen:
    """A session's attendance board."""

    def __init__(self, socket: Socket, shown: Data, stream: Stream) -> None:
        self.socket = socket
        self.shown = shown
        self.stream = stream

    @classmethod
    async def open(cls, person: Person, exits: AsyncExitStack, appointment: str) -> BoardScreen:
        """Follow the session over a socket of its own, which says first what is now."""
        socket = await exits.enter_async_context(person.socket())
        stream = await exits.enter_async_context(aclosing(socket.stream(BOARD, id=appointment)))
        return cls(socket, await stream.next(), stream)

    async def hears(self) -> Data:
        """Take in what the stream says until the board shows what is now, and give that."""
        now = (await self.socket.ask(APPOINTMENT, id=self.shown["id"]))["appointment"]
        while self.shown != now:
            self.shown = await self.stream.next()
        return self.shown


def _by_id(calendar: Any) -> Data:
    return {appointment["id"]: appointment for appointment in calendar["appointments"]}
