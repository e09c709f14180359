"""Databases for tests: made empty, and gone afterwards."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import asyncpg

from models.database import connection, dialect, fetch

# Unset, the suite runs on SQLite; postgres://…/name makes it run on databases of that name and a suffix.
GIVEN = os.environ.get("TEST_DATABASE_URL", "")
ON_POSTGRES = GIVEN.startswith("postgres")

# What signs the log of audit in the suite's own database, here and in the servers that serve it.
SECRET = b"the suite's own secret, of 32 bytes and more"

_numbers = count(1)
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}
# What keeps signed rows as they are, and how it is put back: on SQLite in its own words, so that none is lost.
_FREEZING = {
    "sqlite": "SELECT tbl_name AS name, 'DROP TRIGGER ' || name AS lift, sql AS put_back FROM sqlite_master"
    " WHERE type = 'trigger' AND name LIKE 'frozen%'",
    "postgres": "SELECT tgrelid::regclass::text AS name,"
    " format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS lift,"
    " format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname) AS put_back"
    " FROM pg_trigger WHERE tgname LIKE 'frozen%'",
}


@asynccontextmanager
async def new_database(directory: Path) -> AsyncIterator[str]:
    """Give the address of a database with nothing in it; on SQLite it is a file that is not there yet."""
    if not ON_POSTGRES:
        yield f"sqlite://{directory}/{next(_numbers)}.db"
        return
    server, _, name = GIVEN.rpartition("/")
    name = f"{name}_{os.getpid()}_{next(_numbers)}"
    holder = await asyncpg.connect(f"{server}/postgres")
    try:
        await holder.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await holder.execute(f'CREATE DATABASE "{name}"')
        # What is lost with the power is no matter here, and waiting for the disk takes most of the time.
        await holder.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        yield f"{server}/{name}"
        await holder.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await holder.close()


async def tables() -> list[str]:
    """Name the tables of the open database, but for the one that holds which migrations it took."""
    return sorted(row["name"] for row in await fetch(_TABLES[dialect()]) if row["name"] != "tortoise_migrations")


async def waiting_for_locks() -> int:
    """Say how many transactions on PostgreSQL wait for one another's locks."""
    held = "wait_event_type='Lock' AND datname=current_database()"
    [row] = await fetch(f"SELECT count(*) AS n FROM pg_stat_activity WHERE {held}")
    return int(row["n"])


async def empty() -> None:
    """Delete every row of the open database."""
    names = await tables()
    some = " UNION ALL ".join(f"SELECT '{name}' AS name WHERE EXISTS(SELECT * FROM \"{name}\")" for name in names)
    found = {row["name"] for row in await fetch(some)}
    await unruled(found, "".join(f'DELETE FROM "{name}";' for name in found))


async def unruled(touched: Collection[str], script: str) -> None:
    """Run the script, which touches these tables, in one transaction in which rows may point to what is not there."""
    if not touched:
        return
    if dialect() == "postgres":
        # Triggers that are switched off one by one would make every connection plan its statements anew.
        await connection().execute_script(f"BEGIN;SET LOCAL session_replication_role=replica;{script}COMMIT;")
        return
    try:
        await connection().execute_script("PRAGMA foreign_keys=OFF")
        await thawed(script, touched)
    finally:
        await connection().execute_script("PRAGMA foreign_keys=ON")


async def thawed(script: str, touched: Collection[str] | None = None) -> None:
    """Run the script, which touches these tables, in one transaction in which what is signed may be changed."""
    freezing = [row for row in await fetch(_FREEZING[dialect()]) if touched is None or row["name"] in touched]
    lift, put_back = ("".join(f"{row[what]};" for row in freezing) for what in ("lift", "put_back"))
    try:
        await connection().execute_script(f"BEGIN;{lift}{script}{put_back}COMMIT;")
    except BaseException:
        # PostgreSQL has rolled back by itself, and gives the connection back.
        if dialect() == "sqlite":
            # Not as a script: Python would commit what is open before that.
            await fetch("ROLLBACK")
        raise
