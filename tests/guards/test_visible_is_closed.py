"""A row is visible only if everything it must point to is: asked of the database, for everybody who may look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tortoise.models import Model

import models
from models.database import connection, dialect, fetch
from resolvers import access
from resolvers.reading.asking import Asking, Run
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.shapes import One
from resolvers.viewer import Viewer
from schema import build_schema
from tests.guards.reading.scene import Scene, plant_scene
from tests.guards.sessions import plant_sessions


def _required() -> Iterator[tuple[str, type[Model], str, type[Model]]]:
    """Give each required to-one as (its name, the table, the column, the table that is pointed to)."""
    shapes = build_schema()[1].shapes
    for shape in shapes.values():
        for name, field in shape.fields.items():
            target = shapes[field.type_name].model if isinstance(field.source, One) else None
            if isinstance(field.source, One) and field.required and shape.model and target:
                yield f"{shape.name}.{name}", shape.model, field.source.column, target


REQUIRED = {name: (table, column, target) for name, table, column, target in _required()}


async def _count(viewer: Viewer, table: type[Model], condition: str, target: type[Model] | None = None) -> int:
    ask = Asking(DIALECTS[dialect()], viewer.scope)
    where = condition.format(see=ask.see(target)) if target else condition
    sql, binds = ask.finish(f"SELECT count(*) AS n FROM {ask.see(table)} a WHERE {where}")
    values: list[Any] = [ask.dialect.bind(bind(Run(viewer)), kind) for kind, bind in binds]
    [row] = await connection().execute_query_dict(sql, values)
    return int(row["n"])


async def _dangling(scene: Scene, name: str) -> dict[str, int]:
    table, column, target = REQUIRED[name]
    hidden = f"NOT EXISTS (SELECT 1 FROM {{see}} b WHERE b.id=a.{column})"
    counts = {label: await _count(viewer, table, hidden, target) for label, viewer in scene.viewers.items() if viewer}
    return {label: count for label, count in counts.items() if count}


def test_the_required_ones_are_known() -> None:
    assert {"Group.provider", "Group.defaultServiceCode", "GroupMembership.client", "Viewer.practice"} <= set(REQUIRED)
    assert {"Appointment.provider", "Attendance.appointment", "Attendance.client"} <= set(REQUIRED)
    assert {"Payment.client", "PaymentAllocation.payment"} <= set(REQUIRED)
    assert {"Chart.appointment", "ChartEntry.attendance", "ChartNote.client", "Addendum.note"} <= set(REQUIRED)
    assert {"ChartRun.chart", "ChartRunStep.client"} <= set(REQUIRED)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("sessions", ["of anybody's", "charted"])
async def test_no_visible_row_points_to_a_hidden_one(database: str, seed: int, sessions: str) -> None:
    scene = await plant_scene(seed, sessions=sessions == "charted")
    if sessions != "charted":
        await plant_sessions(seed)
    assert {name: found for name in REQUIRED if (found := await _dangling(scene, name))} == {}


NOTED = {models.Chart, models.ChartEntry, models.ChartNote, models.ChartRun, models.ChartRunStep, models.ChartWarning}
SIGNED = {models.ChartNote, models.Signature, models.Addendum}


async def test_everybody_sees_some_row_of_what_is_theirs(database: str) -> None:
    # Where nothing is seen nothing can point anywhere: the guard above would say nothing.
    scene = await plant_scene(2, sessions=True)
    for table in {table for table, _, _ in REQUIRED.values()} | NOTED | SIGNED:
        sees = {label: await _sees(scene, label, table) for label in ("owner", "amara", "client")}
        office, portal = table not in NOTED | SIGNED, table not in NOTED - SIGNED
        assert sees == {"owner": office, "amara": True, "client": portal}, table.__name__


async def _sees(scene: Scene, label: str, table: type[Model]) -> bool:
    viewer = scene.viewers[label]
    assert viewer
    return await _count(viewer, table, "true") > 0


async def test_a_rule_that_hides_what_others_need_is_found_out(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await plant_scene(1)
    await plant_sessions(1)
    hidden: type[Model] = models.ServiceCode
    monkeypatch.setitem(access.VISIBLE, hidden, lambda code, _q: f"{code.active}")
    assert "owner" in await _dangling(scene, "Group.defaultServiceCode")
    # Without the third reason to see a client: an appointment with them alone.
    await fetch("DELETE FROM client_access")
    assert "amara" in await _dangling(scene, "Attendance.client")
