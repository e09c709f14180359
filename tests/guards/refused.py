"""Everything that is refused, one line each: who asks for what, and how the answer is no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from operator import attrgetter

from models import Chart
from models.charting import ChartState
from models.ids import row_id
from tests.guards import refused_charting
from tests.guards.deeds import DEEDS
from tests.guards.refusal import Before, No, changed
from tests.week import Week

SET = "InvalidInput input.id"
USUAL, OWNER = "InvalidInput input.providerIds", "InvalidInput input.providerId"


def _parts(of: Callable[[Week], list[tuple[str, int]]]) -> dict[str, object]:
    """Give an exact distribution of a payment, instead of the session that is paid for first."""

    def allocations(week: Week) -> list[dict[str, object]]:
        return [{"attendanceId": line, "amountMinor": amount} for line, amount in of(week)]

    return {"attendanceId": None, "allocations": allocations}


def _invalid() -> Iterator[No]:
    cases: dict[str, list[tuple[str, str, dict[str, object]]]] = {
        "createServiceCode": [
            ("an empty code", "code", {"code": " "}),
            ("a code that is too long", "code", {"code": "x" * 21}),
            ("a code that exists", "code", {"code": "90853"}),
            ("a code that exists, in other letters", "code", {"code": "no_show"}),
            ("a claim's code of no such form", "code", {"kind": "STANDARD"}),
            ("an add-on of no such form", "code", {"kind": "ADD_ON"}),
            ("a code with a control character", "code", {"code": "A\0B"}),
            ("an empty label", "label", {"label": ""}),
            ("a label that is too long", "label", {"label": "x" * 121}),
            ("a label with a control character", "label", {"label": "A\x07B"}),
            ("a negative fee", "feeMinor", {"feeMinor": -1}),
            ("a fee of a million", "feeMinor", {"feeMinor": 10_000_001}),
            ("a session of no length", "durationMinutes", {"durationMinutes": 0}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
        ],
        "updateServiceCode": [
            ("no label", "label", {"label": None}),
            ("an empty label", "label", {"label": " "}),
            ("no fee", "feeMinor", {"feeMinor": None}),
            ("a negative fee", "feeMinor", {"feeMinor": -1}),
            ("no length", "durationMinutes", {"durationMinutes": None}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
            ("neither in use nor not", "active", {"active": None}),
        ],
        "createClient": [
            ("no first name", "firstName", {"firstName": " "}),
            ("no last name", "lastName", {"lastName": ""}),
            ("a name that is too long", "lastName", {"lastName": "x" * 101}),
            ("a name with a control character", "firstName", {"firstName": "A\0"}),
            ("a preferred name with a lone surrogate", "preferredName", {"preferredName": "\ud800"}),
            ("what is no mail address", "email", {"email": "ada at home"}),
            ("what is no phone number", "phone", {"phone": "none"}),
            ("a birthday long ago", "dateOfBirth", {"dateOfBirth": "1879-12-31"}),
            ("a birthday to come", "dateOfBirth", {"dateOfBirth": "2999-01-01"}),
            ("nobody to see the client", "providerIds", {"providerIds": []}),
            ("only a colleague to see the client", "providerIds", {"providerIds": lambda w: [w.bjorns]}),
            ("too many providers", "providerIds", {"providerIds": lambda w: [w.amaras] * 101}),
        ],
        "updateClient": [
            ("no first name", "firstName", {"firstName": None}),
            ("an empty last name", "lastName", {"lastName": ""}),
            ("what is no mail address", "email", {"email": "ada at home"}),
            ("what is no phone number", "phone", {"phone": "none"}),
            ("a birthday to come", "dateOfBirth", {"dateOfBirth": "2999-01-01"}),
            ("neither in care nor not", "active", {"active": None}),
            ("nobody to see the client", "providerIds", {"providerIds": None}),
            ("only a colleague to see the client", "providerIds", {"providerIds": lambda w: [w.bjorns]}),
            ("too many providers", "providerIds", {"providerIds": lambda w: [w.amaras] * 101}),
        ],
        "createGroup": [
            ("no name", "name", {"name": " "}),
            ("a name that is too long", "name", {"name": "x" * 201}),
            ("no initials", "initials", {"initials": ""}),
            ("initials that are too long", "initials", {"initials": "x" * 13}),
            ("a name with a control character", "name", {"name": "A\0"}),
            ("a code for who did not come", "defaultServiceCodeId", {"defaultServiceCodeId": lambda w: w.no_show}),
            ("too many members", "clientIds", {"clientIds": lambda w: [w.client_ada] * 101}),
        ],
        "updateGroup": [
            ("no name", "name", {"name": None}),
            ("empty initials", "initials", {"initials": " "}),
            ("a name that is too long", "name", {"name": "x" * 201}),
            ("no code", "defaultServiceCodeId", {"defaultServiceCodeId": None}),
            ("a code for who did not come", "defaultServiceCodeId", {"defaultServiceCodeId": lambda w: w.no_show}),
            ("no provider", "providerId", {"providerId": None}),
        ],
        "scheduleAppointment": [
            ("neither group nor client", "groupId input.clientId", {"groupId": None}),
            ("both group and client", "groupId input.clientId", {"clientId": lambda w: w.client_ada}),
            ("a moment before all calendars", "startsAt", {"startsAt": "1989-12-31T23:59:59Z"}),
            ("a moment after all calendars", "startsAt", {"startsAt": "2201-01-01T00:00:00Z"}),
            ("a session of no length", "durationMinutes", {"durationMinutes": 0}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
        ],
        "rescheduleAppointment": [
            ("a moment before all calendars", "startsAt", {"startsAt": "1989-12-31T23:59:59Z"}),
            ("a session of no length", "durationMinutes", {"durationMinutes": 0}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
            ("what was called off", "id", {"id": lambda w: w.off}),
        ],
        "cancelAppointment": [
            ("a reason that is too long", "reason", {"reason": "x" * 501}),
            ("a reason with a control character", "reason", {"reason": "A\0"}),
            ("somebody came", "id", {"id": lambda w: w.past}),
        ],
        "unshareGroup": [("its owner", "providerId", {"providerId": lambda w: w.amaras})],
        "setAttendance": [
            ("a code and no fee", "noFee", {"noFee": True, "serviceCodeId": lambda w: w.individual}),
            ("no show without a fee", "noFee", {"noFee": True, "outcome": "NO_SHOW"}),
            ("a fee and no fee", "feeMinor", {"noFee": True, "feeMinor": 1}),
            ("a fee for who was absent", "feeMinor", {"outcome": "ABSENT", "feeMinor": 1}),
            ("a negative fee", "feeMinor", {"feeMinor": -1}),
            ("a fee of a million", "feeMinor", {"feeMinor": 10_000_001}),
            ("a session that was called off", "attendanceId", {"attendanceId": lambda w: w.off_ada}),
        ],
        "markAllAttended": [("a session that was called off", "appointmentId", {"appointmentId": lambda w: w.off})],
        "recordConfirmation": [
            ("a session that was called off", "attendanceId", {"attendanceId": lambda w: w.off_ada}),
            ("what came of it is set", "attendanceId", {"attendanceId": lambda w: w.past_ada}),
        ],
        "acceptPayment": [
            ("nothing", "amountMinor", {"amountMinor": 0}),
            ("less than nothing", "amountMinor", {"amountMinor": -1}),
            ("more than a million", "amountMinor", {"amountMinor": 100_000_001}),
            ("a card that nobody can charge", "method", {"method": "CARD"}),
            ("a day long ago", "receivedOn", {"receivedOn": "1989-12-31"}),
            ("a day to come", "receivedOn", {"receivedOn": "2999-01-01"}),
            ("a reference that is too long", "reference", {"reference": "x" * 101}),
            ("a memo that is too long", "memo", {"memo": "x" * 501}),
            ("a memo with a control character", "statementMemo", {"statementMemo": "A\0"}),
            ("another client's session", "attendanceId", {"attendanceId": lambda w: w.past_ada}),
            ("a session and a distribution", "allocations", {"allocations": []}),
            ("a distribution of too many", "allocations", _parts(lambda w: [(w.past_ben, 1)] * 101)),
            ("more than the payment", "allocations", _parts(lambda w: [(w.past_ben, 2001)])),
            ("a part of nothing", "allocations.0.amountMinor", _parts(lambda w: [(w.past_ben, 0)])),
            ("more than is open", "allocations.0.amountMinor", _parts(lambda w: [(w.past_ben, 2501)])),
            ("nothing is open", "allocations.0.amountMinor", _parts(lambda w: [(w.coming_ben, 1)])),
            ("a session twice", "allocations.1.attendanceId", _parts(lambda w: [(w.past_ben, 1)] * 2)),
            ("another client's part", "allocations.0.attendanceId", _parts(lambda w: [(w.past_ada, 1)])),
        ],
        "refundPayment": [
            ("nothing", "amountMinor", {"amountMinor": 0}),
            ("less than nothing", "amountMinor", {"amountMinor": -1}),
            ("more than was taken", "amountMinor", {"amountMinor": 10_001}),
            ("a reason that is too long", "reason", {"reason": "x" * 501}),
        ],
        "breakGlass": [
            ("no reason", "reason", {"reason": " "}),
            ("a reason that is too long", "reason", {"reason": "x" * 501}),
            ("a reason with a control character", "reason", {"reason": "A\0"}),
            ("a reason with a lone surrogate", "reason", {"reason": "\ud800"}),
            ("no time", "minutes", {"minutes": 0}),
            ("less than no time", "minutes", {"minutes": -1}),
            ("longer than an emergency", "minutes", {"minutes": 241}),
            ("no reason for no time", "reason input.minutes", {"reason": "", "minutes": 0}),
        ],
    }
    for mutation, lines in cases.items():
        deed = next(deed for deed in DEEDS if deed.mutation == mutation)
        for because, field, changes in lines:
            yield No(mutation, because, deed.by, changed(mutation, **changes), f"InvalidInput input.{field}")
    yield No(
        "createGroup", "the office names no provider", "owner", changed("createGroup"), "InvalidInput input.providerId"
    )


def _states() -> Iterator[No]:
    def archived(week: Week) -> Awaitable[object]:
        return week.owner.do("archiveGroup", id=week.monday)

    def inactive(week: Week) -> Awaitable[object]:
        return week.owner.do("updateClient", id=week.client_dora, active=False)

    def inactive_ada(week: Week) -> Awaitable[object]:
        return week.owner.do("updateClient", id=week.client_ada, active=False)

    join = changed("addGroupMember")
    yield No("addGroupMember", "an archived group", "scheduler", join, "InvalidInput input.groupId", archived)
    yield No("addGroupMember", "nobody in care", "scheduler", join, "InvalidInput input.clientId", inactive)
    change, first = changed("updateClient"), changed("createGroup")
    yield No("updateClient", "nobody in care", "amara", change, "InvalidInput input.active", inactive_ada)
    yield No("createGroup", "a member not in care", "amara", first, "InvalidInput input.clientIds", inactive_ada)
    yield from _of_sessions(archived, inactive_ada)
    for taken_by in ("amaras", "chidis", "bjorns"):
        taken = changed("updateClient", providerIds=lambda w, by=taken_by: [getattr(w, by), w.chidis])
        yield No("updateClient", f"chidi only shares a group, and says {taken_by}", "chidi", taken, USUAL)
    for taken_by in ("chidis", "bjorns"):
        taken = changed("updateGroup", providerId=attrgetter(taken_by))
        yield No("updateGroup", f"chidi only shares it, and says {taken_by}", "chidi", taken, OWNER)


def _of_sessions(archived: Before, inactive_ada: Before) -> Iterator[No]:
    def set_ada(week: Week) -> Awaitable[object]:
        return week.amara.do("setAttendance", attendanceId=week.coming_ada, outcome="ABSENT")

    def no_code(week: Week) -> Awaitable[object]:
        return week.owner.do("updateServiceCode", id=week.group_therapy, active=False)

    def refunded(week: Week) -> Awaitable[object]:
        return week.owner.do("refundPayment", paymentId=week.payment, idempotencyKey="all of it")

    book, alone = "scheduleAppointment", {"groupId": None, "clientId": lambda w: w.client_ada}
    yield No(book, "an archived group", "amara", changed(book), "InvalidInput input.groupId", archived)
    yield No(book, "nobody in care", "amara", changed(book, **alone), "InvalidInput input.clientId", inactive_ada)
    yield No(book, "the office names no calendar", "owner", changed(book), "InvalidInput input.providerId")
    for mutation in (book, "rescheduleAppointment"):
        shared = changed(mutation, providerId=lambda w: w.bjorns)
        for by in ("amara", "owner"):
            yield No(mutation, f"{by} asks for a calendar that does not usually see it", by, shared, "NotUsuallySeen")
    whose = changed(book, **alone, providerId=lambda w: w.bjorns)
    yield No(book, "the office asks for a calendar that does not see the client", "owner", whose, "NotUsuallySeen")
    yield No(book, "a client alone is not for amara to put there", "amara", whose, "FORBIDDEN")
    moved = changed("rescheduleAppointment", id=lambda w: w.individual_ada, providerId=lambda w: w.bjorns)
    yield No("rescheduleAppointment", "a client alone is not for amara to put there", "amara", moved, "FORBIDDEN")
    yield No("cancelAppointment", "somebody is absent", "amara", changed("cancelAppointment"), SET, set_ada)
    own = changed("unshareGroup", providerId=lambda w: w.chidis)
    yield No("unshareGroup", "chidi would lose sight of it", "chidi", own, "InvalidInput input.providerId")
    choose = "setAttendance"
    for because, changes in (
        ("Ben is set", {"attendanceId": lambda w: w.past_ben}),
        ("Ben is set, to the same", {"attendanceId": lambda w: w.past_ben, "outcome": "NO_SHOW"}),
        ("Ada has paid", {"attendanceId": lambda w: w.past_ada, "outcome": "ABSENT"}),
    ):
        yield No(choose, because, "amara", changed(choose, **changes), "AttendanceAlreadySet")
    for outcome, code in (("NO_SHOW", "group_therapy"), ("LATE_CANCEL", "no_show"), ("ATTENDED", "no_show")):
        given = changed(choose, outcome=outcome, serviceCodeId=attrgetter(code))
        yield No(choose, f"{code} cannot stand beside {outcome}", "amara", given, "ServiceCodeNotAllowed")
    for code in ("group_therapy", "no_show"):
        given = changed(choose, outcome="ABSENT", serviceCodeId=attrgetter(code))
        yield No(choose, f"{code} cannot stand beside ABSENT", "amara", given, "ServiceCodeNotAllowed")
    yield No(
        choose, "the code is in use no more", "amara", changed(choose), "InvalidInput input.serviceCodeId", no_code
    )
    every = changed("markAllAttended")
    yield No("markAllAttended", "no code to mark by", "amara", every, "InvalidInput input.appointmentId", no_code)
    paid = changed("clearAttendance", attendanceId=lambda w: w.past_ada)
    yield No("clearAttendance", "Ada has paid", "amara", paid, "AttendancePaid")
    for status in ("NOT_ASKED", "PENDING"):
        said = changed("recordConfirmation", status=status)
        yield No("recordConfirmation", f"{status} is nothing a client says", "ada", said, "InvalidInput input.status")
    over = changed("recordConfirmation", attendanceId=lambda w: w.past_ada)
    yield No("recordConfirmation", "Ada's session is over", "ada", over, "InvalidInput input.attendanceId")
    others = changed("recordConfirmation", attendanceId=lambda w: w.coming_ben)
    yield No("recordConfirmation", "it is Ben's to say", "ada", others, "NOT_FOUND")
    all_of_it = changed("refundPayment", amountMinor=None)
    yield No("refundPayment", "nothing is left of it", "owner", all_of_it, "InvalidInput input.amountMinor", refunded)


def _charted() -> Iterator[No]:
    """What nobody changes while the notes of the session are made."""

    def while_assembled(session: Callable[[Week], str]) -> Before:
        async def after(week: Week) -> None:
            await week.amara.do("startChart", appointmentId=session(week))
            await Chart.filter(appointment_id=row_id("apt", session(week))).update(state=ChartState.ASSEMBLING)

        return after

    sessions = {
        "rescheduleAppointment": "coming",
        "cancelAppointment": "coming",
        "setAttendance": "coming",
        "clearAttendance": "past",
        "markAllAttended": "coming",
    }
    for mutation, session in sessions.items():
        after = while_assembled(attrgetter(session))
        yield No(mutation, "its notes are assembled", "amara", changed(mutation), "ChartLocked", after)


def _conflicts() -> Iterator[No]:
    for mutation in (
        "updateClient",
        "updateGroup",
        "rescheduleAppointment",
        "cancelAppointment",
        "setAttendance",
        "clearAttendance",
        "updateChartTemplate",
        "saveChart",
        "completeChart",
        "lockChart",
    ):
        for version in (0, 9, -1, 2**31 - 1):
            stale = changed(mutation, expectedVersion=version)
            yield No(mutation, f"the version is not {version}", "amara", stale, "VersionConflict")


def _keys() -> Iterator[No]:
    for deed in DEEDS:
        for key in ("", " ", "x" * 201, "a\0b", "\ud800", "a\nb"):
            keyed = changed(deed.mutation, idempotencyKey=key)
            yield No(deed.mutation, f"the key {key[:3]!r} is none", deed.by, keyed, "BAD_USER_INPUT")


def _denied() -> Iterator[No]:
    # Whom each mutation is not for although they see what it is about, and who does not even see that.
    forbidden = {
        "createServiceCode": "amara bjorn scheduler carol ada",
        "updateServiceCode": "amara bjorn scheduler carol",
        "createClient": "ada",
        "updateClient": "ada",
        "createGroup": "carol ada",
        "updateGroup": "carol ada",
        "archiveGroup": "carol ada",
        "addGroupMember": "carol ada",
        "removeGroupMember": "carol ada",
        "scheduleAppointment": "carol ada",
        "rescheduleAppointment": "bjorn carol ada",
        "cancelAppointment": "bjorn carol ada",
        "unshareGroup": "carol ada",
        "setAttendance": "carol ada",
        "clearAttendance": "carol",
        "markAllAttended": "bjorn carol ada",
        "recordConfirmation": "carol",
        "acceptPayment": "ada",
        "refundPayment": "amara scheduler ada",
        "breakGlass": "amara bjorn scheduler carol ada",
    } | refused_charting.FORBIDDEN
    unseen = {
        "updateServiceCode": "ada eve",
        "updateClient": "bjorn eve",
        "updateGroup": "bjorn eve",
        "archiveGroup": "bjorn eve",
        "addGroupMember": "bjorn eve",
        "removeGroupMember": "bjorn eve",
        "scheduleAppointment": "bjorn eve",
        "rescheduleAppointment": "eve",
        "cancelAppointment": "eve",
        "unshareGroup": "bjorn eve",
        "setAttendance": "bjorn eve",
        "clearAttendance": "ada bjorn eve",
        "markAllAttended": "eve",
        "recordConfirmation": "bjorn eve",
        "acceptPayment": "bjorn eve",
        "refundPayment": "bjorn eve",
        "breakGlass": "eve",
    } | refused_charting.UNSEEN
    for deed in DEEDS:
        for by in forbidden.get(deed.mutation, "").split():
            yield No(deed.mutation, f"it is not for {by}", by, deed.usual, "FORBIDDEN")
        for by in unseen.get(deed.mutation, "").split():
            yield No(deed.mutation, f"{by} does not see it", by, deed.usual, "NOT_FOUND")
        yield No(deed.mutation, "nobody is signed in", "nobody", deed.usual, "UNAUTHENTICATED")


NEVER = {("acceptPayment", "CardDeclined"), ("refundPayment", "CardDeclined")} | refused_charting.NEVER
"""What no mutation says yet, though its union does: a card is declined by its processor, and none is set up."""
TO_ALL_WHO_SEE = refused_charting.TO_ALL_WHO_SEE
REFUSALS = [*_invalid(), *_states(), *_charted(), *_conflicts(), *_keys(), *_denied(), *refused_charting.refusals()]
