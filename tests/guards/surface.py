"""A schema as flat facts, one for each thing that a client can rely on, to compare two schemas as lists."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

Facts = dict[str, str]


def facts(text: str) -> Facts:
    """Give what a schema in SDL says: under each name, such as `Client.name`, its type and default."""
    document: DocumentNode = parse(text)
    said = {name: value for definition in document.definitions for name, value in _definition(definition)}
    for root in ("Query", "Mutation", "Subscription"):
        if f"type {root}" in said:
            # What may be left unsaid, as it is what these names mean.
            said.setdefault(f"schema {root.lower()}", root)
    return said


def _definition(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case SchemaDefinitionNode():
            for root in node.operation_types:
                yield f"schema {root.operation.value}", root.type.name.value
        case ObjectTypeDefinitionNode():
            yield from _object("type", node)
        case InterfaceTypeDefinitionNode():
            yield from _object("interface", node)
        case ScalarTypeDefinitionNode() | UnionTypeDefinitionNode():
            yield from _leaf_or_union(node)
        case InputObjectTypeDefinitionNode() | EnumTypeDefinitionNode():
            yield from _input_or_enum(node)
        case _:
            raise AssertionError(print_ast(node))


def _object(kind: str, node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) -> Iterator[tuple[str, str]]:
    name = f"{kind} {node.name.value}"
    yield name, kind
    for interface in node.interfaces or ():
        yield f"{name} implements {interface.name.value}", "implements"
    for field in node.fields or ():
        yield from _field(node.name.value, field)


def _leaf_or_union(node: ScalarTypeDefinitionNode | UnionTypeDefinitionNode) -> Iterator[tuple[str, str]]:
    if isinstance(node, UnionTypeDefinitionNode):
        yield f"union {node.name.value}", "union"
        for member in node.types or ():
            yield f"union {node.name.value} | {member.name.value}", "member"
        return
    yield f"scalar {node.name.value}", "scalar"
    for directive in node.directives or ():
        yield f"scalar {node.name.value} @{directive.name.value}", print_ast(directive)


def _input_or_enum(node: InputObjectTypeDefinitionNode | EnumTypeDefinitionNode) -> Iterator[tuple[str, str]]:
    if isinstance(node, InputObjectTypeDefinitionNode):
        yield f"input {node.name.value}", "input"
        for value in node.fields or ():
            yield f"{node.name.value}.{value.name.value}", _value(value)
        return
    yield f"enum {node.name.value}", "enum"
    for word in node.values or ():
        yield f"{node.name.value}.{word.name.value}", "value"


def _field(owner: str, field: FieldDefinitionNode) -> Iterator[tuple[str, str]]:
    name = f"{owner}.{field.name.value}"
    yield name, print_ast(field.type) + _directives(field)
    for argument in field.arguments or ():
        yield f"{name}({argument.name.value}:)", _value(argument)


def _value(value: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(value.default_value)}" if value.default_value is not None else ""
    return print_ast(value.type) + default + _directives(value)


def _directives(node: FieldDefinitionNode | InputValueDefinitionNode) -> str:
    return "".join(f" {print_ast(directive)}" for directive in node.directives or ())


def folded(names: set[str], whole: set[str]) -> list[str]:
    """Give names without the parts of what is named itself: a type that is missing stands for all its fields."""
    kinds = ("type", "interface", "input", "enum", "union", "scalar")
    gone = {name.split()[1] for name in names if name.split()[0] in kinds and len(name.split()) == 2}
    assert gone <= {name.split()[1] for name in whole if len(name.split()) == 2}

    def is_part(name: str) -> bool:
        kind, _, rest = name.partition(" ")
        owner = rest.split()[0] if kind in kinds else kind.partition(".")[0]
        field = name.partition("(")[0]
        return (owner in gone and not (kind in kinds and rest == owner)) or (field != name and field in names)

    return sorted(name for name in names if not is_part(name))
