"""What the story's people send about sessions: the calendar, attendance and payments."""

from __future__ import annotations

from typing import Any

MONEY = "{ amountMinor }"
SESSION = f"""
fragment Session on Appointment {{
  id kind status title shortTitle busyOnly startsAt version
  provider {{ name }} group {{ name }}
  attendanceSummary {{ total attended missed unset confirmed charged {MONEY} paid {MONEY} }}
  attendances {{
    id confirmation outcome attended serviceCode {{ code }} fee {MONEY} paid {MONEY} balance {MONEY} lastChangedBy
    client {{ name }}
  }}
  chart {{ id state run {{ kind state done }} }}
}}
"""
CALENDAR = (
    SESSION
    + """
query Calendar($from: DateTime!, $to: DateTime!) {
  calendar(from: $from, to: $to, includeCanceled: true) { cursor appointments { ...Session } }
}
"""
)
CHANGES = (
    SESSION
    + """
subscription Changes($from: DateTime!, $to: DateTime!, $after: String) {
  calendarChanges(from: $from, to: $to, after: $after) { cursor kind appointmentId appointment { ...Session } }
}
"""
)
APPOINTMENT = SESSION + "query Popup($id: ID!) { appointment(id: $id) { ...Session } }"
BOARD = SESSION + "subscription Board($id: ID!) { attendanceBoard(appointmentId: $id) { ...Session } }"
SCHEDULE = (
    SESSION
    + """
mutation Schedule($input: ScheduleAppointmentInput!) {
  scheduleAppointment(input: $input) {
    __typename
    ... on ScheduleAppointmentPayload { appointment { ...Session } overlaps { title } }
    ... on NotUsuallySeen { message match { ... on Group { name } } provider { name } }
    ... on Problem { message }
  }
}
"""
)
RESCHEDULE = """
mutation Reschedule($input: RescheduleAppointmentInput!) {
  rescheduleAppointment(input: $input) {
    __typename
    ... on RescheduleAppointmentPayload { appointment { startsAt attendances { client { name } } } }
    ... on Problem { message }
  }
}
"""
UNSHARE = """
mutation Unshare($input: UnshareGroupInput!) {
  unshareGroup(input: $input) {
    __typename
    ... on UnshareGroupPayload { group { providers { name } } }
    ... on Problem { message }
  }
}
"""
PRICE = """
mutation Price($input: UpdateServiceCodeInput!) {
  updateServiceCode(input: $input) {
    __typename
    ... on UpdateServiceCodePayload { serviceCode { id code } }
    ... on Problem { message }
  }
}
"""
CREATE_CODE = """
mutation CreateCode($input: CreateServiceCodeInput!) {
  createServiceCode(input: $input) {
    __typename
    ... on CreateServiceCodePayload { serviceCode { id kind } }
    ... on Problem { message }
  }
}
"""
DROPDOWN = """
fragment Line on AttendanceOption { outcome label serviceCode { id code } }
query Dropdown($id: ID!) {
  appointment(id: $id) { attendanceOptions { attended { ...Line } notAttended { ...Line } } }
}
"""
CONFIRM = """
mutation Confirm($input: RecordConfirmationInput!) {
  recordConfirmation(input: $input) {
    __typename
    ... on RecordConfirmationPayload { attendance { confirmation } }
    ... on Problem { message }
  }
}
"""
SET = """
mutation Set($input: SetAttendanceInput!) {
  setAttendance(input: $input) {
    __typename
    ... on SetAttendancePayload { attendance { outcome attended serviceCode { code } fee { amountMinor } } }
    ... on AttendanceAlreadySet { attendance { serviceCode { code } } }
    ... on Problem { message }
  }
}
"""
CLEAR = """
mutation Clear($input: ClearAttendanceInput!) {
  clearAttendance(input: $input) {
    __typename
    ... on ClearAttendancePayload { attendance { outcome fee { amountMinor } } }
    ... on AttendancePaid { attendance { paid { amountMinor } } }
    ... on Problem { message }
  }
}
"""
MARK_ALL = """
mutation MarkAll($input: MarkAllAttendedInput!) {
  markAllAttended(input: $input) {
    __typename
    ... on MarkAllAttendedPayload { marked { client { name } serviceCode { code } } }
    ... on Problem { message }
  }
}
"""
PAID = f"""
fragment Paid on Payment {{
  id status amount {MONEY} refunded {MONEY} unallocated {MONEY}
  allocations {{ amount {MONEY} attendance {{ id }} }}
}}
"""
ACCEPT = (
    PAID
    + """
mutation Accept($input: AcceptPaymentInput!) {
  acceptPayment(input: $input) {
    __typename
    ... on AcceptPaymentPayload { payment { ...Paid } client { balance { amountMinor } } attendances { id } }
    ... on InvalidInput { fields { path message } }
    ... on Problem { message }
  }
}
"""
)
REFUND = (
    PAID
    + """
mutation Refund($input: RefundPaymentInput!) {
  refundPayment(input: $input) {
    __typename
    ... on RefundPaymentPayload { payment { ...Paid } client { balance { amountMinor } } attendances { id } }
    ... on Problem { message }
  }
}
"""
)
ACCOUNT = (
    PAID
    + """
query Account($id: ID!) {
  client(id: $id) { balance { amountMinor } payments { edges { node { ...Paid } } } }
}
"""
)


def lines(session: Any) -> dict[str, Any]:
    """Give the session's lines by the name of the client."""
    return {line["client"]["name"]: line for line in session["attendances"]}


def column(session: Any, field: str) -> dict[str, Any]:
    """Give one column of the attendance board, by the name of the client."""
    return {name: line[field] for name, line in lines(session).items()}


def minor(money: Any) -> int:
    found: int = money["amountMinor"]
    return found
