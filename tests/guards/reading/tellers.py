"""Random documents of what is told rather than asked for: the answers of mutations, and the events of streams."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
    validate,
)
from strawberry import Schema

from tests.guards.reading.documents import BREAKABLE, Author, Document, parsed
from tests.guards.reading.marks import MARKED, SHOWING
from tests.guards.reading.pool import Pool
from tests.guards.reading.scene import Scene

DEPTH = 5


@dataclass
class Teller(Author):
    """Writes them round one field, whose arguments are drawn elsewhere; they ask for much, as few are told much."""

    at_top: tuple[int, ...] = (3, 4, 6)
    below: tuple[int, ...] = (1, 2, 2, 3)
    size: tuple[int, ...] = (24, 40)

    def around(self, kind: str, field: str, arguments: dict[str, str], of: GraphQLNamedType) -> Document:
        """Give a valid document of a field whose arguments are variables of these types, and of what it answers."""
        while True:
            self._begin()
            body = self._members(of) if isinstance(of, GraphQLUnionType) else self._selections(of, DEPTH, 0)
            declared = [*(f"${name}: {type_name}" for name, type_name in arguments.items()), *self._declared()]
            given = ", ".join(f"{name}: ${name}" for name in arguments)
            text = "\n".join([f"{kind} Asked({', '.join(declared)}) {{ {field}({given}) {body} }}", *self._written])
            if not validate(self.schema, parsed(text), BREAKABLE):
                return Document(text, "Asked", tuple(self._variables), self._deepest)
            self.invalid += 1

    def _members(self, union: GraphQLUnionType) -> str:
        """Ask for the first of a union's members, which for a mutation is its payload, and for most others."""
        some = [union.types[0], *(kind for kind in union.types[1:] if self.chance(0.6))]
        parts = [f"... on {kind.name} {self._selections(kind, DEPTH, 0)}" for kind in some]
        return "{ __typename " + " ".join(parts) + " }"

    def _argument(self, field_name: str, name: str, argument: GraphQLArgument) -> str:
        # A wrong argument somewhere would refuse all of it: that is for queries to try.
        left_out = name in {"first", "after"} and not is_required_argument(argument)
        return "" if left_out else super()._argument(field_name, name, argument)


def teller(schema: Schema, rng: random.Random, scene: Scene) -> Teller:
    """Give one who asks of all that there is, and most of what shows marks."""
    core = schema._schema
    return Teller(core, rng, Pool(scene), _passed_by(core), lambda _kind, _name: True, SHOWING)


def _passed_by(schema: GraphQLSchema) -> Counter[str]:
    """Count once, as if they were answered already, the fields that lead to nothing that is marked."""
    return Counter(
        f"{kind.name}.{name}"
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if not _reached(schema, get_named_type(field.type), set()) & MARKED.keys()
    )


def _reached(schema: GraphQLSchema, of: GraphQLNamedType, reached: set[str]) -> set[str]:
    if of.name not in reached:
        reached.add(of.name)
        if isinstance(of, GraphQLObjectType):
            for field in of.fields.values():
                _reached(schema, get_named_type(field.type), reached)
        elif isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
            for kind in schema.get_possible_types(of):
                _reached(schema, kind, reached)
    return reached
