"""Clients, and who usually sees them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.problems import InvalidInput
from models.text import fold


class Client(Row):
    """A person in care."""

    practice = reference("Practice")
    practice_id: UUID
    first_name = fields.CharField(max_length=100)
    last_name = fields.CharField(max_length=100)
    preferred_name: str | None = fields.CharField(max_length=100, null=True)  # type: ignore[assignment]
    name = fields.CharField(max_length=201)
    initials = fields.CharField(max_length=8)
    sort_name = fields.CharField(max_length=800)
    search_name = fields.CharField(max_length=2400)
    date_of_birth: date | None = fields.DateField(null=True)  # type: ignore[assignment]
    email: str | None = fields.CharField(max_length=254, null=True)  # type: ignore[assignment]
    phone: str | None = fields.CharField(max_length=40, null=True)  # type: ignore[assignment]
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
        self.initials = (called[:1] + self.last_name[:1]).upper()
        self.sort_name = f"{fold(self.last_name)} {fold(called)}"
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
            Index(fields=("practice_id",), name="ix_client_provider_practice"),
            Index(fields=("provider_id", "client_id"), name="ix_client_provider_provider"),
        )


def refuse_inactive(client: Client) -> None:
    """Refuse to change somebody who is no longer in care, but for taking them back."""
    if not client.active:
        raise InvalidInput({"input.active": "This client is inactive. Make them active again first."})
