"""The messages of graphql-transport-ws that a client may send, checked before anything reads them."""

from __future__ import annotations

from typing import Any

import orjson


class Malformed(Exception):
    """The message is none of the protocol's, so the socket closes with 4400 and this reason."""


def message_in(text: str) -> dict[str, Any]:
    """Read a message and check all of it but the operation that a `subscribe` carries."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed("The message is not valid JSON") from error
    if not isinstance(message, dict):
        raise Malformed("The message must be a JSON object")
    match message.get("type"):
        case "connection_init" | "ping" | "pong":
            if not isinstance(message.get("payload"), dict | None):
                raise Malformed("`payload` must be an object or null")
        case "subscribe" | "complete":
            if not isinstance(message.get("id"), str) or not message["id"]:
                raise Malformed("`id` must be a string that is not empty")
        case _:
            raise Malformed("`type` is none that a client may send")
    return message
