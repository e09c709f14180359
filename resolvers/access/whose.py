"""In whose record a row is that is shown: what the log of audit says of readings."""

from __future__ import annotations

from tortoise.models import Model

from models import Appointment, Client
from resolvers.access.holding import in_full
from resolvers.reading.asking import Asking, Row, columns_of


def whose_record(model: type[Model], row: Row, q: Asking) -> str | None:
    """Give the id of the client whose record the row is in, in SQL; None where its table names none."""
    if model is Client:
        return row.id
    if "client_id" not in columns_of(model):
        return None
    if model is Appointment and (known := in_full(row, q)) != "true":
        # Whoever sees only that the time is taken has not seen whose session it is.
        return f"CASE WHEN {known} THEN {row.client_id} END"
    return row.client_id
