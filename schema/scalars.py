"""The scalars, in the one form in which each is written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import strawberry
from strawberry.types.scalar import ScalarDefinition

from models.problems import BadInput

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _write_moment(value: Any) -> str:
    if isinstance(value, datetime):
        text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
        return f"{text}Z"
    return str(value)


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


SCALARS: dict[object, ScalarDefinition] = {
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
