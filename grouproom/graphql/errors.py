"""What a client is told when something goes wrong: a code from a closed list, and nothing that is stored here."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

CODES = frozenset(
    {
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "NOT_FOUND",
        "BAD_USER_INPUT",
        "TOO_COMPLEX",
        "RATE_LIMITED",
        "UNAVAILABLE",
        "PERSISTED_QUERY_NOT_FOUND",
    }
)
"""What may be said beside the masked INTERNAL."""

LONGEST_MESSAGE = 500
"""Characters; graphql-core repeats names of the document in its messages, and a name may be as long as the document."""

Told = dict[str, Any]
"""One entry of `errors`, as it is sent."""

_log = logging.getLogger("grouproom.graphql")


class Refusal(Exception):
    """The request or operation is answered with these errors and no data."""

    def __init__(
        self, errors: Sequence[Told], status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Hold the errors, and for HTTP a status where negotiation does not decide it."""
        super().__init__(errors[0]["extensions"]["code"])
        self.errors = list(errors)
        self.status = status
        self.headers = dict(headers or {})


def refusal(
    message: str, code: str = "BAD_USER_INPUT", status: int | None = None, headers: Mapping[str, str] | None = None
) -> Refusal:
    """Refuse with a single error that is no part of an execution."""
    return Refusal([{"message": message, "extensions": {"code": code}}], status, headers)


def tell(error: GraphQLError) -> Told:
    """Say what may be said of an error that graphql-core found or made of an exception."""
    code = (error.extensions or {}).get("code")
    if code in CODES:
        told: Told = {"message": error.message, "extensions": error.extensions}
    elif _asked_wrongly(error):
        told = {"message": _without_suggestion(error.message), "extensions": {"code": "BAD_USER_INPUT"}}
    else:
        told = tell_fault(_root(error))
    if error.locations:
        told["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        told["path"] = error.path
    return told


def tell_fault(error: BaseException) -> Told:
    """Say what a coded exception says; mask any other, and log where it came from under a correlation id."""
    extensions = getattr(error, "extensions", None)
    if isinstance(extensions, Mapping) and extensions.get("code") in CODES:
        return {"message": str(error), "extensions": dict(extensions)}
    correlation = uuid.uuid4().hex
    _log.error("Internal error %s\n%s", correlation, trace(error))
    return {
        "message": "Something went wrong here. Quote the correlation id to whoever runs this service.",
        "extensions": {"code": "INTERNAL", "correlationId": correlation},
    }


def trace(error: BaseException) -> str:
    """Say the types and frames of an exception and its causes.

    Their texts and local variables are left out: a database error quotes the row, and a coercion error the value.
    """
    told, seen = [], set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        kind = type(cause)
        told.append(f"{kind.__module__}.{kind.__qualname__}")
        told += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(told)


def _asked_wrongly(error: GraphQLError) -> bool:
    """Whether the document or its variables are at fault.

    Before execution graphql-core makes such errors itself, or of each other. During execution they are those that
    point to a part of the document before they are located: an argument's does, a wrong value of a resolver's does not.
    """
    original = error.original_error
    if error.path is None:
        return original is None or isinstance(original, GraphQLError)
    return isinstance(original, GraphQLError) and bool(original.nodes)


def _root(error: GraphQLError) -> BaseException:
    """The exception that a resolver raised, under what graphql-core wrapped round it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _without_suggestion(message: str) -> str:
    """Cut what graphql-core would guess that the client meant: it names fields that were not asked for."""
    return message.split(" Did you mean ", 1)[0][:LONGEST_MESSAGE]
