"""Refusals that the person at the screen can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.fields import given, shape
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.charting.shapes import Chart


@strawberry.interface(
    description="A refusal that the person at the screen can act on. Every mutation answers with a union of its payload"
    " and its problems; ask for `... on Problem { message }` to be safe against members that are added later."
)
class Problem:
    """A refusal that the person at the screen can act on."""

    message: str = given("One sentence for people.")


@shape()
class FieldProblem:
    """What is wrong with one field of the input."""

    path: str = given("The input field, such as `input.initials`.")
    message: str = given("One sentence for people.")


@shape()
class InvalidInput(Problem):
    """The input breaks a rule, alone or against what is stored."""

    fields: list[FieldProblem] = given("Each field that is wrong.")


@shape()
class VersionConflict(Problem):
    """Somebody changed it first. Look at `current`, then decide again."""

    current: Node | None = given("The row as it is now; null when the viewer has lost sight of it.")


@shape()
class IdempotencyConflict(Problem):
    """The same idempotency key was used before for a different request."""


@shape()
class ChartLocked(Problem):
    """The session's notes are being assembled, are in review, or are locked.

    Attendance may still change in review: that takes the chart back to drafting.
    """

    chart: Annotated[Chart, strawberry.lazy("schema.charting.shapes")] | None = given(
        "Null where the viewer may not see charts."
    )
