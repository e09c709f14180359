"""Documents that were found good: parsed, within limits and valid, kept by their text for HTTP and sockets alike."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    Token,
    TokenKind,
    parse,
    specified_rules,
    validate,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from grouproom.graphql.asked import Asked, check_values
from grouproom.graphql.errors import Refusal, refusal, tell, tell_fault
from grouproom.graphql.limiter import Limiter
from grouproom.graphql.limits import Limits
from grouproom.graphql.persisted import Persisted
from grouproom.graphql.shelf import Shelf
from grouproom.graphql.sizes import size_of
from models.problems import Coded, TooComplex, Unauthenticated
from resolvers.viewer import Viewer

KEPT = 1_000
KEPT_BYTES = 48 * 2**20
PARSED = 100
"""Bytes of memory that a character of a document takes once it is parsed, as measured."""
VERDICTS = 64
"""Choices of page sizes found good that are remembered for one document."""
MOST_ERRORS = 20
"""That validation goes on to find in one document."""

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""What Strawberry applies, built once for all documents."""


class Admitted(NamedTuple):
    """An operation that may be executed."""

    text: str
    name: str | None
    kind: OperationType


class Document:
    """A parsed document within limits."""

    def __init__(self, node: DocumentNode, limiter: Limiter) -> None:
        """Weigh it with usual page sizes; raise TooComplex for what no variables can mend."""
        self.node = node
        self.kinds = {
            definition.name.value if definition.name else None: definition.operation
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        self._limiter = limiter
        weighed = limiter.weigh(node, {})
        self.introspecting = {name for name, weight in weighed.operations.items() if weight.introspects}
        self._sizes = sorted(weighed.variables)
        self._good = set[tuple[object, ...]]()
        for name, weight in weighed.operations.items():
            limiter.check_shape(weight, self.kinds[name])
            if not self._sizes:
                limiter.check_values(weight)

    def operation(self, name: str | None) -> str | None:
        """Say which operation is asked for, as the specification has it: the one named, or the only one."""
        if name is None and len(self.kinds) == 1:
            return next(iter(self.kinds))
        if name is None:
            raise refusal("The document holds several operations: name one in `operationName`.")
        if name not in self.kinds:
            raise refusal("The document holds no operation of that name.")
        return name

    def check(self, name: str | None, variables: Mapping[str, Any]) -> None:
        """Raise TooComplex where these variables ask for pages that are too large together."""
        if not self._sizes:
            return
        key = (name, *(size_of(variables[size]) if size in variables else -1 for size in self._sizes))
        if key not in self._good:
            self._limiter.check_values(self._limiter.weigh(self.node, variables).operations[name])
            if len(self._good) < VERDICTS:
                self._good.add(key)


class Documents:
    """What the text of every request goes through before it is executed."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        """Start with empty shelves for this schema."""
        self._schema = schema._schema  # noqa: SLF001  Strawberry shows graphql-core's schema under no other name
        self._limits = limits
        self._limiter = Limiter(self._schema, limits)
        self._documents = Shelf[Document](KEPT, KEPT_BYTES)
        self._persisted = Persisted()

    def admit(self, request: Asked, viewer: Viewer | None) -> Admitted:
        """Say which operation the request asks for, or raise a Refusal."""
        if request.variables:
            check_values(request.variables)
        text = self._persisted.text(request, viewer.practice_id if viewer else None, self.prepare)
        document = self.prepare(text)
        name = document.operation(request.operation_name)
        if name in document.introspecting and viewer is None:
            raise Refusal([tell_fault(Unauthenticated())])
        try:
            document.check(name, request.variables or {})
        except Coded as problem:
            raise Refusal([tell_fault(problem)]) from problem
        return Admitted(text, name, document.kinds[name])

    def prepare(self, text: str) -> Document:
        """Parse, limit and validate a document, or take it from the shelf."""
        document = self._documents.get(text)
        if document is None:
            try:
                document = self._examine(text)
            except Coded as problem:
                raise Refusal([tell_fault(problem)]) from problem
            self._documents.put(text, document, 2_000 + PARSED * len(text))
        return document

    def _examine(self, text: str) -> Document:
        if len(text) > self._limits.characters:
            raise TooComplex(f"The document is longer than {self._limits.characters} characters.")
        try:
            node = parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            if "Parsing aborted" in error.message:
                raise TooComplex(
                    f"The document has more than {self._limits.tokens} tokens, or nests too deeply."
                ) from error
            raise Refusal([tell(error)]) from error
        if "\\u" in text and _holds_nul(node):
            raise refusal("A text may not hold the character U+0000.")
        document = Document(node, self._limiter)
        errors = validate(self._schema, node, _RULES, MOST_ERRORS, hide_suggestions=True)
        if errors:
            raise Refusal([tell(error) for error in errors])
        return document


class Prepared(SchemaExtension):
    """Hands Strawberry the prepared document, so that it neither parses nor validates it again."""

    def __init__(self, documents: Documents) -> None:
        """Take documents from these shelves."""
        self._documents = documents

    def on_operation(self) -> None:  # type: ignore[override]  # Strawberry takes plain functions, but does not say so
        """Fill in what parsing and validation would have found."""
        context = self.execution_context
        context.graphql_document = self._documents.prepare(context.query or "").node
        context.pre_execution_errors = []


def spoken(schema: Schema, documents: Documents) -> Schema:
    """Copy a schema so that it takes prepared documents, and leaves saying and logging errors to us.

    Strawberry would log each error with the query's text and the values in it.
    """
    ours = copy.copy(schema)
    ours.extensions = (*schema.extensions, lambda: Prepared(documents))
    ours.process_errors = _say_nothing  # type: ignore[method-assign]  # of this copy only
    return ours


def _say_nothing(errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
    """Errors are told and logged where they leave."""


def _holds_nul(node: DocumentNode) -> bool:
    """Whether a string in the document holds U+0000, which PostgreSQL cannot store."""
    token: Token | None = node.loc.start_token if node.loc else None
    while token is not None:
        if token.kind in {TokenKind.STRING, TokenKind.BLOCK_STRING} and "\0" in (token.value or ""):
            return True
        token = token.next
    return False
