"""One mutation, one unit of work: all of it is written, or nothing, whatever happens to whoever asked.

A unit runs in a task of its own. Cancelling a task inside Tortoise's `begin()` keeps the lock (SQLite) or the pool's
connection (PostgreSQL) for ever: a client that sends a mutation and takes it back twenty times would stop the database
for everyone. So the caller may be cancelled; the unit finishes or rolls back all the same.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from models.problems import Unavailable

T = TypeVar("T")

TRIES = 4
DEADLINE_SECONDS = 20.0


@dataclass(slots=True)
class Unit:
    """One attempt at a unit of work: what is still to be written at its end, and done once that is committed."""

    at_end: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    after: list[Callable[[], object]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)


_unit: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)
_running: set[asyncio.Task[Any]] = set()

# What another transaction, or a database that restarts, may cause; the same unit can succeed a moment later.
_CONTENDED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    # What asyncpg says when the server has taken its leave and the socket is not closed yet.
    asyncpg.InternalClientError,
    OSError,
)
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class _Committing(Exception):
    """The connection went while committing: nobody knows whether it was written."""


async def unit_of_work(body: Callable[[], Awaitable[T]]) -> T:
    """Run `body` in one transaction and give its result once that is committed.

    An exception rolls everything back. What other transactions cause is tried again, so `body` may run several times.
    """
    if _unit.get() is not None:
        raise RuntimeError("A unit of work cannot hold another.")
    return await to_its_end(_attempts(body))


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Carry something on to its end; whoever is cancelled meanwhile leaves only then."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


def inside_unit_of_work() -> bool:
    """Whether the running task is a unit of work."""
    return _unit.get() is not None


def current_unit() -> Unit:
    """Give the running unit of work."""
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("This is done inside a unit of work.")
    return unit


async def drain() -> None:
    """Wait until no unit of work is running, so that the process may end."""
    while _running:
        await asyncio.wait(set(_running))


async def _attempts(body: Callable[[], Awaitable[T]]) -> T:
    deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    for left in reversed(range(TRIES)):
        try:
            return await _once(body, deadline)
        except (_Committing, TimeoutError, asyncpg.QueryCanceledError) as error:
            raise Unavailable from error
        except IntegrityError:
            # Most often another unit was first, and what it wrote is there to be read now.
            if left == 0:
                raise
        except Exception as error:
            if not is_transient(error):
                raise
            if left == 0:
                raise Unavailable from error
        await asyncio.sleep(random.uniform(0.005, 0.05) * (TRIES - left))  # noqa: S311 - jitter, not a secret
    raise AssertionError  # pragma: no cover - the last try returns or raises


async def _once(body: Callable[[], Awaitable[T]], deadline: float) -> T:
    committing = False
    unit = Unit()
    _unit.set(unit)
    try:
        async with AsyncExitStack() as transaction:
            # The wait for the lock, or for a connection, counts as well; the commit is left to end by itself.
            async with asyncio.timeout_at(deadline):
                await transaction.enter_async_context(in_transaction("default"))
                result = await body()
                for write in unit.at_end:
                    await write()
            committing = True
    except _LOST as error:
        if committing:
            raise _Committing from error
        raise
    for tell in unit.after:
        tell()
    return result


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may succeed a moment later."""
    if isinstance(error, OperationalError):
        code = getattr(error.args[0], "sqlite_errorcode", 0) if error.args else 0
        return code & 0xFF in _BUSY
    # A wrong setting or value, which asyncpg calls a ValueError as well, stays wrong.
    return isinstance(error, (*_CONTENDED, *_LOST)) and not isinstance(error, ValueError)
