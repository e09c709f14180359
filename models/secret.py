"""The secret of this installation, which is not in its database, and the keys that are made of it."""

from __future__ import annotations

import hashlib
import hmac

_secret: list[bytes] = []


def use_secret(secret: bytes) -> None:
    """Make all keys of this from now on."""
    _secret[:] = [secret]


def key_for(purpose: str) -> bytes:
    """Give the key for a purpose: from one of them nobody finds another, nor the secret."""
    if not _secret:
        raise RuntimeError("There is no secret yet.")
    return hmac.digest(_secret[0], purpose.encode(), hashlib.sha256)
