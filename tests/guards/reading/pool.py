"""What random documents ask with: names, ids of all sorts, sizes, and cursors that answers held."""

from __future__ import annotations

import random
from typing import Any

from tests.guards.reading.scene import Scene

TEXTS = ("an", "AN", "gri", "GRIEF", "ang", "Ångs", "el", "o'b", "O’B", "str", "mgg", "m", "", "  ", "ng  a", "ss", "ı")
ODD_TEXTS = ("%", "_", "100%", '"', "\\", "'", "\n", "n, b", "da\u0000", "東", "zz4eign", "unspoken", "😀", "u" * 300)
JUNK_IDS = ("", "x", "grp_", "clt_0", "grp_" + "A" * 32, "grp_" + "0" * 32, "clt_" + "0" * 32, "abc_" + "0" * 32)
JUNK_CURSORS = ("", "zz", "5b5d", "7b7d", "5b2261222c2262225d", "5b312c325d")
SIZES = (1, 2, 3, 5, 20, 100)
BAD_SIZES = (0, -1, 101, 2_000_000_000)


class Pool:
    """The values that arguments are drawn from: ids that are there, and cursors that answers held."""

    def __init__(self, scene: Scene) -> None:
        self.ours = {prefix: [f"{prefix}_{i.hex}" for i in ids] for prefix, ids in scene.ids.items()}
        self.theirs = {prefix: [f"{prefix}_{i.hex}" for i in ids] for prefix, ids in scene.foreign.items()}
        self.cursors: list[str] = []

    def id(self, rng: random.Random, prefix: str | None) -> str:
        """Give an id: mostly of that type and of this practice."""
        luck = rng.random()
        if luck < 0.06:
            return rng.choice(JUNK_IDS)
        prefixes = sorted(self.ours)
        kind = rng.choice(prefixes) if prefix is None or luck < 0.12 else prefix
        return rng.choice((self.theirs if luck > 0.9 else self.ours)[kind])

    def value(self, rng: random.Random, purpose: str) -> Any:  # noqa: PLR0911 - one return for each kind of value
        match purpose.partition(":")[::2]:
            case "id", prefix:
                return self.id(rng, prefix or None)
            case "ids", _:
                many = 101 if rng.random() < 0.04 else rng.randrange(7)
                return [self.id(rng, None) for _ in range(many)]
            case "text", _:
                return rng.choice(ODD_TEXTS if rng.random() < 0.25 else TEXTS)
            case "first", _:
                return rng.choice(BAD_SIZES if rng.random() < 0.05 else SIZES)
            case "after", _:
                known = self.cursors and rng.random() < 0.9
                return rng.choice(self.cursors if known else JUNK_CURSORS)
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
