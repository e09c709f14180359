"""Rich text: a small subset of HTML, cleaned on the way in and given back byte for byte."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import nh3

from models.problems import InvalidInput

LONGEST = 100_000
_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li"}
_TAGS = _BLOCKS | {"strong", "em", "u", "small", "br"}
_INDENTS = {f"indent-{n}" for n in range(1, 9)}
_MARKUP = re.compile(r"<[^>]*>")
_BLOCK = r"(?:p|li|h[1-6]|ul|ol)"
_BETWEEN = re.compile(rf"</?{_BLOCK}(?: [^>]*)?>|<br>")
_ENDS_A_LINE = re.compile(rf"(?:</{_BLOCK}>|<br>)\s*$")
_BEGINS_A_LINE = re.compile(rf"\s*<(?:{_BLOCK}|br)[ >]")
# No text that people write nests deeper, and the time of a parser grows with the square of the depth.
_DEEPEST = 100
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# What ends by itself where the next begins, or holds nothing.
_FLAT = {
    *("p", "li", "dd", "dt", "option", "tr", "td", "th"),
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
}
# Control characters but for the tab and the line end, and lone surrogates.
_UNSHOWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
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
    shown = _shown(text)
    if _is_too_deep(shown):
        raise InvalidInput({path: "This text nests too deeply."})
    cleaned = _pass(shown)
    for _ in range(_PASSES):
        before, cleaned = cleaned, _pass(cleaned)
        if cleaned == before:
            break
    else:
        raise InvalidInput({path: "This text cannot be understood."})
    if len(cleaned) > LONGEST:
        raise InvalidInput({path: f"A text has at most {LONGEST} characters."})
    return cleaned if words(cleaned) else ""


def _pass(text: str) -> str:
    # What cannot be shown may be spelled as an entity too.
    return _shown(_cleaner.clean(text))


def _shown(text: str) -> str:
    return _UNSHOWN.sub("", text)


def words(text: str) -> str:
    """Give what a rich text says, without its markup, in single spaces."""
    return " ".join(unescape(_MARKUP.sub("", _BETWEEN.sub(" ", text))).split())


def joined(*parts: str) -> str:
    """Put cleaned texts together as one document; where both sides of a seam are within a line, the line ends there."""
    whole = ""
    for part in parts:
        within = whole and part and not _ENDS_A_LINE.search(whole) and not _BEGINS_A_LINE.match(part)
        whole += f"<br>{part}" if within else part
    return whole


def _is_too_deep(text: str) -> bool:
    still_open: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name in _FLAT:
            continue
        if not tag[1]:
            still_open[name] += 1
            depth += 1
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False
