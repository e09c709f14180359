"""Getting on a calendar, moving there, being called off; and sharing, which is scheduling on a colleague's calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from models import Appointment, Client, ClientProvider, Group, GroupShare, Provider
from models.appointments import AppointmentKind, AppointmentStatus
from models.charting.gate import session_moves
from models.client_access import keep_client_access
from models.events import Change, EventKind, Hearers, before, record
from models.problems import Forbidden, InvalidInput, Refused, VersionConflict
from models.rosters import renew_roster, take_roster, tell_sessions_of_group
from models.text import line
from resolvers import access
from resolvers.acting import Given
from resolvers.viewer import Viewer

USUAL_INDIVIDUAL_CODE = "90837"
USUAL_MINUTES = 60


class NotUsuallySeen(Refused):
    """Asks for `confirmSharing`."""

    def __init__(self, whom: Group | Client, provider: Provider) -> None:
        """Point to both."""
        kind = "Group" if isinstance(whom, Group) else "Client"
        super().__init__(
            "NotUsuallySeen",
            f"This {kind.lower()} doesn't usually see this provider.",
            nodes={"match": (kind, whom.id), "provider": ("Provider", provider.id)},
        )


async def schedule_appointment(
    viewer: Viewer,
    *,
    starts_at: datetime,
    provider_id: str | None = None,
    group_id: str | None = None,
    client_id: str | None = None,
    duration_minutes: int | None = None,
    confirm_sharing: bool = False,
) -> Given:
    """Put a group or a client on a calendar, with the roster as it is now."""
    access.may_schedule(viewer)
    if (group_id is None) == (client_id is None):
        raise InvalidInput(dict.fromkeys(("input.groupId", "input.clientId"), "Exactly one of the two is needed."))
    provider = await _calendar(viewer, provider_id)
    whom: Group | Client
    if group_id is not None:
        # Who sees a group without holding it, such as a biller who treats as well, must not come to hold it so.
        whom = await access.group(viewer, group_id, change=True, lock=True)
        whom.refuse_archived("input.groupId")
        minutes = await access.minutes_of_code(whom.default_service_code_id)
    else:
        whom = await access.client(viewer, client_id or "", lock=True)
        _refuse_colleagues_calendar(viewer, provider)
        whom.refuse_inactive("input.clientId")
        usual = await access.service_code_by_code(viewer, USUAL_INDIVIDUAL_CODE)
        minutes = usual.duration_minutes if usual else USUAL_MINUTES
    new = Appointment(
        practice_id=viewer.practice_id,
        kind=(AppointmentKind.GROUP if isinstance(whom, Group) else AppointmentKind.INDIVIDUAL).value,
        provider_id=provider.id,
        group_id=whom.id if isinstance(whom, Group) else None,
        client_id=whom.id if isinstance(whom, Client) else None,
    )
    new.set_time(starts_at, minutes if duration_minutes is None else duration_minutes)
    await _share(viewer, whom, provider, confirmed=confirm_sharing)
    await new.save()
    await take_roster(new)
    if isinstance(whom, Client):
        await keep_client_access([whom.id])
    record(viewer.practice_id, Change(new.id, EventKind.CREATED))
    overlaps = await access.overlapping(viewer, new)
    return Given("ScheduleAppointmentPayload", {"appointment": new.id, "overlaps": overlaps})


async def reschedule_appointment(
    viewer: Viewer,
    id: str,
    *,
    starts_at: datetime,
    duration_minutes: int | None = None,
    provider_id: str | None = None,
    confirm_sharing: bool = False,
    expected_version: int | None = None,
) -> Given:
    """Move an appointment in time, and to another calendar with the same alert as scheduling there.

    From the past to the future its roster is the group's again, as of any session that has not started.
    """
    found = await access.appointment_to_move(viewer, id)
    if expected_version not in {None, found.version}:
        raise VersionConflict("Appointment", found.id)
    found.refuse_canceled("input.id")
    await session_moves(found)
    was, had_started = before(found), found.has_started
    minutes = int((found.ends_at - found.starts_at).total_seconds() // 60)
    found.set_time(starts_at, minutes if duration_minutes is None else duration_minutes)
    if provider_id is not None:
        provider = await _calendar(viewer, provider_id)
        if provider.id != found.provider_id:
            whom = await access.who_is_met(viewer, found)
            if isinstance(whom, Client):
                _refuse_colleagues_calendar(viewer, provider)
                await _refuse_begun(found)
            else:
                whom.refuse_archived("input.providerId")
            await _share(viewer, whom, provider, confirmed=confirm_sharing)
            found.provider_id = provider.id
    if was != before(found):
        found.version += 1
        await found.save(update_fields=["starts_at", "ends_at", "provider_id", "version"])
        if found.client_id is not None:
            await keep_client_access([found.client_id])
        left = await renew_roster(found) if found.group_id and had_started and not found.has_started else []
        # Each who left hears it alone: from how often the others hear of it they could count them.
        record(viewer.practice_id, was, *(replace(was, hearers=Hearers.INSIDE, gone=one, about=one) for one in left))
    overlaps = await access.overlapping(viewer, found)
    return Given("RescheduleAppointmentPayload", {"appointment": found.id, "overlaps": overlaps})


async def cancel_appointment(
    viewer: Viewer, id: str, *, reason: str | None = None, expected_version: int | None = None
) -> Given:
    """Call an appointment off; it is kept. What was set of attendance must be cleared first, as it is a charge."""
    found = await access.appointment(viewer, id, change=True, lock=True)
    if expected_version not in {None, found.version}:
        raise VersionConflict("Appointment", found.id)
    problems: dict[str, str] = {}
    why = line(problems, "input.reason", reason, 500, needed=False)
    if problems:
        raise InvalidInput(problems)
    if found.status != AppointmentStatus.CANCELED:
        await session_moves(found)
        if await access.any_outcome(found):
            raise InvalidInput({"input.id": "Attendance is set. Clear it first."})
        found.cancel(why)
        found.version += 1
        await found.save(update_fields=["status", "canceled_at", "cancel_reason", "version"])
        record(viewer.practice_id, before(found, EventKind.CANCELED))
    return Given("CancelAppointmentPayload", {"appointment": found.id})


async def unshare_group(viewer: Viewer, *, group_id: str, provider_id: str) -> Given:
    """End a provider's share of a group: from here on they know no more of it than any colleague does."""
    found = await access.group(viewer, group_id, change=True, lock=True)
    provider = await access.provider(viewer, provider_id)
    if provider.id == found.provider_id:
        raise InvalidInput({"input.providerId": "This provider owns the group: hand it over first."})
    share = await access.share(found, provider.id)
    if share is not None:
        if provider.id == viewer.provider_id and not viewer.scope.rosters:
            raise InvalidInput({"input.providerId": "You would lose sight of the group: ask its owner or the office."})
        await share.delete()
        await keep_client_access(await access.ever_members(found))
        await tell_sessions_of_group(found, Hearers.KNOWING, provider.id)
    return Given("UnshareGroupPayload", {"group": found.id})


async def _calendar(viewer: Viewer, wire: str | None) -> Provider:
    path = "input.providerId"
    if wire is not None:
        provider = await access.provider(viewer, wire)
    elif viewer.provider_id is not None:
        [provider] = await access.providers_by_row(viewer, [viewer.provider_id])
    else:
        only = await access.only_provider(viewer)
        if only is None:
            raise InvalidInput({path: "Choose whose calendar it is."})
        provider = only
    if not provider.active:
        raise InvalidInput({path: "This provider works here no more."})
    return provider


def _refuse_colleagues_calendar(viewer: Viewer, provider: Provider) -> None:
    """Refuse a client alone on a colleague's calendar to all but the office; a group of their own they may share."""
    if provider.id != viewer.provider_id and not viewer.scope.rosters:
        raise Forbidden


async def _refuse_begun(session: Appointment) -> None:
    """Refuse to hand a session with one client on when its notes are begun: they are whose it is now."""
    if await access.chart_of_session(session) is not None:
        raise InvalidInput({"input.providerId": "Its notes were begun by the provider who has it now."})


async def _share(viewer: Viewer, whom: Group | Client, provider: Provider, *, confirmed: bool) -> None:
    """Let the provider see a group or client that they do not usually see, once that was said yes to."""
    if await access.usually_sees(viewer, whom, provider):
        return
    if not confirmed:
        raise NotUsuallySeen(whom, provider)
    practice: UUID | None = viewer.practice_id
    if isinstance(whom, Client):
        await ClientProvider.create(practice_id=practice, client_id=whom.id, provider_id=provider.id)
        await keep_client_access([whom.id])
        return
    await GroupShare.create(practice_id=practice, group_id=whom.id, provider_id=provider.id)
    await keep_client_access(await access.ever_members(whom))
    await tell_sessions_of_group(whom, Hearers.KNOWING)
