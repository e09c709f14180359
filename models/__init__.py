"""WHAT IS TRUE: the tables, and the rules that keep them true."""

from models.clients import Client, ClientProvider
from models.groups import Group, GroupMembership, GroupShare
from models.idempotency import IdempotencyKey
from models.practice import Practice, Provider, ServiceCode, SignIn, SignInThrottle, User

__all__ = [
    "Client",
    "ClientProvider",
    "Group",
    "GroupMembership",
    "GroupShare",
    "IdempotencyKey",
    "Practice",
    "Provider",
    "ServiceCode",
    "SignIn",
    "SignInThrottle",
    "User",
]
