"""Places in a practice's log of events, as clients keep them: sealed, so that they tell nobody how much happens there.

A place is a practice's id, a number, and the moment in which it was given: hidden under a key stream that a number
drawn by chance begins, and then authenticated, with HMAC-SHA256 in both parts. None can be made up, and the same place
never reads the same twice: who asks for it again and again does not learn whether something happened meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from uuid import UUID

from models.base import now
from models.secret import key_for

_NONCE, _PLACE, _TAG = 16, 32, 16


def seal(practice: UUID, seq: int) -> str:
    """Give a place in a practice's log as a text."""
    nonce = secrets.token_bytes(_NONCE)
    moment = int(now().timestamp())
    hidden = nonce + _hidden(practice.bytes + seq.to_bytes(8, "big") + moment.to_bytes(8, "big"), nonce)
    return (hidden + _tag(hidden)).hex()


def unseal(text: str) -> tuple[UUID, int, datetime] | None:
    """Give the practice and the number that were sealed, and when; None for what was not sealed here."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    if len(raw) != _NONCE + _PLACE + _TAG:
        return None
    hidden, tag = raw[:-_TAG], raw[-_TAG:]
    if not hmac.compare_digest(tag, _tag(hidden)):
        return None
    place = _hidden(hidden[_NONCE:], hidden[:_NONCE])
    moment = datetime.fromtimestamp(int.from_bytes(place[24:], "big"), UTC)
    return UUID(bytes=place[:16]), int.from_bytes(place[16:24], "big"), moment


def _tag(hidden: bytes) -> bytes:
    return hmac.digest(key_for("places: tag"), hidden, hashlib.sha256)[:_TAG]


def _hidden(place: bytes, nonce: bytes) -> bytes:
    stream = hmac.digest(key_for("places: stream"), nonce, hashlib.sha256)
    return bytes(a ^ b for a, b in zip(place, stream, strict=False))
