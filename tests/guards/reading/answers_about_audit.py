"""What the fields of the log of audit and of accesses in an emergency answer to somebody."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.guards.reading.fields import answers, following, moment, refusal, written
from tests.guards.reading.pages import page
from tests.guards.reading.sight import Sight, is_open
from tests.guards.reading.truth import PREFIXES, TABLES, Seen

BY_TABLE = {TABLES[kind]._meta.db_table: prefix for kind, prefix in PREFIXES.items()}


@answers("Query.auditLog")
def audit_log(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = sight.all("AuditEntry")
    if (wire := asked.get("clientId")) is not None:
        client = sight.find("Client", wire)
        if client is None:
            raise refusal("NOT_FOUND")
        rows = [e for e in rows if client.row.id in sight.truth.touched[e.row.id]]
    if (wire := asked.get("actorId")) is not None:
        rows = [e for e in rows if actor_id(e, sight) == wire]
    return page(
        "Query.auditLog", sight, _in_time(rows, asked), lambda e: (written(e.row.recorded_at), e.row.id.hex), asked
    )


def _in_time(rows: list[Seen], asked: Mapping[str, Any]) -> list[Seen]:
    if asked.get("from") is not None:
        rows = [e for e in rows if e.row.recorded_at >= moment(asked["from"])]
    if asked.get("to") is not None:
        rows = [e for e in rows if e.row.recorded_at < moment(asked["to"])]
    return rows


@answers("AuditEntry.sequence")
def sequence(seen: Seen, sight: Sight) -> int | None:
    return int(seen.row.seq) if sight.runs_it else None


@answers("AuditEntry.actorId")
def actor_id(seen: Seen, _: Sight) -> str | None:
    return None if seen.row.user_id is None else f"usr_{seen.row.user_id.hex}"


@answers("AuditEntry.actorName")
def actor_name(seen: Seen, sight: Sight) -> str | None:
    return None if seen.row.user_id is None else _name(seen.row.user_id, sight)


def _name(user: UUID, sight: Sight) -> str:
    return str(sight.truth.row("Viewer", user).name)


@answers("AuditEntry.roles")
def roles(seen: Seen, _: Sight) -> list[str]:
    return str(seen.row.roles).split()


@answers("AuditEntry.fieldsRead")
def fields_read(seen: Seen, _: Sight) -> Any:
    return json.loads(seen.row.fields_read)


@answers("AuditEntry.columnsChanged")
def columns_changed(seen: Seen, sight: Sight) -> Any:
    return json.loads(seen.row.columns) if _in_detail(seen, sight) else None


@answers("AuditEntry.clients")
def clients(seen: Seen, sight: Sight) -> list[Seen]:
    return [c for c in sight.clients() if c.row.id in sight.truth.touched[seen.row.id]]


def _in_detail(seen: Seen, sight: Sight) -> bool:
    """A client is not told where staff sit, nor which other rows were shown beside their own."""
    return sight.runs_it or sight.did(seen.row)


@answers("AuditEntry.objectIds")
def object_ids(seen: Seen, sight: Sight) -> list[str] | None:
    if not _in_detail(seen, sight):
        return None
    found = []
    for table, packed in sorted(json.loads(seen.row.objects).items()):
        digits = b64decode(packed).hex()
        ids = [digits[n : n + 32] for n in range(0, len(digits), 32)]
        found += [f"{BY_TABLE.get(table, table)}_{one}" for one in ids]
    return found


@answers("AuditEntry.document")
def document(seen: Seen, sight: Sight) -> Any:
    return seen.row.document if _in_detail(seen, sight) else None


@answers("AuditEntry.address")
def address(seen: Seen, sight: Sight) -> Any:
    return seen.row.address if _in_detail(seen, sight) else None


@answers("AuditEntry.times")
def times(seen: Seen, sight: Sight) -> int | None:
    return int(seen.row.times) if _in_detail(seen, sight) else None


@answers("AuditEntry.signInId")
def sign_in_id(seen: Seen, sight: Sight) -> str | None:
    known = seen.row.sign_in_id is not None and _in_detail(seen, sight)
    return f"sin_{seen.row.sign_in_id.hex}" if known else None


# emergencies


@answers("Query.emergencyAccesses")
def emergency_accesses(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = sight.all("EmergencyAccess")
    if (wire := asked.get("clientId")) is not None:
        client = sight.find("Client", wire)
        if client is None:
            raise refusal("NOT_FOUND")
        rows = following(sight, "EmergencyAccess", "client_id", client.row.id)
    if (active := asked.get("active")) is not None:
        rows = [a for a in rows if is_open(a.row) == active]
    return page("Query.emergencyAccesses", sight, rows, lambda a: (written(a.row.begun_at), a.row.id.hex), asked)


@answers("EmergencyAccess.by")
def opened_by(seen: Seen, sight: Sight) -> str:
    return _name(seen.row.user_id, sight)


@answers("EmergencyAccess.active")
def active(seen: Seen, _: Sight) -> bool:
    return is_open(seen.row)
