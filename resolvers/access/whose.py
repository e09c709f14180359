"""In whose records a row is that is shown: what the log of audit says of readings."""

from __future__ import annotations

from tortoise.models import Model

from models import Appointment, Chart, ChartNote, Client, Payment
from models.attendance import CHARTED
from resolvers.access.holding import in_full
from resolvers.reading.asking import Asking, Row, columns_of, table_of

_ABOVE: dict[str, type[Model]] = {"note_id": ChartNote, "payment_id": Payment}
"""In whose record a row is that names no client itself, by the row that it belongs to."""


def whose_record(model: type[Model], row: Row, q: Asking) -> str | None:
    """Give the ids of the clients in whose records the row is, in SQL, with commas; None where its table names none.

    That a client's row is in their own record goes without saying.
    """
    if model is Client:
        return None
    if model is Chart:
        # What it says to all goes into the record of each of them.
        ids = q.dialect.strung("CAST(o.client_id AS TEXT)", ("o.client_id",))
        return f"(SELECT {ids} FROM attendance o WHERE o.appointment_id={row.appointment_id} AND {CHARTED})"
    columns = columns_of(model)
    if "client_id" not in columns:
        above = next((column for column in _ABOVE if column in columns), None)
        if above is None:
            return None
        return f"(SELECT o.client_id FROM {table_of(_ABOVE[above])} o WHERE o.id={getattr(row, above)})"
    if model is Appointment and (known := in_full(row, q)) != "true":
        # Whoever sees only that the time is taken has not seen whose session it is.
        return f"CASE WHEN {known} THEN {row.client_id} END"
    return row.client_id
