"""N7: whatever the groups are and whatever is written, no member is told what another could be known by."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from strawberry import Schema
from tortoise.models import Model

import models
from models.audit.buffer import flush, forget
from models.database import dialect
from resolvers import access
from resolvers.reading.asking import Asking, Row
from schema.reads import Reader
from tests.charting.scene import attend, complete, lock, notes, save
from tests.client import in_process
from tests.guards.reading.listeners import ears
from tests.guards.reading.members import Circle, Members
from tests.guards.reading.scene import Scene
from tests.guards.reading.tellers import teller
from tests.rows import Snapshot
from tests.world import World, a_payment


async def steps(circle: Circle) -> AsyncIterator[str]:
    """Go the whole way with each session: who came, what they paid, what is written, reviewed, locked and added."""
    amara, rng = circle.world.amara, circle.rng
    yield "scheduled"
    for group, members in circle.groups.items():
        given = {"groupId": group, "clientId": rng.choice(members).id}
        await amara.do("removeGroupMember", **given)
        yield "left"
        await amara.do("addGroupMember", **given)
        yield "came back"
    for number, held in enumerate(circle.sessions):
        there = circle.of(held)
        absent = [one.id for one in there if len(there) > 1 and rng.random() < 0.3]
        await attend(held, by=amara, absent=absent)
        payer = rng.choice(there)
        await a_payment(by=amara, client=payer.id, amount=100, reference=f"Of {payer.word}", memo=payer.word)
        yield "came and paid"
        started = await amara.do("startChart", "chart { id }", appointmentId=held.id)
        session = circle.sessions[number] = type(held)(held.id, held.lines, started["chart"]["id"])
        words = {one.id: circle.text(one.word) for one in there if rng.random() < 0.8}
        await save(session, by=amara, notes=circle.text(), words=words)
        yield "written"
        await complete(session, by=amara)
        yield "reviewed"
        await lock(session, by=amara)
        for client, note in (await notes(session, by=amara)).items():
            [member] = [one for one in there if one.id == client]
            await amara.do("addAddendum", noteId=note["id"], body=circle.text(member.word))
        yield "locked"
    await circle.world.owner.do("breakGlass", clientId=rng.choice(circle.members).id, reason=circle.text())
    yield "opened"


async def told_of_others(
    world: World, schema: Schema, reader: Reader, seed: int, many: int, tally: Counter[str]
) -> list[str]:
    """Say what members are told of one another, by whatever they ask and follow, at each step of the way."""
    rng = random.Random(seed)  # noqa: S311 - drawn again the same
    circle = await Circle.draw(world, rng, many)
    await circle.meet()
    author = teller(schema, rng, Scene(ids=await circle.ids()))
    found = []
    async with ears(schema, reader, author) as opened:
        members = Members(circle, author, opened, tally)
        members.listen()
        async for step in steps(circle):
            await circle.learn()
            found += await members.heard()
            # What was read is to be in the log that is read.
            await flush()
            for member in circle.members if step == "opened" else [rng.choice(circle.members)]:
                found += await members.ask(member)
    forget()
    return found


async def test_members_of_a_circle_are_told_nothing_of_one_another(
    world: World, schema: Schema, reader: Reader
) -> None:
    """N7."""
    tally: Counter[str] = Counter()
    assert await told_of_others(world, schema, reader, 1, 3, tally) == []
    assert tally["texts"] > tally["streams"]


@pytest.mark.thorough
async def test_members_of_any_circle_are_told_nothing_of_one_another(
    world: World,
    rehearsed: tuple[World, Snapshot],
    schema: Schema,
    reader: Reader,
    circles: int,
    figures: Callable[[str], None],
) -> None:
    tally: Counter[str] = Counter()
    for seed in range(2, circles + 2):
        assert await told_of_others(world, schema, reader, seed, 2 + seed % 4, tally) == []
        await rehearsed[1].restore()
    counts = ", ".join(f"{count} {what}" for what, count in tally.items())
    figures(f"Members apart on {dialect()}: {counts}, none of them of anybody else.")


def _everybodys(row: Row, q: Asking) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')}"


@pytest.mark.thorough
@pytest.mark.parametrize("model", [models.Attendance, models.ChartNote])
async def test_what_another_could_be_known_by_would_be_noticed(
    world: World, schema: Schema, reader: Reader, monkeypatch: pytest.MonkeyPatch, model: type[Model]
) -> None:
    """A rule is weakened on purpose."""
    monkeypatch.setitem(access.VISIBLE, model, _everybodys)
    # What was compiled by the rule that is good would be kept.
    nobody = replace(world.nobody, send=in_process())
    assert await told_of_others(replace(world, nobody=nobody), schema, reader, 1, 2, Counter())
