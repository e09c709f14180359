"""SQLite under Tortoise, mended: transactions that take their lock at once, give it back whatever happens, and one form of moments."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.exceptions import OperationalError


def moment(value: datetime) -> str:
    """Give a moment as SQLite keeps it: UTC, always six decimals, so that text order is time order."""
    if value.tzinfo is None:
        raise ValueError("A moment without an offset cannot be stored.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


sqlite3.register_adapter(datetime, moment)


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that is the only writer from its first statement on.

    A deferred one that reads and then writes fails at once, whatever the busy timeout, when another process wrote in between.
    """

    async def begin(self) -> None:
        """Begin, waiting for other processes as long as the busy timeout says."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


class SafeContext(SqliteTransactionContext):
    """Tortoise's context, which kept the lock for ever when its begin failed."""

    async def __aenter__(self) -> Any:
        """Take the lock and begin, or leave everything as it was."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
            self.token = _set(self.connection)
        except BaseException:
            self._trxlock.release()
            raise
        return self.connection


def _set(client: Any) -> Any:
    from tortoise.connection import get_connections  # noqa: PLC0415 - Tortoise's own module imports its clients

    return get_connections().set(client.connection_name, client)


class ImmediateClient(SqliteClient):
    """One connection whose transactions are immediate and safe."""

    def _in_transaction(self) -> SafeContext:
        return SafeContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
