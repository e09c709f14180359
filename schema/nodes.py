"""Anything with an id of its own."""

from __future__ import annotations

import strawberry

from schema.fields import column


@strawberry.interface(description="Anything with a globally unique id that `node` can fetch again.")
class Node:
    """Anything with a globally unique id that `node` can fetch again."""

    id: strawberry.ID = column("id", "Opaque, and unique over all types.")
