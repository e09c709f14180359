"""Practices whose log and notes are verified, and those that are gone from over theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models.ids import wire_id
from models.standing import NOT_OURS, fetch_as_it_stands, parsed, readable, shown

STAYS = {
    "log": ("audit_head", "audit_entry", "audit_client"),
    "notes": ("chart_note", "signature", "addendum"),
}
"""What is verified, and must not outlive its practice."""
_LEFT = "SELECT DISTINCT t.practice_id FROM {} t WHERE NOT EXISTS (SELECT 1 FROM practice p WHERE p.id=t.practice_id)"


async def practices() -> list[tuple[UUID, str]]:
    """Give id and name of each practice, by name; one whose id is none is gone from over what is left of it."""
    found = await fetch_as_it_stands("SELECT id,name FROM practice ORDER BY name,id")
    known = [(_id(row["id"]), row["name"]) for row in found]
    return [(row, readable(name) if isinstance(name, str) else shown(name)) for row, name in known if row]


async def left_behind() -> dict[str, str]:
    """Say what is left of each practice that is gone: by its wire id, or by what stands there in place of one."""
    left: dict[str, dict[str, None]] = {}
    for what, tables in STAYS.items():
        for table in tables:
            for row in await fetch_as_it_stands(_LEFT.format(table)):
                known = _id(row["practice_id"])
                name = wire_id("prc", known) if known else shown(row["practice_id"])
                left.setdefault(name, {})[what] = None
    return {name: " and ".join(several) for name, several in left.items()}


def _id(value: Any) -> UUID | None:
    # In other letters it is the id of another one, that may be there.
    try:
        known = parsed("id", value)
    except NOT_OURS:
        return None
    return known if isinstance(known, UUID) else None
