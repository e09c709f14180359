"""The way in over real sockets, to this process and to the database that the test has open."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

from grouproom.graphql import GraphQLApp
from grouproom.signin import viewer_of
from schema import build_schema
from schema.streams import Streams
from subscriptions.hub import Hub
from tests.client import Person
from tests.walk.browser import Person as Browser
from tests.wire.toy import serving

PROGRESS = """
subscription ($id: ID!) {
  chartRunProgress(runId: $id) { state total done failed finishedAt steps { client { id } state reason } }
}
"""
RUN = """
query ($id: ID!) { chartRun(id: $id) { state total done failed finishedAt steps { client { id } state reason } } }
"""
CHART = """
subscription ($id: ID!) {
  chartChanges(chartId: $id) {
    state version groupNotes clientEntries { client { id } clientNotes version lastChangedBy } run { state done }
  }
}
"""
BOARD = """
subscription ($id: ID!) {
  attendanceBoard(appointmentId: $id) { chart { state groupNotes run { state done } notes { client { id } locked } } }
}
"""


class Door:
    """Lets the cast in with the tokens they have."""

    def __init__(self, address: str, open_: AsyncExitStack) -> None:
        self.address = address
        self.open = open_

    async def browser(self, person: Person) -> Browser:
        """Sit somebody of the cast down before a browser, for as long as the door is open."""
        return await self.open.enter_async_context(Browser(self.address, person.token))

    @asynccontextmanager
    async def following(self, person: Person, document: str, id_: str) -> AsyncIterator[Follower]:
        """Follow something over a socket of one's own."""
        browser = await self.browser(person)
        async with browser.socket() as socket, aclosing(socket.results(document, {"id": id_})) as results:
            yield Follower(results)


class Follower:
    """Hears a stream: states until it ends, or the errors that ended it."""

    def __init__(self, results: AsyncGenerator[dict[str, Any], None]) -> None:
        self.results = results

    async def state(self) -> Any:
        """Give the next state."""
        result = await anext(self.results)
        assert "errors" not in result, result["errors"]
        [state] = result["data"].values()
        return state

    async def refusal(self) -> list[str]:
        """Give the codes of the errors that come next; nothing may come after them."""
        result = await anext(self.results)
        assert "errors" in result, result
        assert [more async for more in self.results] == []
        return [error["extensions"]["code"] for error in result["errors"]]

    async def rest(self) -> list[Any]:
        """Give all states until the stream ends by itself."""
        states = []
        async for result in self.results:
            assert "errors" not in result, result["errors"]
            states += result["data"].values()
        return states

    async def until(self, **wanted: Any) -> Any:
        """Give the first state that has these values."""
        while True:
            state = await self.state()
            if wanted.items() <= state.items():
                return state


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    """Serve for as long as the block lasts."""
    schema, reader = build_schema()
    hub = Hub("memory://")
    app = GraphQLApp(schema, viewer_of, streams=Streams(schema._schema, reader, hub))
    await hub.start()
    try:
        async with serving(app) as address, AsyncExitStack() as open_:
            yield Door(address.removesuffix("/graphql"), open_)
    finally:
        await hub.stop()
