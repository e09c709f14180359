"""Who is still there: a sign-in of a browser ends when nothing was asked under it for a while (164.312(a)(2)(iii)).

An open stream is not a sign of anybody: a screen that was left alone goes dark.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from models.base import now
from models.database import fetch

_STEPS = 15
"""A sign-in is written anew at most so often in the time that it may be idle: not with each reading."""

_seen: dict[UUID, tuple[datetime, int]] = {}


def note_seen(sign_in: object, idle_seconds: int | None, idle_until: object) -> None:
    """Note that somebody asked for something, where their sign-in may be idle for so long; as the database says it."""
    if idle_seconds is None:
        return
    until = idle_until if isinstance(idle_until, datetime) else datetime.fromisoformat(str(idle_until))
    moment = now()
    if (until - moment).total_seconds() < idle_seconds - idle_seconds / _STEPS:
        _seen[UUID(str(sign_in))] = (moment, idle_seconds)


async def flush() -> None:
    """Write down who was seen; a sign-in that has ended stays ended."""
    for sign_in, (moment, seconds) in list(_seen.items()):
        until = moment + timedelta(seconds=seconds)
        await fetch(
            "UPDATE sign_in SET idle_until=$2 WHERE id=$1 AND ended_at IS NULL AND idle_until<$2 AND idle_until>$3",
            [sign_in, until, moment],
        )
        if _seen.get(sign_in, (None, 0))[0] == moment:
            del _seen[sign_in]
