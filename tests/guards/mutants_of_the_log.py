"""What the log of audit says of whose record a row is in, with one reason taken away: a plugin of pytest's.

`python -m pytest -p tests.guards.mutants_of_the_log` with a name in `MUTANT` runs tests as if the code were so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from types import ModuleType

import pytest
from tortoise.models import Model

from models import Appointment, Chart, ChartWarning
from models.audit import tracing
from resolvers import acting
from resolvers.access import whose
from resolvers.reading import marks, run
from resolvers.reading.asking import Asking, Row, columns_of
from schema import reads, signing, streams

Mutant = Callable[[pytest.MonkeyPatch], None]
VARIABLE = "MUTANT"


def _client_of(row: Row, _q: Asking) -> str:
    return row.client_id


def _nobody(*_: object) -> None:
    return None


def _rule(model: type[Model], rule: Callable[[Row, Asking], str | None], patch: pytest.MonkeyPatch) -> None:
    patch.setitem(whose._RULES, model, rule)


def _not_above(column: str, patch: pytest.MonkeyPatch) -> None:
    patch.delitem(whose._ABOVE, column)


def _without_clients(patch: pytest.MonkeyPatch) -> None:
    def columns(model: type[Model]) -> dict[str, str]:
        return {name: kind for name, kind in columns_of(model).items() if name != "client_id"}

    patch.setattr(whose, "columns_of", columns)


def _not_written(column: str, patch: pytest.MonkeyPatch) -> None:
    patch.delitem(tracing._WHOSE, column)


def _not_of_its_own(table: str, patch: pytest.MonkeyPatch) -> None:
    patch.delitem(tracing._OWN_ID, table)


def _in_somebodys(table: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tracing, "_NOBODYS", tracing._NOBODYS - {table})


def _shown_is_changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tracing, "named_by", lambda _: set())


def _nothing_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(acting, "trace", lambda asked, _shown: tracing.trace(asked, []))


def _first_row_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run, "shown_in", lambda text: marks.shown_in(text)[:1])


def _never(module: ModuleType, name: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, name, _nobody)


MUTANTS: dict[str, Mutant] = {
    "a busy time is in the record of whose it is": partial(_rule, Appointment, _client_of),
    "a session alone is in nobody's": partial(_rule, Appointment, _nobody),
    "a chart is in nobody's": partial(_rule, Chart, _nobody),
    "a warning is in the record of the first whom it names": partial(_rule, ChartWarning, _client_of),
    "what belongs to a note is in nobody's": partial(_not_above, "note_id"),
    "what belongs to a payment is in nobody's": partial(_not_above, "payment_id"),
    "no row is in the record of whom it names": _without_clients,
    "what is shown beside a change is taken for changed": _shown_is_changed,
    "what a change shows is not said": _nothing_shown,
    "of what a reading shows only the first is said": _first_row_only,
    "readings are not noted": partial(_never, reads, "note"),
    "what a stream tells is not noted": partial(_never, streams, "note_delivery"),
    "streams that are refused are not noted": partial(_never, streams, "note"),
    "what is refused is not noted": partial(_never, acting, "note"),
    "what signing in shows is not noted": partial(_never, signing, "note"),
    "changes are not noted": partial(_never, acting, "trace"),
    # No part of a payment is changed without the payment, which names its client.
    **{
        f"a change is not traced by its {column}": partial(_not_written, column)
        for column in tracing._WHOSE
        if column != "payment_id"
    },
    **{f"a change of {table} is not traced by itself": partial(_not_of_its_own, table) for table in tracing._OWN_ID},
    **{f"a change of {table} is in somebody's": partial(_in_somebodys, table) for table in sorted(tracing._NOBODYS)},
}


def pytest_configure() -> None:
    """Take it away before anything is compiled."""
    MUTANTS[os.environ[VARIABLE]](pytest.MonkeyPatch())
