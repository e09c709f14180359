"""Charts while they are written: templates, the group's notes, and a few words for each client."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.practice import Practice
from models.problems import InvalidInput, Refused
from models.richtext import clean
from models.text import line


class ChartTemplateKind(StrEnum):
    """Who may use a template: custom ones are for groups too."""

    CUSTOM = "CUSTOM"
    HIPAA = "HIPAA"
    SOAP = "SOAP"


class ChartState(StrEnum):
    """How far a chart is."""

    DRAFT = "DRAFT"
    ASSEMBLING = "ASSEMBLING"
    IN_REVIEW = "IN_REVIEW"
    LOCKING = "LOCKING"
    LOCKED = "LOCKED"


class ChartLocked(Refused):
    """The session's notes are being assembled, are in review, or are locked."""

    def __init__(self, chart: UUID) -> None:
        """Point to the chart."""
        super().__init__(
            "ChartLocked",
            "The notes of this session are not being drafted any more.",
            nodes={"chart": ("Chart", chart)},
        )


class TemplateNotAllowedForGroup(Refused):
    """HIPAA and SOAP templates are for individual appointments."""

    def __init__(self, template: UUID) -> None:
        """Point to the template."""
        super().__init__(
            "TemplateNotAllowedForGroup",
            "This template is for individual appointments. Groups use the practice's own.",
            nodes={"template": ("ChartTemplate", template)},
        )


class ChartTemplate(Row):
    """A text that charts begin with."""

    phi = False
    practice = reference("Practice")
    practice_id: UUID
    name = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=6, default=ChartTemplateKind.CUSTOM.value)
    body = fields.TextField()
    active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "chart_template"
        indexes = (Index(fields=("practice_id", "name", "id"), name="ix_template_name"),)

    def take(self, given: dict[str, Any]) -> set[str]:
        """Take over what is given, checked; give the columns that changed."""
        problems: dict[str, str] = {}
        new: dict[str, Any] = {}
        if "name" in given:
            new["name"] = line(problems, "input.name", given["name"], 120)
        for column in ("body", "active"):
            if column in given and given[column] is None:
                problems[f"input.{column}"] = "This is needed."
            elif column in given:
                new[column] = given[column]
        if problems:
            raise InvalidInput(problems)
        if "body" in new:
            new["body"] = clean("input.body", new["body"])
        changed = {column for column, value in new.items() if getattr(self, column, None) != value}
        for column in changed:
            setattr(self, column, new[column])
        return changed

    @classmethod
    def first_of(cls, practice: Practice) -> list[ChartTemplate]:
        """Give the two that a new practice has, in our own words."""
        parts = {
            ChartTemplateKind.HIPAA: ("Progress note", ("Purpose", "What was done", "Response", "Plan")),
            ChartTemplateKind.SOAP: ("SOAP note", ("Subjective", "Objective", "Assessment", "Plan")),
        }
        return [
            cls(
                practice_id=practice.id, name=name, kind=kind.value, body="".join(f"<h3>{p}</h3><p></p>" for p in heads)
            )
            for kind, (name, heads) in parts.items()
        ]


class Chart(Row):
    """The chart of one session, from which each attending client's note is made."""

    practice = reference("Practice")
    practice_id: UUID
    appointment = reference("Appointment")
    appointment_id: UUID
    state = fields.CharField(max_length=10, default=ChartState.DRAFT.value)
    template = reference("ChartTemplate", null=True)
    template_id: UUID | None
    template_body = fields.TextField(default="")
    group_notes = fields.TextField(default="")
    last_changed_by = fields.CharField(max_length=200, null=True)
    version = fields.IntField(default=1)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "chart"
        indexes = (
            Index(fields=("appointment_id",), name="ix_chart_appointment"),
            Index(fields=("template_id",), name="ix_chart_template"),
        )

    def refuse_unless(self, *states: ChartState) -> None:
        """Refuse what this state of the chart does not allow."""
        if self.state not in states:
            raise ChartLocked(self.id)

    def use(self, template: ChartTemplate | None, *, group: bool) -> None:
        """Begin with a template's text as it is now; a group uses the practice's own only."""
        if template is not None:
            if group and template.kind != ChartTemplateKind.CUSTOM:
                raise TemplateNotAllowedForGroup(template.id)
            if not template.active and template.id != self.template_id:
                raise InvalidInput({"input.templateId": "This template is not in use any more."})
        self.template_id = template.id if template else None
        self.template_body = template.body if template else ""

    def move(self, state: ChartState) -> None:
        """Go on to another state."""
        self.state = state.value
        self.version += 1


class ChartEntry(Row):
    """What is written for one client of the session, beside the group notes."""

    practice = reference("Practice")
    practice_id: UUID
    chart = reference("Chart")
    chart_id: UUID
    client = reference("Client")
    client_id: UUID
    attendance = reference("Attendance")
    attendance_id: UUID
    client_notes = fields.TextField(default="")
    last_changed_by = fields.CharField(max_length=200, null=True)
    version = fields.IntField(default=1)

    class Meta:
        """The table."""

        table = "chart_entry"
        indexes = (
            Index(fields=("practice_id",), name="ix_entry_practice"),
            Index(fields=("chart_id", "client_id"), name="ix_entry_chart"),
            Index(fields=("client_id",), name="ix_entry_client"),
            Index(fields=("attendance_id",), name="ix_entry_attendance"),
        )
