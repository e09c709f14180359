"""A statement for a database that is not the suite's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import asyncpg


async def execute(database: str, statement: str) -> None:
    """Carry it out, and commit."""
    if database.startswith("sqlite://"):
        with closing(sqlite3.connect(database.removeprefix("sqlite://"))) as file, file:
            file.execute(statement)
        return
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
