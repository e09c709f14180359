"""Everything that is refused in charting, one line each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from models import Chart
from models.charting import ChartState
from models.ids import row_id
from models.richtext import LONGEST
from tests.guards.deeds import DEEDS, words
from tests.guards.refusal import Before, No, changed
from tests.week import Charted, Week

LONG, DEEP = "x" * (LONGEST + 1), "<ul><li>" * 101 + "x"


def refusals() -> Iterator[No]:
    """Give all of them, but for what other rooms have as well."""
    yield from _invalid()
    yield from _of_templates()
    yield from _of_drafts()
    yield from _of_states()
    yield from _of_signing()
    yield from _denied()


def _parts(*named: str) -> Callable[[Week], list[dict[str, object]]]:
    """Give entries for these of the cast, over the versions that the draft has."""
    return lambda week: [words(week) | {"clientId": getattr(week, name)} for name in named]


def _invalid() -> Iterator[No]:
    cases: dict[str, list[tuple[str, str, dict[str, object]]]] = {
        "createChartTemplate": [
            ("no name", "name", {"name": " "}),
            ("a name that is too long", "name", {"name": "x" * 121}),
            ("a name with a control character", "name", {"name": "A\0"}),
            ("a text that is too long", "body", {"body": LONG}),
            ("a text that nests too deeply", "body", {"body": DEEP}),
        ],
        "updateChartTemplate": [
            ("no name", "name", {"name": None}),
            ("an empty name", "name", {"name": ""}),
            ("no text", "body", {"body": None}),
            ("a text that is too long", "body", {"body": LONG}),
            ("neither in use nor not", "active", {"active": None}),
            ("neither name nor use", "name input.active", {"name": None, "active": None}),
        ],
        "startChart": [("a session that was called off", "appointmentId", {"appointmentId": lambda w: w.off})],
        "saveChart": [
            ("the template's text of a group", "templateBody", {"templateBody": "<h2>Mine</h2>"}),
            ("no template's text of a group", "templateBody", {"templateBody": None}),
            ("notes that are too long", "groupNotes", {"groupNotes": LONG}),
            ("notes that nest too deeply", "groupNotes", {"groupNotes": DEEP}),
            ("too many clients", "clientEntries", {"clientEntries": _parts(*["client_ada"] * 101)}),
            ("a client twice", "clientEntries.1.clientId", {"clientEntries": _parts("client_ada", "client_ada")}),
            (
                "words that are too long",
                "clientEntries.0.clientNotes",
                {"clientEntries": lambda w: [words(w) | {"clientNotes": LONG}]},
            ),
            (
                "who was not there",
                "clientEntries.0.clientId",
                {
                    "chartId": lambda w: w.drafted_alone.chart,
                    "expectedVersion": lambda w: w.drafted_alone.version,
                    "clientEntries": _parts("client_ben"),
                },
            ),
        ],
        "lockChart": [
            (
                "another chart's warning",
                "acknowledgedWarningIds",
                {"acknowledgedWarningIds": lambda w: w.reviewed.warnings + w.unlocked.warnings[:1]},
            )
        ],
        "retryChartRun": [("nothing of it failed", "runId", {"runId": lambda w: w.locked.run})],
        "addAddendum": [
            ("neither note nor chart", "noteId input.chartId", {"noteId": None}),
            ("both note and chart", "noteId input.chartId", {"chartId": lambda w: w.locked.chart}),
            ("no words", "body", {"body": "<p> </p>"}),
            ("a text that is too long", "body", {"body": LONG}),
            ("a note in review", "noteId", {"noteId": lambda w: w.reviewed.notes[w.client_ada]}),
            ("a chart in review", "chartId", {"noteId": None, "chartId": lambda w: w.reviewed.chart}),
            ("a chart of which half is locked", "chartId", {"noteId": None, "chartId": lambda w: w.unlocked.chart}),
            ("a chart without notes", "chartId", {"noteId": None, "chartId": lambda w: w.drafted.chart}),
        ],
    }
    for mutation, lines in cases.items():
        deed = next(deed for deed in DEEDS if deed.mutation == mutation)
        for because, field, changes in lines:
            yield No(mutation, because, deed.by, changed(mutation, **changes), f"InvalidInput input.{field}")


def _of_templates() -> Iterator[No]:
    def put_away(week: Week) -> Awaitable[object]:
        return week.owner.do("updateChartTemplate", id=week.template, active=False)

    begin, save = "startChart", "saveChart"
    for kind in ("hipaa", "soap"):
        for mutation in (begin, save):
            single = changed(mutation, templateId=lambda w, kind=kind: getattr(w, kind))
            yield No(mutation, f"{kind} is not for groups", "amara", single, "TemplateNotAllowedForGroup")
    gone = "InvalidInput input.templateId"
    yield No(begin, "the template is in use no more", "amara", changed(begin), gone, put_away)
    # The draft has begun with it, and may keep it; another one may not take it.
    alone = changed(
        save,
        chartId=lambda w: w.drafted_alone.chart,
        expectedVersion=lambda w: w.drafted_alone.version,
        templateId=lambda w: w.template,
    )
    yield No(save, "the template is in use no more", "amara", alone, gone, put_away)


def _of_drafts() -> Iterator[No]:
    def call_off(week: Week) -> Awaitable[object]:
        return week.amara.do("cancelAppointment", id=week.drafted_alone.session)

    def clear_ben(week: Week) -> Awaitable[object]:
        return week.amara.do("clearAttendance", attendanceId=week.drafted.lines[week.client_ben])

    save, complete = "saveChart", "completeChart"
    for version in (0, 9, -1, 2**31 - 1):
        stale = changed(save, groupNotes=None, clientEntries=_stale(version))
        yield No(save, f"the version of Ada's part is not {version}", "amara", stale, "VersionConflict")
    one = changed(complete, chartId=lambda w: w.drafted_alone.chart)
    yield No(complete, "nothing is set", "amara", one, "AttendanceNotSet")
    yield No(complete, "the session was called off", "amara", one, "InvalidInput input.chartId", call_off)
    yield No(complete, "Ben is not set any more", "amara", changed(complete), "AttendanceNotSet", clear_ben)


def _stale(version: int) -> Callable[[Week], list[dict[str, object]]]:
    return lambda week: [words(week) | {"expectedVersion": version}]


def _of_states() -> Iterator[No]:
    def named(chart: str) -> Callable[[Week], str]:
        def given(week: Week) -> str:
            of: Charted = getattr(week, chart)
            return of.chart

        return given

    def completing(week: Week) -> Awaitable[object]:
        return week.amara.do("completeChart", chartId=week.drafted.chart)

    def without_a_run(week: Week) -> Awaitable[object]:
        # No mutation leads here; what the rule says of such a chart is tried all the same.
        return Chart.filter(id=row_id("cht", week.drafted.chart)).update(state=ChartState.IN_REVIEW)

    for chart in ("unassembled", "reviewed", "unlocked", "locked"):
        late = changed("saveChart", chartId=named(chart))
        yield No("saveChart", f"the chart is {chart}", "amara", late, "ChartLocked")
    yield No("saveChart", "its notes are assembled", "amara", changed("saveChart"), "ChartLocked", completing)
    for chart in ("unlocked", "locked"):
        late = changed("reopenChart", chartId=named(chart))
        yield No("reopenChart", f"the chart is {chart}", "amara", late, "ChartLocked")
    running = changed("reopenChart", chartId=named("drafted"))
    yield No("reopenChart", "its notes are assembled", "amara", running, "ChartLocked", completing)
    yield No(
        "completeChart", "it is in review already", "amara", changed("completeChart"), "ChartLocked", without_a_run
    )
    for chart in ("drafted", "unassembled"):
        early = changed("lockChart", chartId=named(chart))
        yield No("lockChart", f"the chart is {chart}", "amara", early, "ChartNotReviewed")


def _of_signing() -> Iterator[No]:
    def reopened(week: Week) -> Awaitable[object]:
        return week.amara.do("reopenChart", chartId=week.unassembled.chart)

    async def completed_again(week: Week) -> None:
        await reopened(week)
        await week.amara.do("completeChart", chartId=week.unassembled.chart)

    some: dict[str, Callable[[Week], list[str]]] = {
        "no warning": lambda _: [],
        "only one warning": lambda w: w.reviewed.warnings[:1],
    }
    for read, given in some.items():
        unread = changed("lockChart", acknowledgedWarningIds=given)
        yield No("lockChart", f"{read} was read", "amara", unread, "WarningsNotAcknowledged")
    failed = changed("retryChartRun", runId=lambda w: w.unassembled.run)
    afters: dict[str, Before] = {"reopened": reopened, "completed again": completed_again}
    for what, after in afters.items():
        yield No("retryChartRun", f"the chart was {what}", "amara", failed, "InvalidInput input.runId", after)


def _denied() -> Iterator[No]:
    to_all = changed("addAddendum", noteId=None, chartId=lambda w: w.locked.chart)
    for by in ("owner", "bjorn", "ada", "eve"):
        yield No("addAddendum", f"{by} does not see the chart", by, to_all, "NOT_FOUND")
    unread = changed("addAddendum", noteId=lambda w: w.unlocked.notes[w.client_ben])
    yield No("addAddendum", "Ada does not see Ben's", "ada", unread, "NOT_FOUND")
    for mutation in ("startChart", "saveChart"):
        theirs = changed(mutation, templateId=lambda w: w.elsewhere_template)
        yield No(mutation, "another practice's template", "amara", theirs, "NOT_FOUND")
    others = changed("saveChart", clientEntries=_parts("client_dora"))
    yield No("saveChart", "a client whom Amara does not see", "amara", others, "NOT_FOUND")


NEVER = {("lockChart", "ChartLocked"), ("reopenChart", "InvalidInput")}
"""What unions hold and nothing leads to: a second lock gives the run that exists, and to reopen takes only an id."""
TO_ALL_WHO_SEE = {
    "updateChartTemplate",
    "saveChart",
    "completeChart",
    "reopenChart",
    "lockChart",
    "retryChartRun",
}
"""What is FORBIDDEN to nobody: whoever sees a template or a chart may change it."""
FORBIDDEN = {
    "createChartTemplate": "scheduler carol ada",
    "startChart": "owner manager bjorn scheduler carol ada",
    "addAddendum": "ada",
}
_NO_CLINICIANS = "owner manager bjorn scheduler carol ada eve"
UNSEEN = {
    "updateChartTemplate": "scheduler carol ada eve",
    "startChart": "eve",
    "addAddendum": "owner manager bjorn scheduler carol eve",
    **dict.fromkeys(("saveChart", "completeChart", "reopenChart", "lockChart", "retryChartRun"), _NO_CLINICIANS),
}
