"""Seals: a hash can be made anew by whoever alters a note, and a seal only with the secret outside of the database."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import orjson

from models.secret import key_for


def seal_of(*, note: UUID, practice: UUID, chart: UUID, chain_no: int | str, created_at: str, content_hash: str) -> str:
    """Give the HMAC-SHA256, in hex, over a locked note's hash and what that says nothing of."""
    return _seal(
        {
            "note": note.hex,
            "practice": practice.hex,
            "chart": chart.hex,
            "chain_no": str(chain_no),
            "created_at": created_at,
            "content_hash": content_hash,
        }
    )


def seal_of_addendum(*, addendum: UUID, practice: UUID, content_hash: str) -> str:
    """Give the HMAC-SHA256, in hex, over an addendum's hash, in which all else is that is said of it."""
    return _seal({"addendum": addendum.hex, "practice": practice.hex, "content_hash": content_hash})


def _seal(content: dict[str, str]) -> str:
    written = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hmac.new(key_for("notes"), written, hashlib.sha256).hexdigest()
