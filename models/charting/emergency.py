"""Access in an emergency: for a while, somebody who keeps the practice reads one client's notes, and says why."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference

LONGEST_MINUTES = 240
LONGEST_REASON = 500


class EmergencyAccess(Row):
    """Whose notes were opened, to whom, why, and until when (45 CFR 164.312(a)(2)(ii))."""

    practice = reference("Practice")
    practice_id: UUID
    client = reference("Client")
    client_id: UUID
    user = reference("User")
    user_id: UUID
    reason = fields.CharField(max_length=LONGEST_REASON)
    begun_at: datetime = fields.DatetimeField(default=now)
    expires_at: datetime = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "emergency_access"
        indexes = (
            Index(fields=("practice_id", "begun_at", "id"), name="ix_emergency_begun"),
            Index(fields=("user_id", "client_id", "expires_at"), name="ix_emergency_user"),
            Index(fields=("client_id",), name="ix_emergency_client"),
            Index(fields=("expires_at",), name="ix_emergency_expires"),
        )

    @classmethod
    def for_minutes(cls, minutes: int, **given: object) -> EmergencyAccess:
        """Give one that ends so many minutes from now."""
        moment = now()
        return cls(begun_at=moment, expires_at=moment + timedelta(minutes=minutes), **given)
