"""One mutation, one unit of work: all of it is written, or nothing, whatever happens to whoever asked.

A unit runs in a task of its own. Cancelling a task inside Tortoise's `begin()` keeps the lock (SQLite) or the pool's
connection (PostgreSQL) for ever: a client that sends a mutation and takes it back twenty times would stop the database
for everyone. So the caller may be cancelled; the unit finishes or rolls back all the same.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import asyncpg
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from models.problems import Unavailable

T = TypeVar("T")

TRIES = 4
DEADLINE_SECONDS = 20.0

_inside: ContextVar[bool] = ContextVar("inside_unit_of_work", default=False)
_running: set[asyncio.Task[Any]] = set()

# What another transaction, or a database that restarts, may cause; the same unit can succeed a moment later.
_TRANSIENT = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
)
_LOST = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError, OSError)


class _Committing(Exception):
    """The connection went while committing: nobody knows whether it was written."""


async def unit_of_work(body: Callable[[], Awaitable[T]]) -> T:
    """Run `body` in one transaction and give its result once that is committed.

    An exception rolls everything back. What other transactions cause is tried again, so `body` may run several times.
    """
    if _inside.get():
        raise RuntimeError("A unit of work cannot hold another.")
    task = asyncio.create_task(_attempts(body))
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
    return _inside.get()


async def drain() -> None:
    """Wait until no unit of work is running, so that the process may end."""
    while _running:
        await asyncio.wait(set(_running))


async def _attempts(body: Callable[[], Awaitable[T]]) -> T:
    _inside.set(True)
    for left in reversed(range(TRIES)):
        try:
            return await _once(body)
        except _Committing as error:
            raise Unavailable from error
        except (IntegrityError, OperationalError, *_TRANSIENT, *_LOST) as error:
            if not is_transient(error) and not isinstance(error, IntegrityError):
                raise
            if left == 0:
                if isinstance(error, IntegrityError):
                    raise
                raise Unavailable from error
        except TimeoutError as error:
            raise Unavailable from error
        await asyncio.sleep(random.uniform(0.005, 0.05) * (TRIES - left))  # noqa: S311 - jitter, not a secret
    raise AssertionError  # pragma: no cover - the last try returns or raises


async def _once(body: Callable[[], Awaitable[T]]) -> T:
    committing = False
    try:
        async with in_transaction("default"):
            async with asyncio.timeout(DEADLINE_SECONDS):
                result = await body()
            committing = True
    except _LOST as error:
        if committing:
            raise _Committing from error
        raise
    return result


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may succeed a moment later."""
    if isinstance(error, OperationalError):
        return any(word in str(error) for word in ("locked", "busy"))
    return isinstance(error, (*_TRANSIENT, *_LOST))
