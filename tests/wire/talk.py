"""Speaking graphql-transport-ws as a client does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.wire.toy import GOOD

BEARER = {"Authorization": f"Bearer {GOOD}"}
PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def socket(served: str, payload: object = BEARER, **settings: Any) -> AsyncIterator[ClientConnection]:
    """Open a socket and have it acknowledged."""
    async with connect(f"ws://{served}", subprotocols=[PROTOCOL], compression=None, **settings) as ws:
        await say(ws, type="connection_init", payload=payload)
        assert await hear(ws) == {"type": "connection_ack"}
        yield ws


@asynccontextmanager
async def bare(served: str, **settings: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{served}", subprotocols=[PROTOCOL], compression=None, **settings) as ws:
        yield ws


async def say(ws: ClientConnection, **message: Any) -> None:
    await ws.send(json.dumps(message))


async def subscribe(ws: ClientConnection, id_: str, query: str, **payload: Any) -> None:
    await say(ws, id=id_, type="subscribe", payload={"query": query, **payload})


async def hear(ws: ClientConnection) -> Any:
    """Receive one message, which must be a text frame."""
    async with asyncio.timeout(5):
        text = await ws.recv()
    assert isinstance(text, str)
    return json.loads(text)


async def drain(ws: ClientConnection) -> None:
    """Receive for as long as there is something to receive."""
    while True:
        await ws.recv()


async def closing(ws: ClientConnection) -> tuple[int, str]:
    """Receive until the server closes, and say how it did."""
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as closed:
            await drain(ws)
    frame = closed.value.rcvd
    assert frame is not None
    return frame.code, frame.reason
