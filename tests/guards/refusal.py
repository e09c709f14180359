"""How a guard tells of one refusal: who asks for what, and how the answer is no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.guards.deeds import DEEDS, Input
from tests.week import Week

Before = Callable[[Week], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class No:
    """`says` is the problem's type, with the fields that it names; or an error's code."""

    mutation: str
    because: str
    by: str
    given: Input
    says: str
    after: Before | None = None
    """What has happened before, where the cast's own state is no reason."""

    def __str__(self) -> str:
        """Say it as a sentence."""
        return f"{self.mutation}: {self.because}"


def changed(mutation: str, **changes: object) -> Input:
    """Give the input of the mutation's deed with these fields changed; a callable is asked with the week."""
    deed = next(deed for deed in DEEDS if deed.mutation == mutation)

    def given(week: Week) -> dict[str, object]:
        return deed.usual(week) | {
            name: change(week) if callable(change) else change for name, change in changes.items()
        }

    return given
