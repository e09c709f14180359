"""Automatic persisted queries: a client that sends the hash of a document spares the document itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from grouproom.graphql.asked import Asked
from grouproom.graphql.errors import refusal
from grouproom.graphql.shelf import Shelf

KEPT = 1_000
KEPT_CHARACTERS = 4 * 2**20


class Persisted:
    """Texts by the SHA-256 of their UTF-8, while there is room: a client that is told "not found" sends both.

    Each practice has its own: whoever guesses what another one's documents ask does not learn whether it is so.
    """

    def __init__(self) -> None:
        """Know none."""
        self._texts = Shelf[str](KEPT, KEPT_CHARACTERS)

    def text(self, request: Asked, practice: UUID | None, prove: Callable[[str], object]) -> str:
        """Answer with the text asked for; one that came with its hash is kept once `prove` lets it pass."""
        given = (request.extensions or {}).get("persistedQuery")
        if given is None:
            return request.query or ""
        digest = given.get("sha256Hash") if isinstance(given, dict) else None
        if not isinstance(given, dict) or given.get("version") != 1 or not isinstance(digest, str):
            raise refusal("`persistedQuery` must hold `version` 1 and a `sha256Hash`.", status=400)
        key = f"{practice} {digest.lower()}"
        if request.query is None:
            kept = self._texts.get(key)
            if kept is None:
                # Clients compare the message and the code letter by letter, and look for them in a 200.
                raise refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND", status=200)
            return kept
        if hashlib.sha256(request.query.encode()).hexdigest() != digest.lower():
            raise refusal("The `sha256Hash` is not that of the query.", status=400)
        prove(request.query)
        self._texts.put(key, request.query, len(request.query))
        return request.query
