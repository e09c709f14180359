"""The practice: who works here, what they charge, and who is signed in."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from babel.numbers import format_currency, get_currency_precision

import models
from models.practice import Role as Roles
from models.practice import ServiceCodeKind as Kinds
from resolvers.practice import service_codes
from schema.fields import IDEMPOTENCY_KEY, column, computed, fact, given, many, mutation, one, shape, sole, value
from schema.nodes import Node
from schema.problems import IdempotencyConflict, InvalidInput, Problem

if TYPE_CHECKING:
    from schema.charting.shapes import ChartTemplate, ChartTemplateKind
    from schema.clients import Client


@strawberry.enum(description="What a person may do in the practice.")
class Role(Enum):
    """What a person may do in the practice."""

    OWNER = strawberry.enum_value(Roles.OWNER.value, description="Runs the practice.")
    MANAGER = strawberry.enum_value(
        Roles.MANAGER.value, description="Runs the practice for the owner, with the same rights."
    )
    PROVIDER = strawberry.enum_value(Roles.PROVIDER.value, description="A clinician: sees own clients and groups.")
    SCHEDULER = strawberry.enum_value(
        Roles.SCHEDULER.value, description="The front office: books every calendar, reads no notes."
    )
    BILLER = strawberry.enum_value(Roles.BILLER.value, description="Takes payments; knows groups by their initials.")
    CLIENT = strawberry.enum_value(
        Roles.CLIENT.value, description="A client in the portal or the mobile app: sees own records only."
    )


@strawberry.enum(description="Where a code comes from, and so whether it may go on a claim.")
class ServiceCodeKind(Enum):
    """Where a code comes from, and so whether it may go on a claim."""

    STANDARD = strawberry.enum_value(Kinds.STANDARD.value, description="A CPT code that may go on a claim.")
    ADD_ON = strawberry.enum_value(Kinds.ADD_ON.value, description="A CPT code used beside a standard one.")
    CUSTOM = strawberry.enum_value(Kinds.CUSTOM.value, description="A code of the practice's own; never on a claim.")
    SYSTEM = strawberry.enum_value(Kinds.SYSTEM.value, description="No show and late cancel; never on a claim.")


def formatted(minor: str, currency: str) -> str:
    """Write an amount for people, such as $125.00."""
    exponent = get_currency_precision(currency)
    return str(format_currency(int(minor) / 10**exponent, currency, locale="en_US"))


@shape()
class Money:
    """An exact amount."""

    amount_minor: int = column("minor", "In the currency's minor unit: 12500 is $125.00.")
    currency: str = column("currency", "ISO 4217, such as USD.")
    formatted: str = computed(formatted, "minor", "currency", description="For people: $125.00.")


@shape(models.ServiceCode, "svc")
class ServiceCode(Node):
    """What a session is charged as: a CPT code, or one of the practice's own."""

    code: str = column("code", "Such as 90853.")
    label: str = column("label", "The practice's own wording.")
    kind: ServiceCodeKind = column("kind", "Where it comes from.")
    fee: Money = value("What a session of this code costs, unless overridden for one session.")
    duration_minutes: int = column("duration_minutes", "How long a session of this code lasts, in minutes.")
    active: bool = column("active", "Whether it can be chosen for new sessions.")


@shape(models.Provider, "prv")
class Provider(Node):
    """A clinician with a calendar."""

    name: str = column("name", "As clients know them.")
    credentials: str | None = column("credentials", "Printed behind a signature, such as LCSW.")
    active: bool = column("active", "Whether they still work here.")
    viewer_can_schedule: bool = fact("Whether the viewer may put appointments on this provider's calendar.")


@shape(models.Practice, "prc")
class Practice(Node):
    """The practice in which the viewer works or is a client."""

    name: str = column("name", "As it is known.")
    time_zone: str = column("time_zone", "IANA name, such as America/Chicago. Calendars are drawn in it.")
    currency: str = column("currency", "ISO 4217, such as USD.")
    group_size_limit: int = column(
        "group_size_limit", "Notes of a larger group carry the warning GROUP_TOO_LARGE. 12 unless changed."
    )

    @many
    def providers(
        self, active: Annotated[bool | None, strawberry.argument(description="Null is both.")] = True
    ) -> list[Provider]:
        """Those with a calendar, by name."""
        raise NotImplementedError

    @many
    def service_codes(
        self,
        kinds: Annotated[
            list[ServiceCodeKind] | None, strawberry.argument(description="Left out, of every kind.")
        ] = strawberry.UNSET,
        active: Annotated[bool | None, strawberry.argument(description="Null is both.")] = True,
    ) -> list[ServiceCode]:
        """What may be charged, by code."""
        raise NotImplementedError

    @many
    def chart_templates(
        self,
        kinds: Annotated[
            list[Annotated[ChartTemplateKind, strawberry.lazy("schema.charting.shapes")]] | None,
            strawberry.argument(description="Left out, of every kind."),
        ] = strawberry.UNSET,
        active: Annotated[bool | None, strawberry.argument(description="Null is both.")] = True,
    ) -> list[Annotated[ChartTemplate, strawberry.lazy("schema.charting.shapes")]]:
        """What charts may begin with, by name."""
        raise NotImplementedError


def roles(written: str) -> list[str]:
    """Give the roles that are kept in one text."""
    return written.split()


@shape(models.User, "usr")
class Viewer:
    """The person signed in."""

    id: strawberry.ID = column("id", "Opaque.")
    name: str = column("name", "As they are known.")
    email: str = column("email", "The address they sign in with.")
    roles: list[Role] = computed(roles, "roles", description="All that they are.")
    practice: Practice = one("practice_id", "Where they work or are a client.")
    provider: Provider | None = one("provider_id", "Set when the viewer is a clinician.")
    client: Annotated[Client, strawberry.lazy("schema.clients")] | None = one(
        "client_id", "Set when the viewer is a client."
    )


@strawberry.type
class PracticeQuery:
    """What may be asked of the practice."""

    @sole
    def viewer(self) -> Viewer | None:
        """Null when nobody is signed in."""
        raise NotImplementedError


@strawberry.input(description="Who signs in.")
class SignInInput:
    """Who signs in."""

    email: str = strawberry.field(description="The address, in any case.")
    password: str = strawberry.field(description="The password.")
    cookie_only: bool = strawberry.field(
        default=False, description="For browsers: set the HttpOnly cookie and keep the token out of JavaScript."
    )


@shape()
class SignInPayload:
    """Signed in."""

    viewer: Viewer = given("The person signed in.")
    token: str | None = given("For clients that send `Authorization: Bearer`. Null with `cookieOnly`.")
    expires_at: datetime = given("When the sign-in ends by itself.")


@shape()
class WrongCredentials(Problem):
    """Address and password do not belong together."""


SignInResult = Annotated[
    SignInPayload | WrongCredentials, strawberry.union("SignInResult", description="What came of signing in.")
]


@strawberry.input(description="A new code.")
class CreateServiceCodeInput:
    """A new code."""

    code: str = strawberry.field(description="Such as 90853; once in the practice.")
    label: str = strawberry.field(description="The practice's own wording.")
    kind: ServiceCodeKind = strawberry.field(default=ServiceCodeKind.CUSTOM, description="Where it comes from.")
    fee_minor: int = strawberry.field(description="In minor units: 12500 is $125.00.")
    duration_minutes: int = strawberry.field(default=60, description="How long a session lasts, in minutes.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class CreateServiceCodePayload:
    """The code is there."""

    service_code: ServiceCode = given("The new code.")


CreateServiceCodeResult = Annotated[
    CreateServiceCodePayload | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateServiceCodeResult", description="What came of adding a code."),
]


@strawberry.input(description="What changes about a code; what is charged already stays.")
class UpdateServiceCodeInput:
    """What changes about a code."""

    id: strawberry.ID = strawberry.field(description="The code.")
    label: str | None = strawberry.field(default=strawberry.UNSET, description="The practice's own wording.")
    fee_minor: int | None = strawberry.field(default=strawberry.UNSET, description="In minor units: 12500 is $125.00.")
    duration_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="How long a session lasts, in minutes."
    )
    active: bool | None = strawberry.field(default=strawberry.UNSET, description="False puts it away.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)


@shape()
class UpdateServiceCodePayload:
    """The code is changed."""

    service_code: ServiceCode = given("The code as it is now.")


UpdateServiceCodeResult = Annotated[
    UpdateServiceCodePayload | InvalidInput | IdempotencyConflict,
    strawberry.union("UpdateServiceCodeResult", description="What came of changing a code."),
]


@strawberry.type
class PracticeMutation:
    """What may be done in the practice. Signing in and out are in `schema.signing`, as they also set cookies."""

    @mutation(service_codes.create_service_code)
    def create_service_code(self, input: CreateServiceCodeInput) -> CreateServiceCodeResult | None:
        """Adds a code to what the practice charges."""
        raise NotImplementedError

    @mutation(service_codes.update_service_code)
    def update_service_code(self, input: UpdateServiceCodeInput) -> UpdateServiceCodeResult | None:
        """Changes what a code is called and costs from now on."""
        raise NotImplementedError
