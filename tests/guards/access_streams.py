"""What streams tell each person of the rows of the access matrix: boards their row, the calendar all of the log."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from models.database import fetch
from models.ids import row_id, wire_id
from models.places import seal, unseal
from models.problems import Coded
from tests.client import Data
from tests.guards.access_matrix import KINDS, ROWS, type_of
from tests.guards.access_scene import CALENDARS, POINTS, SELVES, Scene
from tests.guards.access_shown import differences, is_known, selection
from tests.streams.follower import STRETCH, Hall

BOARDS = {
    "Appointment": ("attendanceBoard", "appointmentId"),
    "Chart": ("chartChanges", "chartId"),
    "ChartRun": ("chartRunProgress", "runId"),
}
WATCHED = [row for row in ROWS if type_of(row) in BOARDS]
CALENDAR = "calendarChanges"
OPENED = {"owner": "Dora", "manager": "Ada"}
"""Whose notes are opened to whom in an emergency."""
_CHANGES = (
    "subscription ($from: DateTime!, $to: DateTime!, $after: String)"
    f" {{ {CALENDAR}(from: $from, to: $to, after: $after)"
    f" {{ cursor kind appointmentId appointment {{ {selection('Appointment')} }} }} }}"
)


async def surprises_on_board(hall: Hall, scene: Scene, row: str, by: str) -> object:
    """Say what a board tells somebody first that is otherwise than the matrix has it."""
    told = await _first(hall, scene, row, by, scene.ids[row])
    if is_known(row, by):
        return differences(scene, row, by, told) if isinstance(told, dict) else told
    if told != await _first(hall, scene, row, by, scene.ids[row][:4] + "0" * 32):
        return "hidden looks otherwise than absent"
    return told if isinstance(told, dict) or "NOT_FOUND" not in told else None


async def _first(hall: Hall, scene: Scene, row: str, by: str, id_: str) -> Data | str:
    name, argument = BOARDS[type_of(row)]
    asked = selection(type_of(row))
    stream = await hall.open(
        scene.people[by], f"subscription ($id: ID!) {{ {name}({argument}: $id) {{ {asked} }} }}", id=id_
    )
    try:
        told: Data = await stream.next()
    except Coded as problem:
        return f"{problem} {problem.extensions}"
    finally:
        await stream.close()
    return told


async def surprises_in_log(hall: Hall, scene: Scene, by: str) -> list[object]:
    """Say what somebody is told of all that ever happened that is otherwise than the matrix has it."""
    practice = row_id("prc", scene.ids["practice"])
    assert practice is not None
    # From the beginning of the practice's log, which is another's to Eve.
    stream = await hall.open(scene.people[by], _CHANGES, **STRETCH, after=seal(practice, 0))
    told: list[tuple[int, str]] = []
    found: list[object] = []
    while (change := await stream.next())["kind"] != "CHECKPOINT":
        if change["kind"] == "RESET" and by == "eve":
            continue
        place = unseal(change["cursor"])
        assert place is not None
        told.append((place[1], change["appointmentId"]))
        row = scene.name_of(change["appointmentId"])
        if change["appointment"] is not None:
            found += [wrong] if (wrong := differences(scene, row, by, change["appointment"])) else []
    await stream.close()
    expected = [] if by == "eve" else await _expected(scene, practice, by)
    return found if told == expected else [*found, (told, expected)]


async def _expected(scene: Scene, practice: UUID, by: str) -> list[tuple[int, str]]:
    """Give what concerns them, by who is to hear it of those who see the session."""
    events = await fetch("SELECT * FROM event WHERE practice_id=$1 ORDER BY seq", [practice])
    told = []
    for event in events:
        session = wire_id("apt", UUID(str(event["appointment_id"])))
        row = scene.name_of(session)
        if ROWS[row][by] and _hears(scene, row, by, event):
            told.append((event["seq"], session))
    return told


def _hears(scene: Scene, row: str, by: str, event: Data) -> bool:
    """Say whether somebody who sees a session is to hear of this change of it."""
    if event["hearers"] == "ALL":
        return True
    if KINDS[by] == "client":
        about = event["about_client_id"]
        told = about is not None and wire_id("clt", UUID(str(about))) == scene.ids[SELVES[by]]
        return told or event["hearers"] == "KNOWING"
    if event["hearers"] == "EMERGENCY":
        return by in OPENED
    if event["hearers"] == "CHARTING" and KINDS[by] != "provider":
        return any(line.endswith(f"/{OPENED.get(by)}") for line in cast("list[str]", POINTS[row]["attendances"]))
    about = event["about_provider_id"]
    concerned = by in CALENDARS and about is not None and wire_id("prv", UUID(str(about))) == scene.ids[CALENDARS[by]]
    return is_known(row, by) or concerned
