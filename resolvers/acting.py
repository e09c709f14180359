"""One mutation, once through: the change and the reading of its payload in one unit of work.

A refusal leaves the unit as an exception, so that nothing of it is written, and only then becomes an answer. A payload
whose required field reads null breaks the unit too: nobody is told "null" about something that was done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson

from models import IdempotencyKey
from models.audit.buffer import note, room
from models.audit.entries import Asked, AuditAction, Entry
from models.audit.tracing import trace
from models.problems import BadInput, Coded, IdempotencyConflict, Refused, code_of
from models.text import is_printable
from models.unit_of_work import to_its_end, unit_of_work
from resolvers import access
from resolvers.viewer import Viewer

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What a mutation gives: its payload's type, its rows by id, its plain values.

    `viewer` reads them where that is not who asked, and `types` says what a row is where the schema leaves it open.
    """

    type_name: str
    nodes: dict[str, UUID | list[UUID] | None] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    viewer: Viewer | None = None
    types: dict[str, str] = field(default_factory=dict)
    again: bool = False
    """Whether it was given before, under the same idempotency key."""


@dataclass(frozen=True, slots=True)
class Once:
    """Under which key a request may be carried out only once."""

    operation: str
    key: str
    input_hash: str


class Answer(NamedTuple):
    """A payload or problem as it is answered; and for the log of audit, which rows and fields it shows."""

    tree: Any
    shown: list[str]
    fields_read: tuple[str, ...]


class Read(Protocol):
    """Makes the answer of what was given; with `strict`, a required value that is missing breaks the unit."""

    def __call__(self, given: Given, viewer: Viewer | None, *, strict: bool) -> Awaitable[Answer]:
        """Read."""


def once(operation: str, given: dict[str, Any]) -> Once | None:
    """Take the idempotency key out of the input; None where there is none."""
    key = given.pop("idempotency_key", None)
    if key is None:
        return None
    if not key.strip() or len(key) > LONGEST_KEY or not is_printable(key):
        raise BadInput(
            f"An idempotency key has 1 to {LONGEST_KEY} characters, all of which can be shown.",
            field="input.idempotencyKey",
        )
    # Not orjson, which writes no lone surrogate: whether a text may hold one is for the mutation to say.
    canonical = json.dumps(given, sort_keys=True, default=str)
    return Once(operation, key, hashlib.sha256(canonical.encode()).hexdigest())


async def act(
    viewer: Viewer, change: Callable[[], Awaitable[Given]], read: Read, only: Once | None, asked: Asked
) -> Any:
    """Carry out `change` and give what `read` makes of it; under a key that was answered before, only read.

    Whoever asked may leave meanwhile: what became of it is noted all the same.
    """
    return await to_its_end(_act(viewer, change, read, only, asked))


async def _act(
    viewer: Viewer, change: Callable[[], Awaitable[Given]], read: Read, only: Once | None, asked: Asked
) -> Any:

    async def told(given: Given) -> Any:
        answer = await read(given, given.viewer or viewer, strict=True)
        if only is not None and not given.again:
            await _remember(viewer, only, given)
        trace(replace(asked, fields_read=answer.fields_read), answer.shown)
        return answer.tree

    async def unit() -> Any:
        kept = await _answered(viewer, only) if only is not None else None
        return await told(kept or await change())

    async def again() -> Any:
        kept = await _answered(viewer, only) if only is not None else None
        return None if kept is None else await told(kept)

    await room(asked.practice_id)
    try:
        try:
            return await unit_of_work(unit)
        except (Refused, Coded):
            # Of two at once under one key, the second may be refused for nothing but what the first has done.
            answer = await unit_of_work(again) if only is not None else None
            if answer is None:
                raise
            return answer
    except Refused as refusal:
        nodes: dict[str, UUID | list[UUID] | None] = {name: row for name, (_, row) in refusal.nodes.items()}
        nodes |= refusal.lists
        types = {name: type_name for name, (type_name, _) in refusal.nodes.items()}
        answer = await read(Given(refusal.name, nodes, refusal.facts, types=types), viewer, strict=False)
        said = replace(asked, fields_read=answer.fields_read)
        note(Entry(said, AuditAction.EXECUTE, refusal.name, answer.shown))
        return answer.tree
    except Exception as error:
        note(Entry(asked, AuditAction.EXECUTE, code_of(error)))
        raise


async def _answered(viewer: Viewer, only: Once) -> Given | None:
    kept = await access.answered(viewer, only.operation, only.key)
    if kept is None:
        return None
    if kept.input_hash != only.input_hash:
        raise IdempotencyConflict
    answer = orjson.loads(kept.answer)
    nodes = {
        name: [UUID(i) for i in ids] if isinstance(ids, list) else UUID(ids) if ids else None
        for name, ids in answer["nodes"].items()
    }
    return Given(answer["type"], nodes, again=True)


async def _remember(viewer: Viewer, only: Once, given: Given) -> None:
    answer = orjson.dumps({"type": given.type_name, "nodes": given.nodes}, default=str).decode()
    await IdempotencyKey.create(
        practice_id=viewer.practice_id,
        user_id=viewer.user_id,
        operation=only.operation,
        key=only.key,
        input_hash=only.input_hash,
        answer=answer,
    )
