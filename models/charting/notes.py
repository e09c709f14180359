"""Notes: each client's own record of a session, signed and chained, and what is added to it later."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference, wire_moment
from models.charting.seals import seal_of, seal_of_addendum

ATTESTATION = (
    "I led or supervised this session, I have read this note, and it says truly and in full what I know of the"
    " client's part in it."
)


class ChartNote(Row):
    """A client's own record of one session. Once locked it never changes: triggers of the database see to it."""

    practice = reference("Practice")
    practice_id: UUID
    chart = reference("Chart")
    chart_id: UUID
    client = reference("Client")
    client_id: UUID
    appointment = reference("Appointment")
    appointment_id: UUID
    provider = reference("Provider")
    provider_id: UUID
    body = fields.TextField()
    locked_at: datetime | None = fields.DatetimeField(null=True)
    chain_no = fields.IntField(null=True)
    previous_hash = fields.CharField(max_length=64, null=True)
    content_hash = fields.CharField(max_length=64, null=True)
    seal = fields.CharField(max_length=64, null=True)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "chart_note"
        indexes = (
            Index(fields=("practice_id",), name="ix_note_practice"),
            Index(fields=("chart_id", "client_id"), name="ix_note_chart"),
            Index(fields=("client_id", "appointment_id"), name="ix_note_client"),
            Index(fields=("appointment_id",), name="ix_note_appointment"),
            Index(fields=("provider_id",), name="ix_note_provider"),
        )

    def sealed(self) -> str:
        """Give the seal over its hash, and what that says nothing of, as they are now."""
        return seal_of(
            note=self.id,
            practice=self.practice_id,
            chart=self.chart_id,
            chain_no=self.chain_no or 0,
            created_at=wire_moment(self.created_at),
            content_hash=self.content_hash or "",
        )


class Signature(Row):
    """Who signed a note, as they were called then."""

    practice = reference("Practice")
    practice_id: UUID
    note = reference("ChartNote")
    note_id: UUID
    provider = reference("Provider")
    provider_id: UUID
    signed_as = fields.CharField(max_length=300)
    signed_at: datetime = fields.DatetimeField()
    attestation = fields.CharField(max_length=500)

    class Meta:
        """The table."""

        table = "signature"
        indexes = (
            Index(fields=("practice_id",), name="ix_signature_practice"),
            Index(fields=("note_id", "signed_at", "id"), name="ix_signature_note"),
            Index(fields=("provider_id",), name="ix_signature_provider"),
        )


class Addendum(Row):
    """What was added to a locked note, by whom and when."""

    practice = reference("Practice")
    practice_id: UUID
    note = reference("ChartNote")
    note_id: UUID
    provider = reference("Provider")
    provider_id: UUID
    authored_as = fields.CharField(max_length=300)
    body = fields.TextField()
    created_at: datetime = fields.DatetimeField(default=now)
    previous_hash = fields.CharField(max_length=64)
    content_hash = fields.CharField(max_length=64)
    seal = fields.CharField(max_length=64)

    class Meta:
        """The table."""

        table = "addendum"
        indexes = (
            Index(fields=("practice_id",), name="ix_addendum_practice"),
            Index(fields=("note_id", "created_at", "id"), name="ix_addendum_note"),
            Index(fields=("provider_id",), name="ix_addendum_provider"),
        )

    @classmethod
    def hashed(cls, **given: Any) -> Addendum:
        """Give a new one that is hashed with what stands before it, and sealed."""
        made = cls(**given)
        made.content_hash = hash_of_addendum(
            addendum=made.id,
            note=made.note_id,
            provider=made.provider_id,
            authored_as=made.authored_as,
            body=made.body,
            created_at=wire_moment(made.created_at),
            previous=made.previous_hash,
        )
        made.seal = seal_of_addendum(addendum=made.id, practice=made.practice_id, content_hash=made.content_hash)
        return made


class ChartWarningKind(StrEnum):
    """What a careful reviewer would point at."""

    NAMES_ANOTHER_MEMBER = "NAMES_ANOTHER_MEMBER"
    NOT_INDIVIDUALIZED = "NOT_INDIVIDUALIZED"
    GROUP_TOO_LARGE = "GROUP_TOO_LARGE"


class ChartWarning(Row):
    """Found when a chart was completed; the signer says that it was read."""

    practice = reference("Practice")
    practice_id: UUID
    chart = reference("Chart")
    chart_id: UUID
    kind = fields.CharField(max_length=20)
    message = fields.CharField(max_length=500)
    client = reference("Client", null=True)
    client_id: UUID | None
    named = reference("Client", null=True)
    named_id: UUID | None
    """Whom the message names beside the client: it is in their record as well."""
    position = fields.IntField()
    acknowledged_by = reference("Provider", null=True)
    acknowledged_by_id: UUID | None
    acknowledged_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "chart_warning"
        indexes = (
            Index(fields=("practice_id",), name="ix_warning_practice"),
            Index(fields=("chart_id", "position"), name="ix_warning_chart"),
            Index(fields=("client_id",), name="ix_warning_client"),
            Index(fields=("named_id",), name="ix_warning_named"),
            Index(fields=("acknowledged_by_id",), name="ix_warning_provider"),
        )


def signer(name: str, credentials: str | None) -> str:
    """Give a name as it stands under a note."""
    return f"{name}, {credentials}" if credentials else name


def hash_of(  # noqa: PLR0913 - all that it is made of
    *,
    note: UUID,
    client: UUID,
    appointment: UUID,
    provider: UUID,
    body: str,
    locked_at: str,
    signed_as: str,
    attestation: str,
    previous: str | None,
) -> str:
    """Give the SHA-256, in hex, over a locked note's content, its signature and the note before it (164.312(c)(2))."""
    return _hash(
        {
            "note": note.hex,
            "client": client.hex,
            "appointment": appointment.hex,
            "provider": provider.hex,
            "body": body,
            "locked_at": locked_at,
            "signed_as": signed_as,
            "attestation": attestation,
            "previous": previous,
        }
    )


def hash_of_addendum(
    *, addendum: UUID, note: UUID, provider: UUID, authored_as: str, body: str, created_at: str, previous: str
) -> str:
    """Give the SHA-256, in hex, over an addendum and what stands before it: an earlier one, or the locked note."""
    return _hash(
        {
            "addendum": addendum.hex,
            "note": note.hex,
            "provider": provider.hex,
            "authored_as": authored_as,
            "body": body,
            "created_at": created_at,
            "previous": previous,
        }
    )


def _hash(content: dict[str, str | None]) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
