"""PostgreSQL under Tortoise, mended: a transaction gives its connection back, however it begins or ends."""

from __future__ import annotations

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections


class SafeContext(TransactionContextPooled):
    """Tortoise's context, which lost the pool's connection when its begin failed."""

    pool: asyncpg.Pool
    client: TransactionWrapper

    async def __aenter__(self) -> Any:
        """Take a connection and begin, or leave everything as it was."""
        await self.ensure_connection()
        self.pool = self.client._parent._pool  # noqa: SLF001 - Tortoise's own contexts work on it
        self.client._connection = await self.pool.acquire()  # noqa: SLF001
        try:
            await self.client.begin()
        except BaseException:
            await self.pool.release(self.client._connection)  # noqa: SLF001
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        """Commit, or roll back, and give the connection back."""
        # First: on a lost connection each of the rest may fail, and the next attempt must not find this transaction.
        get_connections().reset(self.token)
        try:
            if exc_type is None:
                await self.client.commit()
            else:
                await self.client.rollback()
        finally:
            await self.pool.release(self.client._connection)  # noqa: SLF001


class SafeClient(AsyncpgDBClient):
    """A pool whose transactions are safe."""

    def _in_transaction(self) -> SafeContext:
        return SafeContext(TransactionWrapper(self), self._pool_init_lock)


client_class = SafeClient
