"""Many row ids in little room: 16 bytes each, as base64, by table."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from uuid import UUID

import orjson


def pack(rows: Mapping[str, Iterable[str]]) -> str:
    """Give row ids by table as one text; the ids of a table in their order, each once."""
    packed = {table: b64encode(bytes.fromhex("".join(ids).replace("-", ""))).decode() for table, ids in rows.items()}
    return orjson.dumps(packed).decode()


def unpack(text: str) -> dict[str, list[UUID]]:
    """Give back what was packed."""
    found: dict[str, list[UUID]] = {}
    for table, ids in orjson.loads(text).items():
        raw = b64decode(ids)
        found[table] = [UUID(bytes=raw[n : n + 16]) for n in range(0, len(raw), 16)]
    return found
