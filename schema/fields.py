"""How a field says where its data is. Shapes only: what arguments and facts mean stands in `resolvers`, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from tortoise.models import Model

from resolvers.reading.shapes import (
    Column,
    Computed,
    Connection,
    Derived,
    Fact,
    FindNode,
    FindNodes,
    Given,
    Many,
    One,
    OneOf,
    Rows,
    Sole,
    Source,
    Value,
)

T = TypeVar("T")
SOURCE = "source"
TABLE = "table"
PREFIX = "prefix"
CHANGE = "change"

IDEMPOTENCY_KEY = "Sent again with the same input, it writes nothing again and answers with the same rows."
EXPECTED_VERSION = "The version that was read; another one now is a VersionConflict."

TABLES: dict[type, tuple[type[Model] | None, str]] = {}


def shape(model: type[Model] | None = None, prefix: str = "", **options: Any) -> Callable[[type[T]], type[T]]:
    """Declare a type of the graph, its table and the prefix of its ids; the docstring becomes its description."""

    def declare(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=inspect.getdoc(cls), **options)
        TABLES[made] = (model, prefix)
        return made

    return declare


def _field(source: Source, description: str) -> Any:
    return strawberry.field(description=description or None, metadata={SOURCE: source})


def column(name: str, description: str) -> Any:
    """Declare a scalar that stands in a column."""
    return _field(Column(name), description)


def id_of(prefix: str, name: str, description: str) -> Any:
    """Declare the id of a row of another type."""
    return _field(Column(name, prefix), description)


def given_visible(description: str) -> Any:
    """Declare rows that a mutation gives, of which some may be others' to see: those are left out."""
    return _field(Given(only_visible=True), description)


def fact(description: str, *, prefix: str = "") -> Any:
    """Declare a scalar that an expression says; the id of another type's row has that type's prefix."""
    return _field(Fact(prefix), description)


def value(description: str) -> Any:
    """Declare an object without identity, such as money."""
    return _field(Value(), description)


def one(name: str, description: str) -> Any:
    """Declare the row that a foreign key points to."""
    return _field(One(name), description)


def computed(function: Callable[..., Any], *columns: str, description: str) -> Any:
    """Declare what a Python function makes of columns."""
    return _field(Computed(function, columns), description)


def derived(function: Callable[..., Any], description: str) -> Any:
    """Declare what a Python function makes of expressions."""
    return _field(Derived(function), description)


def given(description: str) -> Any:
    """Declare what a mutation gives."""
    return _field(Given(), description)


def one_of(kind: str, columns: dict[str, str], description: str) -> Any:
    """Declare one of several types."""
    return _field(OneOf(kind, columns), description)


def _stub(source: Source) -> Callable[[Callable[..., Any]], Any]:
    def declare(stub: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=stub, description=inspect.getdoc(stub), metadata={SOURCE: source})

    return declare


many = _stub(Many())
sole_of = _stub(Sole())


def many_when(fact_name: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a list that is null where a fact of the row above is false."""
    return _stub(Many(fact_name))


connection = _stub(Connection())
sole = _stub(Sole())
find_node = _stub(FindNode())
find_nodes = _stub(FindNodes())
rows = _stub(Rows())
value_of = _stub(Value())


def stream(source: Source) -> Callable[[Callable[..., Any]], Any]:
    """Declare a subscription, and whether it reads batches of the log or one row again and again."""

    def declare(stub: Callable[..., Any]) -> Any:
        return strawberry.subscription(resolver=stub, description=inspect.getdoc(stub), metadata={SOURCE: source})

    return declare


def mutation(change: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Declare a mutation, and the function in `resolvers` that carries it out."""

    def declare(stub: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=stub, description=inspect.getdoc(stub), metadata={CHANGE: change})

    return declare
