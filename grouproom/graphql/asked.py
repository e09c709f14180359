"""What a request asks, once its shape is known to be right: for bodies, addresses and socket messages alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from grouproom.graphql.errors import refusal

DEEPEST_JSON = 64
"""Levels of lists and objects in variables: no input of the schema comes near, and what follows may recurse."""

_PARAMETERS = {"query", "variables", "operationName", "extensions"}


class Asked(NamedTuple):
    """A GraphQL request: a document, or with a persisted one only its hash in `extensions`."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


def parse_json(data: bytes | str) -> Any:
    """Read JSON as RFC 8259 has it: UTF-8, no NaN, no number beyond a double, at most 1,024 levels."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise refusal("The request is not valid JSON in UTF-8.", status=400) from error


def asked(request: object) -> Asked:
    """Check the shape of a request that came as JSON."""
    if isinstance(request, list):
        raise refusal("Batches are not supported: send one operation in a request.", status=400)
    if not isinstance(request, dict):
        raise refusal("The request must be a JSON object.", status=400)
    query, variables = request.get("query"), request.get("variables")
    operation_name, extensions = request.get("operationName"), request.get("extensions")
    if not isinstance(query, str | None):
        raise refusal("`query` must be a string.", status=400)
    if not isinstance(variables, dict | None):
        raise refusal("`variables` must be an object or null.", status=400)
    if not isinstance(operation_name, str | None):
        raise refusal("`operationName` must be a string or null.", status=400)
    if not isinstance(extensions, dict | None):
        raise refusal("`extensions` must be an object or null.", status=400)
    if query is None and (extensions or {}).get("persistedQuery") is None:
        raise refusal("`query` is missing.", status=400)
    return Asked(query, variables, operation_name, extensions)


def asked_by_address(query_string: bytes) -> Asked:
    """Check the shape of a GET request, whose variables and extensions are JSON inside the address."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError as error:
        raise refusal("The address is not percent-encoded UTF-8.", status=400) from error
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise refusal(f"`{name}` is given more than once.", status=400)
        if name in _PARAMETERS and (value or name == "query"):
            given[name] = parse_json(value) if name in {"variables", "extensions"} else value
    return asked(given)


def check_values(variables: Mapping[str, Any]) -> None:
    """Refuse what no field takes and some code further in would choke on: deep nesting, and U+0000 in a text.

    PostgreSQL cannot store U+0000. Level by level, so that a million numbers cost no million stack entries.
    """
    level: list[Any] = [variables]
    for _ in range(DEEPEST_JSON):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, str) and "\0" in value:
                raise refusal("A text may not hold the character U+0000.", status=400)
        if not below:
            return
        level = below
    raise refusal(f"`variables` may nest at most {DEEPEST_JSON} levels deep.", status=400)
