"""PostgreSQL under Tortoise, mended: a transaction that cannot begin gives its connection back."""

from __future__ import annotations

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections


class SafeContext(TransactionContextPooled):
    """Tortoise's context, which lost the pool's connection when its begin failed."""

    async def __aenter__(self) -> Any:
        """Take a connection and begin, or leave everything as it was."""
        await self.ensure_connection()
        pool = self.client._parent._pool  # noqa: SLF001 - Tortoise's own contexts work on it
        self.client._connection = await pool.acquire()  # noqa: SLF001
        try:
            await self.client.begin()
            self.token = get_connections().set(self.connection_name, self.client)
        except BaseException:
            await pool.release(self.client._connection)  # noqa: SLF001
            raise
        return self.client


class SafeClient(AsyncpgDBClient):
    """A pool whose transactions are safe."""

    def _in_transaction(self) -> SafeContext:
        return SafeContext(TransactionWrapper(self), self._pool_init_lock)


client_class = SafeClient
