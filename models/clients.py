"""Clients, and who usually sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.contact import email, phone
from models.problems import InvalidInput
from models.text import LONGEST_KEY, fold, line

# Each text's place in the input, its length at most, and whether it is needed.
_LINES = {
    "first_name": ("input.firstName", 100, True),
    "last_name": ("input.lastName", 100, True),
    "preferred_name": ("input.preferredName", 100, False),
    "email": ("input.email", 254, False),
    "phone": ("input.phone", 40, False),
}
_NAMES = {"first_name", "last_name", "preferred_name"}


class Client(Row):
    """A person in care."""

    practice = reference("Practice")
    practice_id: UUID
    first_name = fields.CharField(max_length=100)
    last_name = fields.CharField(max_length=100)
    preferred_name = fields.CharField(max_length=100, null=True)
    name = fields.CharField(max_length=201)
    initials = fields.CharField(max_length=8)
    sort_name = fields.CharField(max_length=400)
    search_name = fields.CharField(max_length=1202)
    date_of_birth = fields.DateField(null=True)
    email = fields.CharField(max_length=254, null=True)
    phone = fields.CharField(max_length=40, null=True)
    active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "client"
        indexes = (Index(fields=("practice_id", "sort_name", "id"), name="ix_client_name"),)

    def spell(self) -> None:
        """Make what is shown, sorted and searched follow from the names."""
        called = self.preferred_name or self.first_name
        self.name = f"{called} {self.last_name}"
        self.initials = (called[:1] + self.last_name[:1]).upper()[:8]
        # A line end comes before all else, so that every Ng stands before Ng An, whatever they are called.
        self.sort_name = f"{fold(self.last_name)}\n{fold(called)}"[:LONGEST_KEY]
        # One spelling a line: a search never matches across two of them, since fold() leaves no line ends.
        self.search_name = "\n".join(
            dict.fromkeys(
                [
                    fold(f"{called} {self.last_name}"),
                    fold(f"{self.first_name} {self.last_name}"),
                    fold(f"{self.last_name}, {called}"),
                ]
            )
        )

    def take(self, given: Mapping[str, Any]) -> set[str]:
        """Take over what is given of the names and contacts, checked; give the columns that changed."""
        problems: dict[str, str] = {}
        new: dict[str, Any] = {}
        for column, (path, most, needed) in _LINES.items():
            if column in given:
                new[column] = line(problems, path, given[column], most, needed=needed)
        if new.get("email"):
            new["email"] = email(problems, "input.email", new["email"])
        if new.get("phone"):
            new["phone"] = phone(problems, "input.phone", new["phone"])
        if "date_of_birth" in given:
            new["date_of_birth"] = born = given["date_of_birth"]
            # A day may have begun in the practice that has not begun in UTC.
            if born is not None and not date(1880, 1, 1) <= born <= now().date() + timedelta(days=1):
                problems["input.dateOfBirth"] = "Nobody in care was born on this day."
        if problems:
            raise InvalidInput(problems)
        changed = {column for column, value in new.items() if getattr(self, column, None) != value}
        for column in changed:
            setattr(self, column, new[column])
        if changed & _NAMES:
            self.spell()
            changed |= {"name", "initials", "sort_name", "search_name"}
        return changed

    def refuse_inactive(self, path: str) -> None:
        """Refuse to change somebody who is no longer in care."""
        if not self.active:
            raise InvalidInput({path: "This client is inactive. Make them active again first."})


class ClientProvider(Row):
    """A provider usually sees this client."""

    practice = reference("Practice")
    practice_id: UUID
    client = reference("Client")
    client_id: UUID
    provider = reference("Provider")
    provider_id: UUID

    class Meta:
        """The table."""

        table = "client_provider"
        indexes = (
            Index(fields=("client_id", "provider_id"), name="ix_client_provider_client"),
            Index(fields=("provider_id", "client_id"), name="ix_client_provider_provider"),
        )
