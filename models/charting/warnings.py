"""What a careful reviewer would point at before anybody signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
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
_DIGITS = re.compile(r"\d[\d ().,\-/\u2010-\u2015]*\d")
# What is in a text and not seen, such as the hyphen that only shows at the end of a line.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class _Shapes(dict[int, str]):
    """What each character is: `u` and `l` letters, `d` a digit, an apostrophe, or anything else."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        letter = ("u" if char.isupper() else "l") if char.isalpha() else "."
        self[code] = shape = "d" if char.isdigit() else "'" if char in "'\u2018\u2019" else letter
        return shape


_SHAPES = _Shapes()
# Where names were run together, in the shape of a text: GraceLiu, GRACELiu, Grace2; but not EdD, MEd or iPad.
_SEAM = re.compile("(?<=[ul])(?=d)|(?<=d)(?=[ul])|(?<=[ul]l)(?=u[ul'])|(?<=uu)(?=ull)")
# What is one name with what follows: nobody means Donald by McDonald.
_BOUND = ("Mc", "Mac")


def _apart(text: str) -> str:
    """Put a space where a change of case or a digit ends a word."""
    composed = unicodedata.normalize("NFC", text)
    seams = (seam.start() for seam in _SEAM.finditer(composed.translate(_SHAPES)))
    ends = [end for end in seams if not composed.endswith(_BOUND, 0, end)]
    return " ".join(composed[begin:end] for begin, end in pairwise([0, *ends, len(composed)]))


@dataclass(frozen=True, slots=True)
class Found:
    """One warning, whose note it is about, none where it is about all, and whom else it names."""

    kind: ChartWarningKind
    message: str
    client: UUID | None = None
    named: UUID | None = None


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
            found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message, named=identifier))
    spoken = {client: _Said.of(text) for client, text in own.items()}
    for client, said in spoken.items():
        for identifier, member in members.items():
            if identifier != client and member.is_identified(said):
                message = f"The notes for {members[client].name} identify {member.name}."
                found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message, client, identifier))
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
    apart: str
    words: frozenset[str]
    pieces: frozenset[str]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Said:
        """Read a rich text."""
        said = _UNSEEN.sub("", words(text))
        folded, apart = fold_all(said), fold_all(_apart(said))
        spoken, parted = _words_of(folded), _words_of(apart)
        pieces = parted.union(piece for word in spoken | parted for piece in re.split("['-]", word))
        return cls(folded, apart, spoken, pieces, tuple(_digits(number) for number in _DIGITS.findall(said)))


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
        # DeShawn is taken apart in a text like any two words.
        parted = tuple(name for name in map(fold, map(_apart, called)) if " " in name)
        digits = _digits(client.phone or "")
        return cls(
            client.name,
            tuple(dict.fromkeys(names + parted)),
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
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return bool(parts) and any(whole.search(text) for text in (said.folded, said.apart))


def _words_of(folded: str) -> frozenset[str]:
    return frozenset(word.removesuffix("'s") for word in _WORD.findall(folded))


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
