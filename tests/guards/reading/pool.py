"""What random documents ask with: names, ids of all sorts, sizes, and cursors that answers held."""

from __future__ import annotations

import random
import re
from typing import Any

from tests.guards.reading.scene import Scene

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
TEXTS = ("an", "AN", "gri", "GRIEF", "ang", "Ångs", "el", "o'b", "O’B", "str", "mgg", "m", "", "  ", "ng  a", "ss", "ı")
ODD_TEXTS = ("%", "_", "100%", '"', "\\", "'", "\n", "n, b", "da\u0000", "東", "zz4eign", "unspoken", "😀", "u" * 300)
JUNK_IDS = ("", "x", "grp_", "clt_0", "grp_" + "A" * 32, "grp_" + "0" * 32, "clt_" + "0" * 32, "abc_" + "0" * 32)
JUNK_CURSORS = ("", "zz", "5b5d", "7b7d", "5b2261222c2262225d", "5b312c325d")
# In the stretch in which sessions are.
FROM = (
    "2024-02-20T00:00:00Z",
    "2024-03-03T15:00:00-06:00",
    "2024-03-07t15:30:00z",
    "2024-03-10T15:00:00.000001Z",
    "2024-03-15T23:59:59.999Z",
)
TO = (
    "2024-03-12T15:00:00Z",
    "2024-03-21T01:00:00+09:30",
    "2024-04-02T15:00:00Z",
    "2024-04-09T15:45:00.12Z",
    "2024-04-20T00:00:00Z",
)
# At the ends of time; two stretches of 62 days on the wall, of which one is longer by a second; and of coming sessions.
ODD_FROM = ("0001-01-01T00:00:00Z", "2024-09-15T05:00:00Z", "2190-03-01T00:00:00Z")
ODD_TO = ("9999-12-31T23:59:59Z", "2024-11-16T06:00:00Z", "2024-11-16T06:00:01Z", "2190-04-01T00:00:00Z")
ENDS = {"from": (FROM, ODD_FROM), "to": (TO, ODD_TO)}
SIZES = (1, 2, 3, 5, 20, 100)
BAD_SIZES = (0, -1, 101, 2_000_000_000)


class Pool:
    """The values that arguments are drawn from: ids that are there, and cursors that answers held."""

    def __init__(self, scene: Scene) -> None:
        self.ours = {prefix: [f"{prefix}_{i.hex}" for i in ids] for prefix, ids in scene.ids.items()}
        self.theirs = {prefix: [f"{prefix}_{i.hex}" for i in ids] for prefix, ids in scene.foreign.items()}
        self.cursors: dict[str, list[str]] = {}

    def keep(self, cursor: str, place: str) -> None:
        """Know one more cursor, and what the list is sorted by that it is of."""
        first = place.split("\0")[-2]
        key = "text" if not _DAY.match(first) else "day" if _DAY.fullmatch(first) else "moment"
        self.cursors.setdefault(key, []).append(cursor)

    def id(self, rng: random.Random, prefix: str | None) -> str:
        """Give an id: mostly of that type and of this practice."""
        luck = rng.random()
        if luck < 0.06:
            return rng.choice(JUNK_IDS)
        prefixes = sorted(self.ours)
        kind = rng.choice(prefixes) if prefix is None or luck < 0.12 else prefix
        theirs = luck > 0.9 and kind in self.theirs
        return rng.choice((self.theirs if theirs else self.ours)[kind])

    def _ids(self, rng: random.Random, prefix: str) -> list[str]:
        many = 101 if rng.random() < 0.04 else rng.randrange(7)
        if prefix and rng.random() < 0.7:
            return [rng.choice(self.ours[prefix]) for _ in range(many)]
        return [self.id(rng, prefix or None) for _ in range(many)]

    def _cursor(self, rng: random.Random, key: str) -> str:
        luck = rng.random()
        if luck < 0.1 or not self.cursors:
            return rng.choice(JUNK_CURSORS)
        fits = luck < 0.9 and key in self.cursors
        return rng.choice(self.cursors[key if fits else rng.choice(sorted(self.cursors))])

    def value(self, rng: random.Random, purpose: str) -> Any:  # noqa: PLR0911 - one return for each kind of value
        match purpose.partition(":")[::2]:
            case "id", prefix:
                return self.id(rng, prefix or None)
            case "ids", prefix:
                return self._ids(rng, prefix)
            case "from" | "to" as end, _:
                return rng.choice(ENDS[end][rng.random() < 0.15])
            case "text", _:
                return rng.choice(ODD_TEXTS if rng.random() < 0.25 else TEXTS)
            case "first", _:
                return rng.choice(BAD_SIZES if rng.random() < 0.03 else SIZES)
            case "after", key:
                return self._cursor(rng, key)
            case "flag", _:
                return rng.random() < 0.5
            case "word", words:
                return rng.choice(words.split())
            case "words", words:
                return rng.sample(words.split(), rng.randrange(3))
            case _:
                raise AssertionError(purpose)


def literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(literal(v) for v in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    written = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in written) + '"'
