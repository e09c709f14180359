"""Durable runs: the work behind a progress bar, kept as rows, so that nothing that dies leaves it half done."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.database import dialect, fetch

# A run is gone on with by any process so long after its holder was last heard of.
LEASE = timedelta(seconds=3)


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


async def claim(worker: str) -> tuple[UUID, int] | None:
    """Take the oldest run that waits, or whose holder is heard of no more; give its id and the attempt's number."""
    moment = now()
    skip = " FOR UPDATE SKIP LOCKED" if dialect() == "postgres" else ""
    rows = await fetch(
        "UPDATE chart_run SET state='RUNNING',worker=$1,attempts=attempts+1,lease_until=$2,"  # noqa: S608 - one of two texts
        "started_at=coalesce(started_at,$3) WHERE id=(SELECT id FROM chart_run WHERE state IN ('QUEUED','RUNNING')"
        f" AND lease_until<=$3 ORDER BY created_at,id LIMIT 1{skip}) RETURNING id,attempts",
        [worker, moment + LEASE, moment],
    )
    return (UUID(str(rows[0]["id"])), int(rows[0]["attempts"])) if rows else None


async def renew(run: UUID, worker: str, attempt: int) -> bool:
    """Keep the run for as long again, inside of a step's unit of work; False where another process has it by now."""
    return bool(
        await fetch(
            "UPDATE chart_run SET lease_until=$1 WHERE id=$2 AND worker=$3 AND attempts=$4 AND state='RUNNING'"
            " RETURNING id",
            [now() + LEASE, run, worker, attempt],
        )
    )
