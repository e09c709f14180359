"""What is stored of the rows of the access matrix, read past everything that the product reads with."""

from __future__ import annotations

from uuid import UUID

from models.charting.notes import ATTESTATION
from models.database import fetch
from models.ids import parse_id
from tests.client import Data
from tests.guards import access_log as log
from tests.guards.access_matrix import type_of

TABLES = {
    "Practice": "practice",
    "Provider": "provider",
    "ServiceCode": "service_code",
    "Client": "client",
    "Group": "therapy_group",
    "GroupMembership": "group_membership",
    "Appointment": "appointment",
    "Attendance": "attendance",
    "Payment": "payment",
    "PaymentAllocation": "payment_allocation",
    "ChartTemplate": "chart_template",
    "Chart": "chart",
    "ChartEntry": "chart_entry",
    "ChartWarning": "chart_warning",
    "ChartRun": "chart_run",
    "ChartRunStep": "chart_run_step",
    "ChartNote": "chart_note",
    "Signature": "signature",
    "Addendum": "addendum",
    "EmergencyAccess": "emergency_access",
    "AuditEntry": "audit_entry",
}


def _sum(what: str, table: str, where: str) -> str:
    return f"coalesce((SELECT sum({what}) FROM {table} WHERE {where}),0)"


def _named(of_group: str, of_client: str) -> str:
    group = f"(SELECT {of_group} FROM therapy_group WHERE id=x.group_id)"
    return f"coalesce({group},(SELECT {of_client} FROM client WHERE id=x.client_id))"


_PAID = _sum("amount_minor", "payment_allocation", "attendance_id=x.id")
_ATTESTATION = ATTESTATION.replace("'", "''")
# What a field says that is no column, under the field's name.
_SAID = {
    "Client": {
        "balance_minor": f"{_sum('fee_minor', 'attendance', 'client_id=x.id')}"
        f"-{_sum('amount_minor-refunded_minor', 'payment', 'client_id=x.id')}"
    },
    "Appointment": {
        "title": _named("name", "name"),
        "initials": _named("initials", "name"),
        "short_title": _named("initials", "initials"),
        "charted": "(SELECT state FROM chart WHERE appointment_id=x.id)",
    },
    "Attendance": {
        "attended": "x.outcome='ATTENDED'",
        "paid_minor": _PAID,
        "balance_minor": f"coalesce(x.fee_minor,0)-{_PAID}",
    },
    "Payment": {
        "unallocated_minor": "x.amount_minor-x.refunded_minor"
        f"-{_sum('amount_minor', 'payment_allocation', 'payment_id=x.id')}"
    },
    "Chart": {"attestation": f"'{_ATTESTATION}'"},
    "EmergencyAccess": {"by": "(SELECT name FROM user_account WHERE id=x.user_id)"},
    "AuditEntry": {"actor_name": "(SELECT name FROM user_account WHERE id=x.user_id)"},
    "ChartNote": {"locked": "x.locked_at IS NOT NULL", "verified": "CASE WHEN x.locked_at IS NOT NULL THEN 1 END"},
}


async def stored_rows(ids: dict[str, str]) -> dict[str, Data]:
    """Give what is stored of each of these rows that is there."""
    found: dict[UUID, Data] = {}
    for type_name in {type_of(row): row for row in ids}:
        said = "".join(f',{what} AS "{name}"' for name, what in _SAID.get(type_name, {}).items())
        for stored in await fetch(f'SELECT x.*{said} FROM "{TABLES[type_name]}" x'):
            found[UUID(str(stored["id"]))] = stored | log.told(type_name, stored)
    rows = {row: parsed[1] for row, id_ in ids.items() if (parsed := parse_id(id_))}
    return {row: found[id_] for row, id_ in rows.items() if id_ in found}
