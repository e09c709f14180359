"""Templates: what charts begin with. A change acts on charts that are started after it."""

from __future__ import annotations

from typing import Any

from models import ChartTemplate
from models.problems import VersionConflict
from resolvers import access
from resolvers.acting import Given
from resolvers.viewer import Viewer


async def create_chart_template(viewer: Viewer, *, name: str, body: str) -> Given:
    """Add a template of the practice's own."""
    access.may_create_template(viewer)
    new = ChartTemplate(practice_id=viewer.practice_id)
    new.take({"name": name, "body": body})
    await new.save()
    return Given("CreateChartTemplatePayload", {"template": new.id})


async def update_chart_template(viewer: Viewer, id: str, expected_version: int | None = None, **given: Any) -> Given:
    """Change a template for future charts."""
    found = await access.chart_template(viewer, id, change=True, lock=True)
    if expected_version not in {None, found.version}:
        raise VersionConflict("ChartTemplate", found.id)
    changed = found.take(given)
    if changed:
        found.version += 1
        await found.save(update_fields=[*changed, "version"])
    return Given("UpdateChartTemplatePayload", {"template": found.id})
