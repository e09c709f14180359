"""WHAT IS SAID: the shapes of the graph. Nothing is decided here."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig

import resolvers.appointments.meanings
import resolvers.appointments.streams
import resolvers.attendance
import resolvers.audit
import resolvers.charting.emergency
import resolvers.charting.meanings
import resolvers.clients
import resolvers.groups
import resolvers.payments
import resolvers.practice.meanings
import resolvers.search  # noqa: F401 - their meanings are found by name
from schema.appointments import AppointmentsMutation, AppointmentsQuery, AppointmentsSubscription
from schema.attendance import AttendanceMutation
from schema.audit import AuditQuery
from schema.binding import bind
from schema.charting.asking import ChartingQuery, ChartingSubscription
from schema.charting.doing import ChartingMutation
from schema.charting.emergency import EmergencyMutation, EmergencyQuery
from schema.clients import ClientsMutation, ClientsQuery
from schema.groups import GroupsMutation, GroupsQuery
from schema.payments import PaymentsMutation
from schema.practice import PracticeMutation, PracticeQuery
from schema.reads import Reader
from schema.scalars import SCALARS
from schema.search import SearchQuery
from schema.signing import SigningMutation


@strawberry.type(description="What may be asked. Everything is cut to what the viewer may see.")
class Query(
    PracticeQuery, SearchQuery, EmergencyQuery, ChartingQuery, AppointmentsQuery, GroupsQuery, ClientsQuery, AuditQuery
):
    """What may be asked."""


@strawberry.type(description="What may be done. Each answers with a union of its payload and its problems.")
class Mutation(
    SigningMutation,
    ClientsMutation,
    GroupsMutation,
    PracticeMutation,
    AppointmentsMutation,
    AttendanceMutation,
    PaymentsMutation,
    ChartingMutation,
    EmergencyMutation,
):
    """What may be done."""


@strawberry.type(description="What may be followed. Each event is cut to what the viewer may see at that moment.")
class Subscription(AppointmentsSubscription, ChartingSubscription):
    """What may be followed."""


def build_schema(extensions: list[Any] | None = None) -> tuple[Schema, Reader]:
    """Build the schema with its resolvers, and give the reader that they share."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=extensions or [],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    return schema, bind(schema)
