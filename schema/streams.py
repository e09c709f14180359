"""Subscriptions: from what is asked to a stream of texts, each completed once for all who see the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any
from uuid import UUID

import orjson
from graphql import (
    ArgumentNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    execute,
    visit,
)
from graphql.execution.values import get_variable_values

from models.audit.buffer import note, note_delivery, room
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry
from models.database import dialect
from models.problems import Unauthenticated, code_of
from resolvers.access import latest
from resolvers.charting.meanings import is_over
from resolvers.charting.watching import watched_appointment
from resolvers.reading.asking import Asking, Run
from resolvers.reading.compile import Compiler
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.run import Plan
from resolvers.reading.shapes import Events, Pick
from resolvers.viewer import Viewer
from schema.auditing import asked_by, names_read
from schema.context import Context
from schema.reads import Reader
from schema.selection import Selector, Slot
from subscriptions.appointments import CalendarSource, calendar_changes
from subscriptions.attendance import BoardSource, attendance_board
from subscriptions.follow import SignInEnded
from subscriptions.hub import Hub

Write = Callable[[ExecutionResult], str]
Kept = tuple[Plan, Plan | None, Pick, tuple[Slot, ...]]


class BadVariables(Exception):
    """The variables do not fit the operation; `errors` say how."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        """Hold what graphql-core says of them."""
        super().__init__("The variables do not fit.")
        self.errors = errors


class Streams:
    """Opens subscriptions on the hub of this process."""

    def __init__(self, schema: GraphQLSchema, reader: Reader, hub: Hub) -> None:
        """Hold what is asked, read and woken."""
        self.schema, self.reader, self.hub = schema, reader, hub

    async def open(
        self,
        document: DocumentNode,
        name: str | None,
        variables: Mapping[str, Any],
        context: Context,
        write: Write,
    ) -> AsyncGenerator[str, None]:
        """Give the texts of a subscription's results, until it ends or something is raised that ends it."""
        viewer = context.viewer
        if viewer is None:
            raise Unauthenticated
        operation = _operation(document, name)
        values = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
        if isinstance(values, list):
            raise BadVariables(values)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        selector = Selector(self.schema, fragments, values.coerced, self.reader.prefixes)
        plan, admission, pick, slots = self._plan(operation, viewer, selector)
        run = Run(viewer, selector.values(slots))
        asked = asked_by(viewer, context, pick.name, name, AuditChannel.STREAM, names_read("Subscription", [pick]))
        await room(asked.practice_id)
        if admission is not None:
            with _noted(asked):
                await admission.read(run)

        def complete(tree: object) -> str:
            result = execute(
                self.schema,
                document,
                root_value={pick.key: tree},
                variable_values=dict(variables),
                operation_name=operation.name.value if operation.name else None,
            )
            if not isinstance(result, ExecutionResult):
                raise TypeError("A tree is completed without waiting.")
            return write(result)

        places = _where_it_begins(document)
        said = {key: value for key, value in variables.items() if key not in places}
        question = (_text(document), name, orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str))
        if isinstance(self.reader.shapes["Subscription"].fields[pick.name].source, Events):
            changes = CalendarSource(plan, run, question, complete, self._plain(pick, asked.practice_id, complete))
            texts = calendar_changes(self.hub, viewer, changes, run.args[0].get("after"))
        else:
            with _noted(asked):
                appointment = await watched_appointment(viewer, pick.name, run.args[0])
            texts = attendance_board(self.hub, viewer, BoardSource(plan, run, question, complete, appointment))
        async with aclosing(texts):
            with _noted(asked):
                async for told in texts:
                    if told.shown:
                        note_delivery(asked, told.shown)
                        await room(asked.practice_id)
                    yield told.text

    def _plain(self, pick: Pick, practice: UUID, complete: Callable[[object], str]) -> Callable[[str, int], str]:
        def write(kind: str, seq: int) -> str:
            place = {"practice": str(practice), "seq": str(seq)}
            nothing = {"appointment_id": None, "appointment": None}
            return complete(self.reader.plain(pick, {"kind": kind, "cursor": place, **nothing}))

        return write

    def _plan(self, operation: OperationDefinitionNode, viewer: Viewer, selector: Selector) -> Kept:
        pick = selector.top(operation)
        field = self.reader.shapes["Subscription"].fields[pick.name]
        ask = Asking(DIALECTS[dialect()], viewer.scope)
        compiler = Compiler(self.reader.shapes, ask)
        if isinstance(field.source, Events):
            sql = compiler.events(field, pick)
        else:
            [asked] = pick.asks.values()
            over = is_over(ask, f"{ask.arg(asked):run}") if asked and pick.name == "chartRunProgress" else "false"
            sql = compiler.state(field, pick, latest(ask), over)
        admission = compiler.admission()
        return (
            self.reader.plan(ask, sql, strict=False),
            self.reader.plan(ask, admission, strict=False) if admission else None,
            pick,
            tuple(selector.slots),
        )


@contextmanager
def _noted(asked: Asked) -> Iterator[None]:
    """Note that a stream was refused, or is so from now on."""
    try:
        yield
    except SignInEnded:
        raise
    except Exception as error:
        note(Entry(asked, AuditAction.READ, code_of(error)))
        raise


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    return next(
        d
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode) and (name is None or (d.name and d.name.value == name))
    )


def _where_it_begins(document: DocumentNode) -> set[str]:
    """Name the variables that say only where a stream goes on: those who begin elsewhere see the same."""
    places, uses = set[str](), Counter[str]()

    class Uses(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: object) -> None:
            if node.name.value == "after" and isinstance(node.value, VariableNode):
                places.add(node.value.name.value)

        def enter_variable(self, node: VariableNode, *_: object) -> None:
            uses[node.name.value] += 1

    visit(document, Uses())
    # Once where it is declared, and once more.
    return {place for place in places if uses[place] == 2}


def _text(document: DocumentNode) -> str:
    return document.loc.source.body if document.loc else ""
