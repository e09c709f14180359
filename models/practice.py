"""Who works here: the practice, its people, what they charge, and who is signed in."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.problems import InvalidInput
from models.text import is_line

MOST_FEE_MINOR = 10_000_000
MOST_DURATION_MINUTES = 24 * 60
_CPT_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]", re.ASCII)


class Role(StrEnum):
    """What a person may do in the practice."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    PROVIDER = "PROVIDER"
    SCHEDULER = "SCHEDULER"
    BILLER = "BILLER"
    CLIENT = "CLIENT"


class ServiceCodeKind(StrEnum):
    """Where a code comes from, and so whether it may go on a claim."""

    STANDARD = "STANDARD"
    ADD_ON = "ADD_ON"
    CUSTOM = "CUSTOM"
    SYSTEM = "SYSTEM"


class Practice(Row):
    """A practice: the wall around everything else."""

    phi = False
    name = fields.CharField(max_length=200)
    time_zone = fields.CharField(max_length=64)
    currency = fields.CharField(max_length=3)
    group_size_limit = fields.IntField(default=12)
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "practice"

    def check(self) -> None:
        """Refuse a zone or a currency that the world does not know."""
        problems = {}
        if not is_line(self.name, 200):
            problems["input.name"] = "A practice has a name of 1 to 200 characters, all of which can be shown."
        if self.time_zone not in available_timezones():
            problems["input.timeZone"] = "This is not an IANA time zone, such as America/Chicago."
        if self.currency not in list_currencies():
            problems["input.currency"] = "This is not an ISO 4217 currency, such as USD."
        if problems:
            raise InvalidInput(problems)


class Provider(Row):
    """A clinician with a calendar."""

    phi = False
    practice = reference("Practice")
    practice_id: UUID
    name = fields.CharField(max_length=200)
    sort_name = fields.CharField(max_length=400)
    credentials = fields.CharField(max_length=60, null=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """The table."""

        table = "provider"
        indexes = (Index(fields=("practice_id", "sort_name", "id"), name="ix_provider_name"),)


class User(Row):
    """A person who can sign in: staff, or a client in the portal."""

    phi = False
    practice = reference("Practice")
    practice_id: UUID
    name = fields.CharField(max_length=200)
    email = fields.CharField(max_length=254)
    email_key = fields.CharField(max_length=254)
    password_hash = fields.CharField(max_length=200)
    roles = fields.CharField(max_length=80)
    provider = reference("Provider", null=True)
    provider_id: UUID | None
    client = reference("Client", null=True)
    client_id: UUID | None
    created_at = fields.DatetimeField(default=now)
    deactivated_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """The table, whose plain name is a reserved word."""

        table = "user_account"
        indexes = (Index(fields=("practice_id",), name="ix_user_practice"),)


class SignIn(Row):
    """Somebody signed in: holding the token whose SHA-256 is kept here."""

    audited = False
    phi = False
    practice = reference("Practice")
    practice_id: UUID
    user = reference("User")
    user_id: UUID
    token_hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(default=now)
    expires_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    idle_seconds: int | None = fields.IntField(null=True)
    idle_until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "sign_in"
        indexes = (
            Index(fields=("practice_id",), name="ix_sign_in_practice"),
            Index(fields=("user_id",), name="ix_sign_in_user"),
        )


class SignInThrottle(Row):
    """How often somebody tried an address lately; the only table without a practice, as none is known yet."""

    audited = False
    phi = False
    email_hash = fields.CharField(max_length=64)
    tries = fields.IntField(default=0)
    since = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "sign_in_throttle"


class ServiceCode(Row):
    """What a session is charged as."""

    phi = False
    practice = reference("Practice")
    practice_id: UUID
    code = fields.CharField(max_length=20)
    label = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=10)
    fee_minor = fields.IntField()
    duration_minutes = fields.IntField()
    active = fields.BooleanField(default=True)

    class Meta:
        """The table."""

        table = "service_code"

    def check(self) -> None:
        """Refuse a code that is not one, an empty label, and a fee or a length out of bounds."""
        problems = {}
        on_claims = self.kind in {ServiceCodeKind.STANDARD, ServiceCodeKind.ADD_ON}
        if not is_line(self.code, 20):
            problems["input.code"] = "A code has 1 to 20 characters, all of which can be shown."
        elif on_claims and not _CPT_CODE.fullmatch(self.code):
            problems["input.code"] = "A code that goes on claims has five characters, such as 90853."
        if not is_line(self.label, 120):
            problems["input.label"] = "A label has 1 to 120 characters, all of which can be shown."
        if not 0 <= self.fee_minor <= MOST_FEE_MINOR:
            problems["input.feeMinor"] = f"A fee is between 0 and {MOST_FEE_MINOR} in minor units."
        if not 1 <= self.duration_minutes <= MOST_DURATION_MINUTES:
            problems["input.durationMinutes"] = f"A session lasts between 1 and {MOST_DURATION_MINUTES} minutes."
        if problems:
            raise InvalidInput(problems)

    @classmethod
    def first_of(cls, practice: Practice) -> list[ServiceCode]:
        """Give the codes a new practice starts with, in our own words; it sets its own fees."""
        kinds = ServiceCodeKind
        return [
            cls(practice_id=practice.id, code=code, label=label, kind=kind, fee_minor=0, duration_minutes=minutes)
            for code, label, kind, minutes in (
                ("90853", "Group Psychotherapy", kinds.STANDARD, 60),
                ("90837", "Individual session", kinds.STANDARD, 60),
                ("NO_SHOW", "No show", kinds.SYSTEM, 60),
                ("LATE_CANCEL", "Late cancel", kinds.SYSTEM, 60),
            )
        ]


def email_key(email: str) -> str:
    """Give the spelling by which an address is found again."""
    return email.strip().casefold()
