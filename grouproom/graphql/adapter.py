"""A socket's frames: JSON as text both ways, each bounded in size or time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected

from grouproom.graphql.messages import Malformed, message_in

LONGEST_MESSAGE = 2**20
"""Characters of one message from a client, as much as an HTTP body may have bytes."""
LONGEST_REASON = 123
"""Bytes that RFC 6455 leaves for the reason in a close frame."""


class SocketAdapter(ASGIWebSocketAdapter):
    """Reads messages that are the protocol's, and gives up on a peer that takes none."""

    send_seconds: float = 15
    reader: asyncio.Task[Any] | None = None
    """Reads until the socket ends, and so ends it when it is cancelled."""
    stalled = False

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Read messages until one of the two sides closes."""
        while self.ws.application_state is WebSocketState.CONNECTED:
            frame = await self.ws.receive()
            if frame["type"] == "websocket.disconnect":
                return
            text = frame.get("text")
            if text is None:
                await self.close(4400, "A message must be a text frame")
            elif len(text) > LONGEST_MESSAGE:
                await self.close(1009, "The message is too big")
            else:
                try:
                    message = message_in(text)
                except Malformed as error:
                    await self.close(4400, str(error))
                else:
                    yield message

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message. A peer that does not take it in time loses the socket, and can resume on another."""
        # Text, since clients expect text frames. `default` because asyncpg's UUID is a subclass, which orjson refuses.
        await self.send_text(orjson.dumps(message, default=str).decode())

    async def send_text(self, text: str) -> None:
        """Send one message that is written already."""
        try:
            async with asyncio.timeout(self.send_seconds):
                await self.ws.send_text(text)
        except TimeoutError as error:
            self._give_up()
            raise WebSocketDisconnected from error
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, unless that was done already; a peer that takes nothing is not waited for."""
        try:
            async with asyncio.timeout(self.send_seconds):
                with suppress(WebSocketDisconnect, RuntimeError):
                    await self.ws.close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))
        except TimeoutError:
            self._give_up()

    def _give_up(self) -> None:
        self.stalled = True
        if self.reader is not None and self.reader is not asyncio.current_task():
            self.reader.cancel()
