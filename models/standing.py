"""Rows as they stand in the database, whatever somebody put there: for what verifies them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.sqlite.client import SqliteClient

from models.database import connection, dialect, fetch
from models.ids import wire_id
from models.sqlite_client import Undecoded, fetch_undecoded, moment

NOT_OURS = (ValueError, TypeError, OverflowError, AttributeError)
"""What is raised where a value is parsed, hashed or sealed that is nothing that was ever written."""
_LONGEST = 40


async def fetch_as_it_stands(sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Fetch rows of which any may be unreadable: on SQLite, text that is no UTF-8 is given as `Undecoded`."""
    client = connection()
    if isinstance(client, SqliteClient):
        return await fetch_undecoded(client, sql.replace("$", "?"), values)
    return await fetch(sql, list(values))


def selected(of: str, columns: str) -> str:
    """Name these columns in a SELECT. Of moments, PostgreSQL knows more than Python does: there, they are texts."""
    as_text = "CAST({}.{} AS text) AS {}" if dialect() == "postgres" else "{}.{}"
    return ",".join(
        (as_text if _is_moment(column) else "{}.{}").format(of, column, column) for column in columns.split(",")
    )


def places(values: Sequence[Any]) -> str:
    """Give the places of these values, as they were fetched, in a statement."""
    return ",".join(
        f"CAST(${n} AS TEXT)" if isinstance(value, Undecoded) else f"${n}" for n, value in enumerate(values, 1)
    )


def parsed(column: str, value: Any) -> Any:
    """Give the id or moment that stands in a column so called, and anything else as it is.

    It is one of `NOT_OURS` in another spelling than the one that is written: SQLite keeps any, and nobody finds it.
    """
    if value is None or isinstance(value, UUID) or not (_is_id(column) or _is_moment(column)):
        return value
    known = UUID(value) if _is_id(column) else datetime.fromisoformat(value)
    if dialect() == "sqlite" and value != (str(known) if isinstance(known, UUID) else moment(known)):
        raise ValueError(column)
    return known


def named(prefix: str, value: Any) -> str:
    """Give the wire id of a row whose id this is; where it is nothing like an id, as it stands, and cut."""
    try:
        return wire_id(prefix, UUID(str(value)))
    except ValueError:
        return shown(value)


def shown(value: Any) -> str:
    """Give what stands there as a terminal can show it, and cut."""
    return ascii(value).strip("'")[:_LONGEST]


def readable(text: str) -> str:
    """Give a text as a terminal can show it: what would move or hide something there is spelled out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _is_id(column: str) -> bool:
    return column == "id" or column.endswith("_id")


def _is_moment(column: str) -> bool:
    return column.endswith("_at")
