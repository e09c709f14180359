"""Refusals: what a person can act on, and what only a developer can.

`Refused` becomes a member of the mutation's result union; `Coded` becomes a top-level error whose
`extensions.code` is one of a closed list. Both leave the unit of work as exceptions, so that nothing is written.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID


class Refused(Exception):
    """The practice can act on this: `name` is the GraphQL type of the problem."""

    def __init__(
        self,
        name: str,
        message: str,
        *,
        nodes: dict[str, tuple[str, UUID]] | None = None,
        lists: dict[str, list[UUID]] | None = None,
        **facts: Any,
    ) -> None:
        """Hold the problem's facts, and the rows it points to: one by one as (GraphQL type, row id), or in lists."""
        super().__init__(name)
        self.name = name
        self.nodes = nodes or {}
        self.lists = lists or {}
        self.facts: dict[str, Any] = {"message": message, **facts}


class Coded(Exception):
    """A top-level error with a code from the closed list."""

    code = "INTERNAL"

    def __init__(self, message: str, **extensions: Any) -> None:
        """Say what happened in a sentence that shows nothing of what is stored."""
        super().__init__(message)
        self.extensions = {"code": self.code, **extensions}


def code_of(error: Exception) -> str:
    """Give the code that is told of an error."""
    return error.code if isinstance(error, Coded) else Coded.code


class Unauthenticated(Coded):
    """Nobody is signed in."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Sign in first.") -> None:
        """Say so."""
        super().__init__(message)


class Forbidden(Coded):
    """It may be seen, but is not this role's to do."""

    code = "FORBIDDEN"

    def __init__(self, message: str = "Your role may not do this.") -> None:
        """Say so."""
        super().__init__(message)


class NotFound(Coded):
    """It is not there, or not the viewer's to see: both look the same."""

    code = "NOT_FOUND"

    def __init__(self, message: str = "There is nothing with this id that you may see.") -> None:
        """Say so."""
        super().__init__(message)


class BadInput(Coded):
    """An argument is out of bounds or malformed."""

    code = "BAD_USER_INPUT"


class TooComplex(Coded):
    """The document asks for more than one request may."""

    code = "TOO_COMPLEX"

    def __init__(self, message: str = "This document nests too deeply or asks for too much. Split it.") -> None:
        """Say so."""
        super().__init__(message)


class RateLimited(Coded):
    """Too many tries in too short a time."""

    code = "RATE_LIMITED"


class Unavailable(Coded):
    """The database did not answer; trying again may help."""

    code = "UNAVAILABLE"

    def __init__(self, message: str = "The service is busy or restarting. Try again.") -> None:
        """Say so."""
        super().__init__(message)


class InvalidInput(Refused):
    """The input breaks a rule, alone or against what is stored."""

    def __init__(self, problems: dict[str, str]) -> None:
        """Name each field by its path in the input, such as `input.initials`, with one sentence about it."""
        fields = [{"path": path, "message": message} for path, message in problems.items()]
        super().__init__("InvalidInput", " ".join(dict.fromkeys(problems.values())), fields=fields)


class VersionConflict(Refused):
    """Somebody changed the row first."""

    def __init__(self, type_name: str, row_id: UUID) -> None:
        """Point to the row as it is now."""
        super().__init__(
            "VersionConflict",
            "Somebody changed this first. Look at it again before you decide.",
            nodes={"current": (type_name, row_id)},
        )


class IdempotencyConflict(Refused):
    """The same key was used before for something else."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("IdempotencyConflict", "This idempotency key was used before for a different request.")
