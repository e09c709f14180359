"""Which media types a request and its answer have."""

from __future__ import annotations

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


def answered_in(accept: str | None) -> str | None:
    """Choose between the two media types of GraphQL over HTTP; None where the client takes neither.

    The newer one only where it is named: to a client that takes anything, application/json is what was always sent.
    """
    if not accept or not accept.strip():
        return JSON
    wanted = dict(_range(entry) for entry in accept.split(","))
    plain = _quality(JSON, wanted)
    if GRAPHQL in wanted:
        newer = wanted[GRAPHQL]
        return GRAPHQL if newer > 0 and newer >= plain else JSON if plain > 0 else None
    return JSON if plain > 0 else None


def is_json(content_type: str | None) -> bool:
    """Whether a body is declared to be JSON in UTF-8, the only thing a page of another origin cannot send unasked."""
    kind, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charsets = [parameter.partition("=")[2].strip('" ') for parameter in parameters if parameter.startswith("charset=")]
    return kind == JSON and all(charset in {"utf-8", "utf8"} for charset in charsets)


def _range(entry: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in entry.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return kind, float(parameter[2:])
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _quality(kind: str, wanted: dict[str, float]) -> float:
    for known in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if known in wanted:
            return wanted[known]
    return 0.0
