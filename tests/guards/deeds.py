"""Each mutation once, carried out by somebody of the cast: what the properties of all mutations are tried with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.client import Data, Person
from tests.week import Week
from tests.world import World, in_days

Input = Callable[[Week], Data]

CLIENT = "client { id name version active providers { id } groups { id } memberships { id leftAt } }"
GROUP = (
    "group { id name initials version archivedAt provider { id } providers { id }"
    " defaultServiceCode { id } members { id client { id } } }"
)
MEMBERSHIP = "membership { id joinedAt leftAt }"
LINE = (
    "attendance { id version confirmation outcome attended serviceCode { id } fee { amountMinor }"
    " paid { amountMinor } balance { amountMinor } lastChangedBy client { id } appointment { id } }"
)
APPOINTMENT = (
    "appointment { id kind status title startsAt endsAt canceledAt cancelReason version provider { id } group { id }"
    " attendances { id version outcome client { id } } attendanceSummary { total attended unset } }"
)
PAYMENT = (
    "payment { id amount { amountMinor } refunded { amountMinor } status receivedOn unallocated { amountMinor }"
    " allocations { id amount { amountMinor } attendance { id } } }"
    " client { id balance { amountMinor } } attendances { id balance { amountMinor } }"
)
TEMPLATE = "template { id name kind body active version }"
RUN = "run { id kind state total done failed steps { client { id } state reason } chart { id state version } }"
CHART = (
    "chart { id state version templateBody groupNotes template { id } appointment { id } run { id }"
    " clientEntries { id version clientNotes client { id } } notes { id body locked } warnings { id message } }"
)
ADDENDA = "addenda { id body authoredAs author { id } note { id locked client { id } } }"


@dataclass(frozen=True, slots=True)
class Deed:
    """A mutation that changes something, and the same with another input: one as good, one that is refused."""

    mutation: str
    by: str
    given: Input
    other: Input
    wrong: Input
    select: str
    needs_key: bool = False
    """Whether it is not done at all without an idempotency key."""

    def __str__(self) -> str:
        """Call it by its mutation."""
        return self.mutation

    def person(self, week: Week) -> Person:
        """Give who does it."""
        return person(week, self.by)

    def usual(self, week: Week) -> Data:
        """Give all that its input needs."""
        return self.keyed(self.given(week))

    def keyed(self, given: Data) -> Data:
        """Give the input with a new key, where it is nothing without one."""
        return ({"idempotencyKey": f"deed {next(_numbers)}"} if self.needs_key else {}) | given

    async def do(self, week: Week, **more: Any) -> Data:
        """Do it."""
        return await self.person(week).do(self.mutation, self.select, **(self.usual(week) | more))


_numbers = count(1)


def person(world: World, name: str) -> Person:
    """Give somebody of the cast by name."""
    found = world.elsewhere.eve if name == "eve" else getattr(world, name)
    assert isinstance(found, Person)
    return found


def words(week: Week) -> Data:
    """Give what is written for Ada alone, in the draft."""
    return {
        "clientId": week.client_ada,
        "clientNotes": "<p>She spoke first.</p>",
        "expectedVersion": week.drafted.entry_version,
    }


def _part(week: Week) -> Data:
    return {"chartId": week.drafted.chart, "expectedVersion": week.drafted.version}


def _review(week: Week) -> Data:
    return {"chartId": week.reviewed.chart, "expectedVersion": week.reviewed.version}


DEEDS = [
    Deed(
        "createServiceCode",
        "owner",
        lambda _: {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 4000},
        lambda _: {"code": "GRIEF", "label": "Skills workshop", "feeMinor": 4000},
        lambda _: {"code": "SKILLS", "label": "", "feeMinor": 4000},
        "serviceCode { id code label kind fee { amountMinor } durationMinutes active }",
    ),
    Deed(
        "updateServiceCode",
        "owner",
        lambda w: {"id": w.individual, "feeMinor": 15000},
        lambda w: {"id": w.individual, "feeMinor": 15001},
        lambda w: {"id": w.individual, "feeMinor": -1},
        "serviceCode { id code label kind fee { amountMinor } durationMinutes active }",
    ),
    Deed(
        "createClient",
        "amara",
        lambda _: {"firstName": "Emil", "lastName": "Holm"},
        lambda _: {"firstName": "Emil", "lastName": "Holmes"},
        lambda _: {"firstName": "Emil", "lastName": ""},
        CLIENT,
    ),
    Deed(
        "updateClient",
        "amara",
        lambda w: {"id": w.client_ada, "phone": "110"},
        lambda w: {"id": w.client_ada, "phone": "112"},
        lambda w: {"id": w.client_ada, "phone": "call me"},
        CLIENT,
    ),
    Deed(
        "createGroup",
        "amara",
        lambda w: {"name": "Evening Circle", "initials": "EC", "clientIds": [w.client_ada]},
        lambda w: {"name": "Evening Circle", "initials": "EC", "clientIds": [w.client_ben]},
        lambda w: {"name": "Evening Circle", "initials": "", "clientIds": [w.client_ada]},
        GROUP,
    ),
    Deed(
        "updateGroup",
        "amara",
        lambda w: {"id": w.monday, "name": "Monday Circle"},
        lambda w: {"id": w.monday, "name": "Mourning"},
        lambda w: {"id": w.monday, "name": ""},
        GROUP,
    ),
    Deed(
        "archiveGroup",
        "amara",
        lambda w: {"id": w.monday},
        lambda w: {"id": w.monday, "archived": False},
        lambda w: {"id": w.thursday},
        GROUP,
    ),
    Deed(
        "addGroupMember",
        "scheduler",
        lambda w: {"groupId": w.monday, "clientId": w.client_dora},
        lambda w: {"groupId": w.thursday, "clientId": w.client_ada},
        lambda w: {"groupId": w.monday, "clientId": w.elsewhere.client},
        f"{MEMBERSHIP} {GROUP} {CLIENT}",
    ),
    Deed(
        "removeGroupMember",
        "amara",
        lambda w: {"groupId": w.monday, "clientId": w.client_ben},
        lambda w: {"groupId": w.monday, "clientId": w.client_ada},
        lambda w: {"groupId": w.monday, "clientId": w.client_dora},
        f"{MEMBERSHIP} {GROUP} {CLIENT}",
    ),
    Deed(
        "scheduleAppointment",
        "amara",
        lambda w: {"groupId": w.monday, "startsAt": in_days(21)},
        lambda w: {"groupId": w.monday, "startsAt": in_days(22)},
        lambda w: {"groupId": w.monday, "startsAt": in_days(21), "durationMinutes": 0},
        f"{APPOINTMENT} overlaps {{ id }}",
    ),
    Deed(
        "rescheduleAppointment",
        "amara",
        lambda w: {"id": w.coming, "startsAt": in_days(8)},
        lambda w: {"id": w.coming, "startsAt": in_days(9)},
        lambda w: {"id": w.off, "startsAt": in_days(8)},
        f"{APPOINTMENT} overlaps {{ id }}",
    ),
    Deed(
        "cancelAppointment",
        "amara",
        lambda w: {"id": w.coming, "reason": "Snow"},
        lambda w: {"id": w.individual_ada},
        lambda w: {"id": w.past},
        APPOINTMENT,
    ),
    Deed(
        "unshareGroup",
        "amara",
        lambda w: {"groupId": w.monday, "providerId": w.chidis},
        lambda w: {"groupId": w.monday, "providerId": w.bjorns},
        lambda w: {"groupId": w.monday, "providerId": w.amaras},
        GROUP,
    ),
    Deed(
        "setAttendance",
        "amara",
        lambda w: {"attendanceId": w.coming_ada, "outcome": "ATTENDED"},
        lambda w: {"attendanceId": w.coming_ben, "outcome": "NO_SHOW"},
        lambda w: {"attendanceId": w.past_ben, "outcome": "ATTENDED"},
        LINE,
    ),
    Deed(
        "clearAttendance",
        "amara",
        lambda w: {"attendanceId": w.past_ben},
        lambda w: {"attendanceId": w.past_chloe},
        lambda w: {"attendanceId": w.past_ada},
        LINE,
    ),
    Deed(
        "markAllAttended",
        "amara",
        lambda w: {"appointmentId": w.coming},
        lambda w: {"appointmentId": w.past},
        lambda w: {"appointmentId": w.off},
        f"{APPOINTMENT} marked {{ id outcome }}",
    ),
    Deed(
        "recordConfirmation",
        "amara",
        lambda w: {"attendanceId": w.coming_ada, "status": "CONFIRMED"},
        lambda w: {"attendanceId": w.coming_ada, "status": "DECLINED"},
        lambda w: {"attendanceId": w.past_ada, "status": "CONFIRMED"},
        LINE,
    ),
    Deed(
        "acceptPayment",
        "amara",
        lambda w: {"clientId": w.client_ben, "amountMinor": 2000, "method": "CASH", "attendanceId": w.past_ben},
        lambda w: {"clientId": w.client_ben, "amountMinor": 2001, "method": "CASH", "attendanceId": w.past_ben},
        lambda w: {"clientId": w.client_ben, "amountMinor": 0, "method": "CASH", "attendanceId": w.past_ben},
        PAYMENT,
        needs_key=True,
    ),
    Deed(
        "refundPayment",
        "owner",
        lambda w: {"paymentId": w.payment, "amountMinor": 5000},
        lambda w: {"paymentId": w.payment, "amountMinor": 4000},
        lambda w: {"paymentId": w.payment, "amountMinor": 10_001},
        PAYMENT,
        needs_key=True,
    ),
    Deed(
        "createChartTemplate",
        "owner",
        lambda _: {"name": "Circle", "body": "<h2>Theme</h2>"},
        lambda _: {"name": "Circle", "body": "<h2>Themes</h2>"},
        lambda _: {"name": "", "body": "<h2>Theme</h2>"},
        TEMPLATE,
    ),
    Deed(
        "updateChartTemplate",
        "amara",
        lambda w: {"id": w.template, "body": "<h2>What was said</h2>"},
        lambda w: {"id": w.template, "active": False},
        lambda w: {"id": w.template, "name": ""},
        TEMPLATE,
    ),
    Deed(
        "startChart",
        "amara",
        lambda w: {"appointmentId": w.coming, "templateId": w.template},
        lambda w: {"appointmentId": w.past},
        lambda w: {"appointmentId": w.coming, "templateId": w.soap},
        CHART,
    ),
    Deed(
        "saveChart",
        "amara",
        lambda w: _part(w) | {"groupNotes": "<p>We spoke of spring.</p>"},
        lambda w: _part(w) | {"clientEntries": [words(w)]},
        lambda w: _part(w) | {"templateBody": "<h2>Mine</h2>"},
        CHART,
    ),
    Deed(
        "completeChart",
        "amara",
        lambda w: {"chartId": w.drafted.chart},
        lambda w: {"chartId": w.drafted.chart, "expectedVersion": w.drafted.version},
        lambda w: {"chartId": w.drafted_alone.chart},
        RUN,
    ),
    Deed(
        "reopenChart",
        "amara",
        lambda w: {"chartId": w.reviewed.chart},
        lambda w: {"chartId": w.unassembled.chart},
        lambda w: {"chartId": w.locked.chart},
        CHART,
    ),
    Deed(
        "lockChart",
        "amara",
        lambda w: _review(w) | {"acknowledgedWarningIds": w.reviewed.warnings},
        lambda w: _review(w) | {"acknowledgedWarningIds": w.reviewed.warnings[::-1]},
        _review,
        RUN,
    ),
    Deed(
        "retryChartRun",
        "amara",
        lambda w: {"runId": w.unlocked.run},
        lambda w: {"runId": w.unassembled.run},
        lambda w: {"runId": w.reviewed.run},
        RUN,
    ),
    Deed(
        "addAddendum",
        "amara",
        lambda w: {"noteId": w.locked.notes[w.client_ada], "body": "<p>She called the day after.</p>"},
        lambda w: {"chartId": w.locked.chart, "body": "<p>She called the day after.</p>"},
        lambda w: {"noteId": w.reviewed.notes[w.client_ada], "body": "<p>She called the day after.</p>"},
        ADDENDA,
    ),
    Deed(
        "breakGlass",
        "owner",
        lambda w: {"clientId": w.client_ada, "reason": "She does not answer"},
        lambda w: {"clientId": w.client_ben, "reason": "She does not answer"},
        lambda w: {"clientId": w.client_ada, "reason": " "},
        "access { id by reason begunAt expiresAt client { id } }",
    ),
]


SIGNING = {"signIn", "signOut"}
"""These two take no idempotency key, and are told in `tests/practice/test_sign_in.py`."""
