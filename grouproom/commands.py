"""What commands share: a database that is open, a trace of what the operator did, and how they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from grouproom.secret import read_secret
from grouproom.settings import Settings
from models.audit.buffer import flush
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, append, mark
from models.audit.tracing import trace
from models.audit.verify import refuse_other_secret
from models.database import close_database, open_database
from models.migrate import migrate, refuse_newer
from models.practice import User
from models.secret import use_secret
from models.unit_of_work import current_unit

T = TypeVar("T")


class Failed(Exception):
    """The command cannot be carried out; the text says why, in words for whoever typed it."""


def with_database(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    """Carry out some work with the database of the settings, which must be of this version and secret."""

    async def opened() -> T:
        await open_database(settings.database_url)
        try:
            use_secret(read_secret(settings))
            await refuse_newer()
            await refuse_other_secret()
            done = await work()
            await flush()
            return done
        finally:
            await close_database()

    return asyncio.run(opened())


def bring_up(settings: Settings, then: Callable[[], Awaitable[None]] | None = None) -> list[str]:
    """Migrate the database of the settings, and give the steps that were applied; `then` is part of the last."""
    return asyncio.run(migrate(settings.database_url, then, secret=lambda: read_secret(settings)))


def trace_operator(practice: UUID, operation: str) -> None:
    """Note what the operator changed, in the running unit of work."""
    trace(_asked(practice, operation), [])


def trace_operator_about(user: User, operation: str) -> None:
    """Note what the operator did for somebody who signs in, in the running unit of work."""
    entry = Entry(_asked(user.practice_id, operation), AuditAction.EXECUTE, rows=[mark("user_account", user.id)])
    current_unit().at_end.append(lambda: append(user.practice_id, [entry]))


def _asked(practice: UUID, operation: str) -> Asked:
    return Asked(practice, None, "", operation, AuditChannel.COMMAND_LINE)
