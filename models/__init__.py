"""WHAT IS TRUE: the tables, and the rules that keep them true."""

from models.appointments import Appointment
from models.attendance import Attendance
from models.audit import AuditEntry
from models.charting import (
    Addendum,
    Chart,
    ChartEntry,
    ChartNote,
    ChartRun,
    ChartRunStep,
    ChartTemplate,
    ChartWarning,
    EmergencyAccess,
    Signature,
)
from models.clients import Client, ClientProvider
from models.events import Event
from models.groups import Group, GroupMembership, GroupShare
from models.idempotency import IdempotencyKey
from models.payments import Payment, PaymentAllocation
from models.practice import Practice, Provider, ServiceCode, SignIn, SignInThrottle, User

__all__ = [
    "Addendum",
    "Appointment",
    "Attendance",
    "AuditEntry",
    "Chart",
    "ChartEntry",
    "ChartNote",
    "ChartRun",
    "ChartRunStep",
    "ChartTemplate",
    "ChartWarning",
    "Client",
    "ClientProvider",
    "EmergencyAccess",
    "Event",
    "Group",
    "GroupMembership",
    "GroupShare",
    "IdempotencyKey",
    "Payment",
    "PaymentAllocation",
    "Practice",
    "Provider",
    "ServiceCode",
    "SignIn",
    "SignInThrottle",
    "Signature",
    "User",
]
