"""From declarations to shapes, and from shapes to resolvers. What is declared without a meaning fails here, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from strawberry import Schema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from models.problems import BadInput, Unauthenticated
from resolvers.acting import Answer, act, once
from resolvers.acting import Given as Payload
from resolvers.reading.compile import TYPE_TAG
from resolvers.reading.shapes import (
    MEANINGS,
    Column,
    Computed,
    Connection,
    Derived,
    Events,
    Fact,
    Field,
    Many,
    Rows,
    Shape,
    Sole,
    Source,
    Value,
)
from resolvers.viewer import Viewer
from schema.auditing import asked_by
from schema.context import Info
from schema.fields import CHANGE, SOURCE, TABLES
from schema.paging import Connection as Page
from schema.paging import Edge, PageInfo
from schema.reads import Reader
from schema.selection import python_name
from schema.signing import resolve_sign_in, resolve_sign_out

_PAGED = ("first", "after")
_STRUCTURAL = (Page, Edge, PageInfo)


def bind(schema: Schema) -> Reader:
    """Give the schema its resolvers, all of them, and give the reader that they ask."""
    core = schema._schema  # noqa: SLF001 - Strawberry's own graphql-core schema
    types = {name: t for name, t in core.type_map.items() if isinstance(t, GraphQLObjectType) and name[:2] != "__"}
    shapes = {name: _shape(schema, name, t) for name, t in types.items() if _declared(schema, name)}
    _all_meant(shapes)
    reader = Reader(shapes)
    for name, t in types.items():
        t.is_type_of = None
        for field_name, field in t.fields.items():
            field.resolve = _resolver(schema, reader, name, field_name, field)
            if name == "Mutation":
                # The one argument is what its type says it is.
                for argument in field.args.values():
                    argument.description = argument.description or get_named_type(argument.type).description
    for abstract in core.type_map.values():
        if isinstance(abstract, (GraphQLInterfaceType, GraphQLUnionType)):
            abstract.resolve_type = lambda tree, _info, _type: tree[TYPE_TAG]
    return reader


def _definition(schema: Schema, name: str) -> StrawberryObjectDefinition:
    definition = schema.get_type_by_name(name)
    if not isinstance(definition, StrawberryObjectDefinition):
        raise TypeError(f"{name} is not declared as an object.")
    return definition


def _declared(schema: Schema, name: str) -> bool:
    definition = _definition(schema, name)
    origin = definition.concrete_of.origin if definition.concrete_of else definition.origin
    return name != "Mutation" and origin not in _STRUCTURAL


def _strawberry_field(schema: Schema, type_name: str, field_name: str) -> StrawberryField:
    field = schema.get_field_for_type(field_name, type_name)
    if field is None:
        raise TypeError(f"{type_name}.{field_name} is not declared.")
    return field


def _shape(schema: Schema, name: str, of: GraphQLObjectType) -> Shape:
    origin = _definition(schema, name).origin
    model, prefix = TABLES.get(origin, (None, ""))
    shape = Shape(name, model, prefix)
    for field_name, field in of.fields.items():
        declared = _strawberry_field(schema, name, field_name)
        source = declared.metadata.get(SOURCE)
        if source is None:
            raise TypeError(f"{name}.{field_name} does not declare where its data is.")
        shape.fields[field_name] = _field(f"{name}.{field_name}", declared.python_name, source, field, prefix)
    return shape


def _field(name: str, python: str, source: Source, field: GraphQLField, prefix: str) -> Field:
    named = get_named_type(field.type)
    type_name = named.name
    if isinstance(source, Connection):
        type_name = type_name.removesuffix("Connection")
    scalar = "Enum" if is_enum_type(named) else named.name if is_leaf_type(named) else None
    meaning, order = MEANINGS.get(name, (None, None))
    if isinstance(source, (Fact, Value, Derived, Many, Connection, Rows, Sole, Events)):
        if meaning is None:
            raise TypeError(f"{name} has no meaning in resolvers.")
        parameters = {*inspect.signature(meaning).parameters, *(inspect.signature(order).parameters if order else ())}
        missing = {python_name(arg) for arg in field.args} - set(_PAGED) - parameters
        if missing:
            raise TypeError(f"The meaning of {name} leaves out {sorted(missing)}.")
        if isinstance(source, (Many, Connection)) and order is None:
            raise TypeError(f"{name} has no order.")
    return Field(
        name=python,
        source=source,
        type_name=_prefix(source, prefix) if scalar == "ID" else type_name,
        scalar=scalar,
        required=is_non_null_type(field.type),
        listed=is_list_type(get_nullable_type(field.type)),
        meaning=meaning,
        order=order,
        shown=MEANINGS[f"{name.partition('.')[0]}.{source.when}"][0]
        if isinstance(source, Many) and source.when
        else None,
    )


def _prefix(source: Source, own: str) -> str:
    return source.prefix or own if isinstance(source, (Column, Fact)) else own


def _all_meant(shapes: dict[str, Shape]) -> None:
    fields = {f"{shape.name}.{name}" for shape in shapes.values() for name in shape.fields}
    idle = MEANINGS.keys() - fields
    if idle:
        raise TypeError(f"There are meanings of no field: {sorted(idle)}.")


def _resolver(  # noqa: PLR0911 - one return for each kind of field
    schema: Schema, reader: Reader, type_name: str, field_name: str, field: GraphQLField
) -> Callable[..., Any]:
    if type_name == "Query":
        return reader.root
    if type_name == "Mutation":
        if field_name == "signIn":
            return resolve_sign_in(reader.payload)
        if field_name == "signOut":
            return resolve_sign_out
        change = _strawberry_field(schema, type_name, field_name).metadata[CHANGE]
        return _change(schema._schema, reader, field_name, field, change)  # noqa: SLF001
    if type_name == "Subscription":
        field.subscribe = None
    shape = reader.shapes.get(type_name)
    source = shape.fields[field_name].source if shape else None
    if isinstance(source, Computed):
        function = source.function
        return lambda tree, info: function(*tree[info.path.key])
    if isinstance(source, Derived):
        derive = source.function
        return lambda tree, info: derive(**tree[info.path.key])
    return lambda tree, info, **_: tree[info.path.key]


def _change(
    core: GraphQLSchema, reader: Reader, operation: str, field: GraphQLField, change: Callable[..., Any]
) -> Callable[..., Any]:
    union = get_named_type(field.type)
    members = {t.name for t in core.get_possible_types(union)} if isinstance(union, GraphQLUnionType) else set()

    async def resolve(_: Any, info: Info, input: dict[str, Any]) -> Any:
        viewer: Viewer | None = info.context.viewer
        if viewer is None:
            raise Unauthenticated
        values = _plain_input(input)
        only = once(operation, values)

        async def read(given: Payload, viewer: Viewer | None, *, strict: bool) -> Answer:
            if given.type_name not in members:
                raise BadInput(given.facts["message"], fields=given.facts.get("fields", []))
            return await reader.payload(info, given, viewer, strict=strict)

        document = info.operation.name
        asked = asked_by(viewer, info.context, operation, document.value if document else None, info.context.channel)
        return await act(viewer, lambda: change(viewer, **values), read, only, asked)

    return resolve


def _plain_input(value: Any) -> Any:
    """Give an input under Python's names, with the plain values of enums."""
    if isinstance(value, dict):
        return {python_name(name): _plain_input(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_plain_input(v) for v in value]
    return value.value if isinstance(value, Enum) else value
