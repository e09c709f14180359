"""Readings and refusals wait a moment to be written: none is lost, none doubled, and nobody waits for another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.audit import buffer
from models.audit.entries import Entry, append
from models.base import now
from models.ids import row_id
from models.unit_of_work import drain
from resolvers import access
from schema.reads import Reader
from tests.audit.log import begin, whose
from tests.client import document_of
from tests.rows import count
from tests.world import World, a_payment

CLIENT = "query ($id: ID!) { client(id: $id) { name } }"


async def test_readings_wait_to_be_written_and_none_is_doubled(world: World) -> None:
    await begin()
    before = await count("audit_entry")
    for _ in range(3):
        await world.amara.ask(CLIENT, id=world.client_ada)
    assert (await count("audit_entry"), buffer.waiting()) == (before, 3)
    await buffer.flush()
    await buffer.flush()
    assert (await count("audit_entry"), buffer.waiting()) == (before + 3, 0)


async def test_where_too_much_waits_a_reading_writes_it_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_WAITING", 2)
    since = await begin()
    for _ in range(5):
        await world.amara.ask(CLIENT, id=world.client_ada)
    assert buffer.waiting() <= 2
    assert len(await since.entries(by=world.owner)) == 5


async def test_whoever_takes_it_back_while_the_log_is_written_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin()
    monkeypatch.setattr(buffer, "MOST_WAITING", 1)
    await world.amara.ask(CLIENT, id=world.client_ada)
    before = await count("audit_entry")
    waiter = asyncio.create_task(buffer.room(row_id("prc", world.practice)))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await drain()
    await buffer.flush()
    assert await count("audit_entry") == before + 1


async def test_one_practices_broken_log_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    since = await begin()
    theirs = row_id(
        "prc", (await world.elsewhere.eve.ask("{ viewer { practice { id } } }"))["viewer"]["practice"]["id"]
    )

    async def broken(practice: UUID, entries: list[Entry]) -> None:
        if practice == theirs:
            raise LookupError
        await append(practice, entries)

    monkeypatch.setattr(buffer, "append", broken)
    await world.elsewhere.eve.ask("{ clients { totalCount } }")
    await world.amara.ask(CLIENT, id=world.client_ada)
    with pytest.raises(LookupError):
        await buffer.flush()
    assert buffer.waiting() == 1
    monkeypatch.undo()
    assert [entry["operation"] for entry in await since.entries(by=world.owner)] == ["client"]
    assert buffer.waiting() == 1


async def test_nor_does_it_keep_anybody_of_another_from_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_WAITING", 2)
    monkeypatch.setattr(buffer, "MOST_AT_ONCE", 2)
    since = await begin()
    ours = row_id("prc", world.practice)

    async def broken(practice: UUID, entries: list[Entry]) -> None:
        if practice != ours:
            raise LookupError
        await append(practice, entries)

    with monkeypatch.context() as patch:
        patch.setattr(buffer, "append", broken)
        for _ in range(4):
            await world.elsewhere.eve.answer("{ clients { totalCount } }")
        assert buffer.waiting() == 2
        for _ in range(3):
            await world.amara.ask(CLIENT, id=world.client_ada)
        with pytest.raises(LookupError):
            await buffer.flush()
    assert buffer.waiting() == 2
    assert len(await since.entries(by=world.owner)) == 3


async def test_what_is_read_while_the_log_is_written_waits_for_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else, where somebody reads all the time, it would be written for ever, and nobody who is there be noted."""

    async def meanwhile(practice: UUID, entries: list[Entry]) -> None:
        await append(practice, entries)
        buffer.note(replace(entries[0], at=now()))

    await begin()
    await world.amara.ask(CLIENT, id=world.client_ada)
    with monkeypatch.context() as patch:
        patch.setattr(buffer, "append", meanwhile)
        async with asyncio.timeout(5):
            await buffer.flush()
    assert buffer.waiting() == 1


@pytest.mark.parametrize("of, step", [(access, "payment"), (Reader, "payload")])
async def test_a_refusal_is_noted_though_whoever_asked_leaves_while_it_is_decided_or_told(
    world: World, monkeypatch: pytest.MonkeyPatch, of: Any, step: str
) -> None:
    payment = await a_payment(by=world.carol, client=world.client_ada, amount=100)
    since = await begin()
    there, go, real = asyncio.Event(), asyncio.Event(), getattr(of, step)

    async def held(*args: Any, **given: Any) -> Any:
        there.set()
        await go.wait()
        return await real(*args, **given)

    monkeypatch.setattr(of, step, held)
    refund = {"paymentId": payment, "idempotencyKey": "back", "amountMinor": 101}
    by, outcome = (world.scheduler, "FORBIDDEN") if of is access else (world.carol, "InvalidInput")
    asking = asyncio.create_task(by.answer(document_of("refundPayment"), input=refund))
    async with asyncio.timeout(5):
        await there.wait()
    asking.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    [entry] = await since.entries(by=world.owner)
    assert (entry["operation"], entry["outcome"]) == ("refundPayment", outcome)


async def test_what_cannot_be_written_waits_and_keeps_its_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    since = await begin()
    await world.amara.ask(CLIENT, id=world.client_ada)
    await world.elsewhere.eve.ask("{ clients { edges { node { id } } } }")
    await world.amara.ask(CLIENT, id=world.client_ben)

    async def away(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("models.audit.buffer.append", away)
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the database says
            await buffer.flush()
    assert buffer.waiting() == 3
    entries = await since.entries(by=world.owner)
    assert [whose(entry) for entry in entries] == [{world.client_ben}, {world.client_ada}]
