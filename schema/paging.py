"""Lists that grow, a page at a time."""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.enum(description="Which end of time comes first.")
class TimeOrder(Enum):
    """Which end of time comes first."""

    EARLIEST_FIRST = strawberry.enum_value("EARLIEST_FIRST", description="The oldest first.")
    LATEST_FIRST = strawberry.enum_value("LATEST_FIRST", description="The newest first.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is something before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last row: pass it as `after` for the next page."
    )


@strawberry.type(description="A row in a list, and its place.")
class Edge(Generic[T]):
    """A row in a list, and its place."""

    cursor: str = strawberry.field(description="Opaque; it grants nothing.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list that the viewer may see.")
class Connection(Generic[T]):
    """A page of a list that the viewer may see."""

    edges: list[Edge[T]] = strawberry.field(description="The rows of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    total_count: int = strawberry.field(description="How many rows there are on all pages.")
