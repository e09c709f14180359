"""Faults that the database makes, so that the code under test is the code that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models.database import connection, dialect
from tests.runs.ledger import quoted

SECRET = "the words of a note"


@asynccontextmanager
async def refusing(event: str, table: str, condition: str) -> AsyncIterator[None]:
    """Let no row be inserted or updated where `condition` holds of NEW, for as long as the block lasts."""
    if dialect() == "postgres":
        make = (
            f"CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '{SECRET}'; END $$;"
            f"CREATE TRIGGER refusing BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition})"
            " EXECUTE FUNCTION refusing();"
        )
        drop = f"DROP TRIGGER refusing ON {table}; DROP FUNCTION refusing();"
    else:
        make = (
            f"CREATE TRIGGER refusing BEFORE {event} ON {table} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{SECRET}'); END;"
        )
        drop = "DROP TRIGGER refusing;"
    await connection().execute_script(make)
    try:
        yield
    finally:
        await connection().execute_script(drop)


def assembling(client: str) -> tuple[str, str, str]:
    """Where the assembling of this client's note is refused."""
    return "INSERT", "chart_note", f"NEW.client_id={quoted(client)}"


def locking(client: str) -> tuple[str, str, str]:
    """Where the locking of this client's note is refused."""
    return "UPDATE", "chart_note", f"NEW.client_id={quoted(client)}"


def ending() -> tuple[str, str, str]:
    """Where the end of every run is refused."""
    return "UPDATE", "chart_run", "NEW.state='SUCCEEDED'"
