"""How GraphQL is spoken: over HTTP and graphql-transport-ws, within limits, with errors from a closed list."""

from __future__ import annotations

from grouproom.graphql.http import GraphQLApp
from grouproom.graphql.limits import Limits

__all__ = ["GraphQLApp", "Limits"]
