"""What a resolver knows about the request it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from models.audit import AuditChannel
from resolvers.viewer import Viewer

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

Info: TypeAlias = "GraphQLResolveInfo[Context]"
"""What graphql-core says of the field that is being executed."""


@dataclass(slots=True)
class Context:
    """One operation's viewer and connection, and what signing in or out asks of the transport."""

    viewer: Viewer | None
    """Freshly checked for this operation; None when nobody is signed in."""
    address: str
    """Where the request came from, for slowing down password guessing; empty where the server does not know."""
    secure: bool
    """Whether the request came over TLS, so that a cookie may demand it."""
    channel: AuditChannel = AuditChannel.HTTP
    """Which way the operation came, for the log of audit."""
    idle_seconds: int | None = None
    """After how long without a request a browser that signs in is signed out; None where it never is."""
    can_set_cookie: bool = True
    """False over sockets and for pages of another origin: sign-in then has only the token of its payload to give."""
    set_cookie: str | None = None
    """A sign-in puts its token here; the answer carries it as a cookie that scripts cannot read."""
    forget_cookie: bool = False
    """A sign-out sets it; the answer then takes the cookie back."""
