"""How many items a field is likely to answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    is_list_type,
    is_non_null_type,
)

USUAL_LIST = 10
"""Of a list that is bounded by nature, such as a group's members."""
USUAL_PAGE = 20
"""Of a connection where `first` is left out."""
LARGEST = 100
"""Of anything: the resolver refuses a larger page by name, so a larger number makes no more work."""

_SAY_THE_SIZE = {"first", "last", "ids"}


class Sizes:
    """The sizes that one document and its variables ask for."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        """Note the variables' defaults, and the largest where operations differ: a fragment is weighed once for all."""
        self.asked = set[str]()
        self._types = len(schema.type_map)
        self._variables = variables
        self._defaults: dict[str, int] = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                for variable in definition.variable_definitions or ():
                    size = _literal(variable.default_value)
                    if size is not None:
                        name = variable.variable.name.value
                        self._defaults[name] = max(size, self._defaults.get(name, 0))

    def of(self, node: FieldNode, definition: GraphQLField) -> int:
        """Say how many items this field's list, or the page of its connection, will have."""
        for argument in node.arguments or ():
            if argument.name.value in _SAY_THE_SIZE:
                size = self._value(argument.value)
                if size is not None:
                    return min(max(size, 0), LARGEST)
        if node.name.value == "types":
            return self._types
        return USUAL_LIST if is_list(definition.type) else USUAL_PAGE

    def _value(self, node: ValueNode) -> int | None:
        if not isinstance(node, VariableNode):
            return _literal(node)
        name = node.name.value
        self.asked.add(name)
        if name not in self._variables:
            return self._defaults.get(name)
        return size_of(self._variables[name])


def size_of(value: object) -> int | None:
    """Say what size a variable's value stands for; None where it is none, which coercion then refuses or ignores."""
    if isinstance(value, list):
        return min(len(value), LARGEST)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(min(max(value, 0), LARGEST))
    return None


def is_list(type_: object) -> bool:
    """Whether a field of this type answers with a list."""
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def is_connection(type_: GraphQLNamedType | None) -> bool:
    """Whether a type is a page, whose lists are as long as its field was asked for."""
    edges = getattr(type_, "fields", {}).get("edges")
    return edges is not None and is_list(edges.type)


def _literal(node: ValueNode | None) -> int | None:
    if isinstance(node, IntValueNode):
        return size_of(int(node.value) if len(node.value) < 10 else LARGEST)
    if isinstance(node, ListValueNode):
        return len(node.values)
    return None
