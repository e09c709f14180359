"""Random subscriptions, left open and listened to while others change things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

from graphql import GraphQLError, get_named_type
from strawberry import Schema

from grouproom.graphql.websocket import written
from models.database import fetch
from models.problems import Coded
from resolvers.viewer import Viewer
from schema.context import Context
from schema.reads import Reader
from schema.streams import BadVariables, Streams
from subscriptions.hub import Hub
from tests.guards.reading.documents import Document, parsed
from tests.guards.reading.pool import FROM, ODD_FROM, ODD_TO, TO
from tests.guards.reading.sight import Sight
from tests.guards.reading.tellers import Teller
from tests.streams.follower import PATIENCE, until

KIND_OF_ID = {"appointmentId": "apt", "chartId": "cht", "runId": "run"}
KINDS = {"apt": "Appointment", "cht": "Chart", "run": "ChartRun"}


class Listener:
    """One open stream, and what it told that nobody has looked at yet."""

    def __init__(self, label: str, name: str, document: Document, values: dict[str, Any]) -> None:
        """Say who listens to what."""
        self.label, self.name, self.document, self.values = label, name, document, values
        self.told: list[str] = []
        self.task: asyncio.Task[None] | None = None

    def listen(self, texts: AsyncGenerator[str, None]) -> None:
        """Begin."""
        self.task = asyncio.create_task(self._listen(texts))

    async def _listen(self, texts: AsyncGenerator[str, None]) -> None:
        try:
            async with aclosing(texts):
                async for text in texts:
                    self.told.append(text)
        except Coded as problem:
            self.told.append(f"{problem} {problem.extensions}")
        except (BadVariables, GraphQLError) as problem:
            errors = problem.errors if isinstance(problem, BadVariables) else [problem]
            self.told.append(f"{[error.formatted for error in errors]}")

    @property
    def is_over(self) -> bool:
        """Whether nothing comes any more; what nobody expected is raised."""
        if self.task is None or not self.task.done():
            return False
        self.task.result()
        return True

    def heard(self) -> list[str]:
        """Give what was told since this was asked last."""
        told, self.told = self.told, []
        return told


class Ears:
    """All streams of a scene, on a hub of their own."""

    def __init__(self, schema: Schema, reader: Reader, author: Teller, hub: Hub) -> None:
        """Hold what is asked, of whom, and who writes it."""
        self.streams, self.author, self.hub = Streams(schema._schema, reader, hub), author, hub
        subscription = author.schema.subscription_type
        assert subscription is not None
        self.fields = subscription.fields
        self.open: list[Listener] = []

    def document(self, name: str) -> Document:
        """Ask a stream for whatever it tells."""
        field = self.fields[name]
        arguments = {argument: str(of.type) for argument, of in field.args.items()}
        return self.author.around("subscription", name, arguments, get_named_type(field.type))

    def begin(self, label: str, viewer: Viewer, name: str, document: Document, values: dict[str, Any]) -> None:
        """Let somebody listen to a stream."""
        listener = Listener(label, name, document, {**values, **self.author.values(document)})
        context = Context(viewer, "127.0.0.1", secure=False)
        listener.listen(self.streams.open(parsed(document.text), document.operation, listener.values, context, written))
        self.open.append(listener)

    def values(self, name: str, sight: Sight, places: list[str]) -> dict[str, Any]:
        """Draw a stream's arguments: mostly of what somebody sees, else of anything that is there, or not."""
        return {argument: self._value(argument, sight, places) for argument in self.fields[name].args}

    def _value(self, argument: str, sight: Sight, places: list[str]) -> Any:
        rng, pool = self.author.rng, self.author.pool
        match argument:
            case "from":
                return rng.choice(ODD_FROM if rng.random() < 0.1 else FROM)
            case "to":
                return rng.choice(ODD_TO if rng.random() < 0.1 else TO)
            case "providerIds":
                return None if rng.random() < 0.7 else [pool.id(rng, "prv") for _ in range(rng.randrange(4))]
            case "after":
                return rng.choice([*places, None])
            case _:
                prefix = KIND_OF_ID[argument]
                known = sight.all(KINDS[prefix])
                return rng.choice(known).id if known and rng.random() < 0.8 else pool.id(rng, prefix)

    async def settle(self) -> None:
        """Wait until all that was committed is told to all who listen."""
        rows = await fetch("SELECT practice_id,seq FROM event_counter")
        committed = {UUID(str(row["practice_id"])): int(row["seq"]) for row in rows}
        await until(lambda: self._is_quiet(committed))
        self.open = [listener for listener in self.open if not listener.is_over or listener.told]

    def _is_quiet(self, committed: dict[UUID, int]) -> bool:
        groups = list(self.hub.groups.values())
        return (
            sum(len(group.members) for group in groups) == sum(not listener.is_over for listener in self.open)
            and all(group.cursor >= committed.get(group.source.practice, 0) for group in groups)
            and not any(member.waiting for member in self.hub.members)
        )

    async def close(self) -> None:
        """Close all that are open, as clients do that complete them."""
        for listener in self.open:
            if listener.task is not None:
                listener.task.cancel()
                with suppress(asyncio.CancelledError):
                    await listener.task


@asynccontextmanager
async def ears(schema: Schema, reader: Reader, author: Teller) -> AsyncIterator[Ears]:
    """Open streams on a hub that looks only when it is woken; at the end nothing is left of them."""
    hub = Hub("memory://", poll_seconds=100 * PATIENCE)
    await hub.start()
    opened = Ears(schema, reader, author, hub)
    try:
        yield opened
    finally:
        await opened.close()
        await hub.stop()
    assert [*hub.groups, *hub.members, *hub._logs] == []
