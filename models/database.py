"""Which database this process works on."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException

from models.problems import Unavailable
from models.unit_of_work import inside_unit_of_work, is_transient

# Rendering relies on UTC and ISO; plans here are far below where compiling them pays; nothing may hang for ever.
_POSTGRES_SETTINGS = {
    "application_name": "grouproom",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}

COMMAND_SECONDS = 17.0
"""After which a statement is given up that the server should have ended: nothing comes over the wire any more."""

APPS = {"models": {"models": ["models"], "default_connection": "default", "migrations": "models.migrations"}}


class MigrationError(Exception):
    """The database is not what this version of the code can work on."""


class CannotConnect(MigrationError):
    """The database is not there, or does not let us in."""


def config(url: str, *, foreign_keys: bool = True) -> dict[str, Any]:
    """Give Tortoise's configuration for `sqlite://` + path or `postgres://…`.

    Migrations on SQLite rebuild tables, which with foreign keys on would delete what points to them: hence the flag.
    """
    if url.startswith("sqlite://"):
        connection: dict[str, Any] = {
            "engine": "models.sqlite_client",
            "credentials": {
                "file_path": url.removeprefix("sqlite://"),
                "busy_timeout": 5000,
                "synchronous": "FULL",
                "foreign_keys": "ON" if foreign_keys else "OFF",
            },
        }
    else:
        connection = expand_db_url("asyncpg://" + url.partition("://")[2])
        connection["engine"] = "models.asyncpg_client"
        connection["credentials"] |= {
            "server_settings": dict(_POSTGRES_SETTINGS),
            "command_timeout": COMMAND_SECONDS,
            "minsize": 1,
            "maxsize": 10,
        }
    return {
        "connections": {"default": connection},
        "apps": APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_database(url: str) -> None:
    """Connect this process, once, to the database at `url`."""
    # The fallback: requests run in other tasks than the one that opens, and see no context of its own.
    await Tortoise.init(config=config(url), _enable_global_fallback=True)
    try:
        await connect()
    except BaseException:
        await close_database()
        raise


async def connect() -> None:
    """Reach the database now, so that one that is not there stops the start, and not the first request."""
    client = connection()
    require_directory(Path(getattr(client, "filename", ".")))
    try:
        await client.create_connection(with_db=True)
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException) as error:
        raise CannotConnect(f"The database cannot be opened: {error}") from error


def require_directory(path: Path) -> None:
    """Refuse an SQLite database that could not be made for want of its directory."""
    if not path.parent.is_dir():
        raise CannotConnect(f"There is no directory {path.parent} to hold the database. Create it first.")


async def close_database() -> None:
    """Disconnect; an SQLite connection left open would keep the process from ending."""
    await Tortoise.close_connections()


def connection() -> BaseDBAsyncClient:
    """Give the connection of the running unit of work, or outside of one the shared one."""
    return get_connection("default")


def dialect() -> str:
    """Say which database this is: `sqlite` or `postgres`."""
    return connection().capabilities.dialect


async def fetch(sql: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    """Run one statement, whose parameters are `$1`, `$2`, and give its rows; on SQLite `$1` is `?1`."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        sql = sql.replace("$", "?")
    try:
        return await client.execute_query_dict(sql, values)
    except Exception as error:
        # Inside of a unit of work the unit is tried again.
        if inside_unit_of_work() or not is_transient(error):
            raise
        raise Unavailable from error


async def insert(table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
    """Write rows into a table, inside of a unit of work."""
    if not rows:
        return
    client = connection()
    sign = "?" if client.capabilities.dialect == "sqlite" else "$"
    places = ",".join(f"{sign}{n + 1}" for n in range(len(columns)))
    await client.execute_many(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places})", rows)  # noqa: S608 - names that the code spells out


def moment_after(seconds: int) -> str:
    """Write the moment so many seconds from now, by the clock that all processes share: the database's."""
    if dialect() == "postgres":
        return f"statement_timestamp()+interval '{seconds} seconds'"
    return f"strftime('%Y-%m-%dT%H:%M:%f000Z','now','+{seconds} seconds')"
