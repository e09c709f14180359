"""Sessions for a random scene: rosters drawn from all who belong or belonged, on anybody's calendar, paid in part."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models import (
    Appointment,
    Attendance,
    Client,
    Group,
    GroupMembership,
    Payment,
    PaymentAllocation,
    Provider,
    ServiceCode,
)
from models.client_access import keep_client_access

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
OUTCOMES = (None, None, "ATTENDED", "ATTENDED", "NO_SHOW", "LATE_CANCEL", "ABSENT")


async def plant_sessions(seed: int) -> None:
    """Put two sessions of each group, and one with each client alone, on calendars of their own practice."""
    rng = random.Random(seed)  # noqa: S311 - drawn again the same
    members: dict[UUID, set[UUID]] = {}
    for membership in await GroupMembership.all():
        members.setdefault(membership.group_id, set()).add(membership.client_id)
    lines: list[Attendance] = []
    for group in await Group.all().order_by("id"):
        for roster in (members.get(group.id, set()), members.get(group.id, set())):
            lines += await _session(rng, group, rng.sample(sorted(roster), rng.randrange(len(roster) + 1)))
        lines += await _session(rng, group, sorted(members.get(group.id, set())))
    for client in await Client.all().order_by("id"):
        lines += await _session(rng, client, [client.id])
    for client in await Client.all().order_by("id"):
        await _pay(rng, client, [line for line in lines if line.client_id == client.id and line.fee_minor])
    await keep_client_access(await Client.all().values_list("id", flat=True))  # type: ignore[arg-type]


async def _session(rng: random.Random, whom: Group | Client, roster: list[UUID]) -> list[Attendance]:
    # Whose calendar it is may have nothing to do with it any more: shares end, and sessions stay where they were.
    calendars = await Provider.filter(practice_id=whom.practice_id).order_by("id")
    codes = await ServiceCode.filter(practice_id=whom.practice_id).order_by("id")
    starts = START + timedelta(hours=rng.randrange(1000))
    canceled = rng.random() < 0.1
    session = await Appointment.create(
        practice_id=whom.practice_id,
        kind="GROUP" if isinstance(whom, Group) else "INDIVIDUAL",
        group_id=whom.id if isinstance(whom, Group) else None,
        client_id=whom.id if isinstance(whom, Client) else None,
        provider_id=rng.choice(calendars).id,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=rng.choice((30, 60, 90))),
        status="CANCELED" if canceled else "SCHEDULED",
        canceled_at=starts if canceled else None,
    )
    lines = []
    for client in roster:
        outcome = None if canceled else rng.choice(OUTCOMES)
        charged = outcome not in {None, "ABSENT"}
        lines.append(
            await Attendance.create(
                practice_id=whom.practice_id,
                appointment_id=session.id,
                client_id=client,
                outcome=outcome,
                service_code_id=rng.choice(codes).id if charged else None,
                fee_minor=rng.choice((1, 6000, 9000)) if charged else 0 if outcome else None,
            )
        )
    return lines


async def _pay(rng: random.Random, client: Client, charges: list[Attendance]) -> None:
    for charge in rng.sample(charges, min(len(charges), 2)):
        paid = await Payment.create(
            practice_id=client.practice_id,
            client_id=client.id,
            amount_minor=10_000,
            method="CASH",
            received_on=START.date() + timedelta(days=rng.randrange(100)),
        )
        await PaymentAllocation.create(
            practice_id=client.practice_id,
            payment_id=paid.id,
            attendance_id=charge.id,
            amount_minor=rng.randrange(1, (charge.fee_minor or 1) + 1),
        )
