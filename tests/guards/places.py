"""Every place in the schema where a client may put a value, found by walking the schema itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_input_object_type,
    is_required_argument,
)
from graphql.type import GraphQLField

from schema import build_schema
from tests.client import Answer, Data, Person, document_of
from tests.guards.deeds import DEEDS, person, words
from tests.week import Week
from tests.world import in_days

CORE = build_schema()[0]._schema


def fields_of(kind: str) -> dict[str, GraphQLField]:
    """Give the root fields of the query or the mutation."""
    root = CORE.get_type(kind)
    assert isinstance(root, GraphQLObjectType)
    fields: dict[str, GraphQLField] = root.fields
    return fields


@dataclass(frozen=True, slots=True)
class Place:
    """An argument of a root field of the query, or a field of a mutation's input or of an input within it."""

    root: str
    name: str
    type: str

    def __str__(self) -> str:
        """Call it by its path."""
        return f"{self.root}.{self.name}"

    @property
    def is_query(self) -> bool:
        """Whether it is asked, and not done."""
        return self.root in fields_of("Query")

    @property
    def is_list(self) -> bool:
        """Whether it takes several values."""
        return self.type.startswith("[")

    @property
    def scalar(self) -> str:
        """Give the type of one value."""
        return self.type.strip("[]!")

    async def answer(self, week: Week, value: Any, by: str = "", **more: Any) -> Answer:
        """Put the value there, with all else as it usually is; who asks is who usually does."""
        if self.is_query:
            asking = person(week, by or "amara")
            return await asking.answer(query_of(self.root), **{**usual(week, self.root), self.name: value})
        given: Data = usual(week, self.root) | self._with(week, value) | more
        return await self._doing(week, by).answer(document_of(self.root), input=given)

    def _with(self, week: Week, value: Any) -> Data:
        outer, _, inner = self.name.partition(".")
        instead = INSTEAD.get(f"{self.root}.{outer}", {})
        return instead | {outer: [INNER[outer](week) | {inner: value}] if inner else value}

    def _doing(self, week: Week, by: str) -> Person:
        if by or self.root == "signIn":
            return person(week, by or "nobody")
        return next(deed for deed in DEEDS if deed.mutation == self.root).person(week)


def usual(week: Week, root: str) -> Data:
    """Give what is usually asked of a root field."""
    if root == "signIn":
        return {"email": "amara@lakeside.example", "password": "wrong"}
    for deed in DEEDS:
        if deed.mutation == root:
            return deed.usual(week)
    arguments = fields_of("Query")[root].args
    needed = {name for name, argument in arguments.items() if is_required_argument(argument)}
    ids = {
        "appointment": week.coming,
        "client": week.client_ada,
        "chart": week.drafted.chart,
        "chartRun": week.unassembled.run,
    }
    usually = {
        "id": ids.get(root, week.monday),
        "ids": [week.monday],
        "text": "mon",
        "from": in_days(-14),
        "to": in_days(28),
    }
    return {name: value for name, value in usually.items() if name in needed}


INNER: dict[str, Callable[[Week], Data]] = {
    "allocations": lambda week: {"attendanceId": week.past_ben, "amountMinor": 1},
    "clientEntries": words,
}
"""What an input within an input usually holds."""
INSTEAD: dict[str, Data] = {
    "scheduleAppointment.clientId": {"groupId": None},
    "acceptPayment.allocations": {"attendanceId": None},
    "addAddendum.chartId": {"noteId": None},
}
"""What is usually there and not beside this."""


def query_of(root: str) -> str:
    """Write a document that asks a root field with all of its arguments as variables, and for some of what it gives."""
    field = fields_of("Query")[root]
    declared = ", ".join(f"${name}: {_type(argument)}" for name, argument in field.args.items())
    passed = ", ".join(f"{name}: ${name}" for name in field.args)
    selected = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    more = {
        "Connection": " { totalCount edges { cursor node { id name } } pageInfo { endCursor } }",
        "AppointmentConnection": " { totalCount edges { cursor node { id title } } pageInfo { endCursor } }",
        "AuditEntryConnection": " { totalCount edges { cursor node { id clients { name } } } pageInfo { endCursor } }",
        "EmergencyAccessConnection": " { totalCount edges { cursor node { id by } } pageInfo { endCursor } }",
        "Calendar": " { cursor appointments { id title attendances { id } } }",
    }
    for ending, selection in more.items():
        if get_named_type(field.type).name.endswith(ending):
            selected = selection
    head = f"query ({declared})" if declared else "query"
    call = f"({passed})" if passed else ""
    return f"{head} {{ {root}{call}{selected} }}"


def _type(argument: Any) -> str:
    # A variable that is left out leaves the argument's default, if it is not required itself.
    written = str(argument.type)
    return written if is_required_argument(argument) else written.removesuffix("!")


def places() -> Iterator[Place]:
    """Give every place, of arguments and of inputs."""
    for root, field in fields_of("Query").items():
        for name, argument in field.args.items():
            yield Place(root, name, str(argument.type))
    for root, field in fields_of("Mutation").items():
        for argument in field.args.values():
            given = get_named_type(argument.type)
            assert isinstance(given, GraphQLInputObjectType)
            for name, value in given.fields.items():
                yield Place(root, name, str(value.type))
                inner = get_named_type(value.type)
                if is_input_object_type(inner):
                    for below, of in inner.fields.items():
                        yield Place(root, f"{name}.{below}", str(of.type))
