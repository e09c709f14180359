"""Two practices full of people, drawn by chance from a seed: what the reader is held to its oracle on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from uuid import UUID

from models import Client, Group, Provider, ServiceCode
from models.practice import Role
from resolvers.viewer import Viewer
from tests.guards.reading.planter import Planter
from tests.guards.reading.planter_of_audit import AuditPlanter
from tests.guards.reading.planter_of_charts import ChartPlanter
from tests.guards.reading.planter_of_sessions import SessionPlanter


@dataclass(slots=True)
class Scene:
    """What was planted, and the people who will look at it."""

    viewers: dict[str, Viewer | None] = field(default_factory=dict)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    foreign: dict[str, list[UUID]] = field(default_factory=dict)
    altered: set[UUID] = field(default_factory=set)


FOREIGN = "zz4eign"
"""Part of every name in the other practice: it must never be seen from this one."""
UNSPOKEN = "unspoken"
"""Part of every group's full name, and of nothing else."""


async def plant_scene(seed: int, *, clients: int = 18, groups: int = 9, sessions: bool = False) -> Scene:
    """Make both practices, and everybody who looks at them; with `sessions`, what was done in each of the rooms."""
    rng = random.Random(seed)  # noqa: S311 - drawn again the same
    ours = Planter(rng, name="Ours", currency=rng.choice(("USD", "JPY")), mark="")
    providers = ours.providers(6)
    amara, bjorn, both, led, alone = providers[:5]
    codes = ours.codes()
    people = ours.clients(clients)
    rooms = ours.groups(groups, [amara, bjorn, both, led], codes)
    ours.memberships(rooms, people, 4)
    ours.links(people, rooms, [amara, bjorn, both, led], 0.15)
    ours.belong(rooms[0], people[0])
    ours.user("owner", (Role.OWNER,))
    ours.user("owner in an emergency", (Role.OWNER,))
    ours.user("manager who treats", (Role.MANAGER, Role.PROVIDER), led)
    ours.user("amara", (Role.PROVIDER,), amara)
    ours.user("bjorn", (Role.PROVIDER,), bjorn)
    ours.user("provider without anything", (Role.PROVIDER,), alone)
    ours.user("scheduler", (Role.SCHEDULER,))
    ours.user("biller", (Role.BILLER,))
    ours.user("biller who treats", (Role.BILLER, Role.PROVIDER), both)
    ours.user("client", (Role.CLIENT,), client=people[0])
    ours.user("client of nobody", (Role.CLIENT,), client=ours.clients(1)[0])
    theirs = Planter(rng, name=f"Theirs {FOREIGN}", currency="EUR", mark=f" {FOREIGN}")
    doctors = theirs.providers(2)
    patients = theirs.clients(5)
    prices = theirs.codes()
    circles = theirs.groups(3, doctors, prices)
    theirs.memberships(circles, patients, 3)
    theirs.belong(circles[0], patients[0])
    theirs.links(patients, circles, doctors, 0.4)
    theirs.user("owner elsewhere", (Role.OWNER, Role.PROVIDER), doctors[0])
    theirs.user("client elsewhere", (Role.CLIENT,), client=patients[0])
    altered: set[UUID] = set()
    done: tuple[AuditPlanter, ...] = ()
    if sessions:
        altered |= _work(ours, rooms, people, providers, codes)
        altered |= _work(theirs, circles, patients, doctors, prices)
        done = (AuditPlanter(ours), AuditPlanter(theirs))
        # Of the first client there are notes in every state.
        done[0].open("owner in an emergency", people[1:7], over=False)
        done[0].open("owner in an emergency", [people[0], *people[7:]], over=True)
        done[0].open("manager who treats", [people[0], *people[8:]], over=False)
        done[0].open("manager who treats", people[1:6], over=True)
        done[0].open("owner", people[1:4], over=True)
        done[1].open("owner elsewhere", patients[:3], over=False)
    for practice in (ours, theirs):
        await practice.plant()
    for log in done:
        await log.write()
    viewers = {**ours.viewers, **theirs.viewers, "nobody": None}
    return Scene(viewers=viewers, ids=ours.ids(), foreign=theirs.ids(), altered=altered)


def _work(
    planter: Planter,
    groups: list[Group],
    clients: list[Client],
    providers: list[Provider],
    codes: list[ServiceCode],
) -> set[UUID]:
    sessions = SessionPlanter(planter)
    sessions.sow(groups, clients, providers, codes)
    charts = ChartPlanter(planter, providers)
    charts.sow(sessions)
    charts.break_links()
    return charts.altered
