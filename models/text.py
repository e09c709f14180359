"""Text as people type it: what may be stored, and how two spellings are found to be the same."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent, though people type them so.
_UNACCENTED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n", "’": "'", "‘": "'"}
)


def fold(text: str) -> str:
    """Give the spelling by which names are searched and sorted: no case, no accents, single spaces.

    It is stored beside the name, because neither database folds all of Unicode, and not in the same way.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", bare.translate(_UNACCENTED)).split())


def tidy(text: str) -> str:
    """Give a single line without surrounding or doubled space, in Unicode's composed form."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_printable(text: str) -> bool:
    """Whether the text has no control characters, lone surrogates or unassigned code points."""
    return not any(unicodedata.category(c) in {"Cc", "Cs", "Cn", "Co"} for c in text)
