"""Answers that were given once, so that the same request is not carried out twice."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference


class IdempotencyKey(Row):
    """Under this key this person's request was carried out; `answer` holds the payload's type and ids, never a text."""

    audited = False
    phi = False
    practice = reference("Practice")
    practice_id: UUID
    user = reference("User")
    user_id: UUID
    operation = fields.CharField(max_length=60)
    key = fields.CharField(max_length=200)
    input_hash = fields.CharField(max_length=64)
    answer = fields.TextField()
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "idempotency_key"
        indexes = (
            Index(fields=("user_id",), name="ix_idempotency_user"),
            Index(fields=("created_at",), name="ix_idempotency_created"),
        )
