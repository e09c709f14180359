"""The log of audit and the emergencies of the scene that the access matrix speaks of, and what is told of them."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models import EmergencyAccess
from models.audit.buffer import flush, forget
from models.database import fetch
from models.ids import row_id, wire_id
from tests.client import Data, Person
from tests.databases import thawed
from tests.guards.access_matrix import ROWS

Ids = dict[str, str]

_READ = "query Asked($ids: [ID!]!) { nodes(ids: $ids) { ... on Client { name email } } }"
_PREFIXES = {"client": "clt"}
"""Of the tables that entries of the matrix are about; what else is done meanwhile is not looked at."""


async def open_notes(people: dict[str, Person], ids: Ids) -> Ids:
    """Open notes as `emergency` says in the matrix: by whom, and whose."""
    made: Ids = {}
    for person, client in (("Manager", "Ada"), ("Owner", "Dora")):
        given = {"clientId": ids[f"client {client}"], "reason": "She does not answer", "minutes": 240}
        done = await people[person.lower()].do("breakGlass", "access { id }", **given)
        made[f"emergency {person}/{client}"] = done["access"]["id"]
    [owner] = await fetch(
        "SELECT user_id FROM emergency_access WHERE id=$1", [row_id("ema", made["emergency Owner/Dora"])]
    )
    begun = datetime.now(UTC) - timedelta(hours=5)
    over = EmergencyAccess(
        practice_id=row_id("prc", ids["practice"]),
        client_id=row_id("clt", ids["client Chloe"]),
        user_id=UUID(str(owner["user_id"])),
        reason="She did not answer",
        begun_at=begun,
        expires_at=begun + timedelta(hours=4),
    )
    await over.save()
    return made | {"emergency Owner/Chloe": wire_id("ema", over.id)}


async def build_log(people: dict[str, Person], ids: Ids) -> Ids:
    """Begin the log anew, and let people read what `log` says in the matrix."""
    forget()
    await thawed("DELETE FROM audit_client;DELETE FROM audit_entry;DELETE FROM audit_head;")
    made: Ids = {}
    for entry in [row for row in ROWS if row.startswith("log ")]:
        by, *clients = entry.partition(" ")[2].split("/")
        await people[by].ask(_READ, ids=[ids[f"client {client}"] for client in clients])
        await flush()
        [last] = await fetch("SELECT id FROM audit_entry ORDER BY seq DESC LIMIT 1")
        made[entry] = wire_id("aud", UUID(str(last["id"])))
    return made


def told(type_name: str, stored: Data) -> Data:
    """Say what is answered of a row of these tables where that is no column."""
    if type_name == "EmergencyAccess":
        expires = stored["expires_at"]
        over = (expires if isinstance(expires, datetime) else datetime.fromisoformat(expires)) <= datetime.now(UTC)
        return {"active": not over}
    return _entry(stored) if type_name == "AuditEntry" else {}


def _entry(stored: Data) -> Data:
    objects = [
        f"{_PREFIXES.get(table, table)}_{b64decode(ids).hex()[start : start + 32]}"
        for table, ids in sorted(json.loads(stored["objects"]).items())
        for start in range(0, len(b64decode(ids).hex()), 32)
    ]
    return {
        "sequence": stored["seq"],
        "actor_id": _wire("usr", stored["user_id"]),
        "roles": stored["roles"].split(),
        "fields_read": json.loads(stored["fields_read"]),
        "columns_changed": json.loads(stored["columns"]),
        "object_ids": objects,
        "sign_in_id": _wire("sin", stored["sign_in_id"]),
    }


def _wire(prefix: str, stored: object) -> str | None:
    return None if stored is None else wire_id(prefix, UUID(str(stored)))
