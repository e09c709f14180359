"""What all tables share."""

from __future__ import annotations

from datetime import UTC, datetime

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from models.ids import uuid7


def now() -> datetime:
    """Give this moment, in UTC."""
    return datetime.now(UTC)


def wire_moment(moment: datetime) -> str:
    """Write a moment in the one form that answers and hashes know: UTC, `Z`, a fraction without trailing zeros."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"


def reference(model: str, *, null: bool = False) -> ForeignKeyFieldInstance[Model]:
    """Declare a foreign key that refuses to lose what points to it."""
    return fields.ForeignKeyField(f"models.{model}", related_name=False, on_delete=fields.RESTRICT, null=null)  # type: ignore[call-overload, no-any-return]


class Row(Model):
    """A row with an identifier nobody can guess."""

    id = fields.UUIDField(primary_key=True, default=uuid7)

    class Meta:
        """Not a table of its own."""

        abstract = True
