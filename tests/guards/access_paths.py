"""Every path by which a client can reach a row: what the access matrix is tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLObjectType, get_named_type

from schema import build_schema
from tests.client import Answer, Data
from tests.guards.access_matrix import KINDS, ROWS, TYPES, type_of
from tests.guards.access_scene import CALENDARS, CURRENT, POINTS, SELVES, Scene

CORE = build_schema()[0]._schema


def selection(type_name: str) -> str:
    """Ask for every field of a type, and of whatever it points to for the id."""
    of = cast("GraphQLObjectType", CORE.get_type(type_name))
    asked = []
    for name, described in of.fields.items():
        if name == "fee":
            asked.append("fee { amountMinor currency formatted }")
        elif get_named_type(described.type).name in TYPES.values():
            asked.append(f"{name}{'(active: null)' if 'active' in described.args else ''} {{ id }}")
        else:
            asked.append(name)
    return " ".join(asked)


@dataclass(frozen=True, slots=True)
class Path:
    """One way to a row: a document, and where in its answer the row would be."""

    row: str
    name: str
    document: str
    ids: dict[str, str]
    dig: Callable[[Data], list[Data | None]]
    via: tuple[str, ...] = ()
    only: Callable[[str], bool] = field(default=lambda _: True)
    texts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Call it by its row and its way."""
        return f"{self.row} by {self.name}"

    def is_open_to(self, by: str) -> bool:
        """Whether this person is to reach the row on this way."""
        return all(ROWS[row][by] for row in (*self.via, self.row)) and self.only(by)

    async def answer(self, scene: Scene, by: str) -> Answer:
        """Go there."""
        ids = {name: scene.ids[row] for name, row in self.ids.items()}
        return await scene.people[by].answer(self.document, **ids, **self.texts)


def each(*steps: str) -> Callable[[Data], list[Data | None]]:
    """Dig along these steps, through lists as well."""

    def dig(data: Data) -> list[Data | None]:
        found: list[Any] = [data]
        for step in steps:
            found = [one[step] for one in found if one is not None]
            found = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
        return found

    return dig


def paths_to(row: str) -> Iterator[Path]:
    """Give every way to a row that the schema has."""
    of = selection(type_of(row))
    on = f"__typename ... on {type_of(row)} {{ {of} }}"
    yield Path(row, "node", f"query ($id: ID!) {{ node(id: $id) {{ {on} }} }}", {"id": row}, each("node"))
    yield Path(row, "nodes", f"query ($id: ID!) {{ nodes(ids: [$id]) {{ {on} }} }}", {"id": row}, each("nodes"))
    yield from {
        "Practice": _to_practice,
        "Provider": _to_provider,
        "ServiceCode": _to_code,
        "Client": _to_client,
        "Group": _to_group,
        "GroupMembership": _to_member,
    }[type_of(row)](row, of)


def _holding(row: str, name: str) -> Iterator[str]:
    for other, points in POINTS.items():
        pointed = points.get(name)
        if pointed == row or (isinstance(pointed, list) and row in pointed):
            yield other


def _to_practice(row: str, of: str) -> Iterator[Path]:
    yield Path(row, "viewer.practice", f"{{ viewer {{ practice {{ {of} }} }} }}", {}, each("viewer", "practice"))


def _to_provider(row: str, of: str) -> Iterator[Path]:
    listed = f"{{ viewer {{ practice {{ providers(active: null) {{ {of} }} }} }} }}"
    yield Path(row, "practice.providers", listed, {}, each("viewer", "practice", "providers"))
    own = f"{{ viewer {{ provider {{ {of} }} }} }}"
    yield Path(row, "viewer.provider", own, {}, each("viewer", "provider"), only=lambda by: CALENDARS.get(by) == row)
    for name in ("provider", "providers"):
        for holder in _holding(row, name):
            kind = type_of(holder)
            document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {name} {{ {of} }} }} }} }}"
            if kind != "Practice":
                yield Path(row, f"{holder}.{name}", document, {"id": holder}, each("node", name), (holder,))


def _to_code(row: str, of: str) -> Iterator[Path]:
    listed = f"{{ viewer {{ practice {{ serviceCodes(active: null) {{ {of} }} }} }} }}"
    dig = each("viewer", "practice", "serviceCodes")
    yield Path(row, "practice.serviceCodes", listed, {}, dig, only=lambda by: KINDS[by] != "client")
    for holder in _holding(row, "defaultServiceCode"):
        document = f"query ($id: ID!) {{ group(id: $id) {{ defaultServiceCode {{ {of} }} }} }}"
        yield Path(
            row,
            f"{holder}.defaultServiceCode",
            document,
            {"id": holder},
            each("group", "defaultServiceCode"),
            (holder,),
        )


def _to_client(row: str, of: str) -> Iterator[Path]:
    name = row.partition(" ")[2]
    yield Path(row, "client", f"query ($id: ID!) {{ client(id: $id) {{ {of} }} }}", {"id": row}, each("client"))
    found = each("clients", "edges", "node")
    listed = f"{{ clients(first: 100, active: null) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "clients", listed, {}, found)
    named = f"query ($text: String) {{ clients(text: $text) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "clients by name", named, {}, found, texts={"text": name})
    yield _searched(row, of, name)
    own = f"{{ viewer {{ client {{ {of} }} }} }}"
    yield Path(row, "viewer.client", own, {}, each("viewer", "client"), only=lambda by: SELVES.get(by) == row)
    for member in _holding(row, "client"):
        document = f"query ($id: ID!) {{ node(id: $id) {{ ... on GroupMembership {{ client {{ {of} }} }} }} }}"
        yield Path(row, f"{member}.client", document, {"id": member}, each("node", "client"), (member,))
        group = cast("str", POINTS[member]["group"])
        if member in CURRENT:
            document = f"query ($id: ID!) {{ group(id: $id) {{ members {{ client {{ {of} }} }} }} }}"
            dig = each("group", "members", "client")
            yield Path(row, f"{group}.members.client", document, {"id": group}, dig, (group, member))


def _to_group(row: str, of: str) -> Iterator[Path]:
    initials = {"group Monday": "mgg", "group Thursday": "tsg"}[row]
    yield Path(row, "group", f"query ($id: ID!) {{ group(id: $id) {{ {of} }} }}", {"id": row}, each("group"))
    found = each("groups", "edges", "node")
    listed = f"{{ groups(first: 100, archived: null) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "groups", listed, {}, found)
    named = f"query ($text: String) {{ groups(text: $text) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "groups by initials", named, {}, found, texts={"text": initials})
    full = {"group Monday": "grief", "group Thursday": "sleep"}[row]
    knows = {"office", "provider", "scheduler"}
    yield Path(row, "groups by name", named, {}, found, texts={"text": full}, only=lambda by: KINDS[by] in knows)
    yield _searched(row, of, initials)
    for member in _holding(row, "group"):
        document = f"query ($id: ID!) {{ node(id: $id) {{ ... on GroupMembership {{ group {{ {of} }} }} }} }}"
        yield Path(row, f"{member}.group", document, {"id": member}, each("node", "group"), (member,))
        client = cast("str", POINTS[member]["client"])
        document = f"query ($id: ID!) {{ client(id: $id) {{ memberships {{ group {{ {of} }} }} }} }}"
        dig = each("client", "memberships", "group")
        yield Path(row, f"{client}.memberships.group", document, {"id": client}, dig, (client, member))
        if member in CURRENT:
            document = f"query ($id: ID!) {{ client(id: $id) {{ groups {{ {of} }} }} }}"
            yield Path(row, f"{client}.groups", document, {"id": client}, each("client", "groups"), (client, member))


def _to_member(row: str, of: str) -> Iterator[Path]:
    group, client = cast("str", POINTS[row]["group"]), cast("str", POINTS[row]["client"])
    document = f"query ($id: ID!) {{ client(id: $id) {{ memberships {{ {of} }} }} }}"
    yield Path(row, f"{client}.memberships", document, {"id": client}, each("client", "memberships"), (client,))
    if row in CURRENT:
        document = f"query ($id: ID!) {{ group(id: $id) {{ members {{ {of} }} }} }}"
        yield Path(row, f"{group}.members", document, {"id": group}, each("group", "members"), (group,))


def _searched(row: str, of: str, text: str) -> Path:
    match = f"match {{ ... on {type_of(row)} {{ {of} }} }}"
    document = f"query ($text: String!) {{ search(text: $text, scope: ALL) {{ {match} }} }}"
    return Path(row, "search", document, {}, each("search", "match"), texts={"text": text})


PATHS = [path for row in ROWS for path in paths_to(row)]
