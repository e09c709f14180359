"""A validated document as plain selections: the only reader of GraphQL's syntax tree."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from enum import Enum
from keyword import iskeyword
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_list_type,
)
from graphql.execution.values import VariableValues
from strawberry.utils.str_converters import to_snake_case

from models.ids import parse_id
from resolvers.reading.shapes import Ask, Pick
from schema.context import Info

Slot = tuple[GraphQLField, FieldNode]
_ABSENT = object()


class Selector:
    """Reads one operation's selections with its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        prefixes: frozenset[str],
    ) -> None:
        """Begin; fields with arguments are noted in `slots`, in the order in which they are met."""
        self.schema = schema
        self.fragments = fragments
        self.variables = VariableValues({}, dict(variables))
        self.prefixes = prefixes
        self.slots: list[Slot] = []

    @classmethod
    def of(cls, info: Info, prefixes: frozenset[str]) -> Selector:
        """Give the selector of what is being executed."""
        return cls(info.schema, info.fragments, coerced(info), prefixes)

    def root(self, info: Info) -> Pick:
        """Give the root field that is being executed."""
        key = info.field_nodes[0].alias or info.field_nodes[0].name
        return self._pick(info.parent_type, str(key.value), list(info.field_nodes))

    def top(self, operation: OperationDefinitionNode) -> Pick:
        """Give the one root field of a subscription."""
        root = self.schema.subscription_type
        assert root is not None  # noqa: S101 - validation has found the field
        [pick] = (p for p in self._picks(root, [operation.selection_set]) if p.name != "__typename")
        return pick

    def below(self, info: Info, type_name: str) -> tuple[Pick, ...]:
        """Give what is picked of the type below the root field that is being executed."""
        found = self.schema.get_type(type_name)
        assert isinstance(found, GraphQLObjectType)  # noqa: S101 - a union's member
        return self._picks(found, [node.selection_set for node in info.field_nodes if node.selection_set])

    def values(self, slots: Iterable[Slot]) -> list[dict[str, Any]]:
        """Give the values of the arguments of the fields that were noted."""
        return [get_argument_values(field, node, self.variables) for field, node in slots]

    def _picks(self, of: GraphQLObjectType, sets: list[SelectionSetNode]) -> tuple[Pick, ...]:
        nodes: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._collect(of, selections, nodes, set())
        return tuple(self._pick(of, key, found) for key, found in nodes.items())

    def _collect(
        self, of: GraphQLObjectType, selections: SelectionSetNode, nodes: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for selection in selections.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                nodes.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, of):
                    self._collect(of, selection.selection_set, nodes, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._applies(fragment.type_condition.name.value, of):
                    self._collect(of, fragment.selection_set, nodes, seen)

    def _included(self, selection: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, selection, self.variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, selection, self.variables)
        return not include or bool(include["if"])

    def _applies(self, condition: str, of: GraphQLObjectType) -> bool:
        if condition == of.name:
            return True
        wanted = self.schema.get_type(condition)
        return wanted is not None and is_abstract_type(wanted) and self.schema.is_sub_type(wanted, of)

    def _pick(self, of: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Pick:
        name = nodes[0].name.value
        if name == "__typename":
            return Pick(key, name)
        field = of.fields[name]
        asks = self._asks(field, nodes[0]) if field.args else {}
        below: dict[str, tuple[Pick, ...]] = {}
        returned = get_named_type(field.type)
        if is_composite_type(returned):
            sets = [node.selection_set for node in nodes if node.selection_set]
            possible = self.schema.get_possible_types(returned) if is_abstract_type(returned) else [returned]
            below = {p.name: self._picks(p, sets) for p in possible if isinstance(p, GraphQLObjectType)}
        return Pick(key, name, asks, below)

    def _asks(self, field: GraphQLField, node: FieldNode) -> dict[str, Ask | None]:
        slot = len(self.slots)
        self.slots.append((field, node))
        values = get_argument_values(field, node, self.variables)
        asks: dict[str, Ask | None] = {}
        for name, argument in field.args.items():
            value = values.get(name)
            scalar = get_named_type(argument.type)
            known: object = None
            if scalar.name == "ID":
                known = self._prefixes(value)
            elif is_enum_type(scalar) and not is_list_type(get_nullable_type(argument.type)):
                known = value
            asks[python_name(name)] = None if value is None else Ask(slot, name, scalar.name, known)
        return asks

    def _prefixes(self, value: Any) -> object:
        if isinstance(value, list):
            return frozenset(self._prefixes(v) for v in value) - {None}
        parsed = parse_id(value) if isinstance(value, str) else None
        return parsed[0] if parsed and parsed[0] in self.prefixes else None

    def shape_of_variables(self, info: Info) -> tuple[Hashable, ...]:
        """Give all of the variables that may change a statement: null, yes or no, which word, ids of which types."""
        return tuple(
            self._kind(self.variables.coerced.get(definition.variable.name.value, _ABSENT))
            for definition in info.operation.variable_definitions or ()
        )

    def _kind(self, value: Any) -> Hashable:
        if value is _ABSENT:
            return "absent"
        if value is None or isinstance(value, (bool, Enum)):
            return value
        if isinstance(value, (str, list)):
            # Never None itself, which would make a text the same as null.
            return "given", self._prefixes(value)
        return "given"


def python_name(name: str) -> str:
    """Give the Python spelling of a name in the graph."""
    snake = to_snake_case(name)
    return f"{snake}_" if iskeyword(snake) else snake


def coerced(info: Info) -> Mapping[str, Any]:
    """Give the variables' values, whichever of two forms the executor hands them out in."""
    values: Any = info.variable_values
    return values.coerced if isinstance(values, VariableValues) else values
