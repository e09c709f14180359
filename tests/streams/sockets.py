"""Streams over real sockets: a server in this loop, and clients that may refuse to read."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection

from grouproom.graphql import GraphQLApp
from grouproom.signin import viewer_of
from tests.client import Person
from tests.streams.follower import Hall
from tests.wire.talk import hear
from tests.wire.talk import socket as opened

SMALL = 2**13
"""Bytes that a machine holds for a connection where nobody reads: few, so that a few texts are too many."""


@asynccontextmanager
async def serving(hall: Hall) -> AsyncIterator[str]:
    """Serve the whole schema on the hall's hub, in this loop."""
    app = GraphQLApp(hall.schema, viewer_of, streams=hall.streams)
    routes = [Route("/graphql", app), WebSocketRoute("/graphql", app)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off", ws="websockets-sansio")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        listener.bind(("127.0.0.1", 0))
        await server.startup(sockets=[listener])
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}/graphql"
        finally:
            server.force_exit = True
            await server.shutdown(sockets=[listener])


@asynccontextmanager
async def socket_of(person: Person, served: str) -> AsyncIterator[ClientConnection]:
    """Open a socket that reads at once whatever comes."""
    payload = {"authorization": f"Bearer {person.token}"} if person.token else {}
    async with opened(served, payload, max_queue=None) as ws:
        yield ws


@asynccontextmanager
async def lazy_socket_of(person: Person, served: str) -> AsyncIterator[ClientConnection]:
    """Open a socket that takes next to nothing until it is asked to."""
    address = served.partition("/")[0].rpartition(":")
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        own.connect((address[0], int(address[2])))
        own.settimeout(0)
        async with opened(
            served, {"authorization": f"Bearer {person.token}"}, sock=own, max_queue=1, max_size=None, close_timeout=0.1
        ) as ws:
            yield ws


async def told(ws: ClientConnection) -> Any:
    """Give the next change that comes over the socket."""
    message = await hear(ws)
    assert message["type"] == "next", message
    return message["payload"]["data"]["calendarChanges"]
