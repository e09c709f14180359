"""What happened: a log in the order of commits, in which streams read on from where they are.

It holds ids and times, and nothing that anybody said or is called: whoever reads an event reads the rows as they are
now, with the rights they have now.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.appointments import Appointment
from models.base import now, reference
from models.database import fetch
from models.ids import uuid7
from models.unit_of_work import current_unit


class EventKind(StrEnum):
    """What happened to an appointment."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    CANCELED = "CANCELED"
    JOINED = "JOINED"
    """The client whom it is about is on its roster from now on: to them it is new."""


class Hearers(StrEnum):
    """Who is told, of those who see that the time is taken: from what they are told they could count people."""

    ALL = "ALL"
    """All of them."""
    KNOWING = "KNOWING"
    """Who knows the session in full: the office, its providers, and the clients on its roster."""
    INSIDE = "INSIDE"
    """The office, its providers, and the client whom it is about: it is of one line of the roster."""
    CHARTING = "CHARTING"
    """Its providers, the client whom it is about, and who reads notes in an emergency: it is of what is written."""
    EMERGENCY = "EMERGENCY"
    """Who keeps the practice: notes were opened to one of them, or are so no more."""


class Event(Model):
    """One change of one appointment, with where and when it was before."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    practice = reference("Practice")
    practice_id: UUID
    seq = fields.BigIntField()
    kind = fields.CharField(max_length=10)
    appointment_id: UUID = fields.UUIDField()
    was_provider_id = fields.UUIDField(null=True)
    was_starts_at = fields.DatetimeField(null=True)
    was_ends_at = fields.DatetimeField(null=True)
    was_client_id = fields.UUIDField(null=True)
    hearers = fields.CharField(max_length=10)
    about_client_id = fields.UUIDField(null=True)
    about_provider_id = fields.UUIDField(null=True)
    at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "event"
        indexes = (Index(fields=("at",), name="ix_event_at"),)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be recorded of one appointment.

    `gone` is a client who is on its roster no more. Told are its `hearers`, with the client whom it is `about`, and the
    provider who gains or loses sight of it.
    """

    appointment_id: UUID
    kind: EventKind
    provider_id: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    gone: UUID | None = None
    hearers: Hearers = Hearers.ALL
    about: UUID | None = None
    about_provider: UUID | None = None


def record(practice_id: UUID | None, *changes: Change) -> None:
    """Write these changes into the log at the end of the running unit of work, and wake their streams after it.

    At the end: the practice's counter row is locked from then to the commit, which is what makes the order of numbers
    the order of commits.
    """
    if practice_id is None or not changes:
        return
    unit = current_unit()
    pending: dict[UUID, list[Change]] = unit.kept.setdefault("events", {})
    if not pending:
        unit.at_end.append(lambda: _write(pending))
        unit.after.append(lambda: _tell(pending))
    pending.setdefault(practice_id, []).extend(changes)


def before(appointment: Appointment, kind: EventKind = EventKind.UPDATED, gone: UUID | None = None) -> Change:
    """Give the change of an appointment that is as it was until now."""
    return Change(appointment.id, kind, appointment.provider_id, appointment.starts_at, appointment.ends_at, gone)


def within(appointment: Appointment, about: UUID | None = None, gone: UUID | None = None) -> Change:
    """Give a change inside of an appointment: of one client's line of it, or of how far its notes are."""
    return replace(before(appointment, gone=gone), hearers=Hearers.INSIDE, about=about)


def written(appointment: Appointment, about: UUID | None = None) -> Change:
    """Give a change of what is written about an appointment, which moves nothing that anybody else sees of it."""
    return replace(before(appointment), hearers=Hearers.CHARTING, about=about)


LISTENERS: list[Callable[[UUID], None]] = []
KEPT_FOR = timedelta(hours=24)


def wake(practice_id: UUID) -> None:
    """Wake the streams of a practice after the running unit of work, though nothing is told: a right has ended."""
    current_unit().after.append(lambda: _tell([practice_id]))


async def trim(kept_for: timedelta = KEPT_FOR) -> None:
    """Forget events that are older than that; a stream that was away for longer is told RESET."""
    await fetch("DELETE FROM event WHERE at<$1", [now() - kept_for])


def _tell(practices: Iterable[UUID]) -> None:
    for practice in practices:
        for listener in LISTENERS:
            listener(practice)


def _is_told_to_all(change: Change, changes: Container[Change]) -> bool:
    """Whether a change that is for some is told to all already."""
    wide = replace(change, hearers=Hearers.ALL, about=None, about_provider=None)
    return change != wide and wide in changes


async def _write(pending: dict[UUID, list[Change]]) -> None:
    for practice, changes in pending.items():
        moment = now()
        each = dict.fromkeys(changes)
        unique = [change for change in each if not _is_told_to_all(change, each)]
        [counter] = await fetch(
            "INSERT INTO event_counter (practice_id,seq) VALUES ($1,$2)"
            " ON CONFLICT (practice_id) DO UPDATE SET seq=event_counter.seq+$2 RETURNING seq",
            [practice, len(unique)],
        )
        first = counter["seq"] - len(unique) + 1
        await Event.bulk_create(
            [
                Event(
                    practice_id=practice,
                    seq=first + n,
                    kind=change.kind.value,
                    appointment_id=change.appointment_id,
                    was_provider_id=change.provider_id,
                    was_starts_at=change.starts_at,
                    was_ends_at=change.ends_at,
                    was_client_id=change.gone,
                    hearers=change.hearers.value,
                    about_client_id=change.about,
                    about_provider_id=change.about_provider,
                    at=moment,
                )
                for n, change in enumerate(unique)
            ]
        )
