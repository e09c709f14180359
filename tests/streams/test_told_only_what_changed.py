"""Who sees nothing of a change hears nothing of it: from how often one is told, the others could be counted."""

from __future__ import annotations

from collections import Counter

import pytest

from models.practice import Role
from tests.charting.scene import work
from tests.client import Data, Person
from tests.guards.deeds import DEEDS, Deed
from tests.streams.follower import CALENDAR, Follower, Hall, parse_place
from tests.week import Week
from tests.world import a_user, in_days

STRETCH = {"from": in_days(-21), "to": in_days(40)}
SEEN = CALENDAR.replace(" client { id name } }", " chartNote { id locked addenda { id } } client { id name } }")
# Whose share ends has to hear of it, and an event says of no provider that it is theirs: docs/security.md tells it.
WIDELY = {"unshareGroup"}


async def seen(person: Person) -> tuple[dict[str, Data], int]:
    """Give what somebody sees of each session, and how far the log has come."""
    now = (await person.ask(SEEN, **STRETCH))["calendar"]
    return {session["id"]: session for session in now["appointments"]}, parse_place(now["cursor"])[1]


async def told(stream: Follower, upto: int) -> Counter[str]:
    """Say of which sessions a stream tells, and how often."""
    found, place = Counter[str](), -1
    while place < upto:
        change = await stream.next()
        place = parse_place(change["cursor"])[1]
        if change["kind"] != "CHECKPOINT":
            found[change["appointmentId"]] += 1
    return found


@pytest.mark.parametrize("deed", [deed for deed in DEEDS if deed.mutation not in WIDELY], ids=str)
async def test_a_client_and_a_colleague_are_told_once_of_what_is_another_for_them(
    week: Week, hall: Hall, deed: Deed
) -> None:
    hall.hub.quiet_seconds = 0.01
    ben = await a_user(week.nobody, name="Ben", roles=[Role.CLIENT], client=week.client_ben)
    watchers = {"ada": week.ada, "ben": ben, "bjorn": week.bjorn}
    before = {name: (await seen(person))[0] for name, person in watchers.items()}
    streams = {name: await hall.changes(person, **STRETCH) for name, person in watchers.items()}
    await deed.do(week)
    await work()
    for name, person in watchers.items():
        after, upto = await seen(person)
        changed = {one for one in before[name] | after if before[name].get(one) != after.get(one)}
        assert await told(streams[name], upto) == dict.fromkeys(changed, 1), name
