"""What the fields of a practice, its people and its codes mean."""

from __future__ import annotations

from collections.abc import Iterator

from models import Group
from resolvers import access
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, means


@means("Query.viewer")
def viewer(user: Row, q: Asking) -> Iterator[str]:
    """Find the person signed in."""
    yield f"{user.id}={q.viewer('user_id')}"


@means("Practice.providers", order=lambda p, _: (p.sort_name, p.id))
def providers(provider: Row, practice: Row, _q: Asking, active: Arg | None) -> Iterator[str]:
    """Those with a calendar here, by name."""
    yield f"{provider.practice_id}={practice.id}"
    if active is not None:
        yield f"{provider.active}={active}"


@means("Practice.serviceCodes", order=lambda c, _: (c.code, c.id))
def service_codes(code: Row, practice: Row, q: Asking, kinds: Arg | None, active: Arg | None) -> Iterator[str]:
    """What may be charged here, by code; a client sees what their own sessions cost, and no price list."""
    yield f"{code.practice_id}={practice.id}"
    if not (q.scope.office or q.scope.provider):
        yield "false"
    if kinds is not None:
        yield q.dialect.among(code.kind, f"{kinds:list}")
    if active is not None:
        yield f"{code.active}={active}"


@means("Provider.viewerCanSchedule")
def viewer_can_schedule(provider: Row, q: Asking) -> str:
    """Whether the viewer may book this calendar: the office, its owner, and whoever holds a group to share."""
    if q.scope.rosters:
        return f"{provider.active}"
    if not q.scope.provider:
        return "false"
    me = q.viewer("provider_id")
    group = q.row(Group)
    held = f"SELECT 1 FROM {q.see(Group)} {group} WHERE {group.archived_at} IS NULL AND {access.i_hold(group.id, q)}"
    return f"{provider.active} AND ({provider.id}={me} OR EXISTS ({held}))"


@means("ServiceCode.fee")
def fee(code: Row, q: Asking) -> dict[str, str]:
    """Give what a session of this code costs."""
    return {"minor": code.fee_minor, "currency": q.viewer("currency")}
