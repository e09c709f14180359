"""Templates, charts, notes and runs."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

import models
from models.charting.charts import ChartState as States
from models.charting.charts import ChartTemplateKind as Kinds
from models.charting.notes import ChartWarningKind as Warnings
from models.charting.notes import hash_of
from models.charting.runs import ChartRunKind as RunKinds
from models.charting.runs import ChartRunState as RunStates
from models.charting.runs import ChartRunStepState as StepStates
from models.charting.seals import seal_of
from schema.appointments import Appointment
from schema.attendance import Attendance
from schema.clients import Client
from schema.fields import column, derived, fact, many, one, shape, sole_of
from schema.nodes import Node
from schema.practice import Provider
from schema.scalars import RichText


@strawberry.enum(description="Who may use a template.")
class ChartTemplateKind(Enum):
    """Who may use a template."""

    CUSTOM = strawberry.enum_value(
        Kinds.CUSTOM.value, description="Made by the practice. The only kind a group can use."
    )
    HIPAA = strawberry.enum_value(Kinds.HIPAA.value, description="Individual appointments only.")
    SOAP = strawberry.enum_value(Kinds.SOAP.value, description="Individual appointments only.")


@strawberry.enum(description="How far a chart is.")
class ChartState(Enum):
    """How far a chart is."""

    DRAFT = strawberry.enum_value(States.DRAFT.value, description="It is being written.")
    ASSEMBLING = strawberry.enum_value(States.ASSEMBLING.value, description="Notes are being assembled.")
    IN_REVIEW = strawberry.enum_value(States.IN_REVIEW.value, description="Assembled; waiting for a reader's yes.")
    LOCKING = strawberry.enum_value(States.LOCKING.value, description="Notes are being signed and locked.")
    LOCKED = strawberry.enum_value(States.LOCKED.value, description="All notes are locked.")


@strawberry.enum(description="What a careful reviewer would point at.")
class ChartWarningKind(Enum):
    """What a careful reviewer would point at."""

    NAMES_ANOTHER_MEMBER = strawberry.enum_value(
        Warnings.NAMES_ANOTHER_MEMBER.value, description="A note names another member of the group."
    )
    NOT_INDIVIDUALIZED = strawberry.enum_value(
        Warnings.NOT_INDIVIDUALIZED.value, description="A client's own part is missing or the same as another's."
    )
    GROUP_TOO_LARGE = strawberry.enum_value(
        Warnings.GROUP_TOO_LARGE.value, description="Larger than the group size the practice has set."
    )


@strawberry.enum(description="What a run does.")
class ChartRunKind(Enum):
    """What a run does."""

    COMPLETE = strawberry.enum_value(RunKinds.COMPLETE.value, description="Assembles the notes for review.")
    LOCK = strawberry.enum_value(RunKinds.LOCK.value, description="Signs and locks them.")


@strawberry.enum(description="How far a run is.")
class ChartRunState(Enum):
    """How far a run is."""

    QUEUED = strawberry.enum_value(RunStates.QUEUED.value, description="It waits to be taken up.")
    RUNNING = strawberry.enum_value(RunStates.RUNNING.value, description="It is being worked on.")
    SUCCEEDED = strawberry.enum_value(RunStates.SUCCEEDED.value, description="All is done.")
    FAILED = strawberry.enum_value(RunStates.FAILED.value, description="Some notes failed; retry touches only those.")


@strawberry.enum(description="How far one client's step is.")
class ChartRunStepState(Enum):
    """How far one client's step is."""

    WAITING = strawberry.enum_value(StepStates.WAITING.value, description="Not done yet.")
    DONE = strawberry.enum_value(StepStates.DONE.value, description="Done.")
    FAILED = strawberry.enum_value(StepStates.FAILED.value, description="Not done, and why is said.")


@shape(models.ChartTemplate, "tpl")
class ChartTemplate(Node):
    """A text that charts begin with."""

    name: str = column("name", "For people.")
    kind: ChartTemplateKind = column("kind", "Who may use it.")
    body: RichText = column("body", "What a chart begins with.")
    active: bool = column("active", "Whether it can be chosen for new charts.")
    version: int = column("version", "Raised by each change.")


@shape(models.Signature)
class Signature:
    """Who signed a note, when, and what they attest."""

    signed_by: Provider | None = one(
        "provider_id", "Null where the viewer may not see the signer's entry; `signedAs` always stands."
    )
    signed_as: str = column("signed_as", "The name and credentials as they were then.")
    signed_at: datetime = column("signed_at", "When it was signed.")
    attestation: str = column("attestation", "What the signer attests.")


def verified(  # noqa: PLR0913 - all that a hash and a seal are made of
    *,
    note: str,
    client: str,
    appointment: str,
    provider: str,
    body: str,
    locked_at: str | None,
    signed_as: str | None,
    attestation: str | None,
    previous: str | None,
    content_hash: str | None,
    before: str | None,
    practice: str,
    chart: str,
    chain_no: str | None,
    created_at: str,
    seal: str | None,
) -> bool | None:
    """Whether a locked note's hash is still that of its content, and of the note before it, and sealed by us."""
    if locked_at is None:
        return None
    made = hash_of(
        note=UUID(note),
        client=UUID(client),
        appointment=UUID(appointment),
        provider=UUID(provider),
        body=body,
        locked_at=locked_at,
        signed_as=signed_as or "",
        attestation=attestation or "",
        previous=previous,
    )
    sealed = seal_of(
        note=UUID(note),
        practice=UUID(practice),
        chart=UUID(chart),
        chain_no=chain_no or "",
        created_at=created_at,
        content_hash=made,
    )
    return made == content_hash and before == previous and sealed == seal


@shape(models.ChartNote, "not")
class ChartNote(Node):
    """A client's own record of one session. Once locked it never changes; addenda are added to it."""

    client: Client = one("client_id", "Whose record it is in.")
    appointment: Appointment = one("appointment_id", "The session.")
    provider: Provider = one("provider_id", "Who assembled it, and once it is locked, who signed it.")
    locked: bool = fact("Whether it is signed and stays as it is.")
    body: RichText | None = column(
        "body", "Template, group notes and client notes, as one document. Null where the viewer may not read notes."
    )
    locked_at: datetime | None = column("locked_at", "When it was locked.")
    content_hash: str | None = column(
        "content_hash", "SHA-256 over the locked content and the note before it in this client's record, in hex."
    )
    verified: bool | None = derived(
        verified, "Whether text, signatures and the note before it still match `contentHash`. Null until locked."
    )

    @many
    def signatures(self) -> list[Signature]:
        """Empty until locked."""
        raise NotImplementedError

    @many
    def addenda(self) -> list[Addendum]:
        """What was added to it, oldest first."""
        raise NotImplementedError


@shape(models.Addendum, "add")
class Addendum(Node):
    """What was added to a locked note."""

    note: ChartNote = one("note_id", "The note.")
    body: RichText | None = column("body", "Null where the viewer may not read notes.")
    author: Provider | None = one("provider_id", "Null where the viewer may not see the author's entry.")
    authored_as: str = column("authored_as", "The author's name and credentials as they were then.")
    created_at: datetime = column("created_at", "When it was added.")


@shape(models.ChartEntry, "ent")
class ChartEntry(Node):
    """What is written for one client of the session, beside the group notes."""

    client: Client = one("client_id", "Whose part it is.")
    attendance: Attendance = one("attendance_id", "Their line of the session.")
    client_notes: RichText | None = column(
        "client_notes", "Goes only into this client's note. Optional. Null where the viewer may not read notes."
    )
    last_changed_by: str | None = column("last_changed_by", "Who wrote it last, by name.")
    version: int = column("version", "Raised by each change.")


@shape(models.ChartWarning, "wrn")
class ChartWarning(Node):
    """What a careful reviewer would point at."""

    kind: ChartWarningKind = column("kind", "Of what kind.")
    message: str = column("message", "One sentence for people.")
    client: Client | None = one("client_id", "Whose note it is about; null where it is about all.")


@shape(models.ChartRunStep)
class ChartRunStep:
    """One client's part of a run."""

    client: Client = one("client_id", "Whose note it is.")
    state: ChartRunStepState = column("state", "How far it is.")
    reason: str | None = column("reason", "Why it failed, in one sentence.")


@shape(models.ChartRun, "run")
class ChartRun(Node):
    """The work behind a progress bar.

    It runs on the server: closing the page, losing the socket or restarting the server does not leave it half done.
    """

    chart: Chart = one("chart_id", "The chart.")
    kind: ChartRunKind = column("kind", "What it does.")
    state: ChartRunState = column("state", "How far it is.")
    total: int = column("total", "How many steps it has.")
    done: int = column("done", "How many are done.")
    failed: int = column("failed", "How many failed.")
    started_at: datetime | None = column("started_at", "When it was taken up first.")
    finished_at: datetime | None = column("finished_at", "When it ended.")

    @many
    def steps(self) -> list[ChartRunStep]:
        """One per attending client, by last name."""
        raise NotImplementedError


@shape(models.Chart, "cht")
class Chart(Node):
    """The chart of one session, from which each attending client's note is made."""

    appointment: Appointment = one("appointment_id", "The session.")
    state: ChartState = column("state", "How far it is.")
    template: ChartTemplate | None = one("template_id", "What it began with.")
    template_body: RichText | None = column(
        "template_body",
        "The template's text as it was when charting started; a group chart cannot change it. Null where the viewer may"
        " not read notes.",
    )
    group_notes: RichText | None = column(
        "group_notes",
        "Goes into the note of every client who attended. In an individual appointment, the session's notes. Null where"
        " the viewer may not read notes.",
    )
    attestation: str = fact("What the signature will say.")
    last_changed_by: str | None = column("last_changed_by", "Who wrote the group notes last, by name.")
    viewer_can_edit: bool = fact("Whether the viewer may write on it now.")
    viewer_can_lock: bool = fact("Whether the viewer may sign it now.")
    version: int = column("version", "Raised by template, group notes and each change of state; an entry has its own.")

    @many
    def client_entries(self) -> list[ChartEntry]:
        """One per client on the roster, by last name."""
        raise NotImplementedError

    @many
    def notes(self) -> list[ChartNote]:
        """The assembled notes: one per client who attended. Empty while drafting."""
        raise NotImplementedError

    @many
    def warnings(self) -> list[ChartWarning]:
        """What a careful reviewer would point at, such as another member's name in a note.

        Found when the chart is completed; empty while drafting.
        """
        raise NotImplementedError

    @sole_of
    def run(self) -> ChartRun | None:
        """The latest run of complete or lock."""
        raise NotImplementedError
