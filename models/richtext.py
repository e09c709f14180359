"""Rich text: a small subset of HTML, cleaned on the way in and given back byte for byte."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import nh3

from models.problems import InvalidInput

LONGEST = 100_000
_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li"}
_TAGS = _BLOCKS | {"strong", "em", "u", "small", "br"}
_INDENTS = {f"indent-{n}" for n in range(1, 9)}
_MARKUP = re.compile(r"<[^>]*>")
_BETWEEN = re.compile(r"</(?:p|li|h[1-6]|ul|ol)>|<br>")
# The cleaner settles in one pass on all that people write; what moves on after three is not text.
_PASSES = 3

_cleaner = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "iframe", "template", "noscript", "title", "textarea"},
    attributes={tag: {"class"} for tag in _BLOCKS},
    attribute_filter=lambda _tag, _name, value: value if value in _INDENTS else None,
    strip_comments=True,
    link_rel=None,
)


def clean(path: str, text: str | None) -> str:
    """Give the text with nothing in it but what is allowed; without any words it is ""."""
    if not text:
        return ""
    if len(text) > LONGEST:
        raise InvalidInput({path: f"A text has at most {LONGEST} characters."})
    cleaned = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    for _ in range(_PASSES):
        before, cleaned = cleaned, _cleaner.clean(cleaned)
        if cleaned == before:
            break
    else:
        if _cleaner.clean(cleaned) != cleaned:
            raise InvalidInput({path: "This text cannot be understood."})
    if len(cleaned) > LONGEST:
        raise InvalidInput({path: f"A text has at most {LONGEST} characters."})
    return cleaned if words(cleaned) else ""


def words(text: str) -> str:
    """Give what a rich text says, without its markup, in single spaces."""
    return " ".join(unescape(_MARKUP.sub("", _BETWEEN.sub(" ", text))).split())
