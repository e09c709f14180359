"""What may be done about charts."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.charting import finishing, templates, writing
from schema.attendance import Attendance
from schema.charting.shapes import (
    Addendum,
    Chart,
    ChartRun,
    ChartTemplate,
    ChartWarning,
)
from schema.fields import EXPECTED_VERSION, IDEMPOTENCY_KEY, given, mutation, shape
from schema.problems import ChartLocked, IdempotencyConflict, InvalidInput, Problem, VersionConflict
from schema.scalars import RichText


@shape()
class TemplateNotAllowedForGroup(Problem):
    """HIPAA and SOAP templates are for individual appointments."""

    template: ChartTemplate = given("The template.")


@shape()
class AttendanceNotSet(Problem):
    """Somebody's attendance is not set yet."""

    attendances: list[Attendance] = given("Whose.")


@shape()
class ChartNotReviewed(Problem):
    """Complete and review it first."""

    chart: Chart = given("The chart.")


@shape()
class WarningsNotAcknowledged(Problem):
    """Read them first, then send their ids."""

    warnings: list[ChartWarning] = given("Those that were not read.")


@strawberry.input(description="A new template.")
class CreateChartTemplateInput:
    """A new template."""

    name: str = strawberry.field(description="For people.")
    body: RichText = strawberry.field(description="What charts begin with.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CreateChartTemplatePayload:
    """The template is there."""

    template: ChartTemplate = given("The new template.")


CreateChartTemplateResult = Annotated[
    CreateChartTemplatePayload | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateChartTemplateResult", description="What came of it."),
]


@strawberry.input(description="Changes future charts only.")
class UpdateChartTemplateInput:
    """Changes future charts only."""

    id: strawberry.ID = strawberry.field(description="The template.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="For people.")
    body: RichText | None = strawberry.field(default=strawberry.UNSET, description="What charts begin with.")
    active: bool | None = strawberry.field(default=strawberry.UNSET, description="False puts it away.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class UpdateChartTemplatePayload:
    """The template is changed."""

    template: ChartTemplate = given("The template as it is now.")


UpdateChartTemplateResult = Annotated[
    UpdateChartTemplatePayload | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("UpdateChartTemplateResult", description="What came of it."),
]


@strawberry.input(description="A second call answers with the chart that exists.")
class StartChartInput:
    """A second call answers with the chart that exists."""

    appointment_id: strawberry.ID = strawberry.field(description="The session.")
    template_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="What to begin with.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class StartChartPayload:
    """Charting has started."""

    chart: Chart = given("The chart.")


StartChartResult = Annotated[
    StartChartPayload | TemplateNotAllowedForGroup | InvalidInput | IdempotencyConflict,
    strawberry.union("StartChartResult", description="What came of it."),
]


@strawberry.input(description="What is written for one client.")
class ChartEntryInput:
    """What is written for one client."""

    client_id: strawberry.ID = strawberry.field(description="The client.")
    client_notes: RichText = strawberry.field(description="Goes only into this client's note.")
    expected_version: int = strawberry.field(description="The entry's version that was read.")


@strawberry.input(
    description="Drafts only. From the moment of completing on, in review too, it answers ChartLocked before any"
    " version check: reopen first."
)
class SaveChartInput:
    """Drafts only."""

    chart_id: strawberry.ID = strawberry.field(description="The chart.")
    template_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Another template; null is none."
    )
    template_body: RichText | None = strawberry.field(
        default=strawberry.UNSET,
        description="Individual appointments only: a group chart cannot change its template's text.",
    )
    group_notes: RichText | None = strawberry.field(
        default=strawberry.UNSET, description="What goes into the note of every client who attended."
    )
    client_entries: list[ChartEntryInput] | None = strawberry.field(
        default=strawberry.UNSET, description="What is written for single clients."
    )
    expected_version: int = strawberry.field(
        description="The chart's version, compared when template, its text or group notes are sent; each entry is"
        " compared by its own."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class SaveChartPayload:
    """It is saved."""

    chart: Chart = given("The chart as it is now.")


SaveChartResult = Annotated[
    SaveChartPayload | TemplateNotAllowedForGroup | ChartLocked | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("SaveChartResult", description="What came of it."),
]


@strawberry.input(description="A second call answers with the run that exists, until the chart is back in DRAFT.")
class CompleteChartInput:
    """A second call answers with the run that exists, until the chart is back in DRAFT."""

    chart_id: strawberry.ID = strawberry.field(description="The chart.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CompleteChartPayload:
    """The notes are being assembled."""

    run: ChartRun = given("The work that assembles the notes.")


CompleteChartResult = Annotated[
    CompleteChartPayload | AttendanceNotSet | ChartLocked | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("CompleteChartResult", description="What came of it."),
]


@strawberry.input(description="Which chart goes back.")
class ReopenChartInput:
    """Which chart goes back."""

    chart_id: strawberry.ID = strawberry.field(description="The chart.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class ReopenChartPayload:
    """It is a draft again."""

    chart: Chart = given("The chart as it is now.")


ReopenChartResult = Annotated[
    ReopenChartPayload | ChartLocked | InvalidInput | IdempotencyConflict,
    strawberry.union("ReopenChartResult", description="What came of it."),
]


@strawberry.input(description="A second call answers with the run that exists.")
class LockChartInput:
    """A second call answers with the run that exists."""

    chart_id: strawberry.ID = strawberry.field(description="The chart.")
    expected_version: int = strawberry.field(
        description="The version that was reviewed: what changed since is not signed."
    )
    acknowledged_warning_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="The warnings that the signer has read. All of them must be; the override is audited.",
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class LockChartPayload:
    """The notes are being signed and locked."""

    run: ChartRun = given("The work that signs and locks the notes.")


LockChartResult = Annotated[
    LockChartPayload
    | ChartNotReviewed
    | WarningsNotAcknowledged
    | ChartLocked
    | VersionConflict
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("LockChartResult", description="What came of it."),
]


@strawberry.input(description="What to try again.")
class RetryChartRunInput:
    """What to try again."""

    run_id: strawberry.ID = strawberry.field(description="The run.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class RetryChartRunPayload:
    """What failed is tried again."""

    run: ChartRun = given("The run as it is now.")


RetryChartRunResult = Annotated[
    RetryChartRunPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("RetryChartRunResult", description="What came of it."),
]


@strawberry.input(description="What to add, and to which notes.")
class AddAddendumInput:
    """What to add, and to which notes."""

    note_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly one of `noteId` and `chartId`."
    )
    chart_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly one of `noteId` and `chartId`."
    )
    body: RichText = strawberry.field(description="What is added.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class AddAddendumPayload:
    """It is added."""

    addenda: list[Addendum] = given("One for each note.")


AddAddendumResult = Annotated[
    AddAddendumPayload | InvalidInput | IdempotencyConflict,
    strawberry.union("AddAddendumResult", description="What came of it."),
]


@strawberry.type
class ChartingMutation:
    """What may be done about charts."""

    @mutation(templates.create_chart_template)
    def create_chart_template(self, input: CreateChartTemplateInput) -> CreateChartTemplateResult | None:
        """Adds a template of the practice's own."""
        raise NotImplementedError

    @mutation(templates.update_chart_template)
    def update_chart_template(self, input: UpdateChartTemplateInput) -> UpdateChartTemplateResult | None:
        """Changes a template for future charts."""
        raise NotImplementedError

    @mutation(writing.start_chart)
    def start_chart(self, input: StartChartInput) -> StartChartResult | None:
        """Starts the session's chart."""
        raise NotImplementedError

    @mutation(writing.save_chart)
    def save_chart(self, input: SaveChartInput) -> SaveChartResult | None:
        """Saves parts of a draft."""
        raise NotImplementedError

    @mutation(finishing.complete_chart)
    def complete_chart(self, input: CompleteChartInput) -> CompleteChartResult | None:
        """The first button: assembles every attending client's note for review."""
        raise NotImplementedError

    @mutation(writing.reopen_chart)
    def reopen_chart(self, input: ReopenChartInput) -> ReopenChartResult | None:
        """Back from review to drafting."""
        raise NotImplementedError

    @mutation(finishing.lock_chart)
    def lock_chart(self, input: LockChartInput) -> LockChartResult | None:
        """The second button: signs and locks every note. There is no unlock."""
        raise NotImplementedError

    @mutation(finishing.retry_chart_run)
    def retry_chart_run(self, input: RetryChartRunInput) -> RetryChartRunResult | None:
        """Tries again what failed of a run, and only that."""
        raise NotImplementedError

    @mutation(finishing.add_addendum)
    def add_addendum(self, input: AddAddendumInput) -> AddAddendumResult | None:
        """Adds to locked notes: one client's, or with the chart's id every attending client's."""
        raise NotImplementedError
