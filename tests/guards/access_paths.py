"""Every path by which a client can reach a row: what the access matrix is tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from graphql import get_named_type

from tests.client import Answer, Data
from tests.guards.access_matrix import KINDS, ROWS, cell_of, type_of
from tests.guards.access_scene import CALENDARS, CURRENT, OVER, POINTS, SELVES, UNCHARTED, Scene
from tests.guards.access_shown import asked, field_of, handle, is_known, selection
from tests.world import in_days


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

    def finds(self, scene: Scene, data: Data) -> list[Data]:
        """Give the row as often as the answer holds it; what has no id is told by where it is, and by its client."""
        found = [one for one in self.dig(data) if one]
        if self.row.startswith("step "):
            client = scene.ids[cast("str", POINTS[self.row]["client"])]
            return [one for one in found if one["client"]["id"] == client]
        has_id = handle(type_of(self.row)) == "id"
        return [one for one in found if not has_id or one.get("id") == scene.ids[self.row]]

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
    if handle(type_of(row)) == "id":
        yield Path(row, "node", f"query ($id: ID!) {{ node(id: $id) {{ {on} }} }}", {"id": row}, each("node"))
        yield Path(row, "nodes", f"query ($id: ID!) {{ nodes(ids: [$id]) {{ {on} }} }}", {"id": row}, each("nodes"))
    for name in ("client", "group", "appointment", "chart", "chartRun"):
        if get_named_type(field_of("Query", name).type).name == type_of(row):
            yield Path(row, name, f"query ($id: ID!) {{ {name}(id: $id) {{ {of} }} }}", {"id": row}, each(name))
    more = {
        "Practice": _to_practice,
        "Provider": _to_provider,
        "ServiceCode": _to_code,
        "Client": _to_client,
        "Group": _to_group,
        "Appointment": _to_session,
        "EmergencyAccess": _to_emergency,
        "AuditEntry": _to_log,
    }
    if type_of(row) in more:
        yield from more[type_of(row)](row, of)
    yield from _through_others(row, of)


def _through_others(row: str, of: str) -> Iterator[Path]:
    """Go through each row that points to this one; of those that the same people see on the same field, the first."""
    gone = set()
    for holder, points in POINTS.items():
        kind = type_of(holder)
        for name, pointed in points.items():
            way = (kind, name, *(cell_of(holder, name, by) if ROWS[holder][by] else "" for by in KINDS))
            if (row == pointed or (isinstance(pointed, list) and row in pointed)) and way not in gone:
                gone.add(way)
                yield _through(holder, name, row, of)


def _through(holder: str, name: str, row: str, of: str) -> Path:
    kind = type_of(holder)
    steps = [name, "edges", "node"] if get_named_type(field_of(kind, name).type).name.endswith("Connection") else [name]
    inner, id_ = f"... on {kind} {{ {asked(kind, name, of)} }}", holder
    if handle(kind) != "id":
        # It has no id to fetch it by, so the way begins a step before.
        [(above, above_name)] = [
            (other, field)
            for other, points in POINTS.items()
            for field, to in points.items()
            if isinstance(to, list) and holder in to
        ]
        inner, id_, steps = f"... on {type_of(above)} {{ {above_name} {{ {inner} }} }}", above, [above_name, *steps]

    def only(by: str) -> bool:
        return cell_of(holder, name, by) == "seen" and is_known(row, by)

    document = f"query ($id: ID!) {{ node(id: $id) {{ {inner} }} }}"
    return Path(row, f"{holder}.{name}", document, {"id": id_}, each("node", *steps), (holder,), only)


def _to_practice(row: str, of: str) -> Iterator[Path]:
    yield Path(row, "viewer.practice", f"{{ viewer {{ practice {{ {of} }} }} }}", {}, each("viewer", "practice"))


def _to_provider(row: str, of: str) -> Iterator[Path]:
    listed = f"{{ viewer {{ practice {{ providers(active: null) {{ {of} }} }} }} }}"
    yield Path(row, "viewer.practice.providers", listed, {}, each("viewer", "practice", "providers"))
    own = f"{{ viewer {{ provider {{ {of} }} }} }}"
    yield Path(row, "viewer.provider", own, {}, each("viewer", "provider"), only=lambda by: CALENDARS.get(by) == row)


def _to_code(row: str, of: str) -> Iterator[Path]:
    listed = f"{{ viewer {{ practice {{ serviceCodes(active: null) {{ {of} }} }} }} }}"
    dig = each("viewer", "practice", "serviceCodes")
    yield Path(row, "viewer.practice.serviceCodes", listed, {}, dig, only=lambda by: KINDS[by] != "client")
    halves = ("attended", "notAttended")
    offered = " ".join(f"{half} {{ serviceCode {{ {of} }} }}" for half in halves)
    document = f"query ($id: ID!) {{ appointment(id: $id) {{ attendanceOptions {{ {offered} }} }} }}"
    session = "session Shared"

    def only(by: str) -> bool:
        return cell_of(session, "attendanceOptions", by) == "options"

    for half in halves:
        dig = each("appointment", "attendanceOptions", half, "serviceCode")
        if (half == "attended") == row.partition(" ")[2].isdigit():
            yield Path(row, f"{session} {half}", document, {"id": session}, dig, (session,), only)


def _to_client(row: str, of: str) -> Iterator[Path]:
    name = row.partition(" ")[2]
    found = each("clients", "edges", "node")
    listed = f"{{ clients(active: null) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "clients", listed, {}, found)
    named = f"query ($text: String) {{ clients(text: $text) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "clients by name", named, {}, found, texts={"text": name})
    yield _searched(row, of, name)
    own = f"{{ viewer {{ client {{ {of} }} }} }}"
    yield Path(row, "viewer.client", own, {}, each("viewer", "client"), only=lambda by: SELVES.get(by) == row)
    for member, points in POINTS.items():
        if member in CURRENT and points["client"] == row:
            group = cast("str", points["group"])
            document = f"query ($id: ID!) {{ group(id: $id) {{ members {{ client {{ {of} }} }} }} }}"
            dig = each("group", "members", "client")
            yield Path(row, f"{group}.members.client", document, {"id": group}, dig, (group, member))


def _to_group(row: str, of: str) -> Iterator[Path]:
    initials = {"group Monday": "mgg", "group Thursday": "tsg"}[row]
    found = each("groups", "edges", "node")
    listed = f"{{ groups(archived: null) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "groups", listed, {}, found)
    named = f"query ($text: String) {{ groups(text: $text) {{ edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "groups by initials", named, {}, found, texts={"text": initials})
    full = {"group Monday": "grief", "group Thursday": "sleep"}[row]
    knows = {"office", "provider", "scheduler"}
    yield Path(row, "groups by name", named, {}, found, texts={"text": full}, only=lambda by: KINDS[by] in knows)
    yield _searched(row, of, initials)
    for member, points in POINTS.items():
        if type_of(member) == "GroupMembership" and points["group"] == row:
            client = cast("str", points["client"])
            document = f"query ($id: ID!) {{ client(id: $id) {{ memberships {{ group {{ {of} }} }} }} }}"
            dig = each("client", "memberships", "group")
            yield Path(row, f"{client}.memberships.group", document, {"id": client}, dig, (client, member))


def _to_session(row: str, of: str) -> Iterator[Path]:
    stretch = f'from: "{in_days(-14)}", to: "{in_days(14)}", includeCanceled: true'
    listed = f"{{ calendar({stretch}) {{ appointments {{ {of} }} }} }}"
    yield Path(row, "calendar", listed, {}, each("calendar", "appointments"))
    listed = f"{{ unchartedAppointments {{ totalCount edges {{ node {{ {of} }} }} }} }}"
    dig = each("unchartedAppointments", "edges", "node")
    yield Path(row, "unchartedAppointments", listed, {}, dig, only=lambda by: UNCHARTED.get(row) == by)


def _is_there(there: bool, _: str) -> bool:  # noqa: FBT001 - it is bound to the path
    return there


def _to_emergency(row: str, of: str) -> Iterator[Path]:
    found = each("emergencyAccesses", "edges", "node")
    listed = f"{{ emergencyAccesses {{ totalCount edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "emergencyAccesses", listed, {}, found)
    # Those that are over are not among the others, whoever asks.
    for active in (True, False):
        there = active is (row not in OVER)
        listed = f"{{ emergencyAccesses(active: {str(active).lower()}) {{ edges {{ node {{ {of} }} }} }} }}"
        way = f"emergencyAccesses that are {'active' if active else 'over'}"
        yield Path(row, way, listed, {}, found, only=partial(_is_there, there))


def _to_log(row: str, of: str) -> Iterator[Path]:
    found = each("auditLog", "edges", "node")
    listed = f"{{ auditLog(first: 100) {{ totalCount edges {{ node {{ {of} }} }} }} }}"
    yield Path(row, "auditLog", listed, {}, found)
    of_a_day = f'{{ auditLog(from: "{in_days(-1)}", to: "{in_days(2)}") {{ edges {{ node {{ {of} }} }} }} }}'
    yield Path(row, "auditLog of a day", of_a_day, {}, found)
    before = f'{{ auditLog(to: "{in_days(-1)}") {{ edges {{ node {{ {of} }} }} }} }}'
    yield Path(row, "auditLog before it", before, {}, found, only=lambda _: False)


def _searched(row: str, of: str, text: str) -> Path:
    match = f"match {{ ... on {type_of(row)} {{ {of} }} }}"
    document = f"query ($text: String!) {{ search(text: $text, scope: ALL) {{ {match} }} }}"
    return Path(row, "search", document, {}, each("search", "match"), texts={"text": text})


PATHS = [path for row in ROWS for path in paths_to(row)]
