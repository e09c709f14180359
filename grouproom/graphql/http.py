"""GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from grouproom.graphql.adapter import SocketAdapter
from grouproom.graphql.asked import Asked, asked, asked_by_address, parse_json
from grouproom.graphql.body import body_of
from grouproom.graphql.cookies import COOKIE, bake
from grouproom.graphql.documents import Documents, spoken
from grouproom.graphql.errors import Refusal, refusal, tell, tell_fault
from grouproom.graphql.limits import Limits
from grouproom.graphql.negotiation import GRAPHQL, JSON, answered_in, is_json
from grouproom.graphql.origins import is_foreign
from grouproom.graphql.websocket import Handshake, SocketHandler, before_data
from models.audit import AuditChannel
from models.problems import Coded, Unauthenticated
from resolvers.viewer import Viewer
from schema.context import Context
from schema.streams import Streams

SignInOf = Callable[[Mapping[str, str], Mapping[str, object] | None], Awaitable[Viewer | None]]
"""From a request's headers, and on a socket its `connection_init` with keys in lower case: who is signed in.

None without credentials; raises Unauthenticated for a token that is not, or no longer, good.
"""


class GraphQLApp(GraphQL[Any, None]):
    """One schema over HTTP and graphql-transport-ws; mount it as a route and as a socket route."""

    websocket_adapter_class = SocketAdapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(  # noqa: PLR0913  each a setting by name
        self,
        schema: Schema,
        sign_in_of: SignInOf,
        *,
        streams: Streams | None = None,
        allowed_origins: Sequence[str] = (),
        limits: Limits | None = None,
        max_body: int = 2**20,
        body_seconds: float = 15,
        init_seconds: float = 10,
        max_operations: int = 100,
        cookie_seconds: int = 30 * 24 * 3600,
        idle_seconds: int | None = None,
    ) -> None:
        """Speak for a schema.

        `cookie_seconds` is how long a browser keeps its token; the sign-in may end before, and does so when nothing is
        asked for `idle_seconds`.
        """
        self.documents = Documents(schema, limits or Limits())
        super().__init__(
            spoken(schema, self.documents),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=init_seconds),
            max_subscriptions_per_connection=max_operations,
            allowed_origins=allowed_origins,
        )
        self.sign_in_of = sign_in_of
        self.streams = streams
        self.max_body, self.body_seconds = max_body, body_seconds
        self.cookie_seconds = cookie_seconds
        self.idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a socket."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        media = answered_in(request.headers.get("accept"))
        try:
            response = await self.answer(request, media)
        except ClientDisconnect:
            return
        except Refusal as refused:
            response = _response({"errors": refused.errors}, media, refused.status, refused.headers)
        except Exception as error:  # noqa: BLE001  logged without its text, told to nobody
            told = tell_fault(error)
            response = _response({"errors": [told]}, media, 503 if isinstance(error, Coded) else 500)
        await response(scope, receive, send)

    async def answer(self, request: Request, media: str | None) -> Response:
        """Execute one query or mutation."""
        if media is None:
            raise refusal(f"Answers are {GRAPHQL} or {JSON}.", status=406)
        question = await self.question(request)
        context = await self.context_of(request)
        admitted = self.documents.admit(question, context.viewer)
        if admitted.kind is OperationType.SUBSCRIPTION:
            raise refusal("Subscriptions are served over WebSocket, as graphql-transport-ws.", status=400)
        if request.method == "GET" and admitted.kind is not OperationType.QUERY:
            raise refusal("Send mutations by POST.", status=405, headers={"Allow": "POST"})
        result = await self.schema.execute(
            admitted.text,
            variable_values=question.variables,
            context_value=context,
            operation_name=admitted.name,
            operation_extensions=question.extensions,
        )
        if errors := before_data(result):
            raise Refusal([tell(error) for error in errors])
        data: dict[str, Any] = {"data": result.data}
        if result.errors:
            data["errors"] = [tell(error) for error in result.errors]
        if result.extensions:
            data["extensions"] = result.extensions
        response = _response(data, media)
        bake(response, context, self.cookie_seconds)
        return response

    async def question(self, request: Request) -> Asked:
        """Read what is asked, once method, media type and origin allow it."""
        by_cookie = COOKIE in request.cookies and "authorization" not in request.headers
        if request.method == "GET":
            if by_cookie:
                raise refusal("With a cookie, use POST.", status=405, headers={"Allow": "POST"})
            return asked_by_address(request.scope["query_string"])
        if request.method != "POST":
            raise refusal("Use POST, or GET for queries.", status=405, headers={"Allow": "GET, POST"})
        if not is_json(request.headers.get("content-type")) or "content-encoding" in request.headers:
            raise refusal(f"A request is {JSON} in UTF-8, not compressed.", status=415, headers={"Accept": JSON})
        if by_cookie and is_foreign(request.headers, self.allowed_origins):
            raise refusal("This origin may not use the browser's sign-in.", "FORBIDDEN", status=403)
        return asked(parse_json(await body_of(request, self.max_body, self.body_seconds)))

    async def context_of(self, request: Request) -> Context:
        """Sign in for a request. A cookie that is no longer good is none, so that it keeps nobody from signing in."""
        try:
            viewer = await self.sign_in_of(request.headers, None)
        except Unauthenticated as problem:
            if "authorization" in request.headers:
                raise Refusal([tell_fault(problem)]) from problem
            viewer = None
        foreign = is_foreign(request.headers, self.allowed_origins)
        return Context(
            viewer, _address(request), _secure(request), idle_seconds=self.idle_seconds, can_set_cookie=not foreign
        )

    async def context_on(self, handshake: Handshake) -> Context:
        """Sign in for an operation on a socket, or raise Unauthenticated."""
        params = {key.lower(): value for key, value in (handshake.connection_params or {}).items()}
        viewer = await self.sign_in_of(handshake.headers, params)
        return Context(viewer, handshake.address, handshake.secure, AuditChannel.SOCKET, can_set_cookie=False)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Handshake:
        """Keep what came with a handshake."""
        return Handshake(request.headers, _address(request), _secure(request))

    async def on_ws_connect(self, context: Handshake) -> UnsetType:
        """Accept a socket with a good token, or with none; close one with a bad token by 4403."""
        try:
            context.viewer = (await self.context_on(context)).viewer
        except Unauthenticated as problem:
            raise ConnectionRejectionError from problem
        # Not None: older clients take no acknowledgement whose payload is null.
        return UnsetType()


def _response(
    data: object, media: str | None, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Write an answer. Without data it is a request error: 400 in the newer media type, and 200 in the older."""
    if status is None:
        status = 400 if media == GRAPHQL and isinstance(data, dict) and "data" not in data else 200
    response = Response(orjson.dumps(data, default=str), status, headers, f"{media or JSON}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _secure(connection: HTTPConnection) -> bool:
    return connection.scope["scheme"] in {"https", "wss"}
