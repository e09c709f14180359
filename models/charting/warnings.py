"""What a careful reviewer would point at before anybody signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from models.charting.notes import ChartWarningKind
from models.clients import Client
from models.richtext import words
from models.text import fold

# Two texts that share nine of ten words are the same but for a name.
NEARLY = 0.9
SHORTEST_NAME = 2
SHORTEST_NUMBER = 7
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_DIGITS = re.compile(r"\d[\d ().\-/]*\d")


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
    members = list(roster)
    named = {client.id: client for client in members}
    found = []
    if len(own) > limit:
        found.append(
            Found(ChartWarningKind.GROUP_TOO_LARGE, f"{len(own)} clients attended; the practice's limit is {limit}.")
        )
    for member in members:
        if any(other != member.id for other in own) and _identifies(shared, member):
            message = f"The group notes, which go into everyone's record, identify {member.name}."
            found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message))
    for client, text in own.items():
        for member in members:
            if member.id != client and _identifies(text, member):
                message = f"The notes for {named[client].name} identify {member.name}."
                found.append(Found(ChartWarningKind.NAMES_ANOTHER_MEMBER, message, client))
    return found + _not_individualized(own, named)


def _not_individualized(own: Mapping[UUID, str], named: Mapping[UUID, Client]) -> list[Found]:
    found = []
    spoken = {client: set(_WORD.findall(fold_all(words(text)))) for client, text in own.items()}
    for client, said in spoken.items():
        if not said:
            message = f"There is nothing of their own in the note of {named[client].name}."
            found.append(Found(ChartWarningKind.NOT_INDIVIDUALIZED, message, client))
        elif any(other != client and _same(said, theirs) for other, theirs in spoken.items()):
            message = f"The notes for {named[client].name} are the same as another member's."
            found.append(Found(ChartWarningKind.NOT_INDIVIDUALIZED, message, client))
    return found


def _same(one: set[str], other: set[str]) -> bool:
    return bool(other) and len(one & other) >= NEARLY * len(one | other)


def fold_all(text: str) -> str:
    """Fold a text of any length, piece by piece."""
    return " ".join(fold(piece) for piece in re.findall(r"\S+", text))


def _identifies(text: str, client: Client) -> bool:
    said = words(text)
    folded = fold_all(said)
    spoken = set(_WORD.findall(folded))
    names = {fold(n) for n in (client.first_name, client.last_name, client.preferred_name or "") if n}
    if any(_spoken(name, spoken, folded) for name in names if len(name) >= SHORTEST_NAME):
        return True
    if client.email and fold(client.email) in folded:
        return True
    number = _number(client.phone or "")
    return bool(number) and any(number in _number(digits) for digits in _DIGITS.findall(said))


def _spoken(name: str, spoken: set[str], folded: str) -> bool:
    parts = _WORD.findall(name)
    if len(parts) == 1:
        return parts[0] in spoken or f"{parts[0]}'s" in spoken
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) is not None


def _number(text: str) -> str:
    digits = "".join(c for c in text if c.isdigit())
    return digits[-SHORTEST_NUMBER:] if len(digits) >= SHORTEST_NUMBER else ""
