"""The cast in the middle of their work: what was scheduled, held, paid for and written in a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from models.practice import Role
from tests.charting.scene import (
    Session,
    a_chart,
    a_draft,
    a_template,
    in_review,
    locked,
    locking,
    templates,
    work_badly,
)
from tests.client import Person
from tests.world import World, a_payment, a_user, an_appointment, in_days, lines_of


@dataclass(frozen=True, slots=True)
class Charted:
    """A session of some days ago, its chart, and the ids of what belongs to that."""

    session: str
    lines: Mapping[str, str]
    """The line of each client; so are entries and notes."""
    chart: str
    version: int
    entries: Mapping[str, str]
    entry_version: int
    """The same of all who have words of their own."""
    notes: Mapping[str, str]
    warnings: list[str]
    run: str
    """The latest, if there is any."""
    addendum: str = ""


@dataclass(frozen=True, slots=True)
class Week(World):
    """The cast in the middle of their work: with sessions behind and before them, money taken, and notes written."""

    chidi: Person
    chidis: str
    """Chidi as a provider, with whom Monday's group was shared by scheduling it in two months."""
    past: str
    """Monday's group a week ago: Ada came and has paid, Ben did not show up, of Chloe nothing is set."""
    past_ada: str
    past_ben: str
    past_chloe: str
    coming: str
    """Monday's group in a week; nothing is set."""
    coming_ada: str
    coming_ben: str
    off: str
    """Monday's group in two weeks, called off."""
    off_ada: str
    individual_ada: str
    """Amara's session with Ada alone, in a week as well, at another hour."""
    bjorns_session: str
    """The Thursday group on Björn's calendar in a week."""
    bjorns_line: str
    """Dora's line of it."""
    payment: str
    """100.00 from Ada: 60.00 for the session that is over, and the rest is credit."""
    allocation: str
    doras_payment: str
    elsewhere_session: str
    elsewhere_line: str
    elsewhere_payment: str
    elsewhere_allocation: str

    template: str
    """The practice's own; the next two are for individual sessions."""
    hipaa: str
    soap: str
    drafted: Charted
    """Monday's group, as are the next four; to all of them Ada and Ben came, and Chloe did not."""
    unassembled: Charted
    """Completing failed for one of the two."""
    reviewed: Charted
    """In review, with two warnings, as nothing is written for anybody alone."""
    unlocked: Charted
    """As reviewed, and locking failed for one of the two."""
    locked: Charted
    drafted_alone: Charted
    """Amara's session with Ada alone, of which nothing is set yet."""
    bjorns_locked: Charted
    """The Thursday group, with a warning."""
    elsewhere_template: str
    elsewhere_locked: Charted
    """With a warning as well."""


async def a_week(world: World) -> Week:
    """Let the cast work for a week."""
    chidi = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
    chidis = (await chidi.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    far = in_days(60)
    await an_appointment(by=world.amara, group=world.monday, provider=chidis, starts_at=far, confirm_sharing=True)
    sessions = {
        name: await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days))
        for name, days in (("past", -7), ("coming", 7), ("off", 14))
    }
    lines = {name: await lines_of(session, by=world.amara) for name, session in sessions.items()}
    past = lines["past"]
    await world.amara.do("setAttendance", attendanceId=past[world.client_ada], outcome="ATTENDED", feeMinor=6000)
    await world.amara.do("setAttendance", attendanceId=past[world.client_ben], outcome="NO_SHOW", feeMinor=2500)
    await world.amara.do("cancelAppointment", id=sessions["off"], reason="Snow")
    payment = await a_payment(by=world.amara, client=world.client_ada, amount=10_000, line=past[world.client_ada])
    bjorns = await an_appointment(by=world.bjorn, group=world.thursday, starts_at=in_days(7, 12))
    eve = world.elsewhere.eve
    elsewhere = await an_appointment(by=eve, group=world.elsewhere.group, starts_at=in_days(-7))
    [line] = (await lines_of(elsewhere, by=eve)).values()
    await eve.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=6000)
    paid = await a_payment(by=eve, client=world.elsewhere.client, amount=6000, line=line)
    template = await a_template(by=world.amara)
    kinds = await templates(by=world.amara)
    return Week(
        **{one.name: getattr(world, one.name) for one in fields(World)},
        chidi=chidi,
        chidis=chidis,
        past=sessions["past"],
        past_ada=past[world.client_ada],
        past_ben=past[world.client_ben],
        past_chloe=past[world.client_chloe],
        coming=sessions["coming"],
        coming_ada=lines["coming"][world.client_ada],
        coming_ben=lines["coming"][world.client_ben],
        off=sessions["off"],
        off_ada=lines["off"][world.client_ada],
        individual_ada=await an_appointment(by=world.amara, client=world.client_ada, starts_at=in_days(7, 9)),
        bjorns_session=bjorns,
        bjorns_line=(await lines_of(bjorns, by=world.bjorn))[world.client_dora],
        payment=payment,
        allocation=await _allocation(payment, by=world.amara),
        doras_payment=await a_payment(by=world.bjorn, client=world.client_dora, amount=5000),
        elsewhere_session=elsewhere,
        elsewhere_line=line,
        elsewhere_payment=paid,
        elsewhere_allocation=await _allocation(paid, by=eve),
        template=template,
        hipaa=kinds["HIPAA"],
        soap=kinds["SOAP"],
        elsewhere_template=await a_template(by=eve, name="Elsewhere form"),
        **await _charts(world, template, kinds["SOAP"]),
    )


async def _allocation(payment: str, *, by: Person) -> str:
    found = "query ($id: ID!) { node(id: $id) { ... on Payment { allocations { id } } } }"
    [one] = (await by.ask(found, id=payment))["node"]["allocations"]
    return str(one["id"])


async def _charts(world: World, template: str, soap: str) -> dict[str, Any]:
    """Bring charts as far as each of them is in that week; the failed ones first, as all that waits goes on then."""
    amara, bjorn, eve = world.amara, world.bjorn, world.elsewhere.eve
    absent = [world.client_chloe]

    def held(days: int) -> dict[str, Any]:
        return {"group": world.monday, "starts_at": in_days(-days)}

    unassembled = await a_draft(by=amara, absent=absent, **held(16))
    await amara.do("completeChart", chartId=unassembled.chart)
    await work_badly()
    unlocked = await in_review(by=amara, absent=absent, words={}, **held(18))
    await locking(unlocked, by=amara)
    await work_badly()
    drafted = await a_draft(by=amara, absent=absent, template=template, **held(15))
    reviewed = await in_review(by=amara, absent=absent, words={}, **held(17))
    signed = await locked(by=amara, absent=absent, **held(19))
    alone = await a_chart(by=amara, client=world.client_ada, template=soap, starts_at=in_days(-15, 9))
    bjorns = await locked(by=bjorn, group=world.thursday, words={}, starts_at=in_days(-19, 12))
    elsewhere = await locked(by=eve, group=world.elsewhere.group, words={}, starts_at=in_days(-19))
    return {
        "drafted": await _charted(drafted, by=amara),
        "unassembled": await _charted(unassembled, by=amara),
        "reviewed": await _charted(reviewed, by=amara),
        "unlocked": await _charted(unlocked, by=amara),
        "locked": await _charted(signed, by=amara, addendum=True),
        "drafted_alone": await _charted(alone, by=amara),
        "bjorns_locked": await _charted(bjorns, by=bjorn, addendum=True),
        "elsewhere_locked": await _charted(elsewhere, by=eve, addendum=True),
    }


_CHART = """query ($id: ID!) { chart(id: $id) {
    version clientEntries { id version client { id } } notes { id client { id } } warnings { id } run { id }
} }"""


async def _charted(session: Session, *, by: Person, addendum: bool = False) -> Charted:
    chart = (await by.ask(_CHART, id=session.chart))["chart"]
    notes = {note["client"]["id"]: note["id"] for note in chart["notes"]}
    added = ""
    if addendum:
        given = {"noteId": next(iter(notes.values())), "body": "<p>She called the day after.</p>"}
        added = (await by.do("addAddendum", "addenda { id }", **given))["addenda"][0]["id"]
    return Charted(
        session=session.id,
        lines=session.lines,
        chart=session.chart,
        version=chart["version"],
        entries={entry["client"]["id"]: entry["id"] for entry in chart["clientEntries"]},
        entry_version=max(entry["version"] for entry in chart["clientEntries"]),
        notes=notes,
        warnings=[warning["id"] for warning in chart["warnings"]],
        run=chart["run"]["id"] if chart["run"] else "",
        addendum=added,
    )
