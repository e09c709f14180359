"""A text in the making."""

from __future__ import annotations

_MOST_PIECES = 120


class Text:
    """A text in the making: literals and expressions, put together with `||`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: list[tuple[bool, str]] = []

    def say(self, literal: str) -> Text:
        """Add a literal."""
        if self._pieces and self._pieces[-1][0]:
            literal = self._pieces.pop()[1] + literal
        self._pieces.append((True, literal))
        return self

    def put(self, expression: str) -> Text:
        """Add an expression."""
        self._pieces.append((False, expression))
        return self

    def add(self, text: Text) -> Text:
        """Add all of another text."""
        for literal, piece in text._pieces:
            if literal:
                self.say(piece)
            else:
                self.put(piece)
        return self

    def sql(self) -> str:
        """Give the expression for the whole; in groups where it is long, as an expression may be 1,000 deep."""
        pieces = ["'" + said.replace("'", "''") + "'" if literal else said for literal, said in self._pieces]
        if len(pieces) <= _MOST_PIECES:
            return "||".join(pieces)
        groups = [pieces[n : n + _MOST_PIECES] for n in range(0, len(pieces), _MOST_PIECES)]
        return "||".join("(" + "||".join(group) + ")" for group in groups)
