"""Bring a database to what the code says: one starter at a time, all of it or nothing."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.transactions import in_transaction

from models.database import APPS, CannotConnect, MigrationError, config, connect, connection, require_directory
from models.secret import use_secret
from models.unit_of_work import is_transient

__all__ = ["MigrationError", "NewerDatabase", "migrate", "refuse_newer"]

# Any number, as long as nothing else in the database locks by it.
_LOCK = 0x67726F7570726F6F
# A step over a large table takes as long as it takes; only waiting for other processes' locks has an end.
_NO_HURRY = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "idle_session_timeout": "0"}


class NewerDatabase(MigrationError):
    """A later version of the code was here."""

    def __init__(self, migrations: list[str]) -> None:
        """Name the steps that this version does not know, and what to do."""
        super().__init__(
            f"The database is newer than this version of grouproom, which does not know {', '.join(migrations)}."
            " Start the version that made it, or restore the backup from before."
        )


async def migrate(
    url: str, then: Callable[[], Awaitable[None]] | None = None, *, secret: Callable[[], bytes] | None = None
) -> list[str]:
    """Take the missing steps and give their names; of several starters one does, and the others find it done.

    `secret` gives what a step seals with, and is not asked where there is no place for a database. `then` runs before
    the next starter's turn, with the database open as the server opens it. An exception in a step undoes all steps of
    this call.
    """
    async with _alone(url):
        if secret is not None:
            use_secret(secret())
        try:
            applied = await _take_steps(url)
        except Exception as error:
            if is_transient(error):
                raise MigrationError(
                    "Another process is working on the database. Start again when it is done."
                ) from error
            raise
        if then is not None:
            async with _opened(config(url)):
                await then()
    return applied


async def refuse_newer() -> None:
    """Refuse the open database when a later version of the code was here, or when steps are missing."""
    loader = MigrationLoader(APPS, MigrationRecorder(connection()))
    missing = await _missing(loader)
    if missing:
        raise MigrationError(f"The database has yet to take {', '.join(missing)}. `grouproom migrate` does it.")


async def _missing(loader: MigrationLoader) -> list[str]:
    await loader.build_graph()
    unknown = loader.applied_migrations - loader.disk_migrations.keys()
    if unknown:
        raise NewerDatabase(sorted(key.name for key in unknown))
    return sorted(key.name for key in loader.disk_migrations.keys() - loader.applied_migrations)


async def _take_steps(url: str) -> list[str]:
    settings = config(url, foreign_keys=False)
    credentials = settings["connections"]["default"]["credentials"]
    credentials.get("server_settings", {}).update(_NO_HURRY)
    credentials.pop("command_timeout", None)
    applied: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            applied.append(name)

    # One transaction round Tortoise's own, which do not hold the note that a step was taken.
    async with _opened(settings), in_transaction("default"):
        executor = MigrationExecutor(connection(), APPS)
        executor.recorder = executor.loader.recorder = _Recorder(connection())
        await executor.recorder.ensure_schema(executor._schema_editor())  # noqa: SLF001 - for Tortoise's command line
        await _missing(executor.loader)
        await executor.migrate(progress=note)
        if connection().capabilities.dialect == "sqlite":
            lost = await connection().execute_query_dict("PRAGMA foreign_key_check")
            if lost:
                raise RuntimeError(f"A migration leaves rows that point to nothing: {lost[:3]}")
    return applied


class _Recorder(MigrationRecorder):
    """Tortoise's, whose script would end the transaction on SQLite."""

    async def ensure_schema(self, schema_editor: BaseSchemaEditor) -> None:
        statement = schema_editor._get_model_sql_data(self.model).table_sql  # noqa: SLF001 - as Tortoise's does
        await schema_editor.client.execute_query(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))


@asynccontextmanager
async def _opened(settings: dict[str, Any]) -> AsyncIterator[None]:
    # A context of its own, so that whoever has a database open already may migrate another.
    async with TortoiseContext() as context:
        await context.init(config=settings)
        await connect()
        yield


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    credentials = config(url)["connections"]["default"]["credentials"]
    async with _file_lock(credentials) if url.startswith("sqlite://") else _advisory_lock(credentials):
        yield


@asynccontextmanager
async def _file_lock(credentials: dict[str, Any]) -> AsyncIterator[None]:
    path = Path(credentials["file_path"])
    if path.name == ":memory:":
        raise MigrationError("A database in memory is gone when its migrations end. Name a file.")
    require_directory(path)
    with path.with_name(f"{path.name}.lock").open("a") as file:
        while not _taken(file):  # noqa: ASYNC110 - the lock is the system's, and tells nobody when it is free
            await asyncio.sleep(0.05)
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def _advisory_lock(credentials: dict[str, Any]) -> AsyncIterator[None]:
    given = {
        key: credentials[key] for key in ("host", "port", "user", "password", "database", "ssl") if key in credentials
    }
    settings = {"application_name": "grouproom migrate", "lock_timeout": "0", **_NO_HURRY}
    try:
        holder = await asyncpg.connect(**given, server_settings=settings)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotConnect(f"The database cannot be opened: {error}") from error
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await holder.close()
