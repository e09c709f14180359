"""Plans are kept: a document is compiled once for each kind of viewer, and never for one viewer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_PLANS = 1000
# Characters of SQL. With the document that its arguments are read from, a plan takes about eight times as many bytes.
MOST_SQL = 8_000_000


class Plans(Generic[T]):
    """A bounded cache: the keys hold the viewer's scope, and nothing in it holds a viewer."""

    def __init__(self, most: int = MOST_PLANS, weigh: Callable[[T], int] = lambda _: 0) -> None:
        """Begin empty; what `weigh` says of all that is kept goes no higher than `MOST_SQL`."""
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        """Say how many are kept."""
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give the plan under the key, making it first where there is none; the longest unused ones go."""
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = make()
            self._weight += self._weigh(kept)
            while len(self._kept) > self._most or (self._weight > MOST_SQL and len(self._kept) > 1):
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
        else:
            self._kept.move_to_end(key)
        return kept
