"""Text as people type it: what may be stored, and how two spellings are found to be the same."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent, though people type them so.
_UNACCENTED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŋ": "n",
        "’": "'",
        "‘": "'",
    }
)

_UNSEEN = {"Cc", "Cs", "Cn", "Co"}
# A letter may fold into eighteen, and an index entry of PostgreSQL holds 2,700 bytes.
LONGEST_KEY = 400
# Python sorts the accents on one letter in a time that grows by their square: 100,000 would stop everybody for half a
# minute. Nothing that is stored has so many characters, decomposed or not.
_LONGEST_TEXT = 1000


def fold(text: str) -> str:
    """Give the spelling by which names are searched and sorted: no case, no accents, single spaces.

    It is stored beside the name, because neither database folds all of Unicode, and not in the same way.
    """
    return fold_all(_squeezed(text)[:_LONGEST_TEXT])[:LONGEST_KEY]


def fold_all(text: str) -> str:
    """Give the same of a text of any length, which stands in no column."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_UNACCENTED)
    words = unicodedata.normalize("NFC", bare).split()
    return "".join(c for c in " ".join(words) if unicodedata.category(c) not in _UNSEEN)


def tidy(text: str) -> str:
    """Give a single line without surrounding or doubled space, in Unicode's composed form unless it is too long."""
    squeezed = _squeezed(text)
    return squeezed if len(squeezed) > _LONGEST_TEXT else unicodedata.normalize("NFC", squeezed)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def is_printable(text: str) -> bool:
    """Whether the text has no control characters, lone surrogates or unassigned code points."""
    return not any(unicodedata.category(c) in _UNSEEN for c in text)


def is_line(text: str, most: int) -> bool:
    """Whether the text can stand in a column of so many characters; what cannot is in none."""
    return 0 < len(text) <= most and is_printable(text)


def line(problems: dict[str, str], path: str, text: str | None, most: int, *, needed: bool = True) -> str | None:
    """Give `text` as it may be stored, None where it is empty; what is wrong with it goes into `problems`."""
    tidied = tidy(text or "")
    if not tidied:
        if needed:
            problems[path] = "This is needed."
        return None
    if len(tidied) > most:
        problems[path] = f"This has more than {most} characters."
    elif not is_printable(tidied):
        problems[path] = "This holds characters that cannot be shown."
    return tidied
