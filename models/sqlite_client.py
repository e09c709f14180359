"""SQLite under Tortoise, mended: transactions that lock at once and always let go, and one form of moments."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError


def moment(value: datetime) -> str:
    """Give a moment as SQLite keeps it: UTC, always six decimals, so that text order is time order."""
    if value.tzinfo is None:
        raise ValueError("A moment without an offset cannot be stored.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


sqlite3.register_adapter(datetime, moment)
sqlite3.register_adapter(date, date.isoformat)
sqlite3.register_adapter(UUID, str)


class Undecoded(bytes):
    """A text that stands in the database and is no UTF-8."""

    __slots__ = ()


def _decoded(raw: bytes) -> str | Undecoded:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return Undecoded(raw)


async def fetch_undecoded(client: SqliteClient, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Fetch rows, with `Undecoded` for each text for which they could not be fetched otherwise."""
    with _translated():
        # Nobody else uses the connection meanwhile.
        async with client.acquire_connection() as raw:
            raw.text_factory = _decoded
            try:
                return [dict(row) for row in await raw.execute_fetchall(sql, values)]
            finally:
                raw.text_factory = str


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that is the only writer from its first statement on.

    A deferred one that reads and then writes fails at once, whatever the busy timeout, when another process wrote in
    between.
    """

    async def begin(self) -> None:
        """Begin, waiting for other processes as long as the busy timeout says."""
        if self._connection.in_transaction:
            # Left by Tortoise when it was cancelled outside of a unit: nobody was told that it is written.
            await self._connection.rollback()
        with _translated():
            await self._connection.execute("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        """Commit; what the disk refuses is an error of Tortoise's like any other."""
        with _translated():
            await super().commit()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityError(error) from error
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error


class SafeContext(SqliteTransactionContext):
    """Tortoise's context, which kept the lock when its begin failed, and the transaction when its commit did."""

    async def __aenter__(self) -> Any:
        """Take the lock and begin, or leave everything as it was."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await self._leave()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        """Commit, or roll back, and let go."""
        get_connections().reset(self.token)
        try:
            if exc_type is None:
                await self.connection.commit()
        finally:
            await self._leave()

    async def _leave(self) -> None:
        raw: aiosqlite.Connection | None = self.connection._connection  # noqa: SLF001 - Tortoise's own contexts work on it
        try:
            if raw is not None:
                # Nothing happens to what is committed. What was cancelled is still under way in the connection's
                # thread; this is queued behind it at once, and before whatever the next holder of the lock does.
                await raw.rollback()
        finally:
            self._trxlock.release()


class SafeConnection(ConnectionWrapper[aiosqlite.Connection]):
    """Tortoise's wrapper, which kept the lock for ever when it could not connect."""

    async def __aenter__(self) -> aiosqlite.Connection:
        """Take the lock and connect, or leave everything as it was."""
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class ImmediateClient(SqliteClient):
    """One connection whose transactions are immediate and safe."""

    def acquire_connection(self) -> SafeConnection:
        """Give the connection to one statement at a time."""
        return SafeConnection(self._lock, self)

    def _in_transaction(self) -> SafeContext:
        return SafeContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
