"""Sessions that were held, brought to the point from which a run starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.client import Person

GROUP_NOTES = "<p>We spoke of anniversaries.</p>"
HELD = "2026-01-05T18:00:00Z"

_CHART = "query ($id: ID!) { chart(id: $id) { version clientEntries { version client { id } } warnings { id } } }"


@dataclass(frozen=True, slots=True)
class Charted:
    """A session and its chart: who came, who did not, and the run that was started last."""

    session: str
    chart: str
    came: tuple[str, ...]
    absent: tuple[str, ...]
    run: str = ""

    def note_of(self, client: str) -> str:
        """Give the whole text of a client's note."""
        return GROUP_NOTES + words_for(client)


def words_for(client: str) -> str:
    """Give what is written for a client alone."""
    return f"<p>Own words for {client}.</p>"


async def a_draft(*, by: Person, group: str, absent: Sequence[str] = (), starts_at: str = HELD) -> Charted:
    """Hold a session of a group to which all came but the absent, and write its chart."""
    asked = "appointment { id attendances { id client { id } } }"
    made = (await by.do("scheduleAppointment", asked, groupId=group, startsAt=starts_at))["appointment"]
    lines = {line["client"]["id"]: line["id"] for line in made["attendances"]}
    for client in absent:
        await by.do("setAttendance", attendanceId=lines[client], outcome="NO_SHOW")
    await by.do("markAllAttended", appointmentId=made["id"])
    chart = (await by.do("startChart", "chart { id }", appointmentId=made["id"]))["chart"]["id"]
    await by.do(
        "saveChart",
        chartId=chart,
        expectedVersion=1,
        groupNotes=GROUP_NOTES,
        clientEntries=[
            {"clientId": client, "clientNotes": words_for(client), "expectedVersion": 1} for client in lines
        ],
    )
    came = tuple(client for client in lines if client not in absent)
    return Charted(made["id"], chart, came, tuple(absent))


async def completing(draft: Charted, *, by: Person) -> Charted:
    """Start its completion."""
    run = (await by.do("completeChart", "run { id }", chartId=draft.chart))["run"]["id"]
    return Charted(draft.session, draft.chart, draft.came, draft.absent, run)


async def locking(reviewed: Charted, *, by: Person) -> Charted:
    """Start the locking of what was reviewed, with all its warnings read."""
    chart = (await by.ask(_CHART, id=reviewed.chart))["chart"]
    read = [warning["id"] for warning in chart["warnings"]]
    given = {"chartId": reviewed.chart, "expectedVersion": chart["version"], "acknowledgedWarningIds": read}
    run = (await by.do("lockChart", "run { id }", **given))["run"]["id"]
    return Charted(reviewed.session, reviewed.chart, reviewed.came, reviewed.absent, run)
