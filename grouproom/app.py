"""The application: its routes, its life, and how its floors are put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

import schema
from grouproom.auditor import Auditor
from grouproom.graphql import GraphQLApp
from grouproom.packages import refuse_foreign_packages
from grouproom.secret import read_secret
from grouproom.settings import Settings, read_settings
from grouproom.signin import viewer_of
from grouproom.worker import Worker
from models.audit.verify import refuse_other_secret
from models.database import close_database, fetch, open_database
from models.migrate import refuse_newer
from models.secret import use_secret
from models.unit_of_work import drain
from resolvers.practice.sign_in import SIGNED_IN_FOR
from schema.streams import Streams
from subscriptions.hub import Hub


def create_app(settings: Settings) -> Starlette:
    """Build the application; the database is opened when it starts, and closed when it ends."""
    refuse_foreign_packages()
    built, reader = schema.build_schema()
    kept_for = timedelta(hours=settings.event_hours)
    hub = Hub(settings.broadcast_url or _own_wire(settings.database_url), kept_for=kept_for)
    worker = Worker()
    auditor = Auditor(kept_for)
    graphql = GraphQLApp(
        built,
        viewer_of,
        streams=Streams(built._schema, reader, hub),  # noqa: SLF001 - graphql-core's schema has no other name
        allowed_origins=settings.allowed_origins,
        cookie_seconds=int(SIGNED_IN_FOR.total_seconds()),
        idle_seconds=settings.idle_minutes * 60,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await open_database(settings.database_url)
        try:
            await refuse_newer()
            use_secret(read_secret(settings))
            await refuse_other_secret()
            await hub.start()
            worker.start()
            auditor.start()
            yield
            await worker.stop()
            await hub.stop()
            await drain()
            await auditor.stop()
        finally:
            await close_database()

    return Starlette(
        routes=[
            Route("/", _welcome, methods=["GET"]),
            Route("/healthz", _healthy, methods=["GET"]),
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.allowed_origins),
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
                allow_credentials=True,
            )
        ],
        lifespan=lifespan,
    )


def _own_wire(database_url: str) -> str:
    """Give the wire that needs nothing more: SQLite is polled, and PostgreSQL wakes by itself."""
    return "memory://" if database_url.startswith("sqlite") else database_url.replace("postgresql://", "postgres://", 1)


def app_from_environment() -> Starlette:
    """Build the application as each worker does, from the environment."""
    return create_app(read_settings())


def _welcome(_: Request) -> Response:
    return PlainTextResponse("Grouproom speaks GraphQL at /graphql, over HTTP and graphql-transport-ws.\n")


async def _healthy(_: Request) -> Response:
    try:
        await fetch("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever it is, this process cannot serve now
        return PlainTextResponse("The database does not answer.\n", status_code=503)
    return PlainTextResponse("ok\n")
