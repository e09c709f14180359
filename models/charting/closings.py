"""What is opened in an emergency and is closed again by the clock is told to open streams, as any change is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from models.appointments import Appointment
from models.charting.notes import ChartNote
from models.database import dialect, fetch, moment_after
from models.events import Event, Hearers, before, record
from models.unit_of_work import unit_of_work


class Closings:
    """Notices when the time is over that notes were opened for: nobody commits anything then."""

    def __init__(self, since: datetime) -> None:
        """Begin with what closes after that."""
        self._told: object = since

    async def tell(self) -> None:
        """Tell what has closed since this was asked last, where no other process has."""
        rows = await fetch(
            "SELECT practice_id,client_id,expires_at FROM emergency_access"  # noqa: S608 - no value in it
            f" WHERE expires_at>$1 AND expires_at<={moment_after(0)} ORDER BY expires_at",
            [self._told],
        )
        for row in rows:
            practice, client = UUID(str(row["practice_id"])), UUID(str(row["client_id"]))
            await unit_of_work(partial(tell_readers, practice, client, row["expires_at"]))
            self._told = row["expires_at"]


async def tell_readers(practice: UUID, client: UUID, closed_at: object = None) -> None:
    """Tell who keeps the practice that a client's notes are opened, or closed unless that was told since."""
    if closed_at is not None and dialect() == "postgres":
        # Another process may be telling it: once the log is ours, what it told is there to be seen.
        await fetch("SELECT seq FROM event_counter WHERE practice_id=$1 FOR UPDATE", [practice])
    ids = set(await ChartNote.filter(client_id=client).values_list("appointment_id", flat=True))
    if closed_at is not None and ids:
        told = Event.filter(appointment_id__in=list(ids), hearers=Hearers.EMERGENCY.value, at__gte=closed_at)
        ids -= set(await told.values_list("appointment_id", flat=True))
    sessions = await Appointment.filter(id__in=list(ids)).order_by("starts_at", "id") if ids else []
    record(practice, *(replace(before(session), hearers=Hearers.EMERGENCY) for session in sessions))
