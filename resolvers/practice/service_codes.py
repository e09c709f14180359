"""What the practice charges: its service codes."""

from __future__ import annotations

from typing import Any

from models import ServiceCode
from models.problems import InvalidInput
from models.text import tidy
from resolvers import access
from resolvers.acting import Given
from resolvers.viewer import Viewer

_NEEDED = {
    "label": "input.label",
    "fee_minor": "input.feeMinor",
    "duration_minutes": "input.durationMinutes",
    "active": "input.active",
}


async def create_service_code(
    viewer: Viewer, *, code: str, label: str, kind: str, fee_minor: int, duration_minutes: int
) -> Given:
    """Add a code to the practice; a code is spelled once."""
    access.may_create_service_code(viewer)
    new = ServiceCode(
        practice_id=viewer.practice_id,
        code=tidy(code).upper(),
        label=tidy(label),
        kind=kind,
        fee_minor=fee_minor,
        duration_minutes=duration_minutes,
    )
    new.check()
    if await access.service_code_by_code(viewer, new.code):
        raise InvalidInput({"input.code": "The practice has this code already."})
    await new.save()
    return Given("CreateServiceCodePayload", {"service_code": new.id})


async def update_service_code(viewer: Viewer, id: str, **given: Any) -> Given:
    """Change what a code is called and costs from now on; what is charged already stays."""
    code = await access.service_code(viewer, id, change=True, lock=True)
    empty = {_NEEDED[name]: "This is needed." for name, value in given.items() if value is None}
    if empty:
        raise InvalidInput(empty)
    if "label" in given:
        given["label"] = tidy(given["label"])
    changed = [name for name, value in given.items() if getattr(code, name) != value]
    for name in changed:
        setattr(code, name, given[name])
    code.check()
    if changed:
        await code.save(update_fields=changed)
    return Given("UpdateServiceCodePayload", {"service_code": code.id})
