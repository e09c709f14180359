"""Payments: what was taken, what of it went to which session, and what was given back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, now, reference
from models.problems import InvalidInput
from models.text import line

MOST_PAYMENT_MINOR = 100_000_000
# A client's sums must fit GraphQL's Int.
MOST_OF_A_CLIENT_MINOR = 1_000_000_000


class PaymentMethod(StrEnum):
    """How it was paid."""

    CASH = "CASH"
    CHECK = "CHECK"
    CARD = "CARD"
    EXTERNAL_CARD = "EXTERNAL_CARD"


class PaymentStatus(StrEnum):
    """What became of it."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"


class Payment(Row):
    """Money taken from a client."""

    practice = reference("Practice")
    practice_id: UUID
    client = reference("Client")
    client_id: UUID
    amount_minor = fields.IntField()
    refunded_minor = fields.IntField(default=0)
    method = fields.CharField(max_length=13)
    status = fields.CharField(max_length=18, default=PaymentStatus.SUCCEEDED.value)
    reference = fields.CharField(max_length=100, null=True)
    received_on: date = fields.DateField()
    memo = fields.CharField(max_length=500, null=True)
    statement_memo = fields.CharField(max_length=500, null=True)
    refund_reason = fields.CharField(max_length=500, null=True)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "payment"
        indexes = (
            Index(fields=("practice_id",), name="ix_payment_practice"),
            Index(fields=("client_id", "received_on", "id"), name="ix_payment_client"),
        )

    @property
    def left_minor(self) -> int:
        """What was not given back."""
        return self.amount_minor - self.refunded_minor

    def check(self, today: date, reference: str | None, memo: str | None, statement_memo: str | None) -> None:
        """Take over the texts, and refuse an amount, a day or a method that cannot be."""
        problems: dict[str, str] = {}
        if not 1 <= self.amount_minor <= MOST_PAYMENT_MINOR:
            problems["input.amountMinor"] = f"A payment is between 1 and {MOST_PAYMENT_MINOR} in minor units."
        if self.method == PaymentMethod.CARD:
            problems["input.method"] = "No card processor is set up. Write the charge down as EXTERNAL_CARD."
        if not date(1990, 1, 1) <= self.received_on <= today:
            problems["input.receivedOn"] = "This day is not between 1990 and today."
        self.reference = line(problems, "input.reference", reference, 100, needed=False)
        self.memo = line(problems, "input.memo", memo, 500, needed=False)
        self.statement_memo = line(problems, "input.statementMemo", statement_memo, 500, needed=False)
        if problems:
            raise InvalidInput(problems)

    def give_back(self, amount_minor: int) -> None:
        """Note a refund of so much."""
        if not 1 <= amount_minor <= self.left_minor:
            raise InvalidInput(
                {"input.amountMinor": f"Between 1 and {self.left_minor} in minor units can be refunded."}
            )
        self.refunded_minor += amount_minor
        self.status = (PaymentStatus.PARTIALLY_REFUNDED if self.left_minor else PaymentStatus.REFUNDED).value


class PaymentAllocation(Row):
    """What of a payment went to one session."""

    practice = reference("Practice")
    practice_id: UUID
    payment = reference("Payment")
    payment_id: UUID
    attendance = reference("Attendance")
    attendance_id: UUID
    amount_minor = fields.IntField()
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """The table."""

        table = "payment_allocation"
        indexes = (
            Index(fields=("practice_id",), name="ix_allocation_practice"),
            Index(fields=("payment_id", "attendance_id"), name="ix_allocation_payment"),
            Index(fields=("attendance_id",), name="ix_allocation_attendance"),
        )


def spread(amount_minor: int, charges: dict[UUID, int], first: UUID | None) -> dict[UUID, int]:
    """Say what of an amount goes to which open charge: `first` comes first, then the others in their order."""
    rest = amount_minor
    parts: dict[UUID, int] = {}
    for attendance in [*([first] if first in charges else []), *(c for c in charges if c != first)]:
        part = min(rest, charges[attendance])
        if part > 0:
            parts[attendance] = part
            rest -= part
    return parts
