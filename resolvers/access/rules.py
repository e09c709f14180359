"""What may be seen and what may be changed: one rule for each table, put here by the rooms."""

from __future__ import annotations

from collections.abc import Callable

from tortoise.models import Model

from resolvers.reading.asking import Asking, Row

Rule = Callable[[Row, Asking], str]

VISIBLE: dict[type[Model], Rule] = {}
"""Which rows of a table a viewer sees."""
CHANGEABLE: dict[type[Model], Rule] = {}
"""Which of the rows that they see a viewer may change."""


def visible(*models: type[Model]) -> Callable[[Rule], Rule]:
    """Make a function the rule by which rows of these tables are seen."""
    return _put(VISIBLE, models)


def changeable(*models: type[Model]) -> Callable[[Rule], Rule]:
    """Make a function the rule by which rows of these tables are changed."""
    return _put(CHANGEABLE, models)


def _put(rules: dict[type[Model], Rule], models: tuple[type[Model], ...]) -> Callable[[Rule], Rule]:
    def put(rule: Rule) -> Rule:
        rules.update(dict.fromkeys(models, rule))
        return rule

    return put


def any_of(*rules: str) -> str:
    """Give the condition that one of these is true; false where there is none."""
    return " OR ".join(rules) or "false"


def in_practice(row: Row, q: Asking, *rules: str) -> str:
    """Give the condition that the row is of the viewer's practice, and that one of these is true."""
    return f"{row.practice_id}={q.viewer('practice_id')} AND ({any_of(*rules)})"
