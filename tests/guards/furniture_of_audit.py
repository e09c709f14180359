"""A row in each table of the log of audit and of emergencies, and what such a row may never hold."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from models import EmergencyAccess
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, append, mark
from models.base import now
from models.unit_of_work import unit_of_work

CHECKS_OF_AUDIT: dict[str, tuple[str, dict[str, Any]]] = {
    "ck_audit_action": ("audit_entry", {"action": "OTHER"}),
    "ck_audit_channel": ("audit_entry", {"channel": "OTHER"}),
    "ck_audit_head": ("audit_head", {"seq": 0}),
    "ck_audit_seq": ("audit_entry", {"seq": 0}),
    "ck_audit_times": ("audit_entry", {"times": 0}),
    "ck_emergency_reason": ("emergency_access", {"reason": ""}),
    "ck_emergency_times": ("emergency_access", {"expires_at": now() - timedelta(days=1)}),
    "ck_sign_in_idle": ("sign_in", {"idle_seconds": 60}),
}
FROZEN = {"audit_client", "audit_entry", "audit_head", "emergency_access"}
"""Of these nothing changes, or of a head in one direction only, as `test_frozen.py` shows."""
FRESH_IN_AUDIT: dict[str, dict[str, Any]] = {"audit_client": {"batch": 2}, "audit_entry": {"seq": 2, "batch": 2}}
"""What a copy must not have in common with the row that it is made of."""
SAME_IN_AUDIT: dict[str, dict[str, Any]] = {"audit_client": {"batch": 1}, "audit_entry": {"seq": 1}}
"""What it is refused for."""


async def furnish_audit(ids: dict[str, UUID]) -> None:
    """Let a user read a client's record, and open their notes."""
    practice, client, user = ids["practice_id"], ids["client_id"], ids["user_id"]
    asked = Asked(practice, user, "OWNER", "client", AuditChannel.HTTP)
    entry = Entry(asked, AuditAction.READ, rows=[mark("client", client)])
    await unit_of_work(partial(append, practice, [entry]))
    opened = EmergencyAccess.for_minutes(60, practice_id=practice, client_id=client, user_id=user, reason="Urgent")
    await opened.save()
