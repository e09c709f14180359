"""The cookie that holds a browser's sign-in, out of reach of its scripts."""

from __future__ import annotations

from starlette.responses import Response

from schema.context import Context

COOKIE = "grouproom_token"


def bake(response: Response, context: Context, seconds: int) -> None:
    """Set the cookie for so long, or take it back, as the operation asked."""
    if context.set_cookie is not None and context.can_set_cookie:
        value, age = context.set_cookie, seconds
    elif context.forget_cookie:
        value, age = "", 0
    else:
        return
    response.set_cookie(COOKIE, value, max_age=age, secure=context.secure, httponly=True, samesite="strict")
