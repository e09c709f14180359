"""Whether a document may be executed, decided before validation, which is slow on what asks too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationType, get_introspection_query, parse

from grouproom.graphql.limits import Limits, within
from grouproom.graphql.weights import MUCH, Scale, Weighed, Weight


class Limiter:
    """Weighs documents against a schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        """Allow twice the widest introspection that tools send, whatever the size of this schema."""
        self.schema = schema
        self.limits = limits
        self.introspection = MUCH
        everything = get_introspection_query(
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        )
        weighed = self.weigh(parse(everything), {})
        self.introspection = 2 * max(weight.introspection for weight in weighed.operations.values())

    def weigh(self, document: DocumentNode, variables: Mapping[str, Any]) -> Weighed:
        """Weigh each operation, or raise TooComplex for a document that is past a limit in itself.

        Unknown types, fields and fragments weigh little and cycles nothing: validation reports them.
        """
        return Scale(self.schema, self.limits, document, variables).weigh()

    def check_shape(self, weight: Weight, operation: OperationType) -> None:
        """Raise TooComplex for an operation that asks for too much whatever its variables are."""
        limits = self.limits
        within("levels deep", weight.depth, limits.depth)
        within("root fields", weight.roots, limits.mutations if operation is OperationType.MUTATION else limits.roots)
        within("values of introspection", weight.introspection, self.introspection)

    def check_values(self, weight: Weight) -> None:
        """Raise TooComplex for an operation whose answer would be too large."""
        within("values in its answer", weight.values, self.limits.values)
