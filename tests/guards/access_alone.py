"""What the rule of a table says by itself: to whom it shows which rows, and who may change which."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from tortoise.models import Model

import models
from models.database import connection, dialect, fetch
from models.ids import parse_id, row_id
from resolvers import access
from resolvers.practice.sign_in import holder
from resolvers.reading.asking import Asking, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.viewer import Viewer
from tests.client import Person
from tests.guards.access_matrix import ACTIONS, PEOPLE, ROWS, TYPES, type_of
from tests.guards.access_scene import Scene
from tests.guards.access_tried import rows_of

LINKS: set[type[Model]] = {models.ClientProvider, models.GroupShare}
"""Nothing is read from these but their two ends, so all of the practice's stand open to all of the practice."""
CHANGES = {
    "ServiceCode": "updateServiceCode",
    "Client": "updateClient",
    "Group": "updateGroup",
    "Appointment": "rescheduleAppointment",
    "Attendance": "setAttendance",
    "Payment": "refundPayment",
    "ChartTemplate": "updateChartTemplate",
    "Chart": "saveChart",
    "ChartNote": "addAddendum",
}
"""The action of the matrix that says who may change rows of a table."""
STRANGER = "in another practice"


async def viewers(scene: Scene, elsewhere: str) -> dict[str, Viewer]:
    """Give everybody; and whoever would be of another practice, and still who they are here."""
    known = {by: await _viewer(scene.people[by]) for by in PEOPLE}
    other = row_id("prc", elsewhere)
    return known | {
        f"{by} {STRANGER}": replace(viewer, practice_id=other) for by, viewer in known.items() if by != "eve"
    }


async def _viewer(person: Person) -> Viewer:
    viewer = await holder(None, person.token or "")
    assert viewer is not None
    return viewer


async def surprises_alone(scene: Scene, everybody: dict[str, Viewer], model: type[Model]) -> list[str]:
    """Say whom the rule of this table shows anything but what the matrix says, or lets change it."""
    rows = await fetch(f"SELECT id,{_practice_of(model)} AS practice FROM {table_of(model)}")
    practice = everybody["owner"].practice_id
    here = {UUID(str(row["id"])) for row in rows if UUID(str(row["practice"])) == practice}
    found = []
    for by, viewer in everybody.items():
        shown = await _chosen(viewer, model, access.VISIBLE[model])
        if viewer.practice_id != practice:
            # What is shown them of their own practice is not looked at here.
            shown &= here
        if shown != _expected(scene, model, viewer, by, here):
            found.append(f"{by} sees {model.__name__}")
        if model in access.CHANGEABLE and viewer.practice_id == practice:
            changed = await _chosen(viewer, model, access.CHANGEABLE[model])
            found += [
                f"{by} changes {row}" for row, may in _changed(scene, model, by).items() if may != (row in changed)
            ]
    return found


def _practice_of(model: type[Model]) -> str:
    return "id" if model is models.Practice else "practice_id"


async def _chosen(viewer: Viewer, model: type[Model], rule: access.Rule) -> set[UUID]:
    written = DIALECTS[dialect()]
    ask = Asking(written, viewer.scope)
    row = ask.row(model)
    sql, binds = ask.finish(f"SELECT {row.id} FROM {table_of(model)} {row} WHERE {rule(row, ask)}")
    values = [written.bind(bind(Run(viewer)), kind) for kind, bind in binds]
    return {UUID(str(found["id"])) for found in await connection().execute_query_dict(sql, values)}


def _expected(scene: Scene, model: type[Model], viewer: Viewer, by: str, here: set[UUID]) -> set[UUID]:
    if by == "eve" or by.endswith(STRANGER):
        return set()
    if model is models.User:
        return {viewer.user_id} if viewer.user_id else set()
    if model in LINKS:
        return here
    return {_row(scene, row) for row in ROWS if type_of(row) == model.__name__ and ROWS[row][by]}


def _changed(scene: Scene, model: type[Model], by: str) -> dict[UUID, bool]:
    return {
        _row(scene, row): cells[by] == "do"
        for action, cells in ACTIONS.items()
        if action.partition(" ")[0] == CHANGES[model.__name__]
        for row in rows_of(action)[:1]
        if type_of(row) == model.__name__
    }


def _row(scene: Scene, name: str) -> UUID:
    parsed = parse_id(scene.ids[name])
    assert parsed is not None
    return parsed[1]


def tables_of_the_matrix() -> set[str]:
    """Name the tables whose rules this knows."""
    return {*TYPES.values(), models.User.__name__, *(link.__name__ for link in LINKS)}
