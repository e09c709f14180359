"""Appointments: when, on whose calendar, with whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.practice import MOST_DURATION_MINUTES
from models.problems import InvalidInput

FIRST_YEAR, LAST_YEAR = 1990, 2200


class AppointmentKind(StrEnum):
    """With one client, or with a group."""

    INDIVIDUAL = "INDIVIDUAL"
    GROUP = "GROUP"


class AppointmentStatus(StrEnum):
    """Whether it takes place."""

    SCHEDULED = "SCHEDULED"
    CANCELED = "CANCELED"


class Appointment(Row):
    """A session on a provider's calendar: of a group, or with one client."""

    practice = reference("Practice")
    practice_id: UUID
    kind = fields.CharField(max_length=10)
    status = fields.CharField(max_length=10, default=AppointmentStatus.SCHEDULED.value)
    provider = reference("Provider")
    provider_id: UUID
    group = reference("Group", null=True)
    group_id: UUID | None
    client = reference("Client", null=True)
    client_id: UUID | None
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    canceled_at: datetime | None = fields.DatetimeField(null=True)
    cancel_reason = fields.CharField(max_length=500, null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "appointment"
        indexes = (
            Index(fields=("practice_id", "starts_at", "id"), name="ix_appointment_start"),
            Index(fields=("provider_id", "starts_at", "id"), name="ix_appointment_provider"),
            Index(fields=("group_id", "starts_at", "id"), name="ix_appointment_group"),
            Index(fields=("client_id", "starts_at", "id"), name="ix_appointment_client"),
        )

    @property
    def has_started(self) -> bool:
        """Whether its start is over: from then on its roster stays as it is."""
        return self.starts_at <= now()

    def set_time(self, starts_at: datetime, minutes: int) -> None:
        """Put it at a time; a moment that no calendar shows, or a length that no session has, is refused."""
        problems = {}
        if not FIRST_YEAR <= starts_at.year <= LAST_YEAR:
            problems["input.startsAt"] = f"A session is between the years {FIRST_YEAR} and {LAST_YEAR}."
        if not 1 <= minutes <= MOST_DURATION_MINUTES:
            problems["input.durationMinutes"] = f"A session lasts between 1 and {MOST_DURATION_MINUTES} minutes."
        if problems:
            raise InvalidInput(problems)
        self.starts_at = starts_at
        self.ends_at = starts_at + timedelta(minutes=minutes)

    def refuse_canceled(self, path: str) -> None:
        """Refuse to work on a session that does not take place."""
        if self.status == AppointmentStatus.CANCELED:
            raise InvalidInput({path: "This appointment is canceled."})

    def cancel(self, reason: str | None) -> None:
        """Let it not take place; it stays on the calendar of who asks for canceled ones."""
        self.status = AppointmentStatus.CANCELED.value
        self.canceled_at = now()
        self.cancel_reason = reason
