"""Random documents: a walk over the built schema that writes whatever a client may ask, from a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OverlappingFieldsCanBeMergedRule,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
    parse,
    validate,
)

from tests.guards.reading.oracle import knows
from tests.guards.reading.pool import Pool, literal
from tests.guards.reading.truth import PREFIXES

# By the argument, or by the field that it belongs to.
KIND_OF_ID = {
    "notInGroup": "grp",
    "providerId": "prv",
    "providerIds": "prv",
    "group": "grp",
    "client": "clt",
    "appointment": "apt",
    "chart": "cht",
    "chartRun": "run",
    "clientId": "clt",
    "actorId": "usr",
}
SORTED_BY = {"groups": "text", "clients": "text", "payments": "day"}
# Types of the rooms that came later; what leads to them belongs to those rooms, and so does a balance.
_LATER = ("Appointment", "Attendance", "Calendar", "Payment", "Chart", "Signature", "Addendum", "Emergency", "Audit")


def _is_later(kind: str, name: str = "", leads_to: str = "") -> bool:
    return kind.startswith(_LATER) or leads_to.startswith(_LATER) or (kind, name) == ("Client", "balance")


# What was validated is executed as it was parsed.
parsed = lru_cache(maxsize=64)(parse)
# Of all rules chance breaks only this one; the others take most of the time.
BREAKABLE = (OverlappingFieldsCanBeMergedRule,)


@dataclass(frozen=True)
class Variable:
    """A variable of a document: what it is for, and its type."""

    name: str
    purpose: str
    type_name: str
    default: str | None = None

    @property
    def required(self) -> bool:
        return self.type_name.endswith("!") and self.default is None


@dataclass(frozen=True)
class Document:
    """A valid document, and what may stand in its variables."""

    text: str
    operation: str | None
    variables: tuple[Variable, ...]
    depth: int


@dataclass
class Fragment:
    """A named fragment that was written already."""

    name: str
    on: str
    height: int


@dataclass
class Author:
    """Writes documents."""

    schema: GraphQLSchema
    rng: random.Random
    pool: Pool
    answered: Counter[str]
    known: Callable[[str, str], bool] = knows
    """Of which fields is asked: those that the oracle can answer, if nothing else is said."""
    wanted: frozenset[str] = frozenset()
    """Fields that are asked for more often than others, where it comes to them."""
    at_top: tuple[int, ...] = (1, 2, 3)
    """How many fields are asked for that lead to others, and below how many of each."""
    below: tuple[int, ...] = (0, 1, 1, 2, 2)
    size: tuple[int, ...] = (8, 16, 32)
    """How many of these there are in a document at most."""
    invalid: int = 0
    _variables: list[Variable] = field(default_factory=list)
    _fragments: list[Fragment] = field(default_factory=list)
    _written: list[str] = field(default_factory=list)
    _names: int = 0
    _left: int = 0
    _deepest: int = 0
    _bare: set[str] = field(default_factory=set)
    _later: bool = True
    _open: str = ""
    _asked: str = ""

    def document(self, *, later: bool) -> Document:
        """Give a valid document: about the first rooms only, or about all and mostly about those that came later."""
        self._later = later
        while True:
            made = self._document()
            if not validate(self.schema, parsed(made.text), BREAKABLE):
                return made
            self.invalid += 1

    def values(self, document: Document) -> dict[str, Any]:
        """Give values for the variables: some null, some absent."""
        values = {}
        for variable in document.variables:
            luck = self.rng.random()
            if not variable.required and luck < 0.2:
                continue
            null = luck < 0.3 and not variable.type_name.endswith("!")
            values[variable.name] = None if null else self.pool.value(self.rng, variable.purpose)
        return values

    def _begin(self) -> None:
        self._variables, self._fragments, self._written, self._bare = [], [], [], set()
        self._names = self._deepest = 0
        self._left = self.rng.choice(self.size)

    def _document(self) -> Document:
        self._begin()
        query = self.schema.query_type
        assert query is not None
        depth = self.rng.choice((2, 3, 3, 4, 4, 5, 6, 12 if self.chance(0.3) else 4)) + self._later
        body = self._selections(query, depth, 0)
        declared = ", ".join(self._declared())
        several = self.chance(0.1)
        name = "Asked" if several or self.chance(0.3) else None
        head = f"query {name or ''}" + (f"({declared})" if declared else "") if name or declared else "query"
        text = "\n".join([f"{head} {body}", *(["query Other { __typename }"] if several else []), *self._written])
        return Document(text, name if several else None, tuple(self._variables), self._deepest)

    def _declared(self) -> list[str]:
        return [f"${v.name}: {v.type_name}" + (f" = {v.default}" if v.default else "") for v in self._variables]

    def chance(self, odds: float) -> bool:
        return self.rng.random() < odds

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    # selections

    def _selections(self, of: GraphQLNamedType, depth: int, at: int) -> str:
        self._deepest = max(self._deepest, at)
        parts: list[str] = []
        if isinstance(of, GraphQLObjectType):
            parts += self._fields(of, depth, at)
        else:
            parts += self._abstract(of, depth, at)
        self.rng.shuffle(parts)
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _fields(self, of: GraphQLObjectType, depth: int, at: int) -> list[str]:
        known = [
            (n, f)
            for n, f in of.fields.items()
            if self.known(of.name, n) and (self._later or not _is_later(of.name, n, get_named_type(f.type).name))
        ]
        leaves = [(n, f) for n, f in known if is_leaf_type(get_named_type(f.type))]
        trees = [(n, f) for n, f in known if not is_leaf_type(get_named_type(f.type))]
        if self._later:
            trees += [(n, f) for n, f in trees if _is_later(of.name, n, get_named_type(f.type).name)] * 2
            trees += [(n, f) for n, f in trees if at == 0 and n in {"node", "nodes", "client", "calendar"}] * 3
        parts = []
        some = self.rng.sample(leaves, min(len(leaves), self.rng.randrange(7 if self._later else 5)))
        if self._later and leaves:
            some.append(min(leaves, key=lambda leaf: self.answered[f"{of.name}.{leaf[0]}"]))
        some += [(n, f) for n, f in leaves if f"{of.name}.{n}" in self.wanted and self.chance(0.7)]
        for name, found in dict(some).items():
            parts.append(self._field(name, found, "", at))
            if self.chance(0.1):
                parts.append(self._field(name, found, "", at))
        if self.chance(0.15):
            parts.append(self._field("__typename", None, "", at))
        wanted = self.rng.choice(self.at_top if at == 0 else self.below)
        # Edges lead but to rows.
        paged = self._later and of.name.endswith(("Connection", "Edge"))
        wanted = max(wanted, paged)
        for _ in range(wanted if depth > 0 and trees else 0):
            if self._left <= 0:
                break
            # Of two the one that was answered less: of so many fields, chance alone leaves some out for long. Not
            # always, or whatever is below what always has an answer, such as the viewer, would be left out instead.
            some_trees = self.rng.choices(trees, k=1 if self.chance(0.3) else 2)
            name, found = min(some_trees, key=lambda tree: self.answered[f"{of.name}.{tree[0]}"])
            self._left -= not paged
            if name in {"node", "nodes"} and self._later and self.chance(0.9):
                # Of so many types, what is asked of one would hardly ever meet an id of it.
                kinds = [kind for kind in PREFIXES if _is_later(kind)]
                self._open = min(self.rng.choices(kinds, k=3), key=self._least_answered)
            below = self._selections(get_named_type(found.type), depth - (not paged), at + 1)
            parts.append(self._field(name, found, below, at))
            self._open = self._asked = ""
        if at and self.chance(0.25) and self._left > 0:
            parts.append(self._fragment(of, depth, at, of))
        return parts

    def _least_answered(self, kind: str) -> int:
        of = self.schema.type_map[kind]
        assert isinstance(of, GraphQLObjectType)
        return min(self.answered[f"{kind}.{name}"] for name in of.fields)

    def _abstract(self, of: GraphQLNamedType, depth: int, at: int) -> list[str]:
        assert isinstance(of, (GraphQLInterfaceType, GraphQLUnionType))
        parts = [self._field("__typename", None, "", at)] if self.chance(0.6) else []
        if isinstance(of, GraphQLInterfaceType) and self.chance(0.6):
            # Of a row its id, of a problem its message.
            name, field = next(iter(of.fields.items()))
            parts.append(self._field(name, field, "", at))
        possible = [kind for kind in self.schema.get_possible_types(of) if self.known(kind.name, "id")]
        possible = [kind for kind in possible if self._later or not _is_later(kind.name)]
        some = self.rng.sample(possible, min(len(possible), self.rng.randrange(1, 4)))
        if self._open:
            some = [*(kind for kind in possible if kind.name == self._open), *some[:1]]
            self._open, self._asked = "", self._open
        parts += [self._fragment(kind, depth, at, of) for kind in some]
        if self.chance(0.2):
            parts.append(self._fragment(of, depth, at, of))
        return parts

    def _fragment(self, of: GraphQLNamedType, depth: int, at: int, around: GraphQLNamedType) -> str:
        """Write fields of this type as a fragment: named or not, on the type or on what it belongs to."""
        on = of
        if isinstance(of, GraphQLObjectType) and self.chance(0.25):
            wider = [t for t in self.schema.type_map.values() if self._holds(t, of)]
            on = self.rng.choice(wider) if wider else of
        self._left -= 1
        reusable = [f for f in self._fragments if f.on == on.name and f.height <= depth]
        if reusable and self.chance(0.5):
            again = self.rng.choice(reusable)
            self._deepest = max(self._deepest, at + again.height)
            return f"...{again.name}{self._directive()}"
        before = self._deepest
        self._deepest = at
        body = self._selections(on, depth, at)
        height, self._deepest = self._deepest - at, max(before, self._deepest)
        if self.chance(0.5):
            name = self._name("F")
            self._fragments.append(Fragment(name, on.name, height))
            self._written.append(f"fragment {name} on {on.name} {body}")
            return f"...{name}{self._directive()}"
        condition = "" if on is around and self.chance(0.4) else f" on {on.name}"
        return f"...{condition}{self._directive()} {body}"

    def _holds(self, wider: GraphQLNamedType, of: GraphQLObjectType) -> bool:
        abstract = isinstance(wider, (GraphQLInterfaceType, GraphQLUnionType))
        return abstract and self.schema.is_sub_type(wider, of)  # type: ignore[arg-type]

    def _field(self, name: str, found: GraphQLField | None, body: str, at: int) -> str:
        asked = ""
        alias = f"{self._name('a')}: " if self.chance(0.2) else ""
        if found is not None and found.args:
            arguments = [self._argument(name, arg, of) for arg, of in found.args.items()]
            asked = ", ".join(a for a in arguments if a)
            if name in self._bare:
                alias = alias or f"{self._name('a')}: "
            self._bare.add(name)
        elif at == 0 and body:
            alias = alias or ("" if name not in self._bare else f"{self._name('a')}: ")
            self._bare.add(name)
        return f"{alias}{name}" + (f"({asked})" if asked else "") + self._directive() + (f" {body}" if body else "")

    def _directive(self) -> str:
        if not self.chance(0.08):
            return ""
        name = self.rng.choice(("skip", "include"))
        if self.chance(0.3):
            return f" @{name}(if: {self.rng.choice(('true', 'false'))})"
        return f" @{name}(if: ${self._variable('flag', 'Boolean!')})"

    # arguments

    def _argument(self, field_name: str, name: str, argument: GraphQLArgument) -> str:
        named = get_named_type(argument.type)
        needed = is_non_null_type(argument.type)
        purpose = self._purpose(field_name, name, named, listed="[" in str(argument.type))
        optional = not is_required_argument(argument)
        luck = self.rng.random()
        if optional and luck < (0.6 if name == "after" else 0.35):
            return ""
        if luck < 0.8:
            return f"{name}: ${self._variable(purpose, self._type_name(argument, needed=needed, optional=optional))}"
        if not needed and luck > 0.95:
            return f"{name}: null"
        return f"{name}: {self._literal(purpose, named)}"

    def _type_name(self, argument: GraphQLArgument, *, needed: bool, optional: bool) -> str:
        written = str(argument.type)
        if needed and optional and self.chance(0.2):
            return written.removesuffix("!")
        return written if needed or self.chance(0.8) else f"{written}!"

    def _purpose(self, field_name: str, name: str, named: GraphQLNamedType, *, listed: bool) -> str:
        if isinstance(named, GraphQLEnumType):
            return f"{'words' if listed else 'word'}:{' '.join(named.values)}"
        if named.name == "ID":
            kind = KIND_OF_ID.get(name) or KIND_OF_ID.get(field_name, "")
            if field_name in {"node", "nodes"}:
                kind = PREFIXES.get(self._asked, "")
            return f"ids:{kind}" if listed else f"id:{kind}"
        if named.name == "DateTime":
            return name
        if name == "after":
            return f"after:{SORTED_BY.get(field_name, 'moment')}"
        return {"Boolean": "flag", "Int": "first"}.get(named.name, "text")

    def _variable(self, purpose: str, type_name: str) -> str:
        kept = [v.name for v in self._variables if (v.purpose, v.type_name) == (purpose, type_name)]
        if kept and self.chance(0.4):
            return self.rng.choice(kept)
        name = self._name("v")
        default = None
        if self.chance(0.15) and purpose.partition(":")[0] in {"flag", "text", "first"}:
            default = literal(self.pool.value(self.rng, purpose))
        self._variables.append(Variable(name, purpose, type_name, default))
        return name

    def _literal(self, purpose: str, named: GraphQLNamedType) -> str:
        if purpose.startswith("ids:") and self.chance(0.5):
            kind = purpose.removeprefix("ids:")
            return f"[{literal(self.pool.id(self.rng, kind or None))}, ${self._variable(f'id:{kind}', 'ID!')}]"
        if purpose.startswith("words") and self.chance(0.3):
            return f"[${self._variable('word' + purpose.removeprefix('words'), f'{named.name}!')}]"
        value = self.pool.value(self.rng, purpose)
        if isinstance(value, list) and len(value) == 1 and self.chance(0.5):
            value = value[0]
        if purpose.startswith("word"):
            return f"[{' '.join(value)}]" if isinstance(value, list) else str(value)
        return literal(value)
