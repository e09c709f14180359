"""What one document asks for: a single pass that visits each selection, and so each fragment, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
)

from grouproom.graphql.limits import Limits, within
from grouproom.graphql.sizes import Sizes, is_connection, is_list


class Weight(NamedTuple):
    """What a selection asks for."""

    values: int = 0
    per_item: int = 0
    """Further values for each item of the page, where the selection is of a connection."""
    introspection: int = 0
    depth: int = 0
    roots: int = 0
    introspects: bool = False

    def beside(self, other: Weight) -> Weight:
        """Add what is asked in the same braces."""
        return Weight(
            min(self.values + other.values, MUCH),
            min(self.per_item + other.per_item, MUCH),
            min(self.introspection + other.introspection, MUCH),
            max(self.depth, other.depth),
            min(self.roots + other.roots, MUCH),
            self.introspects or other.introspects,
        )


class Weighed(NamedTuple):
    """A document's operations by name, and the variables that their weights hang on."""

    operations: dict[str | None, Weight]
    variables: frozenset[str]


MUCH = 10**9
"""Sums stop here: a chain of doubling fragments would otherwise make numbers of many digits."""
NESTING = 100
"""Braces and spreads inside one another, so that recursion is bounded whatever the limits are."""


_INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


class Scale:
    """One weighing."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        """Start with nothing counted."""
        self.schema, self.limits, self.document = schema, limits, document
        self.sizes = Sizes(self.schema, document, variables)
        self.weights: dict[str, Weight] = {}
        self.fields = self.aliases = self.repeats = self.directives = 0
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        within("fragments", len(self.fragments), self.limits.fragments)

    def weigh(self) -> Weighed:
        """Weigh every fragment, used or not, and every operation."""
        for name in self.fragments:
            self.fragment(name, 0)
        operations = {
            (definition.name.value if definition.name else None): self.operation(definition)
            for definition in self.document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Weighed(operations, frozenset(self.sizes.asked))

    def operation(self, node: OperationDefinitionNode) -> Weight:
        """Weigh an operation."""
        self.count_directives(node)
        for variable in node.variable_definitions or ():
            self.count_directives(variable)
        return self.selections(node.selection_set, self.schema.get_root_type(node.operation), 0)

    def fragment(self, name: str, nesting: int) -> Weight:
        """Weigh a fragment once; inside itself it weighs nothing."""
        found = self.weights.get(name)
        if found is None:
            self.weights[name] = Weight()
            node = self.fragments.get(name)
            if node is None:
                return Weight()
            self.count_directives(node)
            parent = self.schema.get_type(node.type_condition.name.value)
            found = self.weights[name] = self.selections(node.selection_set, parent, nesting)
        return found

    def selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType | None, nesting: int, beside: set[str] | None = None
    ) -> Weight:
        """Weigh what stands in one pair of braces; those of an inline fragment continue the braces round them."""
        within("levels deep", nesting, NESTING)
        names = set[str]() if beside is None else beside
        total = Weight()
        for selection in node.selections:
            self.count_directives(selection)
            if isinstance(selection, FieldNode):
                self.count_field(selection, parent, names)
                total = total.beside(self.field(selection, parent, nesting))
            elif isinstance(selection, FragmentSpreadNode):
                total = total.beside(self.fragment(selection.name.value, nesting + 1))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                total = total.beside(self.selections(selection.selection_set, inner, nesting + 1, names))
        return total

    def field(self, node: FieldNode, parent: GraphQLNamedType | None, nesting: int) -> Weight:
        """Weigh a field and all below it."""
        name = node.name.value
        definition = _INTROSPECTION.get(name) or getattr(parent, "fields", {}).get(name)
        inner = get_named_type(definition.type) if definition else None
        below = self.selections(node.selection_set, inner, nesting + 1) if node.selection_set else Weight()
        depth = below.depth + 1
        each = 1 + below.values + below.per_item
        if definition is None:
            return Weight(each, 0, below.introspection, depth, 1)
        if is_list(definition.type) and is_connection(parent):
            return Weight(0, each, below.introspection, depth, 1)
        size = self.sizes.of(node, definition)
        values = min(size * each if is_list(definition.type) else 1 + below.values + size * below.per_item, MUCH)
        if name in _INTROSPECTION:
            return Weight(1, 0, values, depth, 1, introspects=True)
        return Weight(values, 0, below.introspection, depth, 1)

    def count_field(self, node: FieldNode, parent: GraphQLNamedType | None, names: set[str]) -> None:
        """Count a field as it is written."""
        self.fields += 1
        within("fields", self.fields, self.limits.fields)
        if node.alias:
            self.aliases += 1
            within("aliases", self.aliases, self.limits.aliases)
        key = f"{parent.name if parent else ''}.{node.alias.value if node.alias else node.name.value}"
        if key in names:
            self.repeats += 1
            within("repeated fields", self.repeats, self.limits.repeats)
        names.add(key)

    def count_directives(self, node: Any) -> None:
        """Count what is written on a node."""
        self.directives += len(node.directives or ())
        within("directives", self.directives, self.limits.directives)
