"""A client as anybody would write one: questions over HTTP, or as graphql-transport-ws over a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from itertools import count
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

Data = dict[str, Any]

PATIENCE = 10.0
"""Seconds within which an answer must come."""


class Speaker:
    """Whoever can put a document to the server, whichever way it goes."""

    async def answer(self, document: str, variables: Mapping[str, Any]) -> Data:
        """Give the whole answer."""
        raise NotImplementedError

    async def ask(self, document: str, /, **variables: Any) -> Data:
        """Give the data; there must be no error."""
        answer = await self.answer(document, variables)
        assert "errors" not in answer, answer["errors"]
        data: Data = answer["data"]
        return data

    async def do(self, document: str, /, **given: Any) -> Data:
        """Carry out the document's mutation with this input and give its payload; it must not be refused."""
        result = await self._result(document, given)
        assert result["__typename"].endswith("Payload"), result
        return result

    async def refused(self, problem: str, document: str, /, **given: Any) -> Data:
        """Expect the document's mutation to be refused with this problem, and give it."""
        result = await self._result(document, given)
        assert result["__typename"] == problem, result
        return result

    async def denied(self, code: str, document: str, /, **variables: Any) -> None:
        """Expect one error of this code, and no data."""
        answer = await self.answer(document, variables)
        assert [error["extensions"]["code"] for error in answer.get("errors", [])] == [code], answer
        assert not any((answer.get("data") or {}).values()), answer

    async def _result(self, document: str, given: Data) -> Data:
        [result] = (await self.ask(document, input=given)).values()
        assert result is not None
        found: Data = result
        return found


class Person(Speaker):
    """Somebody with a browser or an app: a bearer token, or whatever cookies the server sets."""

    def __init__(self, server: str, token: str | None = None) -> None:
        self.server = server
        self.token = token
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.http = httpx.AsyncClient(
            base_url=f"http://{server}",
            headers={"Accept": "application/graphql-response+json", **headers},
            timeout=PATIENCE,
            trust_env=False,
            verify=False,  # noqa: S501 - no TLS on loopback, and its setting up takes a while
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def answer(self, document: str, variables: Mapping[str, Any]) -> Data:
        """Give the whole answer, over HTTP."""
        response = await self.http.post("/graphql", json={"query": document, "variables": variables})
        answer: Data = response.json()
        return answer

    @asynccontextmanager
    async def socket(self, *, key: str = "authorization", origin: str | None = None) -> AsyncIterator[Socket]:
        """Open a socket as this person: with the token under this key, or else with the cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        async with connect(
            f"ws://{self.server}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            origin=None if origin is None else Origin(origin),
            additional_headers={"Cookie": cookies} if cookies else None,
            proxy=None,
        ) as connection:
            socket = Socket(connection)
            await socket.begin({} if self.token is None else {key: f"Bearer {self.token}"})
            reading = asyncio.create_task(socket.read())
            try:
                yield socket
            finally:
                reading.cancel()

    async def subscribe(self, document: str, /, **variables: Any) -> AsyncGenerator[Data, None]:
        """Give the data of every result until the operation ends, over a socket of its own."""
        async with self.socket() as socket, aclosing(socket.subscribe(document, **variables)) as results:
            async for data in results:
                yield data


class Socket(Speaker):
    """A socket that the server has acknowledged; operations on it run side by side, and one task reads for them all."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.numbers = count(1)
        self.heard: dict[str, asyncio.Queue[Data | ConnectionClosed]] = {}

    async def begin(self, payload: Data) -> None:
        """Say who it is, and hear that it is taken."""
        await self._say(type="connection_init", payload=payload)
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await self.connection.recv()) == {"type": "connection_ack"}

    async def read(self) -> None:
        """Hand what comes to the operation that it is for, until the connection is closed."""
        try:
            while True:
                message = json.loads(await self.connection.recv())
                if message.get("id") in self.heard:
                    self.heard[message["id"]].put_nowait(message)
        except ConnectionClosed as closed:
            for heard in self.heard.values():
                heard.put_nowait(closed)

    async def answer(self, document: str, variables: Mapping[str, Any]) -> Data:
        """Give the one result of a query or mutation."""
        async with aclosing(self.results(document, variables)) as results:
            [only] = [result async for result in results]
        return only

    async def subscribe(self, document: str, /, **variables: Any) -> AsyncGenerator[Data, None]:
        """Give the data of every result until the operation ends."""
        async with aclosing(self.results(document, variables)) as results:
            async for result in results:
                assert "errors" not in result, result["errors"]
                yield result["data"]

    def stream(self, document: str, /, **variables: Any) -> Stream:
        """Begin an operation that stays open, to be read a piece at a time."""
        return Stream(self.results(document, variables))

    async def results(self, document: str, variables: Mapping[str, Any]) -> AsyncGenerator[Data, None]:
        """Give every result until the operation ends; who stops listening completes it."""
        operation = str(next(self.numbers))
        self.heard[operation] = asyncio.Queue()
        running = True
        try:
            await self._say(id=operation, type="subscribe", payload={"query": document, "variables": variables})
            while running:
                message = await self._hear(operation)
                running = message["type"] == "next"
                if message["type"] == "error":
                    yield {"errors": message["payload"]}
                elif running:
                    yield message["payload"]
        finally:
            del self.heard[operation]
            if running:
                await self._complete(operation)

    async def _complete(self, operation: str) -> None:
        try:
            await self._say(id=operation, type="complete")
        except ConnectionClosed:
            return

    async def _hear(self, operation: str) -> Data:
        async with asyncio.timeout(PATIENCE):
            message = await self.heard[operation].get()
        if isinstance(message, ConnectionClosed):
            raise message
        return message

    async def _say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))


class Stream:
    """An operation that stays open: what comes is kept until somebody asks for what comes next."""

    def __init__(self, results: AsyncGenerator[Data, None]) -> None:
        self.results = results

    async def next(self) -> Data:
        """Give what comes next, the one field of its data."""
        result = await anext(self.results)
        assert "errors" not in result, result["errors"]
        [told] = result["data"].values()
        found: Data = told
        return found

    async def ends(self, code: str) -> None:
        """Expect that after what was on its way nothing comes but the end, for this reason."""
        *_, last = [result async for result in self.results]
        assert [error["extensions"]["code"] for error in last.get("errors", [])] == [code], last

    async def aclose(self) -> None:
        """Take it back."""
        await self.results.aclose()
