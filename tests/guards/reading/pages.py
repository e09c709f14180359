"""Which part of a list is asked for, and whether there can be such a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from tests.guards.reading.fields import moment, refusal
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import PREFIXES, Seen

PLACE = "\0place\0"
LOG = "\0log\0"
USUAL = 20
Key = Callable[[Seen], tuple[str, str]]


def _moment(text: str) -> datetime:
    if "T" not in text:
        raise ValueError
    return moment(text)


# As what a list compares the first key of its cursors, if it is that; every cursor ends with a row's id.
FIRST_KEY: dict[str, Callable[[str], Any]] = {
    "Query.groups": str,
    "Query.clients": str,
    "Client.payments": date.fromisoformat,
    "Client.appointments": _moment,
    "Client.attendances": _moment,
    "Client.chartNotes": _moment,
    "Group.appointments": _moment,
    "Query.unchartedAppointments": _moment,
    "Query.emergencyAccesses": _moment,
    "Query.auditLog": _moment,
}
NEWEST_FIRST = {"Query.emergencyAccesses", "Query.auditLog"}
"""Whose last row comes first."""


def impossible(name: str, sight: Sight, asked: Mapping[str, Any]) -> bool:
    """Whether no list has such a page."""
    first, after = asked.get("first"), asked.get("after")
    if first is not None and not 1 <= first <= 100:
        return True
    if after is None:
        return False
    if after not in sight.places:
        return True
    try:
        FIRST_KEY[name](place_of(sight, after)[0])
    except ValueError:
        return True
    return False


def place_of(sight: Sight, after: str) -> tuple[str, str]:
    first, _, last = sight.places[after].removeprefix(PLACE).rpartition("\0")
    return first, last


def page(name: str, sight: Sight, rows: list[Seen], key: Key, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Cut a page out of rows in the order of `key`, which is written as answers are; or against it, as asked."""
    size = USUAL if asked.get("first") is None else asked["first"]
    back = name in NEWEST_FIRST or asked.get("order") == "LATEST_FIRST"

    def compared(place: tuple[str, str]) -> tuple[Any, str]:
        return FIRST_KEY[name](place[0]), place[1]

    rows = sorted(rows, key=lambda seen: compared(key(seen)), reverse=back)
    later = rows
    if asked.get("after") is not None:
        from_ = compared(place_of(sight, asked["after"]))
        later = [seen for seen in rows if (compared(key(seen)) < from_ if back else compared(key(seen)) > from_)]
    shown = later[:size]
    edges = [{"cursor": PLACE + "\0".join(key(seen)), "node": seen} for seen in shown]
    return {
        "edges": edges,
        "totalCount": len(rows),
        "pageInfo": {
            "hasNextPage": len(later) > len(shown),
            "hasPreviousPage": len(later) < len(rows),
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


class Pages:
    """The pages that a root field asks for, at any depth: one that cannot be refuses the field, whoever is there."""

    def __init__(self, info: GraphQLResolveInfo[Any]) -> None:
        self.info, self.sight = info, info.context
        self.fragments = info.fragments
        self.fit = True

    def refuse(self, asked: Mapping[str, Any]) -> None:
        """Look at the field that is being answered, and at all below it."""
        name = self.info.field_name
        self.fit = not impossible(f"Query.{name}", self.sight, asked)
        kinds = None
        if name in {"node", "nodes"}:
            # Of an open type, only what the ids say is looked for.
            ids = [asked["id"]] if name == "node" else asked["ids"]
            prefixes = {i.partition("_")[0] for i in ids if self._is_id(i)}
            kinds = {kind for kind, prefix in PREFIXES.items() if prefix in prefixes}
        returned = get_named_type(self.info.return_type)
        if is_composite_type(returned):
            sets = [node.selection_set for node in self.info.field_nodes if node.selection_set]
            for kind in self._possible(returned):
                self._below(kind, sets, looked_for=kinds is None or kind.name in kinds)
        if not self.fit:
            raise refusal("BAD_USER_INPUT")

    @staticmethod
    def _is_id(text: str) -> bool:
        return len(text) == 36 and text[3] == "_" and all(c in "0123456789abcdef" for c in text[4:])

    def _possible(self, of: Any) -> Iterable[GraphQLObjectType]:
        return self.info.schema.get_possible_types(of) if is_abstract_type(of) else [of]

    def _below(self, kind: GraphQLObjectType, sets: list[SelectionSetNode], *, looked_for: bool) -> None:
        found: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._collect(kind, selections, found)
        for nodes in found.values():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            field = kind.fields[name]
            # A null where there must be none is refused before all pages, and of every type.
            asked = get_argument_values(field, nodes[0], self.info.variable_values) if field.args else {}
            if looked_for and "first" in field.args and impossible(f"{kind.name}.{name}", self.sight, asked):
                self.fit = False
            returned = get_named_type(field.type)
            if is_composite_type(returned):
                inner = [node.selection_set for node in nodes if node.selection_set]
                for possible in self._possible(returned):
                    self._below(possible, inner, looked_for=looked_for)

    def _collect(
        self, kind: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]]
    ) -> None:
        for selection in selections.selections:
            skip = get_directive_values(GraphQLSkipDirective, selection, self.info.variable_values)
            include = get_directive_values(GraphQLIncludeDirective, selection, self.info.variable_values)
            if (skip and skip["if"]) or (include and not include["if"]):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if selection.type_condition is None or self._is(kind, selection.type_condition.name.value):
                    self._collect(kind, selection.selection_set, found)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
                if self._is(kind, fragment.type_condition.name.value):
                    self._collect(kind, fragment.selection_set, found)

    def _is(self, kind: GraphQLObjectType, name: str) -> bool:
        wider = self.info.schema.type_map[name]
        return wider is kind or (is_abstract_type(wider) and self.info.schema.is_sub_type(wider, kind))
