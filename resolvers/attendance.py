"""Attendance: what its fields mean, and how it is set, cleared and confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from models import Appointment, Attendance, PaymentAllocation, ServiceCode
from models.attendance import AttendanceOutcome, AttendancePaid, ConfirmationStatus
from models.charting.gate import attendance_changes, attendance_is_open
from models.events import record, within
from models.practice import ServiceCodeKind
from models.problems import Forbidden, InvalidInput, VersionConflict
from resolvers import access
from resolvers.acting import Given
from resolvers.appointments.meanings import latest_first, viewer_can_set_attendance
from resolvers.appointments.scheduling import USUAL_INDIVIDUAL_CODE
from resolvers.clients import last_name
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means
from resolvers.viewer import Viewer

# What the fields mean


@means("Appointment.attendances", order=lambda t, q: (last_name(t.client_id, q), t.id))
def attendances(line: Row, session: Row, _q: Asking) -> Iterator[str]:
    """One for each client on the roster, by last name."""
    yield f"{line.appointment_id}={session.id}"


def _by_session(line: Row, q: Asking, order: Arg | None = None) -> Keys:
    start = f"(SELECT a.starts_at FROM {q.all(Appointment)} a WHERE a.id={line.appointment_id})"
    return Keys((start, line.id), descending=latest_first(order), kinds=("timestamptz", "uuid"))


@means("Client.attendances", order=_by_session)
def client_attendances(line: Row, client: Row, q: Asking, unpaid_only: Arg) -> Iterator[str]:
    """The client's own lines of all sessions, or of those that are not paid."""
    yield f"{line.client_id}={client.id}"
    yield f"NOT {unpaid_only} OR {_balance(line, q)}>0"


@means("Attendance.attended")
def attended(line: Row, _q: Asking) -> str:
    """Yes or no at a glance."""
    return f"{line.outcome}='{AttendanceOutcome.ATTENDED}'"


@means("Attendance.fee")
def fee(line: Row, q: Asking) -> dict[str, str]:
    """What it is charged."""
    return {"minor": line.fee_minor, "currency": q.viewer("currency")}


def _paid(line: Row, q: Asking) -> str:
    return f"coalesce((SELECT sum(x.amount_minor) FROM {q.all(PaymentAllocation)} x WHERE x.attendance_id={line.id}),0)"


def _balance(line: Row, q: Asking) -> str:
    return f"(coalesce({line.fee_minor},0)-{_paid(line, q)})"


@means("Attendance.paid")
def paid(line: Row, q: Asking) -> dict[str, str]:
    """The sum of all that was paid for it, whatever else the viewer may see."""
    return {"minor": _paid(line, q), "currency": q.viewer("currency")}


@means("Attendance.balance")
def balance(line: Row, q: Asking) -> dict[str, str]:
    """Fee less what is paid."""
    return {"minor": _balance(line, q), "currency": q.viewer("currency")}


@means("Attendance.lastChangedBy")
def last_changed_by(line: Row, q: Asking) -> str:
    """Who changed it last, to staff."""
    return line.last_changed_by if q.scope.office or q.scope.provider else "CAST(NULL AS text)"


@means("Appointment.attendanceSummary")
def attendance_summary(session: Row, q: Asking) -> dict[str, str]:
    """Counts over the lines that the viewer may see; nothing where only the time is known."""
    full = access.in_full(session, q)

    def over(what: str) -> str:
        line = q.row(Attendance)
        counted = what.format(
            outcome=line.outcome, confirmation=line.confirmation, fee=line.fee_minor, paid=_paid(line, q)
        )
        return f"(SELECT {counted} FROM {q.see(Attendance)} {line} WHERE {line.appointment_id}={session.id})"

    def where(condition: str) -> str:
        return over(f"coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END),0)")

    return {
        "known": "1" if full == "true" else f"(CASE WHEN {full} THEN 1 END)",
        "total": over("count(*)"),
        "attended": where(f"{{outcome}}='{AttendanceOutcome.ATTENDED}'"),
        "missed": where(f"{{outcome}}<>'{AttendanceOutcome.ATTENDED}'"),
        "unset": where("{outcome} IS NULL"),
        "confirmed": where(f"{{confirmation}}='{ConfirmationStatus.CONFIRMED}'"),
        "charged": over("coalesce(sum({fee}),0)"),
        "paid": over("coalesce(sum({paid}),0)"),
    }


@means("AttendanceSummary.charged")
def charged(summary: Row, q: Asking) -> dict[str, str]:
    """The sum of fees."""
    return {"minor": summary.charged, "currency": q.viewer("currency")}


@means("AttendanceSummary.paid")
def summary_paid(summary: Row, q: Asking) -> dict[str, str]:
    """What of the fees is paid."""
    return {"minor": summary.paid, "currency": q.viewer("currency")}


@means("Appointment.attendanceOptions")
def attendance_options(session: Row, q: Asking) -> dict[str, str]:
    """The dropdown, for those who may set attendance now: of a session that was called off nobody may."""
    return {"shown": f"(CASE WHEN {viewer_can_set_attendance(session, q)} THEN 1 END)"}


_OPTION = ("outcome", "service_code_id", "label", "rank", "code", "row_id")
Rows = tuple[str, tuple[str, ...], tuple[str, ...]]


def _option(code: Row, outcome: AttendanceOutcome, label: str, rank: int) -> str:
    return (
        f"SELECT '{outcome}' AS outcome,{code.id} AS service_code_id,{label} AS label,{rank} AS rank,"
        f"{code.code} AS code,CAST({code.id} AS text) AS row_id"
    )


def _no_fee(outcome: AttendanceOutcome, q: Asking) -> str:
    return f"SELECT '{outcome}',CAST(NULL AS {q.dialect.id_type}),'No Fee',9,'',''"


@means("AttendanceOptions.attended")
def attended_options(_options: Row, q: Asking) -> Rows:
    """Standard and custom codes, then No Fee."""
    code = q.row(ServiceCode)
    kinds = f"{code.kind} IN ('{ServiceCodeKind.STANDARD}','{ServiceCodeKind.CUSTOM}')"
    option = _option(code, AttendanceOutcome.ATTENDED, f"{code.code}||' '||{code.label}", 0)
    codes = f"{option} FROM {q.see(ServiceCode)} {code} WHERE {code.active} AND {kinds}"
    select = f"{codes} UNION ALL {_no_fee(AttendanceOutcome.ATTENDED, q)}"
    return select, ("rank", "code", "row_id"), _OPTION


@means("AttendanceOptions.notAttended")
def not_attended_options(_options: Row, q: Asking) -> Rows:
    """No show, late cancel, then No Fee; a system code of the practice's own can be either."""
    selects = []
    for rank, outcome in enumerate((AttendanceOutcome.NO_SHOW, AttendanceOutcome.LATE_CANCEL)):
        code = q.row(ServiceCode)
        other = AttendanceOutcome.LATE_CANCEL if rank == 0 else AttendanceOutcome.NO_SHOW
        selects.append(
            f"{_option(code, outcome, code.label, rank)} FROM {q.see(ServiceCode)} {code}"
            f" WHERE {code.active} AND {code.kind}='{ServiceCodeKind.SYSTEM}' AND {code.code}<>'{other}'"
        )
    select = " UNION ALL ".join([*selects, _no_fee(AttendanceOutcome.ABSENT, q)])
    return select, ("rank", "code", "row_id"), _OPTION


# What is done


async def set_attendance(
    viewer: Viewer,
    *,
    attendance_id: str,
    outcome: str,
    service_code_id: str | None = None,
    no_fee: bool = False,
    fee_minor: int | None = None,
    expected_version: int | None = None,
) -> Given:
    """Set outcome and code by one choice."""
    found, session = await access.attendance_to_set(viewer, attendance_id)
    session.refuse_canceled("input.attendanceId")
    if expected_version not in {None, found.version}:
        raise VersionConflict("Attendance", found.id)
    chosen = AttendanceOutcome(outcome)
    _check_no_fee(chosen, service_code_id, fee_minor, no_fee=no_fee)
    code = None
    if service_code_id is not None:
        code = await access.service_code(viewer, service_code_id)
    elif found.outcome is None and not no_fee and chosen is not AttendanceOutcome.ABSENT:
        code = await _default_code(viewer, session, chosen, "input.serviceCodeId")
    await attendance_changes(session)
    found.choose(chosen, code, fee_minor, by=viewer.name)
    await found.save(update_fields=["outcome", "service_code_id", "fee_minor", "last_changed_by", "version"])
    record(viewer.practice_id, within(session, found.client_id))
    return Given("SetAttendancePayload", {"attendance": found.id})


async def clear_attendance(viewer: Viewer, *, attendance_id: str, expected_version: int | None = None) -> Given:
    """Forget what was set, unless money was taken for it; what is not set stays so."""
    found, session = await access.attendance_to_set(viewer, attendance_id)
    if expected_version not in {None, found.version}:
        raise VersionConflict("Attendance", found.id)
    if found.outcome is not None:
        if await access.paid_minor(found):
            raise AttendancePaid(found)
        await attendance_changes(session)
        found.clear(by=viewer.name)
        await found.save(update_fields=["outcome", "service_code_id", "fee_minor", "last_changed_by", "version"])
        record(viewer.practice_id, within(session, found.client_id))
    return Given("ClearAttendancePayload", {"attendance": found.id})


async def mark_all_attended(viewer: Viewer, *, appointment_id: str) -> Given:
    """Mark every client who has no outcome yet as attended with the default code; who is marked stays as they are."""
    session = await access.appointment(viewer, appointment_id, change=True, lock=True)
    session.refuse_canceled("input.appointmentId")
    await attendance_is_open(session)
    lines = await access.unset_lines(session)
    if lines:
        await attendance_changes(session)
        code = await _default_code(viewer, session, AttendanceOutcome.ATTENDED, "input.appointmentId")
        for line in lines:
            line.attend(code, by=viewer.name)
        await Attendance.update_all(lines, ["outcome", "service_code_id", "fee_minor", "last_changed_by", "version"])
        record(viewer.practice_id, *(within(session, line.client_id) for line in lines))
    return Given("MarkAllAttendedPayload", {"appointment": session.id, "marked": [line.id for line in lines]})


async def record_confirmation(viewer: Viewer, *, attendance_id: str, status: str) -> Given:
    """Note what the client said to a session; a client says so only of their own, and of coming ones."""
    own = viewer.client_id is not None
    found, session = await access.attendance_to_set(viewer, attendance_id, change=not own)
    session.refuse_canceled("input.attendanceId")
    said = ConfirmationStatus(status)
    if own:
        if found.client_id != viewer.client_id:
            raise Forbidden
        if said not in {ConfirmationStatus.CONFIRMED, ConfirmationStatus.DECLINED}:
            raise InvalidInput({"input.status": "Say CONFIRMED or DECLINED."})
        if session.has_started:
            raise InvalidInput({"input.attendanceId": "This session has begun."})
    if found.outcome is not None:
        raise InvalidInput({"input.attendanceId": "What came of this session is set already."})
    if found.confirmation != said:
        found.confirm(said, by=viewer.name)
        await found.save(update_fields=["confirmation", "last_changed_by", "version"])
        record(viewer.practice_id, within(session, found.client_id))
    return Given("RecordConfirmationPayload", {"attendance": found.id})


def _check_no_fee(outcome: AttendanceOutcome, code: str | None, fee_minor: int | None, *, no_fee: bool) -> None:
    problems = {}
    if no_fee and outcome in {AttendanceOutcome.NO_SHOW, AttendanceOutcome.LATE_CANCEL}:
        problems["input.noFee"] = "ABSENT is the No that has no fee."
    if no_fee and code is not None:
        problems["input.noFee"] = "Either a code or no fee."
    if fee_minor and (no_fee or outcome is AttendanceOutcome.ABSENT):
        problems["input.feeMinor"] = "This has no fee."
    if problems:
        raise InvalidInput(problems)


async def _default_code(viewer: Viewer, session: Appointment, outcome: AttendanceOutcome, path: str) -> ServiceCode:
    if outcome is not AttendanceOutcome.ATTENDED:
        code = await access.service_code_by_code(viewer, outcome.value)
    elif (group := await access.group_of(session)) is not None:
        code = await access.code_by_row(group.default_service_code_id)
    else:
        code = await access.service_code_by_code(viewer, USUAL_INDIVIDUAL_CODE)
    if code is None or not code.active:
        raise InvalidInput({path: "The code that is meant by default is not in use: choose one."})
    return code
