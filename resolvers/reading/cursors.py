"""Cursors: the sort keys of a row as the viewer may see them, so that one grants nothing and tells nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from models.problems import BadInput

_LONGEST = 8000


def _bad() -> BadInput:
    return BadInput("This cursor is not one of this list's: ask for the first page again.", field="after")


def parse_cursor(text: str, kinds: tuple[str, ...]) -> list[Any]:
    """Give the keys that a cursor holds; one that does not fit `kinds` is BAD_USER_INPUT."""
    try:
        if len(text) > _LONGEST:
            raise _bad()
        keys = orjson.loads(bytes.fromhex(text))
        if not isinstance(keys, list) or len(keys) != len(kinds):
            raise _bad()
        return [_key(value, kind) for value, kind in zip(keys, kinds, strict=True)]
    except (ValueError, TypeError) as error:
        raise _bad() from error


def _key(value: Any, kind: str) -> Any:
    if not isinstance(value, str) or "\0" in value:
        raise _bad()
    if kind == "uuid":
        return UUID(value)
    if kind == "timestamptz":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise _bad()
        return moment
    return date.fromisoformat(value) if kind == "date" else value
