"""A small schema and a small desk that signs people in: all that the wire needs to be tried without a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from socket import AF_INET, SOCK_STREAM, socket
from typing import Any
from uuid import UUID

import httpx
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry import Info

from grouproom.graphql import GraphQLApp
from grouproom.graphql.cookies import COOKIE
from models.practice import Role
from models.problems import BadInput, NotFound, Unauthenticated, Unavailable
from resolvers.viewer import Viewer
from schema.context import Context

AMARA = Viewer(practice_id=UUID(int=1), user_id=UUID(int=2), roles=frozenset({Role.PROVIDER}), provider_id=UUID(int=3))
GOOD = "a-good-token"
SECRET = "the words of a note"


@dataclass
class Desk:
    """Who holds which token, and what the resolvers below were seen to do."""

    tokens: dict[str, Viewer] = field(default_factory=lambda: {GOOD: AMARA})
    down: bool = False
    asked: int = 0
    contexts: list[Context] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def sign_in_of(self, headers: Mapping[str, str], params: Mapping[str, object] | None) -> Viewer | None:
        """Do what the real one does, from a dictionary instead of a database."""
        self.asked += 1
        if self.down:
            raise Unavailable
        given = (params or {}).get("authorization") or headers.get("authorization")
        cookies = dict(pair.strip().split("=", 1) for pair in headers.get("cookie", "").split(";") if "=" in pair)
        token = str(given).removeprefix("Bearer ") if given else cookies.get(COOKIE)
        if token is None:
            return None
        if token not in self.tokens:
            raise Unauthenticated
        return self.tokens[token]


desk = Desk()


def new_desk() -> Desk:
    """Forget what earlier tests did."""
    desk.__init__()  # type: ignore[misc]  # the resolvers below hold on to this very desk
    return desk


def signed_in(info: Info[Context, None]) -> Viewer:
    """Refuse as the real resolvers do."""
    desk.contexts.append(info.context)
    if info.context.viewer is None:
        raise Unauthenticated
    return info.context.viewer


@strawberry.type
class Person:
    name: str

    @strawberry.field
    def friends(self) -> list[Person]:
        return [Person(name="Ben"), Person(name="Chloe")]

    @strawberry.field
    def page(self, first: int | None = 20) -> PersonConnection:
        return PersonConnection(edges=[PersonEdge(node=Person(name="Ben"))])


@strawberry.type
class PersonEdge:
    node: Person


@strawberry.type
class PersonConnection:
    edges: list[PersonEdge]


@strawberry.type
class Query:
    @strawberry.field
    def viewer(self, info: Info[Context, None]) -> Person | None:
        desk.contexts.append(info.context)
        return Person(name="Amara") if info.context.viewer else None

    @strawberry.field
    def person(self, info: Info[Context, None], name: str = "Ada", born: datetime | None = None) -> Person | None:
        signed_in(info)
        return Person(name=name)

    @strawberry.field
    def people(self, info: Info[Context, None], first: int | None = 20) -> PersonConnection:
        signed_in(info)
        if first is not None and not 0 <= first <= 100:
            raise BadInput("`first` must be from 0 to 100.", field="first")
        return PersonConnection(edges=[])

    @strawberry.field
    def absent(self) -> Person | None:
        raise NotFound

    @strawberry.field
    def bug(self) -> Person | None:
        try:
            return {"Ada": Person(name="Ada")}[SECRET]
        except KeyError as error:
            raise ValueError(SECRET) from error

    @strawberry.field
    def null(self) -> Person:
        return None  # type: ignore[return-value]  # what the database might do to us

    @strawberry.field
    def huge(self) -> int:
        return 2**40


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign_in(self, info: Info[Context, None], email: str) -> str | None:
        desk.contexts.append(info.context)
        info.context.set_cookie = GOOD
        return GOOD if email else None

    @strawberry.mutation
    def sign_out(self, info: Info[Context, None]) -> bool | None:
        info.context.forget_cookie = True
        return True

    @strawberry.mutation
    async def slow(self, info: Info[Context, None]) -> bool | None:
        desk.entered.set()
        try:
            await desk.gate.wait()
        finally:
            desk.ended.set()
        return True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info[Context, None], to: int) -> AsyncGenerator[int, None]:
        signed_in(info)
        for number in range(to):
            yield number

    @strawberry.subscription
    async def wait(self, info: Info[Context, None], text: str = "") -> AsyncGenerator[str, None]:
        try:
            yield text
            await desk.gate.wait()
        finally:
            desk.ended.set()

    @strawberry.subscription
    async def flood(self) -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "x" * 2**20
        finally:
            desk.ended.set()

    @strawberry.subscription
    async def failing(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError(SECRET)


schema = strawberry.Schema(Query, Mutation, Subscription)


def make_app(**settings: Any) -> GraphQLApp:
    """Speak the toy schema."""
    return GraphQLApp(schema, desk.sign_in_of, **settings)


def browser(app: GraphQLApp, **settings: Any) -> httpx.AsyncClient:
    """Send requests to an app without a network."""
    settings = {"base_url": "https://house.example", **settings}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), **settings)


@asynccontextmanager
async def serving(app: GraphQLApp) -> AsyncIterator[str]:
    """Serve an app on a port of this machine, in this loop, for as long as the block lasts."""
    routes = [Route("/graphql", app), WebSocketRoute("/graphql", app)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off", ws="websockets-sansio")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        await server.startup(sockets=[listener])
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}/graphql"
        finally:
            server.force_exit = True
            await server.shutdown(sockets=[listener])
