"""Marks by which the log of audit hears of the rows that an answer shows: the statement writes them beside the rows."""

from __future__ import annotations

import re

from resolvers.access.whose import whose_record
from resolvers.reading.asking import Asking, Row, table_of
from resolvers.reading.shapes import Shape
from resolvers.reading.text import Text

# No response key begins with a space.
_TAG = " o"
# Ends the mark of a row that is shown together with the row of the client whom it names.
_WITH_CLIENT = "+"
UNMARKED = f'"{_TAG}":null'
# No text of anybody's can hold it: in JSON its quotes would be escaped.
_SHOWN = re.compile(f'"{_TAG}":"([^"]+)"')


def mark_of(shape: Shape, row: Row, ask: Asking, *, with_client: bool = False) -> Text | None:
    """Give the mark of a row that is shown: its table, its id and whose record it is in; None where it is no PHI."""
    if shape.model is None or not shape.phi:
        return None
    table = table_of(shape.model).strip('"')
    text = Text().say(f'"{_TAG}":"{table}/').put(f"CAST({row.id} AS TEXT)").say("/")
    if whose := whose_record(shape.model, row, ask):
        named = f"CAST({whose} AS TEXT)"
        text.put(named if names_a_client(shape, row, ask) else f"coalesce({named},'')")
    return text.say(f'{_WITH_CLIENT}"' if with_client else '"')


def names_a_client(shape: Shape, row: Row, ask: Asking) -> bool:
    """Whether the row is in the record of the one client that it always points to."""
    if shape.model is None or not shape.phi or not row.always("client_id"):
        return False
    return whose_record(shape.model, row, ask) == row.client_id


def shown_in(text: str) -> list[str]:
    """Give the marks that stand in an answer's text, each once."""
    return list(dict.fromkeys(_SHOWN.findall(text)))
