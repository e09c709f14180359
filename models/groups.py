"""Groups, who shares them, and who belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.problems import InvalidInput
from models.text import fold, line


class Group(Row):
    """A therapy group."""

    practice = reference("Practice")
    practice_id: UUID
    name = fields.CharField(max_length=200)
    initials = fields.CharField(max_length=12)
    sort_name = fields.CharField(max_length=400)
    sort_initials = fields.CharField(max_length=400)
    search_name = fields.CharField(max_length=801)
    default_service_code = reference("ServiceCode")
    default_service_code_id: UUID
    provider = reference("Provider")
    provider_id: UUID
    archived_at: datetime | None = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table, whose plain name is a reserved word."""

        table = "therapy_group"
        indexes = (
            Index(fields=("practice_id", "sort_name", "id"), name="ix_group_name"),
            Index(fields=("practice_id", "sort_initials", "id"), name="ix_group_initials"),
            Index(fields=("provider_id",), name="ix_group_provider"),
            Index(fields=("default_service_code_id",), name="ix_group_code"),
        )

    def spell(self) -> None:
        """Make what is sorted and searched follow from the name and the initials."""
        self.sort_name = fold(self.name)
        self.sort_initials = fold(self.initials)
        self.search_name = f"{self.sort_name}\n{self.sort_initials}"

    def take(self, given: Mapping[str, Any]) -> set[str]:
        """Take over what is given of name and initials, checked; give the columns that changed."""
        problems: dict[str, str] = {}
        new = {
            column: line(problems, path, given[column], most)
            for column, path, most in (("name", "input.name", 200), ("initials", "input.initials", 12))
            if column in given
        }
        if problems:
            raise InvalidInput(problems)
        changed = {column for column, value in new.items() if getattr(self, column, None) != value}
        for column in changed:
            setattr(self, column, new[column])
        if changed:
            self.spell()
            changed |= {"sort_name", "sort_initials", "search_name"}
        return changed

    def refuse_archived(self, path: str) -> None:
        """Refuse to add to a group that was put away."""
        if self.archived_at is not None:
            raise InvalidInput({path: "This group is archived. Take it back first."})


class GroupShare(Row):
    """A second provider schedules and charts on the group too."""

    practice = reference("Practice")
    practice_id: UUID
    group = reference("Group")
    group_id: UUID
    provider = reference("Provider")
    provider_id: UUID
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "group_share"
        indexes = (
            Index(fields=("group_id", "provider_id"), name="ix_group_share_group"),
            Index(fields=("provider_id", "group_id"), name="ix_group_share_provider"),
        )


class GroupMembership(Row):
    """A client belongs to a group, or did from `joined_at` to `left_at`."""

    practice = reference("Practice")
    practice_id: UUID
    group = reference("Group")
    group_id: UUID
    client = reference("Client")
    client_id: UUID
    joined_at = fields.DatetimeField(default=now)
    left_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "group_membership"
        indexes = (
            Index(fields=("practice_id",), name="ix_membership_practice"),
            Index(fields=("group_id", "client_id"), name="ix_membership_group"),
            Index(fields=("client_id", "group_id"), name="ix_membership_client"),
        )
