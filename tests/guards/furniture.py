"""One row in every table of a practice: what the rules of the database are tried on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from models import (
    Addendum,
    Appointment,
    Attendance,
    Chart,
    ChartEntry,
    ChartNote,
    ChartRun,
    ChartRunStep,
    ChartTemplate,
    ChartWarning,
    Client,
    ClientProvider,
    Event,
    Group,
    GroupMembership,
    GroupShare,
    IdempotencyKey,
    Payment,
    PaymentAllocation,
    Practice,
    Provider,
    ServiceCode,
    Signature,
    SignIn,
    User,
)
from models.base import Row, now
from models.client_access import keep_client_access
from models.database import fetch
from tests.guards.furniture_of_audit import furnish_audit


async def furnish(name: str) -> dict[str, UUID]:
    """Put one row in every table of a new practice; give the columns' values that are ids."""
    practice = await Practice.create(name=name, time_zone="UTC", currency="USD")
    ids = {"practice_id": practice.id}

    async def make(model: type[Row], **given: Any) -> UUID:
        row = model(practice_id=practice.id, **given)
        if isinstance(row, Client | Group):
            row.spell()
        await row.save()
        return row.id

    ids["provider_id"] = provider = await make(Provider, name="Amara", sort_name="amara")
    ids["client_id"] = client = await make(Client, first_name="Ada", last_name="Stone")
    ids["default_service_code_id"] = code = await make(
        ServiceCode, code="90853", label="Group", kind="STANDARD", fee_minor=0, duration_minutes=60
    )
    ids["group_id"] = group = await make(
        Group, name="Grief", initials="G", default_service_code_id=code, provider_id=provider
    )
    account = {"name": name, "email": name, "email_key": name, "password_hash": "", "roles": "OWNER"}
    ids["user_id"] = user = await make(User, **account, provider_id=provider, client_id=client)
    await make(ClientProvider, client_id=client, provider_id=provider)
    await make(GroupShare, group_id=group, provider_id=provider)
    await make(GroupMembership, group_id=group, client_id=client)
    await make(SignIn, user_id=user, token_hash=name, expires_at=now())
    await make(IdempotencyKey, user_id=user, operation="x", key="y", input_hash="z", answer="{}")
    await _furnish_a_session(ids, make)
    await _furnish_a_chart(ids, make)
    await furnish_audit(ids)
    await keep_client_access([client])
    return ids


async def _furnish_a_session(ids: dict[str, UUID], make: Callable[..., Awaitable[UUID]]) -> None:
    starts = datetime(2026, 11, 23, 16, tzinfo=UTC)
    ids["appointment_id"] = session = await make(
        Appointment,
        kind="GROUP",
        provider_id=ids["provider_id"],
        group_id=ids["group_id"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    ids["service_code_id"] = ids["default_service_code_id"]
    ids["attendance_id"] = line = await make(
        Attendance,
        appointment_id=session,
        client_id=ids["client_id"],
        outcome="ATTENDED",
        service_code_id=ids["service_code_id"],
        fee_minor=100,
    )
    ids["payment_id"] = paid = await make(
        Payment, client_id=ids["client_id"], amount_minor=100, method="CASH", received_on=starts.date()
    )
    await make(PaymentAllocation, payment_id=paid, attendance_id=line, amount_minor=100)
    await Event.create(practice_id=ids["practice_id"], seq=1, kind="CREATED", hearers="ALL", appointment_id=session)
    await fetch("INSERT INTO event_counter (practice_id, seq) VALUES ($1, 1)", [ids["practice_id"]])


async def _furnish_a_chart(ids: dict[str, UUID], make: Callable[..., Awaitable[UUID]]) -> None:
    session, client, provider = ids["appointment_id"], ids["client_id"], ids["provider_id"]
    ids["template_id"] = template = await make(ChartTemplate, name="Our form", body="")
    ids["chart_id"] = chart = await make(Chart, appointment_id=session, template_id=template)
    await make(ChartEntry, chart_id=chart, client_id=client, attendance_id=ids["attendance_id"])
    ids |= {"acknowledged_by_id": provider, "named_id": client}
    warning = {"kind": "NOT_INDIVIDUALIZED", "message": "Look here.", "position": 0}
    await make(ChartWarning, chart_id=chart, client_id=client, named_id=client, acknowledged_by_id=provider, **warning)
    signed = {"provider_id": provider, "signed_as": "Amara", "attestation": "It is so."}
    # Over, and not locked: as long as a rule is not about that, it is tried on what may still be changed.
    ids["run_id"] = run = await make(ChartRun, chart_id=chart, kind="COMPLETE", state="SUCCEEDED", total=1, **signed)
    await make(ChartRunStep, run_id=run, client_id=client)
    note = {"client_id": client, "appointment_id": session, "provider_id": provider, "body": ""}
    ids["note_id"] = written = await make(ChartNote, chart_id=chart, **note)
    await make(Signature, note_id=written, signed_at=now(), **signed)
    added = {"authored_as": "Amara", "body": "More.", "previous_hash": "", "content_hash": "", "seal": ""}
    await make(Addendum, note_id=written, provider_id=provider, **added)
