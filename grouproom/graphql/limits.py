"""The most that one document may hold and one operation may ask."""

from __future__ import annotations

from dataclasses import dataclass

from models.problems import TooComplex


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts beyond which a document is TOO_COMPLEX."""

    characters: int = 200_000
    tokens: int = 4_000
    depth: int = 20
    fields: int = 500
    aliases: int = 50
    repeats: int = 50
    """Of a response name within its own braces: merging them is what makes validation slow."""
    directives: int = 50
    fragments: int = 60
    roots: int = 20
    mutations: int = 10
    """Root fields of a mutation, so that one request is no more than ten guesses at anything."""
    values: int = 50_000
    """Values in the answer, with lists at the size asked or their usual one."""


def within(what: str, count: int, limit: int) -> None:
    """Raise TooComplex where there is more than `limit` of something."""
    if count > limit:
        raise TooComplex(f"The document asks for too much: more than {limit} {what}. Split it.")
