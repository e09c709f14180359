"""What stands in the tables after a run, read past everything that the product believes of itself."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from models.charting.notes import hash_of
from models.ids import parse_id
from tests.runs.sessions import Charted

Row = dict[str, Any]
Look = Callable[[str], Awaitable[list[Row]]]
"""Asks a database and gives the rows."""


@asynccontextmanager
async def looking_at(url: str) -> AsyncIterator[Look]:
    """Give the way to a database that this process has not opened, beside whoever works on it."""
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"), timeout=10, isolation_level=None)) as file:
            file.row_factory = sqlite3.Row

            async def look(sql: str) -> list[Row]:
                return [dict(row) for row in file.execute(sql)]

            yield look
        return
    connection = await asyncpg.connect(url)

    async def ask(sql: str) -> list[Row]:
        return [dict(row) for row in await connection.fetch(sql)]

    try:
        yield ask
    finally:
        await connection.close()


def quoted(wire: str) -> str:
    """Give an id as both databases take it within a statement."""
    parsed = parse_id(wire)
    assert parsed
    return f"'{parsed[1]}'"


async def run_of(look: Look, run: str) -> Row:
    """Give a run's row."""
    [row] = await look(f"SELECT * FROM chart_run WHERE id={quoted(run)}")
    return row


async def state_of(look: Look, charted: Charted) -> str:
    """Give a chart's state."""
    [row] = await look(f"SELECT state FROM chart WHERE id={quoted(charted.chart)}")
    state: str = row["state"]
    return state


async def notes_of(look: Look, charted: Charted) -> dict[str, Row]:
    """Give the notes of a chart under their clients' ids; one client with two fails."""
    rows = await look(f"SELECT * FROM chart_note WHERE chart_id={quoted(charted.chart)}")
    notes = {f"clt_{UUID(str(row['client_id'])).hex}": row for row in rows}
    assert len(notes) == len(rows)
    return notes


async def assert_ended_well(look: Look, charted: Charted) -> None:
    """The run succeeded, and its counts are those of its steps."""
    run = await run_of(look, charted.run)
    assert (run["state"], run["done"], run["failed"]) == ("SUCCEEDED", run["total"], 0), run
    assert run["finished_at"] is not None
    steps = await look(f"SELECT state,reason FROM chart_run_step WHERE run_id={quoted(charted.run)}")
    assert steps == [{"state": "DONE", "reason": None}] * run["total"]
    assert run["total"] == len(charted.came)


async def assert_assembled(look: Look, charted: Charted) -> None:
    """Everybody who came has exactly one whole note, and nobody else has one."""
    notes = await notes_of(look, charted)
    assert {client: note["body"] for client, note in notes.items()} == {
        client: charted.note_of(client) for client in charted.came
    }


async def assert_locked(look: Look, charted: Charted) -> None:
    """Each of these notes is locked and signed exactly once, and every link of every chain holds."""
    assert await state_of(look, charted) == "LOCKED"
    await assert_assembled(look, charted)
    assert None not in [note["locked_at"] for note in (await notes_of(look, charted)).values()]
    await assert_unbroken(look)


async def assert_unbroken(look: Look) -> None:
    """Locked notes are signed once, numbered without a gap for each client, and have the hash of the one before."""
    links = await look(
        "SELECT n.*,s.signed_as,s.attestation,s.provider_id AS signer FROM chart_note n"
        " LEFT JOIN signature s ON s.note_id=n.id WHERE n.locked_at IS NOT NULL OR s.id IS NOT NULL"
    )
    assert len({link["id"] for link in links}) == len(links)
    chains: dict[str, list[Row]] = {}
    for link in sorted(links, key=lambda link: link["chain_no"]):
        chains.setdefault(str(link["client_id"]), []).append(link)
    for chain in chains.values():
        assert [link["chain_no"] for link in chain] == [*range(1, len(chain) + 1)]
        previous = None
        for link in chain:
            assert link["previous_hash"] == previous
            assert link["content_hash"] == (previous := _hash(link))
            assert str(link["signer"]) == str(link["provider_id"])


def _hash(link: Row) -> str:
    return hash_of(
        note=UUID(str(link["id"])),
        client=UUID(str(link["client_id"])),
        appointment=UUID(str(link["appointment_id"])),
        provider=UUID(str(link["provider_id"])),
        body=link["body"],
        locked_at=_moment(link["locked_at"]),
        signed_as=link["signed_as"],
        attestation=link["attestation"],
        previous=link["previous_hash"],
    )


def _moment(stored: str | datetime) -> str:
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
