"""Places in a practice's log of events, as clients keep them: sealed, so that they tell nobody how much happens there.

A place is a practice's id and a number. It is hidden under a key stream that its own authentication tag begins (the
construction of SIV, with HMAC-SHA256 in both parts), so the same place always reads the same and none can be made up.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from models.secret import key_for

_TAG, _PLACE = 16, 24


def seal(practice: UUID, seq: int) -> str:
    """Give a place in a practice's log as a text."""
    place = practice.bytes + seq.to_bytes(8, "big")
    tag = _tag(place)
    return (tag + _hidden(place, tag)).hex()


def unseal(text: str) -> tuple[UUID, int] | None:
    """Give the practice and the number that were sealed; None for what was not sealed here."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    if len(raw) != _TAG + _PLACE:
        return None
    tag, place = raw[:_TAG], _hidden(raw[_TAG:], raw[:_TAG])
    if not hmac.compare_digest(tag, _tag(place)):
        return None
    return UUID(bytes=place[:16]), int.from_bytes(place[16:], "big")


def _tag(place: bytes) -> bytes:
    return hmac.digest(key_for("places: tag"), place, hashlib.sha256)[:_TAG]


def _hidden(place: bytes, tag: bytes) -> bytes:
    stream = hmac.digest(key_for("places: stream"), tag, hashlib.sha256)
    return bytes(a ^ b for a, b in zip(place, stream, strict=False))
