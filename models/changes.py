"""What the running unit of work changes, row by row: noted as it is written, for the log of audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tortoise.models import Model

from models.unit_of_work import current_unit, inside_unit_of_work


class Verb(StrEnum):
    """What is done to a row."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Change:
    """One row, what is done to it, and which of its columns that is about; none where it is all of them."""

    row: Model
    verb: Verb
    columns: tuple[str, ...] = ()


def note_changes(rows: Iterable[Model], verb: Verb, columns: Iterable[str] | None = None) -> None:
    """Note a change of these rows; outside of a unit of work nobody asks for it."""
    if inside_unit_of_work():
        named = tuple(columns or ())
        changes().extend(Change(row, verb, named) for row in rows)


def changes() -> list[Change]:
    """Give what the running unit of work has changed so far."""
    found: list[Change] = current_unit().kept.setdefault("changes", [])
    return found
