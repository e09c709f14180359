"""What the people of a marked scene do there: ask, change things, and listen; and what they are shown of others."""

from __future__ import annotations

import random
from collections import Counter
from inspect import isawaitable
from typing import Any

import orjson
from graphql import ExecutionResult, execute
from strawberry import Schema

from models.audit.buffer import forget
from models.places import seal
from schema.context import Context
from tests.charting.scene import work
from tests.client import payload_of
from tests.guards.reading.documents import Author, Document, parsed
from tests.guards.reading.doings import Deed, Doings
from tests.guards.reading.listeners import Ears
from tests.guards.reading.marks import SHOWING
from tests.guards.reading.onlookers import Onlookers
from tests.guards.reading.pool import FROM, TO, Pool
from tests.guards.reading.tellers import teller

RUNNING = {"completeChart", "lockChart", "retryChartRun"}


class Asker:
    """Sends random operations as everybody."""

    def __init__(self, onlookers: Onlookers, schema: Schema, seed: int, tally: Counter[str]) -> None:
        """Draw all of it from the seed."""
        self.onlookers, self.schema, self.tally = onlookers, schema, tally
        self.rng = random.Random(seed)  # noqa: S311 - drawn again the same
        self.author = Author(schema._schema, self.rng, Pool(onlookers.scene), Counter(), wanted=SHOWING)
        self.teller = teller(schema, self.rng, onlookers.scene)
        self.doings = Doings(self.teller)

    async def ask(self) -> list[str]:
        """Let everybody ask the same, with values of their own; give what they were shown of others."""
        document = self.author.document(later=self.rng.random() < 0.7)
        self.tally["documents"] += 1
        found = []
        for label in self.onlookers.people:
            values = self.author.values(document)
            answer = await self.execute(label, document, values)
            found += self.shown(label, answer, document.text, values)
        return found

    def doers(self) -> list[str]:
        """Give all clients, and some of the others."""
        anybody = self.rng.choice(list(self.onlookers.people))
        return [*self.onlookers.clients, *self.rng.sample(self.onlookers.clinicians, 4), anybody]

    async def done(self, label: str, deed: Deed) -> list[str]:
        """Let somebody do it."""
        values = self.doings.values(deed, self.onlookers.sight(label))
        answer = await self.execute(label, deed.document, values)
        said = (answer[0] or {}).get(deed.name) if isinstance(answer[0], dict) else None
        member = said["__typename"] if said else "error"
        self.tally[f"answered {member}"] += 1
        if member == payload_of(deed.name):
            if deed.name in RUNNING:
                await work()
                forget()
            await self.onlookers.look_again()
        return self.shown(label, answer, deed.document.text, values)

    async def execute(self, label: str, document: Document, values: dict[str, Any]) -> list[object]:
        """Give all that is answered: data, errors and their extensions."""
        context = Context(viewer=self.onlookers.people[label], address="127.0.0.1", secure=False)
        given = execute(
            self.schema._schema,
            parsed(document.text),
            context_value=context,
            variable_values=values,
            operation_name=document.operation,
        )
        given = await given if isawaitable(given) else given
        assert isinstance(given, ExecutionResult)
        forget()
        self.tally["runs"] += 1
        return [given.data, [error.formatted for error in given.errors or []], given.extensions]

    def shown(self, label: str, answer: object, document: str, values: dict[str, Any]) -> list[str]:
        """Give what somebody was shown of others."""
        text = answer if isinstance(answer, str) else orjson.dumps(answer, default=str).decode()
        asked = orjson.dumps(values, default=str).decode() + document
        foreign = self.onlookers.foreign(label, text, asked, self.tally)
        return [f"{label} is shown {one} by\n{document}\n{values}" for one in foreign]


class Audience:
    """Everybody, as they listen to what an asker does."""

    def __init__(self, asker: Asker, ears: Ears) -> None:
        """Begin where the logs are now."""
        self.asker, self.ears = asker, ears
        self.onlookers, self.tally = asker.onlookers, asker.tally
        practices = {viewer.practice_id for viewer in self.onlookers.people.values() if viewer.practice_id}
        log = self.onlookers.truth.log
        self.places = {practice: seal(practice, log.get(practice, 0)) for practice in practices}

    async def listen(self) -> list[str]:
        """Let everybody open one stream of each kind, from somewhere; give what they are told of others at once."""
        for name in self.ears.fields:
            document = self.ears.document(name)
            for label in self.onlookers.people:
                sight, places = self.onlookers.sight(label), list(self.places.values())
                # There are few clients, and to them most is others'.
                for _ in range(4 if label in self.onlookers.clients else 1):
                    self._open(label, name, document, self.ears.values(name, sight, places))
        return await self.heard()

    async def listen_again(self) -> list[str]:
        """Let everybody be told all that happened since the beginning; give what that tells them of others."""
        document = self.ears.document("calendarChanges")
        for label, viewer in self.onlookers.people.items():
            assert viewer.practice_id is not None
            given = {"from": FROM[0], "to": TO[-1], "providerIds": None, "after": self.places[viewer.practice_id]}
            self._open(label, "calendarChanges", document, given)
        return await self.heard()

    async def see_done(self) -> list[str]:
        """Let some people do the same, one after the other; give what anybody was shown or told of others."""
        deed, found = self.asker.doings.deed(), []
        for label in self.asker.doers():
            found += await self.asker.done(label, deed)
            # At once, as what one may be told is another thing after the next.
            found += await self.heard()
        return found

    def _open(self, label: str, name: str, document: Document, values: dict[str, Any]) -> None:
        self.tally["runs"] += 1
        self.tally["streams"] += 1
        self.ears.begin(label, self.onlookers.people[label], name, document, values)

    async def heard(self) -> list[str]:
        """Give what was told of others since this was asked last."""
        listeners = list(self.ears.open)
        await self.ears.settle()
        forget()
        found = []
        for one in listeners:
            for text in one.heard():
                self.tally["texts"] += 1
                found += self.asker.shown(one.label, text, f"{one.name}: {one.document.text}", one.values)
        return found
