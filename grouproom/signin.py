"""Who is asking: the one way from a cookie or a bearer token to a viewer, for HTTP and for sockets."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from grouproom.graphql.cookies import COOKIE
from models.problems import Unauthenticated
from resolvers.practice.sign_in import holder
from resolvers.viewer import Viewer


async def viewer_of(headers: Mapping[str, str], params: Mapping[str, object] | None = None) -> Viewer | None:
    """Give who is signed in, None without any token; one that is not, or no longer, good is UNAUTHENTICATED.

    On a socket `params` is what `connection_init` carried, with its keys in lower case.
    """
    given = (params or {}).get("authorization") or headers.get("authorization")
    token = _bearer(given) if given else _cookie(headers.get("cookie", ""))
    if token is None:
        return None
    viewer = await holder(None, token)
    if viewer is None:
        raise Unauthenticated("This sign-in has ended. Sign in again.")
    return viewer


def _bearer(given: object) -> str:
    scheme, _, token = given.partition(" ") if isinstance(given, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send `Authorization: Bearer` and the token.")
    return token.strip()


def _cookie(header: str) -> str | None:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return found.value if found and found.value else None
