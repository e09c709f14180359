"""What each person is to see of each row of the access matrix, and whether that is what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, get_named_type

from schema import build_schema
from tests.client import Data
from tests.guards.access_matrix import ROWS, TYPES, cell_of, column_of, fields_of, type_of
from tests.guards.access_scene import POINTS, Scene

CORE = build_schema()[0]._schema

OPTIONS = {
    "attended": ["code 90837", "code 90853", None],
    "notAttended": ["code NO_SHOW", "code LATE_CANCEL", None],
}
_ASKED = {
    "Money": "{ amountMinor currency formatted }",
    "AttendanceSummary": "{ total attended missed unset confirmed charged { amountMinor } paid { amountMinor } }",
    "AttendanceOptions": "{ attended { serviceCode { id } } notAttended { serviceCode { id } } }",
}


def field_of(type_name: str, name: str) -> GraphQLField:
    """Give a field of the schema."""
    field: GraphQLField = cast("GraphQLObjectType", CORE.get_type(type_name)).fields[name]
    return field


def handle(type_name: str) -> str:
    """Give what a row of this type is told from others by: its id, where it has one."""
    return "id" if "id" in cast("GraphQLObjectType", CORE.get_type(type_name)).fields else "__typename"


def asked(type_name: str, name: str, selection: str) -> str:
    """Ask in full for what a field points to, one or several."""
    field = field_of(type_name, name)
    if get_named_type(field.type).name.endswith("Connection"):
        return f"{name}(first: 100) {{ totalCount edges {{ node {{ {selection} }} }} }}"
    return f"{name}{'(active: null)' if 'active' in field.args else ''} {{ {selection} }}"


def pointed_type(type_name: str, name: str) -> str:
    """Give the type of the rows that a field points to, or of its value."""
    return get_named_type(field_of(type_name, name).type).name.removesuffix("Connection")


def selection(type_name: str) -> str:
    """Ask for every field of a type, and of whatever it points to for what it is told by."""
    parts = []
    for name in cast("GraphQLObjectType", CORE.get_type(type_name)).fields:
        to = pointed_type(type_name, name)
        parts.append(asked(type_name, name, handle(to)) if to in TYPES.values() else f"{name} {_ASKED.get(to, '')}")
    return " ".join(parts)


def doer_of(entry: str) -> str:
    """Give who did what an entry of the log is about."""
    return entry.partition(" ")[2].partition("/")[0]


def is_known(row: str, by: str) -> bool:
    """Whether this person sees more of the row than that the time is taken: only then does another row point to it."""
    return ROWS[row][by] and column_of(row, by) != "busy"


def _told_by(row: str, scene: Scene) -> Data:
    return {"id": scene.ids[row]} if handle(type_of(row)) == "id" else {"__typename": type_of(row)}


def _is_connection(row: str, name: str) -> bool:
    return get_named_type(field_of(type_of(row), name).type).name.endswith("Connection")


def _pointed(row: str, name: str, by: str, scene: Scene) -> Any:
    pointed = POINTS[row][name]
    field = field_of(type_of(row), name)
    if isinstance(pointed, list):
        found = [_told_by(one, scene) for one in pointed if is_known(one, by)]
        if _is_connection(row, name):
            return {"totalCount": len(found), "edges": [{"node": one} for one in found]}
        return found
    if pointed is not None and is_known(pointed, by):
        return _told_by(pointed, scene)
    assert not isinstance(field.type, GraphQLNonNull), f"{by} sees {row}, and so must see its {name}"
    return None


def _counts(row: str, by: str, scene: Scene) -> Data:
    roster = [line for line in cast("list[str]", POINTS[row]["attendances"]) if line in scene.stored]
    lines = [scene.stored[line] for line in roster if ROWS[line][by]]
    outcomes = [line["outcome"] for line in lines]
    return {
        "total": len(lines),
        "attended": outcomes.count("ATTENDED"),
        "missed": len(lines) - outcomes.count("ATTENDED") - outcomes.count(None),
        "unset": outcomes.count(None),
        "confirmed": [line["confirmation"] for line in lines].count("CONFIRMED"),
        "charged": {"amountMinor": sum(line["fee_minor"] or 0 for line in lines)},
        "paid": {"amountMinor": sum(line["paid_minor"] for line in lines)},
    }


def _options(scene: Scene) -> Data:
    return {
        half: [{"serviceCode": {"id": scene.ids[code]} if code else None} for code in codes]
        for half, codes in OPTIONS.items()
    }


def _stored(row: str, name: str, scene: Scene) -> Any:
    stored = scene.stored[row]
    column = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    if pointed_type(type_of(row), name) == "Money":
        minor = stored[f"{column}_minor"]
        if minor is None:
            return None
        sign = "-" if minor < 0 else ""
        return {"amountMinor": minor, "currency": "USD", "formatted": f"{sign}${abs(minor) / 100:.2f}"}
    return scene.ids[row] if name == "id" else stored[column]


def _is_open(row: str, scene: Scene, *more: str) -> bool:
    stored = scene.stored[row]
    return stored["status"] == "SCHEDULED" and stored["charted"] in {None, "DRAFT", *more}


def _is_charted(row: str, scene: Scene) -> bool:
    stored = scene.stored[row]
    return stored["status"] == "SCHEDULED" or stored["charted"] is not None


_FOUND: dict[str, Callable[[str, str, str, Scene], Any]] = {
    "full": lambda row, name, _, scene: _stored(row, name, scene),
    "seen": _pointed,
    "theirs": lambda row, name, by, scene: _stored(row, name, scene) if doer_of(row) == by else None,
    "initials": lambda row, _, __, scene: scene.stored[row]["initials"],
    "none": lambda row, name, _, __: {"totalCount": 0, "edges": []} if _is_connection(row, name) else [],
    "counts": lambda row, _, by, scene: _counts(row, by, scene),
    "options": lambda row, _, __, scene: _options(scene) if _is_open(row, scene, "IN_REVIEW") else None,
    "moves": lambda row, _, __, scene: _is_open(row, scene),
    "marks": lambda row, _, __, scene: _is_open(row, scene, "IN_REVIEW"),
    "charts": lambda row, _, __, scene: _is_charted(row, scene),
    "drafted": lambda row, _, __, scene: scene.stored[row]["state"] == "DRAFT",
    "reviewed": lambda row, _, __, scene: scene.stored[row]["state"] == "IN_REVIEW",
    "yes": lambda *_: True,
    "no": lambda *_: False,
    "zero": lambda *_: 0,
    "null": lambda *_: None,
    "busy": lambda *_: "Busy",
}


def expected_of(row: str, name: str, by: str, scene: Scene) -> Any:
    """Say what this person is to see of one field of a row that they see."""
    return _FOUND[cell_of(row, name, by)](row, name, by, scene)


def _moment(stored: Any) -> datetime | None:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


def _same(shown: Any, expected: Any, name: str) -> bool:
    if name.endswith("At"):
        return _moment(shown) == _moment(expected)
    if name in {"dateOfBirth", "receivedOn"} and expected is not None:
        return bool(shown == str(expected))
    return bool(shown == expected)


def differences(scene: Scene, row: str, by: str, shown: Data) -> dict[str, tuple[Any, Any]]:
    """Name each field that shows anything but what the matrix says."""
    found = {}
    for name in fields_of(type_of(row)):
        expected = expected_of(row, name, by, scene)
        if not _same(shown[name], expected, name):
            found[name] = (shown[name], expected)
    return found
