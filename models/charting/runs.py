"""Durable runs: the work behind a progress bar, kept as rows, so that nothing that dies leaves it half done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.appointments import Appointment
from models.base import Row, now, reference
from models.charting.charts import Chart
from models.database import dialect, fetch, moment_after
from models.events import record, written
from models.unit_of_work import current_unit

LEASE_SECONDS = 1
"""A run is gone on with by any process so long after its holder was last heard of."""
LONGEST_PAUSE_SECONDS = 30
"""A run that cannot end is tried again after so long at the latest."""


class ChartRunKind(StrEnum):
    """What a run does."""

    COMPLETE = "COMPLETE"
    LOCK = "LOCK"


class ChartRunState(StrEnum):
    """How far a run is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class ChartRunStepState(StrEnum):
    """How far one client's step is."""

    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"


class ChartRun(Row):
    """Assembles or locks a chart's notes, one client at a time."""

    practice = reference("Practice")
    practice_id: UUID
    chart = reference("Chart")
    chart_id: UUID
    kind = fields.CharField(max_length=8)
    state = fields.CharField(max_length=9, default=ChartRunState.QUEUED.value)
    provider = reference("Provider")
    provider_id: UUID
    signed_as = fields.CharField(max_length=300)
    attestation = fields.CharField(max_length=500)
    total = fields.IntField()
    done = fields.IntField(default=0)
    failed = fields.IntField(default=0)
    worker = fields.CharField(max_length=32, null=True)
    attempts = fields.IntField(default=0)
    lease_until = fields.DatetimeField(default=now)
    created_at: datetime = fields.DatetimeField(default=now)
    started_at: datetime | None = fields.DatetimeField(null=True)
    finished_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "chart_run"
        indexes = (
            Index(fields=("practice_id",), name="ix_run_practice"),
            Index(fields=("chart_id", "created_at", "id"), name="ix_run_chart"),
            Index(fields=("provider_id",), name="ix_run_provider"),
            Index(fields=("state", "lease_until"), name="ix_run_claim"),
        )


class ChartRunStep(Row):
    """One client's part of a run."""

    practice = reference("Practice")
    practice_id: UUID
    run = reference("ChartRun")
    run_id: UUID
    client = reference("Client")
    client_id: UUID
    state = fields.CharField(max_length=7, default=ChartRunStepState.WAITING.value)
    reason = fields.CharField(max_length=300, null=True)

    class Meta:
        """The table."""

        table = "chart_run_step"
        indexes = (
            Index(fields=("practice_id",), name="ix_step_practice"),
            Index(fields=("run_id", "client_id"), name="ix_step_run"),
            Index(fields=("client_id",), name="ix_step_client"),
        )


WAITING: list[Callable[[], object]] = []
"""Whom to wake in this process when a run was queued."""


def queued() -> None:
    """Wake the workers of this process once the running unit of work is committed; others look by themselves."""
    current_unit().after.extend(WAITING)


async def any_due() -> bool:
    """Whether there is a run that waits, or whose holder is heard of no more: asked before anything is locked."""
    return bool(await fetch(f"SELECT 1 AS yes FROM chart_run WHERE {_due()} LIMIT 1"))  # noqa: S608 - no value in it


async def claim(worker: str) -> tuple[UUID, int] | None:
    """Take the oldest run that waits, or whose holder is heard of no more; give its id and the attempt's number."""
    skip = " FOR UPDATE SKIP LOCKED" if dialect() == "postgres" else ""
    rows = await fetch(
        f"UPDATE chart_run SET state='RUNNING',worker=$1,attempts=attempts+1,lease_until={moment_after(LEASE_SECONDS)},"  # noqa: S608 - no value in it
        f"started_at=coalesce(started_at,$2) WHERE id=(SELECT id FROM chart_run WHERE {_due()}"
        f" ORDER BY created_at,id LIMIT 1{skip}) RETURNING id,chart_id,attempts",
        [worker, now()],
    )
    if not rows:
        return None
    run = rows[0]
    chart = await Chart.get(id=run["chart_id"])
    record(chart.practice_id, written(await Appointment.get(id=chart.appointment_id)))
    return UUID(str(run["id"])), int(run["attempts"])


async def renew(run: UUID, worker: str, attempt: int) -> bool:
    """Keep the run for as long again, inside of a step's unit of work; False where another process has it by now."""
    return await _hold(run, worker, attempt, f"lease_until={moment_after(LEASE_SECONDS)}")


async def put_off(run: UUID, worker: str, attempt: int) -> int | None:
    """Let the run be for a while, longer with each attempt; give its seconds, None where another process has it."""
    pause = min(2**attempt, LONGEST_PAUSE_SECONDS)
    return pause if await _hold(run, worker, attempt, f"worker=NULL,lease_until={moment_after(pause)}") else None


async def release(worker: str) -> None:
    """Let others go on at once with what this worker has."""
    await fetch(
        f"UPDATE chart_run SET worker=NULL,lease_until={moment_after(0)} WHERE worker=$1 AND state='RUNNING'",  # noqa: S608 - no value in it
        [worker],
    )


async def _hold(run: UUID, worker: str, attempt: int, change: str) -> bool:
    return bool(
        await fetch(
            f"UPDATE chart_run SET {change} WHERE id=$1 AND worker=$2 AND attempts=$3 AND state='RUNNING' RETURNING id",  # noqa: S608 - one of two texts
            [run, worker, attempt],
        )
    )


def _due() -> str:
    # Nothing is kept or put off for longer than that: where it seems so, the clock was set back.
    never = LEASE_SECONDS + LONGEST_PAUSE_SECONDS
    lapsed = f"lease_until<={moment_after(0)} OR lease_until>{moment_after(never)}"
    return f"(state='QUEUED' OR state='RUNNING' AND ({lapsed}))"
