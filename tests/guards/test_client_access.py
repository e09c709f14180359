"""The kept table `client_access` says what the rule says, whatever was done, in whatever order and at once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from strawberry import Schema

from models import Client, ClientProvider, Group, GroupMembership, GroupShare, Provider
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

    Who usually sees the client, and who owns or shares a group that the client is or was a member of.
    """
    holders: dict[UUID, set[UUID]] = {group.id: {group.provider_id} for group in await Group.all()}
    for share in await GroupShare.all():
        holders[share.group_id].add(share.provider_id)
    pairs = {(link.provider_id, link.client_id) for link in await ClientProvider.all()}
    for membership in await GroupMembership.all():
        pairs |= {(provider, membership.client_id) for provider in holders[membership.group_id]}
    return pairs


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
            self.share,
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

    async def one(self, model: type[Client | Group | Provider], prefix: str) -> str:
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

    async def share(self) -> None:
        """Share a group of the practice with a provider, or end that; no mutation of these rooms does."""
        owner = self.scene.viewers["owner"]
        assert owner
        wire, provider = wire_id("grp", self.rng.choice(self.scene.ids["grp"])), self.rng.choice(self.scene.ids["prv"])

        async def toggle() -> None:
            group = await access.group(owner, wire, change=True, lock=True)
            there = await access.share(group, provider)
            if there is not None:
                await there.delete()
            elif group.provider_id != provider:
                await GroupShare.create(practice_id=group.practice_id, group_id=group.id, provider_id=provider)
            await keep_client_access(await access.ever_members(group))

        await unit_of_work(toggle)
        self.done["share"] += 1


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    """The practice of a random scene; the execution's own log of errors is put aside meanwhile."""
    log = logging.getLogger("strawberry.execution")
    log.disabled = True
    yield Practice(build_schema()[0], await plant_scene(5), random.Random(5))  # noqa: S311 - drawn again the same
    log.disabled = False


async def test_after_each_mutation_the_table_says_what_the_rule_says(practice: Practice) -> None:
    assert await kept() == await ruled() != set()
    for _ in range(250):
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
    await keep_client_access([client.id])
    reasons: dict[str, Reason] = {
        "link": link.delete,
        "first share": shares[0].delete,
        "second share": shares[1].delete,
    }
    return Doubly(client, provider, reasons)


@pytest.mark.parametrize(
    "first, second", [("link", "first share"), ("first share", "link"), ("first share", "second share")]
)
async def test_two_units_that_each_take_away_one_reason_leave_no_row(
    practice: Practice, first: str, second: str
) -> None:
    owner = practice.scene.viewers["owner"]
    assert owner
    for _ in range(5):
        seen = await _doubly(owner)
        [last] = seen.reasons.keys() - {first, second}
        await seen.reasons[last]()
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
