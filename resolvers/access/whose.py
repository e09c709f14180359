"""In whose records a row is that is shown: what the log of audit says of readings."""

from __future__ import annotations

from collections.abc import Callable

from tortoise.models import Model

from models import Appointment, Chart, ChartNote, ChartWarning, Client, Payment
from models.attendance import CHARTED
from resolvers.access.holding import in_full
from resolvers.reading.asking import Asking, Row, columns_of, table_of

_ABOVE: dict[str, type[Model]] = {"note_id": ChartNote, "payment_id": Payment}
"""In whose record a row is that names no client itself, by the row that it belongs to."""


def whose_record(model: type[Model], row: Row, q: Asking) -> str | None:
    """Give the ids of the clients in whose records the row is, in SQL, with commas; None where its table names none."""
    if (rule := _RULES.get(model)) is not None:
        return rule(row, q)
    columns = columns_of(model)
    if "client_id" in columns:
        return row.client_id
    above = next((column for column in _ABOVE if column in columns), None)
    if above is None:
        return None
    return f"(SELECT o.client_id FROM {table_of(_ABOVE[above])} o WHERE o.id={getattr(row, above)})"


def _client(_row: Row, _q: Asking) -> None:
    """That it is in their own record goes without saying."""


def _appointment(row: Row, q: Asking) -> str:
    known = in_full(row, q)
    # Whoever sees only that the time is taken has not seen whose session it is.
    return row.client_id if known == "true" else f"CASE WHEN {known} THEN {row.client_id} END"


def _chart(row: Row, q: Asking) -> str:
    """What it says to all goes into the record of each of them."""
    ids = q.dialect.strung("CAST(o.client_id AS TEXT)", ("o.client_id",))
    return f"(SELECT {ids} FROM attendance o WHERE o.appointment_id={row.appointment_id} AND {CHARTED})"


def _warning(row: Row, _q: Asking) -> str:
    """It may name a second client."""
    one, other = (f"coalesce(CAST({client} AS TEXT),'')" for client in (row.client_id, row.named_id))
    return f"({one}||','||{other})"


_RULES: dict[type[Model], Callable[[Row, Asking], str | None]] = {
    Client: _client,
    Appointment: _appointment,
    Chart: _chart,
    ChartWarning: _warning,
}
