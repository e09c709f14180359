"""What a careful reviewer would point at before anybody signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from models.charting.notes import ChartWarningKind
from models.clients import Client
from models.richtext import words
from models.text import fold, fold_all

# Two texts that share nine of ten words are the same.
NEARLY = 0.9
SHORTEST_NAME = 2
SHORTEST_NUMBER = 7
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_DIGITS = re.compile(r"\d[\d ().\-/\u2010-\u2015]*\d")
# What is in a text and not seen, such as the hyphen that only shows at the end of a line.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One warning, and whose note it is about; none where it is about all."""

    kind: ChartWarningKind
    message: str
    client: UUID | None = None


def find(*, group: bool, shared: str, own: Mapping[UUID, str], roster: Iterable[Client], limit: int) -> list[Found]:
    """Find everything to point at in a chart: `own` holds the part of each client who attended."""
    if not group:
        return []
    members = {client.id: _Member.of(client) for client in roster}
    found = []
    if len(own) > limit:
        found.append(
            Found(ChartWarningKind.GROUP_TOO_LARGE, f"{len(own)} clients attended; the practice's limit is {limit}.")
        )
    to_all = _Said.of(shared)
    for identifier, member in members.items():
        if any(other != identifier for other in own) and member.is_identified(to_all):
            message = f"The group notes, which go into everyone's record, identify {member.name}."
            found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message))
    spoken = {client: _Said.of(text) for client, text in own.items()}
    for client, said in spoken.items():
        for identifier, member in members.items():
            if identifier != client and member.is_identified(said):
                message = f"The notes for {members[client].name} identify {member.name}."
                found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message, client))
    return found + _not_individualized(spoken, members)


def _not_individualized(spoken: Mapping[UUID, _Said], members: Mapping[UUID, _Member]) -> list[Found]:
    found = []
    # A text that was copied from one client to the next has another name in it.
    parts = {client: said.words - members[client].parts for client, said in spoken.items()}
    for client, said in parts.items():
        if not said:
            message = f"There is nothing of their own in the note of {members[client].name}."
            found.append(Found(ChartWarningKind.NOT_INDIVIDUALIZED, message, client))
        elif any(other != client and _same(said, theirs) for other, theirs in parts.items()):
            message = f"The notes for {members[client].name} are the same as another member's."
            found.append(Found(ChartWarningKind.NOT_INDIVIDUALIZED, message, client))
    return found


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer, more = sorted((len(one), len(other)))
    return 0 < fewer >= NEARLY * more and len(one & other) >= NEARLY * len(one | other)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says, once for all who are looked for in it."""

    folded: str
    words: frozenset[str]
    pieces: frozenset[str]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Said:
        """Read a rich text."""
        said = _UNSEEN.sub("", words(text))
        folded = fold_all(said)
        spoken = frozenset(word.removesuffix("'s") for word in _WORD.findall(folded))
        pieces = frozenset(piece for word in spoken for piece in re.split("['-]", word))
        return cls(folded, spoken, pieces, tuple(_digits(number) for number in _DIGITS.findall(said)))


@dataclass(frozen=True, slots=True)
class _Member:
    """What identifies somebody: names, mail address and phone number."""

    name: str
    names: tuple[str, ...]
    parts: frozenset[str]
    email: str
    number: str

    @classmethod
    def of(cls, client: Client) -> _Member:
        """Take it from a client's record."""
        called = (client.first_name, client.last_name, client.preferred_name or "")
        names = tuple(name for name in map(fold, called) if len(name) >= SHORTEST_NAME)
        digits = _digits(client.phone or "")
        return cls(
            client.name,
            names,
            frozenset(part for name in names for part in _WORD.findall(name)),
            fold(client.email or ""),
            digits[-SHORTEST_NUMBER:] if len(digits) >= SHORTEST_NUMBER else "",
        )

    def is_identified(self, said: _Said) -> bool:
        """Whether the text holds any of it."""
        if any(_is_spoken(name, said) for name in self.names):
            return True
        if self.email and self.email in said.folded:
            return True
        return bool(self.number) and any(self.number in number for number in said.numbers)


def _is_spoken(name: str, said: _Said) -> bool:
    if not name.isascii():
        # Many scripts put no space between words, or bend a name's end.
        return name in said.folded
    parts = _WORD.findall(name)
    if len(parts) == 1:
        return parts[0] in said.words or parts[0] in said.pieces
    return bool(parts) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said.folded) is not None


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
