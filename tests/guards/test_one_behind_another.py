"""Two at once on PostgreSQL, one held behind a step that it took: none stops the other, and none goes past a rule.

SQLite has one writer at a time, and nothing of this can happen there.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import resolvers.attendance
import resolvers.clients
from models import ClientProvider, Practice, Signature
from models.audit import buffer
from models.ids import row_id
from models.problems import InvalidInput
from models.unit_of_work import unit_of_work
from resolvers import access
from resolvers.practice.set_up import create_practice
from resolvers.viewer import OPERATOR
from tests.charting.scene import a_chart, a_session, attend, in_review, locking, work
from tests.client import Data
from tests.databases import ON_POSTGRES, waiting_for_locks
from tests.guards.test_two_writers import attempt
from tests.runs.workers import comes_true
from tests.world import World, a_client, a_payment, an_appointment, in_days

pytestmark = [
    pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has one writer at a time"),
    pytest.mark.usefixtures("no_deadlock"),
]

CLIENT = "query ($id: ID!) { client(id: $id) { name } }"


class Held:
    """Holds whoever first takes a step, right behind it, until they are let go."""

    def __init__(self, patch: pytest.MonkeyPatch, of: Any, name: str) -> None:
        step = getattr(of, name)
        self.there, self.go = asyncio.Event(), asyncio.Event()

        async def held(*args: Any, **given: Any) -> Any:
            found = await step(*args, **given)
            if not self.there.is_set():
                self.there.set()
                await self.go.wait()
            return found

        patch.setattr(of, name, held)


async def waits(other: asyncio.Future[Any]) -> None:
    """Wait until the other has come as far as it can: to its end, or to somebody's lock."""

    async def has_come() -> bool:
        return other.done() or await waiting_for_locks() > 0

    await comes_true(has_come)


async def test_the_log_of_who_read_a_client_does_not_wait_for_their_refund(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = await a_payment(by=world.carol, client=world.client_ada, amount=100)
    await world.amara.ask(CLIENT, id=world.client_ada)
    held = Held(monkeypatch, access, "lock_client")
    refund = attempt(world.owner, "refundPayment", paymentId=payment, idempotencyKey="back", amountMinor=10)
    refunding = asyncio.ensure_future(refund())
    await held.there.wait()
    writing = asyncio.create_task(buffer.flush())
    await waits(writing)
    held.go.set()
    assert await refunding == "done"
    await writing


async def test_the_log_of_who_read_a_client_does_not_wait_for_their_note_to_be_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await locking(await in_review(by=world.amara, group=world.monday), by=world.amara)
    await world.amara.ask(CLIENT, id=world.client_ada)
    held = Held(monkeypatch, Signature, "create")
    signing = asyncio.create_task(work())
    await held.there.wait()
    writing = asyncio.create_task(buffer.flush())
    await waits(writing)
    held.go.set()
    await asyncio.gather(signing, writing)


async def test_a_session_is_called_off_while_one_of_its_clients_is_refunded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    payment = await a_payment(by=world.carol, client=world.client_ada, amount=100)
    held = Held(monkeypatch, access, "lock_client")
    refund = attempt(world.owner, "refundPayment", paymentId=payment, idempotencyKey="back", amountMinor=10)
    refunding = asyncio.ensure_future(refund())
    await held.there.wait()
    calling_off = asyncio.ensure_future(attempt(world.scheduler, "cancelAppointment", id=session)())
    await waits(calling_off)
    held.go.set()
    assert (await refunding, await calling_off) == ("done", "done")


@pytest.mark.parametrize("other, field", [("markAllAttended", "appointmentId"), ("cancelAppointment", "id")])
async def test_who_sets_one_and_who_changes_the_whole_session_wait_in_one_order(
    world: World, monkeypatch: pytest.MonkeyPatch, other: str, field: str
) -> None:
    draft = await a_chart(by=world.amara, group=world.monday)
    held = Held(monkeypatch, access, "attendance_to_set")
    set_one = attempt(
        world.amara, "setAttendance", attendanceId=draft.lines[world.client_ada], outcome="NO_SHOW", feeMinor=0
    )
    setting = asyncio.ensure_future(set_one())
    await held.there.wait()
    changing = asyncio.ensure_future(attempt(world.scheduler, other, **{field: draft.id})())
    await waits(changing)
    held.go.set()
    assert await setting == "done"
    assert await changing in {"done", "InvalidInput"}


async def test_nothing_is_cleared_under_a_chart_that_is_started_and_completed_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R43, R44: who is not marked has no note, and once notes are made nobody is cleared."""
    session = await a_session(by=world.amara, group=world.monday)
    await attend(session, by=world.amara)
    held = Held(monkeypatch, resolvers.attendance, "attendance_changes")
    clear = attempt(world.scheduler, "clearAttendance", attendanceId=session.lines[world.client_ada])
    clearing = asyncio.ensure_future(clear())
    await held.there.wait()

    async def chart() -> str:
        started = await world.amara.do("startChart", "chart { id }", appointmentId=session.id)
        return await attempt(world.amara, "completeChart", chartId=started["chart"]["id"])()

    charting = asyncio.create_task(chart())
    await waits(charting)
    held.go.set()
    assert (await clearing, await charting) == ("done", "AttendanceNotSet")


@pytest.mark.parametrize("asked", [{}, {"confirmSharing": True}])
async def test_who_sees_a_client_no_more_does_not_take_them_back_by_a_click_that_was_under_way(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: Data
) -> None:
    """R20."""
    client = await a_client(by=world.owner, first_name="Uma", providers=[world.amaras, world.bjorns])
    held = Held(monkeypatch, resolvers.clients, "keep_client_access")
    ending = asyncio.ensure_future(attempt(world.owner, "updateClient", id=client, providerIds=[world.amaras])())
    await held.there.wait()
    schedule = attempt(world.bjorn, "scheduleAppointment", clientId=client, startsAt=in_days(9), **asked)
    taking = asyncio.ensure_future(schedule())
    await waits(taking)
    held.go.set()
    assert (await ending, await taking) == ("done", "NOT_FOUND")
    assert not await ClientProvider.exists(client_id=row_id("clt", client), provider_id=row_id("prv", world.bjorns))
    assert await world.bjorn.ask(CLIENT, id=client) == {"client": None}


async def test_of_two_practices_of_one_name_that_are_made_at_once_there_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make() -> Practice:
        return await unit_of_work(lambda: create_practice(OPERATOR, name="Harbor", time_zone="UTC", currency="USD"))

    held = Held(monkeypatch, access, "practices_by_name")
    first = asyncio.create_task(make())
    await held.there.wait()
    second = asyncio.create_task(make())
    await waits(second)
    held.go.set()
    await first
    with pytest.raises(InvalidInput):
        await second
    assert await Practice.filter(name="Harbor").count() == 1
