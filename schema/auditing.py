"""What the log of audit says of an operation: who asked, which way it came, and which fields were read."""

from __future__ import annotations

from collections.abc import Iterable

from models.audit.entries import Asked, AuditChannel
from resolvers.reading.shapes import Pick
from resolvers.viewer import Viewer
from schema.context import Context

_PAGING = {"edges", "node", "cursor", "pageInfo", "hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}


def asked_by(
    viewer: Viewer,
    context: Context,
    operation: str,
    document: str | None,
    channel: AuditChannel,
    fields_read: tuple[str, ...] = (),
) -> Asked:
    """Say who asks for what; the operator, who belongs to no practice, comes by another way."""
    assert viewer.practice_id is not None  # noqa: S101 - see above
    return Asked(
        practice_id=viewer.practice_id,
        user_id=viewer.user_id,
        roles=" ".join(sorted(viewer.roles)),
        operation=operation,
        channel=channel,
        document=document,
        sign_in_id=viewer.sign_in_id,
        address=context.address,
        fields_read=fields_read,
    )


def names_read(type_name: str, picks: Iterable[Pick]) -> tuple[str, ...]:
    """Name the fields that are picked, at every depth, as `Type.field`."""
    found = set[str]()
    waiting = [(type_name, tuple(picks))]
    while waiting:
        owner, some = waiting.pop()
        for pick in some:
            if pick.name != "__typename":
                if pick.name not in _PAGING:
                    found.add(f"{owner}.{pick.name}")
                waiting.extend(pick.below.items())
    return tuple(sorted(found))
