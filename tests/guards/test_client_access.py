"""The kept table `client_access` says what the rule says, whatever was done, in whatever order and at once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from strawberry import Schema

from models import Appointment, Client, ClientProvider, Group, GroupMembership, GroupShare, Provider
from models.base import now
from models.client_access import keep_client_access
from models.database import fetch
from models.ids import wire_id
from models.unit_of_work import unit_of_work
from resolvers import access
from resolvers.viewer import Viewer
from schema import build_schema
from schema.context import Context
from tests.guards.reading.scene import Scene, plant_scene

Pairs = set[tuple[UUID, UUID]]
# Some may do all of it, Amara and Björn what is theirs; who may not is refused, and that changes nothing.
REFUSALS = {"NOT_FOUND", "FORBIDDEN"}
ACTORS = ("owner", "owner", "scheduler", "amara", "bjorn", "biller", "client")


async def ruled() -> Pairs:
    """Give who may see whom, by the rule in words.

    Who usually sees the client, who owns or shares a group that the client is or was a member of, and who has an
    appointment with the client alone on their calendar.
    """
    holders: dict[UUID, set[UUID]] = {group.id: {group.provider_id} for group in await Group.all()}
    for share in await GroupShare.all():
        holders[share.group_id].add(share.provider_id)
    pairs = {(link.provider_id, link.client_id) for link in await ClientProvider.all()}
    for membership in await GroupMembership.all():
        pairs |= {(provider, membership.client_id) for provider in holders[membership.group_id]}
    alone = await Appointment.filter(client_id__not_isnull=True)
    return pairs | {(session.provider_id, session.client_id) for session in alone if session.client_id}


async def kept() -> Pairs:
    rows = await fetch("SELECT provider_id, client_id FROM client_access")
    return {(UUID(str(row["provider_id"])), UUID(str(row["client_id"]))) for row in rows}


@dataclass
class Practice:
    """Does whatever may change who sees whom, by chance."""

    schema: Schema
    scene: Scene
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)

    async def something(self) -> None:
        deeds = (
            self.create_client,
            self.update_client,
            self.create_group,
            self.hand_over,
            self.member,
            self.member,
            self.archive,
            self.schedule,
            self.schedule,
            self.reschedule,
            self.reschedule,
            self.cancel,
            self.unshare,
        )
        await self.rng.choice(deeds)()

    async def mutate(self, mutation: str, /, **given: Any) -> None:
        kind = f"{mutation[0].upper()}{mutation[1:]}"
        document = f"mutation ($input: {kind}Input!) {{ done: {mutation}(input: $input) {{ __typename }} }}"
        viewer = self.scene.viewers[self.rng.choice(ACTORS)]
        answer = await self.schema.execute(
            document, variable_values={"input": given}, context_value=Context(viewer, "127.0.0.1", secure=False)
        )
        assert {error.extensions["code"] for error in answer.errors or [] if error.extensions} <= REFUSALS
        self.done[mutation] += (answer.data or {}).get("done") == {"__typename": f"{kind}Payload"}

    async def one(self, model: type[Client | Group | Provider | Appointment], prefix: str) -> str:
        ids = await model.all().order_by("id").values_list("id", flat=True)
        return wire_id(prefix, self.rng.choice(ids))  # type: ignore[arg-type]

    async def some(self, model: type[Client | Provider], prefix: str) -> list[str]:
        return [await self.one(model, prefix) for _ in range(self.rng.randrange(4))]

    async def create_client(self) -> None:
        given = {"providerIds": await self.some(Provider, "prv")} if self.rng.random() < 0.7 else {}
        await self.mutate("createClient", firstName="New", lastName="Client", **given)

    async def update_client(self) -> None:
        given: dict[str, Any] = {"providerIds": self.rng.choice((None, await self.some(Provider, "prv")))}
        if self.rng.random() < 0.3:
            given = {"active": self.rng.random() < 0.6}
        await self.mutate("updateClient", id=await self.one(Client, "clt"), **given)

    async def create_group(self) -> None:
        given = {"providerId": await self.one(Provider, "prv"), "clientIds": await self.some(Client, "clt")}
        await self.mutate("createGroup", name="New", initials="N", **given)

    async def hand_over(self) -> None:
        provider = await self.one(Provider, "prv")
        await self.mutate("updateGroup", id=await self.one(Group, "grp"), providerId=provider)

    async def member(self) -> None:
        name = self.rng.choice(("addGroupMember", "addGroupMember", "removeGroupMember"))
        await self.mutate(name, groupId=await self.one(Group, "grp"), clientId=await self.one(Client, "clt"))

    async def archive(self) -> None:
        await self.mutate("archiveGroup", id=await self.one(Group, "grp"), archived=self.rng.random() < 0.5)

    async def schedule(self) -> None:
        whom = {"groupId": await self.one(Group, "grp")}
        if self.rng.random() < 0.5:
            whom = {"clientId": await self.one(Client, "clt")}
        # A week ahead of now or behind it: rosters of coming sessions change with the group.
        starts = now() + timedelta(days=self.rng.choice((-7, 7)))
        await self.mutate(
            "scheduleAppointment",
            **whom,
            providerId=await self.one(Provider, "prv"),
            startsAt=starts.isoformat(),
            confirmSharing=self.rng.random() < 0.8,
        )

    async def reschedule(self) -> None:
        if await Appointment.exists():
            await self.mutate(
                "rescheduleAppointment",
                id=await self.one(Appointment, "apt"),
                startsAt=now().isoformat(),
                providerId=await self.one(Provider, "prv"),
                confirmSharing=True,
            )

    async def cancel(self) -> None:
        if self.rng.random() < 0.5 and await Appointment.exists():
            await self.mutate("cancelAppointment", id=await self.one(Appointment, "apt"))

    async def unshare(self) -> None:
        shares = await GroupShare.all().order_by("id")
        if shares:
            share = self.rng.choice(shares)
            group, provider = wire_id("grp", share.group_id), wire_id("prv", share.provider_id)
            await self.mutate("unshareGroup", groupId=group, providerId=provider)


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    """The practice of a random scene; the execution's own log of errors is put aside meanwhile."""
    log = logging.getLogger("strawberry.execution")
    log.disabled = True
    yield Practice(build_schema()[0], await plant_scene(5), random.Random(5))  # noqa: S311 - drawn again the same
    log.disabled = False


async def test_after_each_mutation_the_table_says_what_the_rule_says(practice: Practice) -> None:
    assert await kept() == await ruled() != set()
    for step in range(1000):
        if step >= 350 and min(practice.done.values()) >= 3:
            break
        before = practice.done.copy()
        await practice.something()
        assert await kept() == await ruled(), practice.done - before
    assert min(practice.done.values()) >= 3, practice.done


async def test_after_mutations_at_once_the_table_says_what_the_rule_says(practice: Practice) -> None:
    for _ in range(40):
        await asyncio.gather(*(practice.something() for _ in range(5)))
        assert await kept() == await ruled()


Reason = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Doubly:
    """A client whom a provider sees for several reasons, each of which can be taken away."""

    client: Client
    provider: Provider
    reasons: dict[str, Reason]


async def _doubly(viewer: Viewer) -> Doubly:
    practice_id = viewer.practice_id
    assert practice_id
    provider = await Provider.create(practice_id=practice_id, name="Dr. Two", sort_name="dr. two")
    owner = await Provider.filter(practice_id=practice_id).exclude(id=provider.id).order_by("id").first()
    assert owner
    code = (await Group.filter(practice_id=practice_id).order_by("id").first() or Group()).default_service_code_id
    client = Client(practice_id=practice_id)
    client.take({"first_name": "Ada", "last_name": "Twice"})
    await client.save()
    link = await ClientProvider.create(practice_id=practice_id, client_id=client.id, provider_id=provider.id)
    shares = []
    for name in ("First", "Second"):
        group = Group(practice_id=practice_id, provider_id=owner.id, default_service_code_id=code)
        group.take({"name": name, "initials": name[:1]})
        await group.save()
        await GroupMembership.create(practice_id=practice_id, group_id=group.id, client_id=client.id)
        shares.append(await GroupShare.create(practice_id=practice_id, group_id=group.id, provider_id=provider.id))
    starts = now()
    session = await Appointment.create(
        practice_id=practice_id,
        kind="INDIVIDUAL",
        client_id=client.id,
        provider_id=provider.id,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    await keep_client_access([client.id])

    async def move() -> None:
        await Appointment.filter(id=session.id).update(provider_id=owner.id)

    reasons: dict[str, Reason] = {
        "link": link.delete,
        "session": move,
        "first share": shares[0].delete,
        "second share": shares[1].delete,
    }
    return Doubly(client, provider, reasons)


@pytest.mark.parametrize(
    "first, second",
    [
        ("link", "first share"),
        ("first share", "link"),
        ("first share", "second share"),
        ("session", "link"),
        ("first share", "session"),
    ],
)
async def test_two_units_that_each_take_away_one_reason_leave_no_row(
    practice: Practice, first: str, second: str
) -> None:
    owner = practice.scene.viewers["owner"]
    assert owner
    for _ in range(5):
        seen = await _doubly(owner)
        for other in seen.reasons.keys() - {first, second}:
            await seen.reasons[other]()
        met = asyncio.Barrier(2)

        async def take_away(reason: Reason, client: UUID = seen.client.id, met: asyncio.Barrier = met) -> None:
            await reason()
            # Neither sees that the other's is gone. SQLite lets one in at a time: that one waits in vain, and goes on.
            with suppress(TimeoutError, asyncio.BrokenBarrierError):
                async with asyncio.timeout(0.1):
                    await met.wait()
            await keep_client_access([client])

        await asyncio.gather(*(unit_of_work(partial(take_away, seen.reasons[name])) for name in (first, second)))
        assert (seen.provider.id, seen.client.id) not in await kept()
        assert await kept() == await ruled()


async def test_a_unit_that_is_rolled_back_leaves_the_table_as_it_was(practice: Practice) -> None:
    before = await kept()
    group = await Group.filter(id__in=practice.scene.ids["grp"]).order_by("id").first()
    assert group

    async def fail() -> None:
        await GroupShare.filter(group_id=group.id).delete()
        await keep_client_access(await access.ever_members(group))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await unit_of_work(fail)
    assert await kept() == before == await ruled()
