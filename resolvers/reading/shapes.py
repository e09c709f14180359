"""Where the fields of the graph have their data: what the schema declares and the compiler reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from tortoise.models import Model

Meaning = Callable[..., Any]
M = TypeVar("M", bound=Meaning)


class Keys(NamedTuple):
    """What rows are ordered by; the last key tells any two apart. `kinds` are given where a key is no plain column."""

    keys: tuple[str, ...]
    descending: bool = False
    kinds: tuple[str, ...] = ()


Order = Callable[..., Keys | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """A scalar that stands in a column of the row; an id of another type than the row's has that type's prefix."""

    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A scalar that an expression over the row says; its meaning gives the SQL. An id of another type has a prefix."""

    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Computed:
    """What a Python function makes of columns that the statement brings along."""

    function: Callable[..., Any]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """What a Python function makes of expressions: its meaning gives them by the function's arguments, as JSON."""

    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Value:
    """An object without identity, such as money: its meaning gives the SQL of its parts, null when the first is."""


@dataclass(frozen=True, slots=True)
class One:
    """The row that a foreign key of this row points to."""

    column: str


@dataclass(frozen=True, slots=True)
class Many:
    """All rows that its meaning's conditions admit, in its meaning's order: a list that is bounded by nature.

    `when` names a fact of the row above: where that is false, the list is null.
    """

    when: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """The same a page at a time, with keyset cursors."""


@dataclass(frozen=True, slots=True)
class Sole:
    """The one row that its meaning's conditions admit."""


@dataclass(frozen=True, slots=True)
class FindNode:
    """The row of whatever type the argument `id` says."""


@dataclass(frozen=True, slots=True)
class FindNodes:
    """The rows of whatever types the argument `ids` says, in that order."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that its meaning writes itself, out of visible rows only: it gives (SELECT, order, columns)."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several types: `kind` is the column that says which, the others hold the id of each."""

    kind: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Events:
    """Rows of the log of events as their streams tell them: its meaning gives (who gets it, columns)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a mutation gives: a row by its id, or a plain value.

    In a list, a row that the viewer may not see is left out only where `only_visible` says that this is right.
    """

    only_visible: bool = False


Source = (
    Column
    | Fact
    | Computed
    | Derived
    | Value
    | One
    | OneOf
    | Many
    | Connection
    | Rows
    | Events
    | Sole
    | FindNode
    | FindNodes
    | Given
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a shape: its source, and what GraphQL says of it."""

    name: str
    source: Source
    type_name: str
    scalar: str | None
    required: bool
    listed: bool
    meaning: Meaning | None = None
    order: Order | None = None
    shown: Meaning | None = None


@dataclass(slots=True)
class Shape:
    """One GraphQL object type: the table it is read from, if it has one, and its fields by name."""

    name: str
    model: type[Model] | None
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def phi(self) -> bool:
        """Whether the log of audit names such rows when they are read."""
        return bool(getattr(self.model, "phi", False))


class Arg:
    """An argument that was given: it formats to a parameter, and its value never enters a statement's text.

    `f"{arg}"` is the value, `f"{arg:grp}"` the row id out of an id of that type (null for another type),
    `f"{arg:fold}"` the folded text. `known` is there for enums only, whose value may shape the statement.
    """

    __slots__ = ("_bind", "_place", "known", "name", "scalar", "slot")

    def __init__(
        self,
        ask: Ask,
        place: Callable[[Arg, str], str],
        bind: Callable[[Arg, str, Callable[[dict[str, Any]], Any]], str],
    ) -> None:
        """Hold where the value will be found when the statement runs."""
        self.slot, self.name, self.scalar, self.known = ask.slot, ask.name, ask.scalar, ask.known
        self._place, self._bind = place, bind

    def bound(self, kind: str, how: Callable[[dict[str, Any]], Any]) -> str:
        """Give the parameter that `how` makes of all of the field's arguments; it may refuse them."""
        return self._bind(self, kind, how)

    def __format__(self, how: str) -> str:
        """Give the placeholder."""
        return self._place(self, how)

    def __bool__(self) -> bool:
        """Refuse: `if arg` would mean "given", not "true"."""
        raise TypeError("Ask `arg is not None`: its value is not known while compiling.")


@dataclass(frozen=True, slots=True)
class Ask:
    """One argument as the document gives it: null or not, and for enums which value."""

    slot: int
    name: str
    scalar: str
    known: object = None


@dataclass(frozen=True, slots=True)
class Pick:
    """One response key that a document asks for: its field, its arguments, and what is picked of each type below."""

    key: str
    name: str
    asks: Mapping[str, Ask | None] = field(default_factory=dict)
    below: Mapping[str, tuple[Pick, ...]] = field(default_factory=dict)


MEANINGS: dict[str, tuple[Meaning, Order | None]] = {}


def means(name: str, *, order: Order | None = None) -> Callable[[M], M]:
    """Say what the field `Type.field` means: conditions of rows, or an expression over them, in SQL."""

    def note(meaning: M) -> M:
        if name in MEANINGS:
            raise TypeError(f"{name} has two meanings.")
        MEANINGS[name] = (meaning, order)
        return meaning

    return note


def joined(conditions: Iterable[str]) -> str:
    """Give the conditions as one, true when there are none."""
    return " AND ".join(f"({c})" for c in conditions) or "true"
