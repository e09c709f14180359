"""What all tables share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from models.changes import Verb, note_changes
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
    """A row with an identifier nobody can guess; what is done to it inside of a unit of work is noted."""

    audited: ClassVar[bool] = True
    """Whether the log of audit names such rows when they are written; false for what only keeps the house running."""
    phi: ClassVar[bool] = True
    """Whether it names them also when they are read; false for what says nothing of any client."""

    id = fields.UUIDField(primary_key=True, default=uuid7)

    class Meta:
        """Not a table of its own."""

        abstract = True

    async def save(
        self,
        using_db: Any = None,
        update_fields: Iterable[str] | None = None,
        force_create: bool = False,  # noqa: FBT001, FBT002 - Tortoise's own signature
        force_update: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Write the row, all of it or these columns."""
        made = force_create or not self._saved_in_db
        named = None if update_fields is None else list(update_fields)
        await super().save(using_db, named, force_create, force_update)
        self._note([self], Verb.CREATE if made else Verb.UPDATE, named)

    async def delete(self, using_db: Any = None) -> None:
        """Delete the row."""
        await super().delete(using_db)
        self._note([self], Verb.DELETE)

    @classmethod
    async def create_all(cls, rows: list[Self]) -> None:
        """Write new rows, in one statement."""
        await cls.bulk_create(rows)
        cls._note(rows, Verb.CREATE)

    @classmethod
    async def update_all(cls, rows: list[Self], columns: list[str]) -> None:
        """Write these columns of rows, in one statement."""
        if rows:
            await cls.bulk_update(rows, columns)
            cls._note(rows, Verb.UPDATE, columns)

    @classmethod
    async def delete_all(cls, rows: list[Self]) -> None:
        """Delete rows, in one statement."""
        if rows:
            await cls.filter(id__in=[row.id for row in rows]).delete()
            cls._note(rows, Verb.DELETE)

    @classmethod
    def _note(cls, rows: list[Self], verb: Verb, columns: Iterable[str] | None = None) -> None:
        if cls.audited:
            note_changes(rows, verb, columns)
