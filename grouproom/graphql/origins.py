"""Which pages may act with the sign-in of the browser they are in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from strawberry.http.websocket_origin import is_same_origin, normalize_origin


def is_foreign(headers: Mapping[str, str], allowed: Collection[str]) -> bool:
    """Whether the request comes from a page that is neither ours nor allowed.

    Browsers say where a POST or a socket comes from; what says nothing is no browser, and has no cookie but its own.
    The rule is the one that Strawberry has for sockets; `allowed` holds origins as browsers write them.
    """
    origin = headers.get("origin")
    if origin is None or headers.get("sec-fetch-site") == "same-origin" or is_same_origin(origin, headers.get("host")):
        return False
    return "*" not in allowed and normalize_origin(origin) not in allowed
