"""What every document must answer, in plain Python over rows in memory.

Written from the contract, the requirements and the matrix of who may see what; graphql-core, given these rules as plain
resolvers, does the rest. It shares nothing with `resolvers/access/`, the meanings, the compiler or the databases.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    execute_sync,
    parse,
)

from resolvers.viewer import Viewer
from tests.guards.reading import answers, answers_about_audit, answers_about_charts, answers_about_sessions
from tests.guards.reading.fields import FIELDS, MADE, PLAIN, POINTS, Rule, refusal, written
from tests.guards.reading.pages import Pages
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import Seen, Truth

ROOMS = (answers, answers_about_sessions, answers_about_charts, answers_about_audit)
"""They note their rules as they are imported."""


def knows(kind: str, name: str) -> bool:
    """Whether the oracle has an answer for this field."""
    field = f"{kind}.{name}"
    return kind in MADE or field in FIELDS or field in POINTS or name in PLAIN.get(kind, "").split()


@lru_cache(maxsize=4)
def _parsed(document: str) -> DocumentNode:
    return parse(document)


class Oracle:
    """Answers documents as each person should be answered."""

    def __init__(self, sdl: str, truth: Truth, answered: Counter[str] | None = None) -> None:
        self.truth = truth
        # Cursors are opaque: which row's each of them is, the trial learns from the answers that hold them.
        self.places: dict[str, str] = {}
        self.schema: GraphQLSchema = build_schema(sdl)
        self.sights: dict[UUID | None, Sight] = {}
        # How often each field was answered with something.
        self.answered: Counter[str] = Counter() if answered is None else answered
        for kind in self.schema.type_map.values():
            if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
                for field_name, described in kind.fields.items():
                    described.resolve = self._resolver(kind.name, field_name)
            elif isinstance(kind, (GraphQLInterfaceType, GraphQLUnionType)):
                kind.resolve_type = lambda seen, _info, _kind: seen.kind

    def answer(
        self, viewer: Viewer | None, document: str, variables: dict[str, Any], operation: str | None
    ) -> ExecutionResult:
        sight = None
        if viewer is not None:
            sight = self.sights.get(viewer.user_id) or Sight(self.truth, viewer, self.places)
            self.sights[viewer.user_id] = sight
        return execute_sync(
            self.schema, _parsed(document), context_value=sight, variable_values=variables, operation_name=operation
        )

    def _resolver(self, kind: str, name: str) -> Rule:
        rule = FIELDS.get(f"{kind}.{name}")
        points = POINTS.get(f"{kind}.{name}")
        column = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

        def resolve(what: Any, info: GraphQLResolveInfo[Any], **asked: Any) -> Any:
            if kind == "Query" and info.context is None and name != "viewer":
                raise refusal("UNAUTHENTICATED")
            if kind == "Query" and info.context is not None:
                Pages(info).refuse(asked)
            if rule is not None:
                found = rule(what, info.context, **asked)
            elif points is not None:
                found = info.context.rows[points[1]].get(getattr(what.row, points[0]))
            elif isinstance(what, Seen):
                found = what.id if name == "id" else written(getattr(what.row, column))
            else:
                found = what[name]
            self.answered[f"{kind}.{name}"] += found is not None and found != []
            return found

        return resolve
