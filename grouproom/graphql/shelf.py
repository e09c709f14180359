"""A bounded memory of what was used lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Keeps the entries used last, as many as fit in a number and in a weight."""

    def __init__(self, entries: int, weight: int) -> None:
        """Hold at most `entries` entries, of at most `weight` bytes together as their makers estimate them."""
        self._entries = entries
        self._most = weight
        self._room = weight
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def __len__(self) -> int:
        """Say how many entries are kept."""
        return len(self._kept)

    def get(self, key: str) -> T | None:
        """Take an entry down and put it back as the one used last."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: str, value: T, weight: int) -> None:
        """Keep an entry, at the cost of those not used for longest; what would push out everything is not kept."""
        if weight > self._most:
            return
        if key in self._kept:
            self._room += self._kept.pop(key)[1]
        self._kept[key] = (value, weight)
        self._room -= weight
        while self._room < 0 or len(self._kept) > self._entries:
            self._room += self._kept.popitem(last=False)[1][1]
