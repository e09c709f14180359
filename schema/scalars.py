"""The scalars, in the one form in which each is written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from models.base import wire_moment
from models.problems import BadInput

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _write_moment(value: Any) -> str:
    return wire_moment(value) if isinstance(value, datetime) else str(value)


def _read_moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise BadInput("A moment is written as in RFC 3339 with an offset, such as 2026-11-23T16:00:00Z.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput("There is no such moment.") from None


def _write_day(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read_day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise BadInput("A day is written as in ISO 8601, such as 2026-11-23.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadInput("There is no such day.") from None


RichText = NewType("RichText", str)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("Rich text is a text.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    RichText: strawberry.scalar(
        name="RichText",
        description="Rich text as a small subset of HTML: h1-h6, p, strong, em, u, small, ul, ol, li, br, and on blocks"
        ' class="indent-1" to "indent-8". At most 100,000 characters; no text is "". Anything else is removed on the'
        " way in, nothing is added, and what is stored comes back unchanged.",
        specified_by_url="https://html.spec.whatwg.org/multipage/syntax.html",
        serialize=str,
        parse_value=_read_text,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, as in RFC 3339 with an offset: 2026-11-23T16:00:00Z. Answers are in UTC.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_write_moment,
        parse_value=_read_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day without a time, as in ISO 8601: 2026-11-23.",
        specified_by_url="https://www.iso.org/iso-8601-date-and-time-format.html",
        serialize=_write_day,
        parse_value=_read_day,
    ),
}
