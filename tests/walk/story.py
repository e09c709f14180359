"""What the steps of the story hand on to one another."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.command_line.machine import Machine, Server
from tests.walk.browser import Person, Stream
from tests.walk.documents import SIGN_IN
from tests.walk.screens import BoardScreen, CalendarScreen

PRACTICE = "Lakeside"
PASSWORD = "correct horse battery"


@dataclass(repr=False)
class Story:
    """The practice, its people, and the ids of what they have made so far."""

    machine: Machine
    server: Server
    exits: AsyncExitStack

    owner: Person = field(init=False)
    """In a browser, with the cookie; the others have a bearer token."""
    amara: Person = field(init=False)
    bjorn: Person = field(init=False)
    scheduler: Person = field(init=False)
    biller: Person = field(init=False)

    amaras: str = field(init=False)
    """Amara as a provider; the next is Björn."""
    bjorns: str = field(init=False)
    monday: str = field(init=False)
    evening: str = field(init=False)
    ada: str = field(init=False)
    ben: str = field(init=False)
    chloe: str = field(init=False)
    adas_portal: Person = field(init=False)
    """Ada herself, who is a client; the next is Ben."""
    bens_portal: Person = field(init=False)

    session: str = field(init=False)
    """The group's session that is attended, paid and charted; the next is the one on the second calendar."""
    shared: str = field(init=False)
    lines: dict[str, str] = field(init=False)
    """The session's attendances, by the first name of the client."""
    codes: dict[str, str] = field(init=False)
    payment: str = field(init=False)
    template: str = field(init=False)
    chart: str = field(init=False)
    notes: dict[str, str] = field(init=False)
    """The locked notes, by the first name of the client."""

    amaras_calendar: CalendarScreen = field(init=False)
    bjorns_calendar: CalendarScreen = field(init=False)
    amaras_board: BoardScreen = field(init=False)
    bjorns_board: BoardScreen = field(init=False)
    bjorns_chart: Stream = field(init=False)

    async def hire(self, who: str, role: str, *more: str) -> str:
        """Let somebody sign in, as the operator does, and give their address."""
        email = f"{who.split(maxsplit=1)[0].lower().replace('ö', 'o')}@lakeside.example"
        added = await self.machine.run(
            *("user", "create", "--practice", PRACTICE, "--email", email, "--name", who, "--role", role, *more),
            typed=f"{PASSWORD}\n",
        )
        assert added.done().startswith("usr_")
        return email

    async def person(self, token: str | None = None) -> Person:
        """Sit somebody down before a browser or an app."""
        return await self.exits.enter_async_context(Person(self.server.address, token))

    async def signed_in(self, email: str) -> Person:
        """Sign in as an app does, and give the person with the token."""
        nobody = await self.person()
        payload = await nobody.do(SIGN_IN, email=email, password=PASSWORD)
        return await self.person(payload["token"])
