"""Identifiers: what a row is called inside, and what it is called outside."""

from __future__ import annotations

import re
import secrets
import time
from datetime import datetime
from uuid import UUID

_WIRE_ID = re.compile(r"([a-z]{3})_([0-9a-f]{32})", re.ASCII)


def uuid7(moment: datetime | None = None) -> UUID:
    """Give a new identifier that sorts by its moment and has 74 bits that nobody can guess (RFC 9562, version 7)."""
    milliseconds = int(moment.timestamp() * 1000) if moment else time.time_ns() // 1_000_000
    noise = secrets.randbits(74)
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    return UUID(int=value)


def wire_id(prefix: str, row_id: UUID) -> str:
    """Give the id as clients know it: a prefix that says the type, and the row's UUID in hex."""
    return f"{prefix}_{row_id.hex}"


def parse_id(text: str) -> tuple[str, UUID] | None:
    """Split a client's id into its prefix and the row's UUID; None when it is not of that form."""
    match = _WIRE_ID.fullmatch(text)
    return (match[1], UUID(hex=match[2])) if match else None


def row_id(prefix: str, text: str) -> UUID | None:
    """Give the row's UUID when `text` is an id of the type `prefix`; an id of another type is the same as none."""
    parsed = parse_id(text)
    return parsed[1] if parsed and parsed[0] == prefix else None
