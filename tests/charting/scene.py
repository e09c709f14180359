"""Sessions that were held, brought as far in their charting as a test wants; all of it done as people do it.

Runs go on only when a test says `work()`: until then a chart stays between two steps, for as long as it takes to look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from grouproom.worker import Worker
from models.base import now
from models.charting.runs import claim
from models.charting.steps import fail_step
from models.ids import parse_id
from models.unit_of_work import unit_of_work
from tests.client import Data, Person
from tests.databases import thawed
from tests.world import World, a_share

HELD = "2026-01-05T18:00:00Z"
COMING = "2150-01-05T18:00:00Z"
THEME = "<h2>Theme</h2>"
GROUP_NOTES = "<p>We spoke of anniversaries.</p>"

CHART = """
id state version templateBody groupNotes attestation lastChangedBy viewerCanEdit viewerCanLock
appointment { id } template { id name kind }
clientEntries { id version clientNotes lastChangedBy client { id name } attendance { id } }
notes { id body locked client { id name } }
warnings { id kind message client { id name } }
run { id kind state total done failed steps { state reason client { name } } }
"""
NOTE = """
id body locked lockedAt contentHash verified client { id name } appointment { id } provider { name }
signatures { signedBy { name } signedAs signedAt attestation }
addenda { id body authoredAs createdAt author { name } }
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session, its chart where there is one, and each client's line of it."""

    id: str
    lines: Mapping[str, str]
    chart: str = ""


async def a_session(
    *,
    by: Person,
    group: str | None = None,
    client: str | None = None,
    provider: str | None = None,
    starts_at: str = HELD,
    confirm_sharing: bool = False,
) -> Session:
    """Put a group or a client on a calendar."""
    given: Data = {
        "groupId": group,
        "clientId": client,
        "providerId": provider,
        "startsAt": starts_at,
        "confirmSharing": confirm_sharing,
    }
    made = await by.do("scheduleAppointment", "appointment { id attendances { id client { id } } }", **given)
    lines = made["appointment"]["attendances"]
    return Session(made["appointment"]["id"], {line["client"]["id"]: line["id"] for line in lines})


async def a_template(*, by: Person, name: str = "Our form", body: str = THEME) -> str:
    """Make a template of the practice's own and give its id."""
    return str((await by.do("createChartTemplate", "template { id }", name=name, body=body))["template"]["id"])


async def templates(*, by: Person) -> dict[str, str]:
    """Give the ids of the templates that a new practice has, by kind."""
    asked = await by.ask("{ viewer { practice { chartTemplates { id kind } } } }")
    return {template["kind"]: template["id"] for template in asked["viewer"]["practice"]["chartTemplates"]}


async def a_chart(*, by: Person, template: str | None = None, **session: Any) -> Session:
    """Hold a session and start its chart."""
    held = await a_session(by=by, **session)
    chart = (await by.do("startChart", "chart { id }", appointmentId=held.id, templateId=template))["chart"]["id"]
    return Session(held.id, held.lines, chart)


async def a_draft(
    *,
    by: Person,
    absent: Collection[str] = (),
    notes: str = GROUP_NOTES,
    words: Mapping[str, str] | None = None,
    **session: Any,
) -> Session:
    """Hold a session to which all came but the absent, and write its chart, with words of their own for each."""
    held = await a_chart(by=by, **session)
    await save(held, by=by, notes=notes, words={c: words_for(c) for c in held.lines} if words is None else words)
    await attend(held, by=by, absent=absent)
    return held


async def in_review(*, by: Person, **draft: Any) -> Session:
    """Hold a session, write its chart and complete it."""
    held = await a_draft(by=by, **draft)
    await complete(held, by=by)
    return held


async def locked(*, by: Person, **draft: Any) -> Session:
    """Hold a session, write its chart, complete it and lock it."""
    held = await in_review(by=by, **draft)
    await lock(held, by=by)
    return held


def words_for(client: str) -> str:
    """Give what is written for a client alone: nothing that another's part shares, and nobody's name."""
    # In hex, one in thousands would have an Ada in it.
    letters = client[4:].translate(str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst"))
    return f"<p>{' '.join(letters[n : n + 6] for n in range(0, 32, 6))}</p>"


async def time_is_over() -> None:
    """Let the minute for which notes were opened in an emergency be over since a minute."""
    begun, ended = ((now() - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for ago in (120, 60))
    await thawed(f"UPDATE emergency_access SET begun_at='{begun}',expires_at='{ended}';")


async def attend(session: Session, *, by: Person, absent: Collection[str] = ()) -> None:
    """Say that all came but the absent."""
    for client in absent:
        await by.do("setAttendance", attendanceId=session.lines[client], outcome="NO_SHOW")
    await by.do("markAllAttended", appointmentId=session.id)


async def look(session: Session, *, by: Person, select: str = CHART) -> Data:
    """Ask for the chart."""
    found: Data = (await by.ask(f"query ($id: ID!) {{ chart(id: $id) {{ {select} }} }}", id=session.chart))["chart"]
    return found


async def state(session: Session, *, by: Person) -> str:
    """Ask how far the chart is."""
    return str((await look(session, by=by, select="state"))["state"])


async def save(
    session: Session, *, by: Person, notes: str | None = None, words: Mapping[str, str] | None = None, **more: Any
) -> Data:
    """Save parts of the draft, over whatever version there is, and give the chart."""
    now = await look(session, by=by, select="version clientEntries { version client { id } }")
    versions = {entry["client"]["id"]: entry["version"] for entry in now["clientEntries"]}
    given: Data = {"chartId": session.chart, "expectedVersion": now["version"], **more}
    if notes is not None:
        given["groupNotes"] = notes
    if words is not None:
        given["clientEntries"] = [
            {"clientId": client, "clientNotes": text, "expectedVersion": versions[client]}
            for client, text in words.items()
        ]
    saved: Data = (await by.do("saveChart", f"chart {{ {CHART} }}", **given))["chart"]
    return saved


async def complete(session: Session, *, by: Person) -> Data:
    """Complete the chart, and give it as it is when the run has ended."""
    await by.do("completeChart", chartId=session.chart)
    await work()
    return await look(session, by=by)


async def lock(session: Session, *, by: Person) -> Data:
    """Lock the chart with all of its warnings read, and give it as it is when the run has ended."""
    await locking(session, by=by)
    await work()
    return await look(session, by=by)


async def locking(session: Session, *, by: Person) -> str:
    """Lock the chart with all of its warnings read, and give the run before its first step."""
    now = await look(session, by=by, select="version warnings { id }")
    read = [warning["id"] for warning in now["warnings"]]
    given = {"chartId": session.chart, "expectedVersion": now["version"], "acknowledgedWarningIds": read}
    return str((await by.do("lockChart", "run { id }", **given))["run"]["id"])


async def notes(session: Session, *, by: Person) -> dict[str, Data]:
    """Give the session's notes, whole, by client."""
    found = (await look(session, by=by, select=f"notes {{ {NOTE} }}"))["notes"]
    return {note["client"]["id"]: note for note in found}


async def work() -> None:
    """Carry out all runs that wait, here and now, as a worker does."""
    worker = Worker()
    while (taken := await unit_of_work(lambda: claim(worker._name))) is not None:
        await worker._go_on(*taken)


async def work_badly() -> None:
    """Carry out the run that waits, whose first step fails."""
    worker = Worker()
    taken = await unit_of_work(lambda: claim(worker._name))
    assert taken is not None
    assert await unit_of_work(lambda: fail_step(taken[0], worker._name, taken[1]))
    await worker._go_on(*taken)


async def a_second_facilitator(world: World) -> Person:
    """Share Monday's group with Björn."""
    await a_share(by=world.owner, group=world.monday, provider=world.bjorns, owner=world.amaras)
    return world.bjorn


async def tamper(statement: str) -> None:
    """Change what is signed, as only somebody can who takes the database's triggers away first."""
    await thawed(f"{statement};")


def row_of(wire: str) -> str:
    """Give an id as a statement takes it."""
    parsed = parse_id(wire)
    assert parsed is not None
    return f"'{parsed[1]}'"
