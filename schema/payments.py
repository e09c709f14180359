"""Payments: what was taken, and where it went."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

import models
from models.payments import PaymentMethod as Methods
from models.payments import PaymentStatus as Statuses
from resolvers import payments
from schema.attendance import Attendance
from schema.clients import Client
from schema.fields import column, fact, given, given_visible, many, mutation, one, shape, value
from schema.nodes import Node
from schema.practice import Money
from schema.problems import IdempotencyConflict, InvalidInput, Problem


@strawberry.enum(description="How it was paid.")
class PaymentMethod(Enum):
    """How it was paid."""

    CASH = strawberry.enum_value(Methods.CASH.value, description="In cash.")
    CHECK = strawberry.enum_value(Methods.CHECK.value, description="By check.")
    CARD = strawberry.enum_value(Methods.CARD.value, description="Charged through the card processor.")
    EXTERNAL_CARD = strawberry.enum_value(
        Methods.EXTERNAL_CARD.value, description="Charged on another terminal and written down here."
    )


@strawberry.enum(description="What became of a payment.")
class PaymentStatus(Enum):
    """What became of a payment."""

    PENDING = strawberry.enum_value(Statuses.PENDING.value, description="Not known yet.")
    SUCCEEDED = strawberry.enum_value(Statuses.SUCCEEDED.value, description="Taken.")
    FAILED = strawberry.enum_value(Statuses.FAILED.value, description="Not taken.")
    VOIDED = strawberry.enum_value(Statuses.VOIDED.value, description="Taken back before it was booked.")
    REFUNDED = strawberry.enum_value(Statuses.REFUNDED.value, description="Given back, all of it.")
    PARTIALLY_REFUNDED = strawberry.enum_value(Statuses.PARTIALLY_REFUNDED.value, description="Given back in part.")


@shape(models.Payment, "pay")
class Payment(Node):
    """Money taken from a client."""

    client: Client = one("client_id", "Who paid.")
    amount: Money = value("What was taken.")
    refunded: Money = value("What of it was given back.")
    method: PaymentMethod = column("method", "How it was paid.")
    status: PaymentStatus = column("status", "What became of it.")
    reference: str | None = column("reference", "Check number or the processor's reference.")
    received_on: date = column("received_on", "The day it was received.")
    memo: str | None = fact("For staff.")
    statement_memo: str | None = column("statement_memo", "Printed on the client's statement.")
    unallocated: Money = value("What was not allocated to a session stays as credit.")

    @many
    def allocations(self) -> list[PaymentAllocation]:
        """Where it went, oldest first."""
        raise NotImplementedError


@shape(models.PaymentAllocation, "alo")
class PaymentAllocation(Node):
    """What of a payment went to one session; refunds lower it."""

    payment: Payment = one("payment_id", "The payment.")
    attendance: Attendance | None = one("attendance_id", "Null where the viewer may not see that session.")
    amount: Money = value("What of the payment went there.")


@strawberry.input(description="What of a payment goes to one session.")
class PaymentAllocationInput:
    """What of a payment goes to one session."""

    attendance_id: strawberry.ID = strawberry.field(description="The client's line of the session.")
    amount_minor: int = strawberry.field(description="In minor units: 12500 is $125.00.")


@strawberry.input(description="Money taken from a client.")
class AcceptPaymentInput:
    """Money taken from a client."""

    client_id: strawberry.ID = strawberry.field(description="Who pays.")
    amount_minor: int = strawberry.field(description="In minor units: 12500 is $125.00.")
    method: PaymentMethod = strawberry.field(description="How it is paid.")
    reference: str | None = strawberry.field(
        default=strawberry.UNSET, description="Check number or the processor's reference."
    )
    received_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, today in the practice's time zone."
    )
    memo: str | None = strawberry.field(default=strawberry.UNSET, description="For staff.")
    statement_memo: str | None = strawberry.field(
        default=strawberry.UNSET, description="Printed on the client's statement."
    )
    attendance_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The session paid for first. The rest goes to the oldest open charges, then to credit.",
    )
    allocations: list[PaymentAllocationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Exact distribution, instead of the rule above."
    )
    idempotency_key: str = strawberry.field(description="Required: a payment sent twice must be taken once.")


@shape()
class AcceptPaymentPayload:
    """The payment is taken."""

    payment: Payment = given("The new payment.")
    client: Client = given("Who paid.")
    attendances: list[Attendance] = given_visible("Sessions whose balance it changed.")


@shape()
class CardDeclined(Problem):
    """The card was not charged."""

    decline_code: str = given("The processor's code, such as insufficient_funds.")


AcceptPaymentResult = Annotated[
    AcceptPaymentPayload | CardDeclined | InvalidInput | IdempotencyConflict,
    strawberry.union("AcceptPaymentResult", description="What came of taking a payment."),
]


@strawberry.input(description="What to give back.")
class RefundPaymentInput:
    """What to give back."""

    payment_id: strawberry.ID = strawberry.field(description="Of which payment.")
    amount_minor: int | None = strawberry.field(
        default=strawberry.UNSET, description="Left out, all that is left of it."
    )
    reason: str | None = strawberry.field(default=strawberry.UNSET, description="For staff.")
    idempotency_key: str = strawberry.field(description="Required: a refund sent twice must be given once.")


@shape()
class RefundPaymentPayload:
    """It is given back."""

    payment: Payment = given("The payment as it is now.")
    client: Client = given("Who paid.")
    attendances: list[Attendance] = given_visible("Sessions whose balance it changed.")


RefundPaymentResult = Annotated[
    RefundPaymentPayload | CardDeclined | InvalidInput | IdempotencyConflict,
    strawberry.union("RefundPaymentResult", description="What came of giving money back."),
]


@strawberry.type
class PaymentsMutation:
    """What may be done about payments."""

    @mutation(payments.accept_payment)
    def accept_payment(self, input: AcceptPaymentInput) -> AcceptPaymentResult | None:
        """Takes money from a client."""
        raise NotImplementedError

    @mutation(payments.refund_payment)
    def refund_payment(self, input: RefundPaymentInput) -> RefundPaymentResult | None:
        """Gives money back: credit first, then what went to sessions, newest first."""
        raise NotImplementedError
