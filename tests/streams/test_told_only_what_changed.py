"""Who sees nothing of a change hears nothing of it: from how often one is told, the others could be counted."""

from __future__ import annotations

from collections import Counter

import pytest

from models.practice import Role
from tests.charting.scene import work
from tests.client import Data, Person
from tests.guards.deeds import DEEDS, Input
from tests.streams.follower import CALENDAR, Follower, Hall, parse_place
from tests.week import Week
from tests.world import a_user, in_days

STRETCH = {"from": in_days(-21), "to": in_days(40)}
SEEN = CALENDAR
for fields, more in {
    " client { id name } }": " chartNote { id locked addenda { id } } client { id name } }",
    " group { id name }": " group { id name initials provider { id } providers { id } }",
}.items():
    assert fields in SEEN
    SEEN = SEEN.replace(fields, more)
BY_NAME = {deed.mutation: deed for deed in DEEDS}
OTHERWISE: dict[str, tuple[str, Input]] = {
    "a group gets other initials": ("updateGroup", lambda w: {"id": w.monday, "initials": "MC"}),
    "a group is handed over": ("updateGroup", lambda w: {"id": w.monday, "providerId": w.chidis}),
    "a group is shared": (
        "rescheduleAppointment",
        lambda w: {"id": w.coming, "startsAt": in_days(8), "providerId": w.bjorns, "confirmSharing": True},
    ),
}
# The office is told as one of a group's full name, and of how far notes are, on which depends what may be changed.
TOLD_THE_BILLER = {"updateGroup", "completeChart", "reopenChart", "lockChart"}


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


@pytest.mark.parametrize("what", [*BY_NAME, *OTHERWISE])
async def test_whoever_sees_a_change_is_told_of_it_and_nobody_else(week: Week, hall: Hall, what: str) -> None:
    hall.hub.quiet_seconds = 0.01
    ben = await a_user(week.nobody, name="Ben", roles=[Role.CLIENT], client=week.client_ben)
    # Of these, nobody is told twice either: neither do they know who else there is.
    strangers = {"ada": week.ada, "ben": ben, "bjorn": week.bjorn}
    watchers = strangers | {"chidi": week.chidi, "scheduler": week.scheduler, "biller": week.carol}
    before = {name: (await seen(person))[0] for name, person in watchers.items()}
    streams = {name: await hall.changes(person, **STRETCH) for name, person in watchers.items()}
    mutation, given = OTHERWISE[what] if what in OTHERWISE else (what, BY_NAME[what].given)
    deed = BY_NAME[mutation]

    async def do_it() -> None:
        await deed.person(week).do(mutation, "__typename", **deed.keyed(given(week)))

    # What the server does then is another step.
    for goes_on in (do_it, work):
        await goes_on()
        for name, person in watchers.items():
            after, upto = await seen(person)
            changed = {one for one in before[name] | after if before[name].get(one) != after.get(one)}
            before[name] = after
            heard = await told(streams[name], upto)
            too_much = name == "biller" and what in TOLD_THE_BILLER and not changed
            assert too_much or set(heard) == changed, name
            assert name not in strangers or set(heard.values()) <= {1}, name
