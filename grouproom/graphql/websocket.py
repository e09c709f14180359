"""GraphQL over WebSocket, in the protocol graphql-transport-ws and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import orjson
from graphql import ExecutionResult as CoreResult
from graphql import GraphQLError, OperationType
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from grouproom.graphql.adapter import SocketAdapter
from grouproom.graphql.asked import Asked, asked
from grouproom.graphql.documents import Admitted
from grouproom.graphql.errors import Refusal, Told, tell, tell_fault
from models.problems import Coded, RateLimited, Unauthenticated, Unavailable
from resolvers.viewer import Viewer
from schema.context import Context
from schema.streams import BadVariables
from subscriptions.follow import SignInEnded, signed_out

if TYPE_CHECKING:
    from grouproom.graphql.http import GraphQLApp

TRY_AGAIN_LATER = 1013
INTERNAL_ERROR = 4500
FORBIDDEN = 4403


@dataclass(slots=True)
class Handshake:
    """What came with the connection: each operation on it is signed in by this anew."""

    headers: Mapping[str, str]
    address: str
    secure: bool
    connection_params: dict[str, object] | None = None
    viewer: Viewer | None = None
    """Who signed in when the socket was acknowledged."""


class SocketOperation(Operation[Any, None]):
    """One operation on a socket, from its `subscribe` to its last message."""

    async def send_operation_message(self, message: Any) -> None:
        """Send nothing once the client has completed the operation: its id may be another's by then."""
        if self.handler.operations.get(self.id) is self:
            await super().send_operation_message(message)

    async def send_next(self, execution_result: ExecutionResult) -> None:
        """Send one result."""
        payload: dict[str, Any] = {"data": execution_result.data}
        if execution_result.errors:
            payload["errors"] = [tell(error) for error in execution_result.errors]
        if execution_result.extensions:
            payload["extensions"] = execution_result.extensions
        await self.send_operation_message({"id": self.id, "type": "next", "payload": payload})

    async def send_text(self, payload: str) -> None:
        """Send one result that is written already; the operation's id is the client's own text."""
        if self.handler.operations.get(self.id) is self:
            socket = cast("SocketAdapter", self.handler.websocket)
            await socket.send_text(f'{{"id":{orjson.dumps(self.id).decode()},"type":"next","payload":{payload}}}')

    async def send_errors(self, errors: list[Told]) -> None:
        """End the operation, and only it, with errors and no data."""
        await self.send_operation_message({"id": self.id, "type": "error", "payload": errors})


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One socket."""

    view: GraphQLApp
    websocket: SocketAdapter
    context: Handshake

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start with nothing running."""
        super().__init__(*args, **kwargs)
        self.running = set[asyncio.Task[None]]()
        self.watch: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Serve the socket until either side ends it, or the peer takes nothing any more."""
        reader = self.websocket.reader = asyncio.current_task()
        try:
            await super().handle()
        except asyncio.CancelledError:
            if reader is None or not self.websocket.stalled:
                raise
            reader.uncancel()

    async def handle_message(self, message: Any) -> None:
        """Answer a message; where that fails, end the socket in a way that tells the client whether to come again."""
        try:
            await super().handle_message(message)
        except WebSocketDisconnected:
            raise
        except Coded as problem:
            await self.websocket.close(TRY_AGAIN_LATER, str(problem))
        except Exception as error:  # noqa: BLE001  whatever it is, it is logged without its text and told to nobody
            tell_fault(error)
            await self.websocket.close(INTERNAL_ERROR, "Internal error")

    async def handle_connection_init(self, message: Any) -> None:
        """Sign in; a null payload is none."""
        message["payload"] = message.get("payload") or {}
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self.context.viewer is not None and self.watch is None:
            self.watch = asyncio.create_task(self.close_when_signed_out(self.context.viewer))

    async def close_when_signed_out(self, viewer: Viewer) -> None:
        """Close the socket when its sign-in ends, whether or not anything runs on it."""
        if self.view.streams is None:
            return
        with suppress(Unavailable):
            await signed_out(self.view.streams.hub, viewer)
            await self.websocket.close(FORBIDDEN, "The sign-in has ended")

    async def shutdown(self) -> None:
        """End all that runs on the socket."""
        if self.watch is not None:
            self.watch.cancel()
        await super().shutdown()

    async def handle_subscribe(self, message: Any) -> None:
        """Start an operation as a task of its own, unless the message or the moment is wrong."""
        if not self.connection_acknowledged:
            await self.websocket.close(4401, "Unauthorized")
            return
        try:
            request = asked(message.get("payload"))
        except Refusal as refused:
            await self.handle_invalid_message(refused.errors[0]["message"])
            return
        if message["id"] in self.operations:
            await self.websocket.close(4409, f"Subscriber for {message['id']} already exists")
            return
        operation = SocketOperation(self, message["id"], request.query or "", request.variables, request.operation_name)
        self.operations[operation.id] = operation
        # A completed operation may still be finishing its unit of work, so tasks are counted and not ids.
        if len(self.running) >= (self.max_subscriptions_per_connection or 0):
            problem = RateLimited("Too many operations run on this socket: complete one first.")
            await operation.send_errors([tell_fault(problem)])
            return
        operation.task = asyncio.create_task(self.answer(operation, request))
        self.running.add(operation.task)
        operation.task.add_done_callback(self.finished)

    def finished(self, task: asyncio.Task[None]) -> None:
        """Make room; what a task raised by now is only that the socket is gone."""
        self.running.discard(task)
        if not task.cancelled():
            task.exception()

    async def answer(self, operation: SocketOperation, request: Asked) -> None:
        """Run one operation to its last message."""
        try:
            try:
                context = await self.view.context_on(self.context)
            except Unauthenticated:
                await self.websocket.close(FORBIDDEN, "The sign-in has ended")
                return
            admitted = self.view.documents.admit(request, context.viewer)
            if admitted.kind is OperationType.SUBSCRIPTION and self.view.streams is not None:
                await self.follow(operation, request, admitted, context)
                return
            results = await self.schema.stream(
                admitted.text,
                variable_values=request.variables,
                context_value=context,
                operation_name=admitted.name,
                operation_extensions=request.extensions,
            )
            async with aclosing(results):
                async for result in results:
                    errors = before_data(result)
                    if errors:
                        await operation.send_errors([tell(error) for error in errors])
                        return
                    await operation.send_next(cast("ExecutionResult", result))
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except Refusal as refused:
            await operation.send_errors(refused.errors)
        except (BadVariables, GraphQLError) as fault:
            # What a variable lacks for the argument that it stands in is found only where a stream is planned.
            faults = fault.errors if isinstance(fault, BadVariables) else [fault]
            await operation.send_errors([tell(error) for error in faults])
        except SignInEnded:
            await self.websocket.close(FORBIDDEN, "The sign-in has ended")
        except WebSocketDisconnected:
            return
        except Exception as error:  # noqa: BLE001  as in handle_message, for this operation only
            await operation.send_errors([tell_fault(error)])

    async def follow(self, operation: SocketOperation, request: Asked, admitted: Admitted, context: Context) -> None:
        """Send a subscription's results as they come; their texts are shared with all who see the same."""
        streams = self.view.streams
        assert streams is not None  # noqa: S101  asked before
        document = self.view.documents.prepare(admitted.text).node
        texts = streams.open(document, admitted.name, request.variables or {}, context, written)
        async with aclosing(texts):
            async for text in texts:
                await operation.send_text(text)
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what a task of Strawberry's died of, without its text."""
        tell_fault(error)


def written(result: CoreResult) -> str:
    """Write a result as the payload of a message."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [tell(error) for error in result.errors]
    return orjson.dumps(payload, default=str).decode()


def before_data(result: Any) -> list[GraphQLError]:
    """Say the errors of a result that never came to any data: it is refused rather than answered."""
    errors: list[GraphQLError] = result.errors or []
    if isinstance(result, PreExecutionError) or (result.data is None and all(error.path is None for error in errors)):
        return errors
    return []
