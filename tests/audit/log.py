"""The log of audit, as its tests look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from grouproom.cli_audit import verified
from models.audit.buffer import flush
from models.database import fetch
from models.ids import row_id, wire_id
from tests.client import Data, Person

ENTRY = """
id sequence recordedAt actorId actorName roles action operation document channel outcome times fieldsRead columnsChanged
objectIds signInId address hash clients { id name }
"""


@dataclass(frozen=True, slots=True)
class Log:
    """What the log holds since a test began to look."""

    before: dict[UUID, int]

    async def entries(self, *, by: Person, **given: object) -> list[Data]:
        """Give it, newest first."""
        await flush()
        variables = {"clientId": None, "actorId": None, "from": None, "to": None, **given}
        asked = await by.ask(
            "query ($clientId: ID, $actorId: ID, $from: DateTime, $to: DateTime) {"
            " viewer { practice { id } }"
            " auditLog(first: 100, clientId: $clientId, actorId: $actorId, from: $from, to: $to)"
            f" {{ edges {{ node {{ {ENTRY} }} }} }} }}",
            **variables,
        )
        practice = row_id("prc", asked["viewer"]["practice"]["id"])
        last = self.before.get(practice, 0) if practice else 0
        new = await fetch("SELECT id FROM audit_entry WHERE practice_id=$1 AND seq>$2", [practice, last])
        ids = {wire_id("aud", UUID(str(row["id"]))) for row in new}
        return [edge["node"] for edge in asked["auditLog"]["edges"] if edge["node"]["id"] in ids]

    async def latest(self, *, by: Person, **given: object) -> Data:
        """Give the newest entry."""
        return (await self.entries(by=by, **given))[0]


async def begin() -> Log:
    """Look from here on."""
    await flush()
    heads = await fetch("SELECT practice_id,seq FROM audit_head")
    return Log({UUID(str(head["practice_id"])): int(head["seq"]) for head in heads})


def whose(entry: Data) -> set[str]:
    """Give the ids of the clients that an entry names."""
    return {client["id"] for client in entry["clients"]}


async def said(*, notes: bool = False, heads: Path | None = None) -> tuple[str, bool]:
    """Give what `grouproom audit verify` prints about Lakeside, and whether all is well."""
    lines, good = await verified(notes=notes, heads=heads)
    return "\n".join(line for line in lines if line.startswith("Lakeside")), good
