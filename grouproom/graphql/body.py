"""Reading a request's body, within a size and a time."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from grouproom.graphql.errors import refusal

# The rest of the body may still be under way, so the connection carries no further request.
_CLOSE = {"Connection": "close"}


async def body_of(request: Request, most: int, seconds: float) -> bytes:
    """Read all of it, or refuse one that is longer than `most` bytes or takes longer than `seconds`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > most:
        raise _too_long(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_long(most)
    except TimeoutError as error:
        raise refusal("The request took too long to arrive.", status=408, headers=_CLOSE) from error
    return bytes(body)


def _too_long(most: int) -> Exception:
    return refusal(f"A request may hold at most {most} bytes.", status=413, headers=_CLOSE)
