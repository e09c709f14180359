"""The steps of a run: each assembles or locks one client's note in a unit of work of its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from models.appointments import Appointment, AppointmentKind
from models.attendance import Attendance, AttendanceOutcome
from models.audit.entries import Asked, AuditChannel
from models.audit.tracing import trace
from models.base import now, wire_moment
from models.charting.charts import Chart, ChartEntry, ChartState
from models.charting.notes import ChartNote, ChartWarning, Signature, hash_of
from models.charting.runs import (
    ChartRun,
    ChartRunKind,
    ChartRunState,
    ChartRunStep,
    ChartRunStepState,
    queued,
    renew,
)
from models.charting.warnings import find
from models.clients import Client
from models.database import dialect
from models.events import record, within, written
from models.ids import uuid7
from models.practice import Practice, User
from models.richtext import joined


async def start_run(
    chart: Chart, kind: ChartRunKind, clients: list[UUID], *, provider: UUID, signed_as: str, attestation: str
) -> ChartRun:
    """Queue a run with one step for each client."""
    earlier = await ChartRun.filter(chart_id=chart.id).order_by("-created_at").first()
    moment = now()
    run = await ChartRun.create(
        practice_id=chart.practice_id,
        chart_id=chart.id,
        kind=kind.value,
        # The latest of a chart is the one that was started last, though the clock was set back meanwhile.
        created_at=max(moment, earlier.created_at + timedelta(microseconds=1)) if earlier else moment,
        provider_id=provider,
        signed_as=signed_as,
        attestation=attestation,
        total=len(clients),
    )
    await ChartRunStep.create_all(
        [ChartRunStep(practice_id=chart.practice_id, run_id=run.id, client_id=client) for client in clients]
    )
    queued()
    return run


async def attending(session: UUID) -> list[UUID]:
    """Give the clients who attended a session."""
    lines = await Attendance.filter(appointment_id=session, outcome=AttendanceOutcome.ATTENDED.value).order_by("id")
    return [line.client_id for line in lines]


async def take_step(run_id: UUID, worker: str, attempt: int) -> bool:
    """Do the next step, or end the run after the last; False where there is nothing more to do for this holder."""
    if not await renew(run_id, worker, attempt):
        return False
    run = await ChartRun.get(id=run_id)
    chart = await Chart.get(id=run.chart_id)
    session = await Appointment.get(id=chart.appointment_id)
    step = await ChartRunStep.filter(run_id=run.id, state=ChartRunStepState.WAITING.value).order_by("id").first()
    if step is None:
        await _end(run, chart, session)
    else:
        await (_assemble if run.kind == ChartRunKind.COMPLETE else _lock)(run, chart, step.client_id)
        step.state = ChartRunStepState.DONE.value
        step.reason = None
        await step.save(update_fields=["state", "reason"])
        run.done += 1
        await run.save(update_fields=["done"])
    # In review, what came of the session may be said again. Before it is locked, a client sees nothing of their note.
    in_review = step is None and run.kind == ChartRunKind.COMPLETE
    signed = step.client_id if step and run.kind == ChartRunKind.LOCK else None
    record(run.practice_id, within(session) if in_review else written(session, signed))
    await _trace(run)
    return step is not None


async def fail_step(run_id: UUID, worker: str, attempt: int) -> bool:
    """Note that the next step could not be done; False where it was the end of the run, or another process has it."""
    if not await renew(run_id, worker, attempt):
        return False
    run = await ChartRun.get(id=run_id)
    step = await ChartRunStep.filter(run_id=run.id, state=ChartRunStepState.WAITING.value).order_by("id").first()
    chart = await Chart.get(id=run.chart_id)
    if step is None:
        return False
    step.state = ChartRunStepState.FAILED.value
    done = "assembled" if run.kind == ChartRunKind.COMPLETE else "locked"
    step.reason = f"This note could not be {done}. Try again; if it fails again, tell whoever runs the server."
    await step.save(update_fields=["state", "reason"])
    run.failed += 1
    await run.save(update_fields=["failed"])
    record(run.practice_id, written(await Appointment.get(id=chart.appointment_id)))
    await _trace(run)
    return True


async def _trace(run: ChartRun) -> None:
    """Note what the server does for whoever began the run."""
    user = await User.get_or_none(provider_id=run.provider_id)
    operation = "completeChart" if run.kind == ChartRunKind.COMPLETE else "lockChart"
    roles = user.roles if user else ""
    trace(Asked(run.practice_id, user.id if user else None, roles, operation, AuditChannel.RUN), [])


async def _assemble(run: ChartRun, chart: Chart, client: UUID) -> None:
    entry = await ChartEntry.get(chart_id=chart.id, client_id=client)
    body = joined(chart.template_body, chart.group_notes, entry.client_notes)
    note = await ChartNote.get_or_none(chart_id=chart.id, client_id=client)
    if note is not None:
        note.body, note.provider_id = body, run.provider_id
        await note.save(update_fields=["body", "provider_id"])
        return
    # Made in the moment in which it was asked for, as all of them: from their own note's place in the row of them a
    # client could tell how many there are.
    await ChartNote.create(
        id=uuid7(run.created_at),
        created_at=run.created_at,
        practice_id=chart.practice_id,
        chart_id=chart.id,
        client_id=client,
        appointment_id=chart.appointment_id,
        provider_id=run.provider_id,
        body=body,
    )


async def _lock(run: ChartRun, chart: Chart, client: UUID) -> None:
    # One client's chain grows one link at a time.
    held = Client.filter(id=client)
    await (held.select_for_update(no_key=True) if dialect() == "postgres" else held).get()
    note = await ChartNote.get(chart_id=chart.id, client_id=client)
    last = await ChartNote.filter(client_id=client, chain_no__not_isnull=True).order_by("-chain_no").first()
    # The moment in which it was signed, and not the one in which its turn came.
    moment = run.created_at
    note.locked_at = moment
    note.provider_id = run.provider_id
    note.chain_no = (last.chain_no or 0) + 1 if last else 1
    note.previous_hash = last.content_hash if last else None
    note.content_hash = hash_of(
        note=note.id,
        client=note.client_id,
        appointment=note.appointment_id,
        provider=note.provider_id,
        body=note.body,
        locked_at=wire_moment(moment),
        signed_as=run.signed_as,
        attestation=run.attestation,
        previous=note.previous_hash,
    )
    note.seal = note.sealed()
    await Signature.create(
        practice_id=run.practice_id,
        note_id=note.id,
        provider_id=run.provider_id,
        signed_as=run.signed_as,
        signed_at=moment,
        attestation=run.attestation,
    )
    await note.save(update_fields=["locked_at", "provider_id", "chain_no", "previous_hash", "content_hash", "seal"])


async def _end(run: ChartRun, chart: Chart, session: Appointment) -> None:
    run.state = (ChartRunState.FAILED if run.failed else ChartRunState.SUCCEEDED).value
    run.finished_at = now()
    await run.save(update_fields=["state", "finished_at"])
    if run.failed:
        return
    if run.kind == ChartRunKind.COMPLETE:
        await _warn(chart, session)
        chart.move(ChartState.IN_REVIEW)
    else:
        chart.move(ChartState.LOCKED)
    await chart.save(update_fields=["state", "version"])


async def _warn(chart: Chart, session: Appointment) -> None:
    practice = await Practice.get(id=chart.practice_id)
    came = set(await attending(session.id))
    entries = await ChartEntry.filter(chart_id=chart.id).order_by("id")
    lines = await Attendance.filter(appointment_id=session.id)
    roster = await Client.filter(id__in=[line.client_id for line in lines]).order_by("sort_name", "id")
    found = find(
        group=session.kind == AppointmentKind.GROUP,
        shared=joined(chart.template_body, chart.group_notes),
        own={entry.client_id: entry.client_notes for entry in entries if entry.client_id in came},
        roster=roster,
        limit=practice.group_size_limit,
    )
    await ChartWarning.create_all(
        [
            ChartWarning(
                practice_id=chart.practice_id,
                chart_id=chart.id,
                kind=warning.kind.value,
                message=warning.message[:500],
                client_id=warning.client,
                named_id=warning.named,
                position=n,
            )
            for n, warning in enumerate(found)
        ]
    )
