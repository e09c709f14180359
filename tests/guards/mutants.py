"""The rules of access with one of them taken away: each table's for each kind of viewer, its wall, and each reason."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from tortoise.models import Model

from resolvers import access
from resolvers.access import holding, rules
from resolvers.access.rooms import audit, charting
from resolvers.appointments import streams
from resolvers.reading.asking import Asking, Row
from resolvers.reading.dialects import DIALECTS
from resolvers.viewer import Scope

Mutant = Callable[[pytest.MonkeyPatch], None]
SCOPES = {name: Scope(**{name: True}) for name in Scope._fields}
REASONS: list[Callable[..., Any]] = [
    access.holds,
    holding.my_client,
    access.i_hold,
    access.known_to_provider,
    holding.my_session,
    holding.ever_mine,
    access.in_full,
    access.full_name,
    access.sees_client,
    access.about_client,
    access.named_by,
    access.in_detail,
    audit._own,
    charting._my_note,
]
"""What the rules of several tables are made of."""
DOORS = [
    access.may_create_client,
    access.may_create_group,
    access.may_schedule,
    access.may_take_payment,
    access.may_create_template,
    access.may_create_service_code,
    access.may_break_glass,
]


def instead(replacement: Callable[..., object], *, of: Callable[..., object]) -> Mutant:
    """Put another function in the place of one, in every module that took it by name."""

    def put(monkeypatch: pytest.MonkeyPatch) -> None:
        for module in [m for name, m in sys.modules.items() if name.startswith("resolvers.")]:
            for name in [name for name, value in vars(module).items() if value is of]:
                monkeypatch.setattr(module, name, replacement)

    return put


def kinds() -> dict[str, Callable[[], dict[str, Mutant]]]:
    """Give them by what they are of; they are made when the database is open, as tables have no columns before."""
    found: dict[str, Callable[[], dict[str, Mutant]]] = {}
    for does, of in (("sees", access.VISIBLE), ("changes", access.CHANGEABLE)):
        for model in of:
            found[f"who {does} {model.__name__}"] = partial(_of_table, of, model, does)
    found["walls"] = lambda: {
        f"no wall round {model.__name__}": _put(access.VISIBLE, model, _without_wall(rule))
        for model, rule in access.VISIBLE.items()
    }
    found["reasons"] = lambda: (
        {f"{reason.__name__} is always so": instead(_true, of=reason) for reason in REASONS}
        | {
            "what is opened in an emergency is open to all of the office": instead(_opened, of=charting._opened),
            "everybody hears of all that happens in sessions": instead(_heard, of=streams._heard),
        }
    )
    found["doors"] = lambda: {f"{door.__name__} lets everybody in": instead(_nothing, of=door) for door in DOORS}
    return found


def _of_table(of: dict[type[Model], access.Rule], model: type[Model], does: str) -> dict[str, Mutant]:
    rule = of[model]
    return {
        f"{name} {does} every {model.__name__}": _put(of, model, _open_to(name, rule, does))
        for name, scope in SCOPES.items()
        if _written(rule, model, scope) != _written(_open_to(name, rule, does), model, scope)
    }


def _written(rule: access.Rule, model: type[Model], scope: Scope) -> str:
    ask = Asking(DIALECTS["sqlite"], scope)
    return rule(ask.row(model), ask)


def _put(of: dict[type[Model], access.Rule], model: type[Model], rule: access.Rule) -> Mutant:
    return lambda monkeypatch: monkeypatch.setitem(of, model, rule)


def _open_to(name: str, rule: access.Rule, does: str) -> access.Rule:
    def opened(row: Row, q: Asking) -> str:
        if not getattr(q.scope, name):
            return rule(row, q)
        return "true" if does == "changes" or "practice_id" not in row._columns else rules.in_practice(row, q, "true")

    return opened


def _without_wall(rule: access.Rule) -> access.Rule:
    def open_to_others(row: Row, q: Asking) -> str:
        column = row.practice_id if "practice_id" in row._columns else row.id
        return rule(row, q).replace(f"{column}={q.viewer('practice_id')}", "true")

    return open_to_others


def _true(*_: object) -> str:
    return "true"


def _nothing(*_: object) -> None:
    return None


def _opened(_client_id: str, q: Asking) -> list[str]:
    return ["true"] if q.scope.admin else []


def _heard(*_: object) -> Iterator[str]:
    yield "true"
