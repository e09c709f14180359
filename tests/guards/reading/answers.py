"""What each field of the first rooms answers to somebody: the contract and the requirements, field by field."""

from __future__ import annotations

from typing import Any

from tests.guards.reading.fields import answers, money, refusal
from tests.guards.reading.pages import USUAL, page
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import PREFIXES, Seen, plain

NODES = {prefix: kind for kind, prefix in PREFIXES.items() if kind != "Viewer"}


@answers("Query.viewer")
def viewer(_: Any, sight: Sight | None) -> Seen | None:
    return None if sight is None else next(iter(sight.rows["Viewer"].values()))


@answers("Query.node")
def node(_: Any, sight: Sight, id: str) -> Seen | None:
    kind = NODES.get(id.partition("_")[0])
    return sight.find(kind, id) if kind else None


@answers("Query.nodes")
def nodes(_: Any, sight: Sight, ids: list[str]) -> list[Seen | None]:
    if len(ids) > 100:
        raise refusal("BAD_USER_INPUT")
    return [node(None, sight, id) for id in ids]


@answers("Query.group")
def group(_: Any, sight: Sight, id: str) -> Seen | None:
    return sight.find("Group", id)


@answers("Query.client")
def client(_: Any, sight: Sight, id: str) -> Seen | None:
    return sight.find("Client", id)


@answers("Query.groups")
def groups(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = sight.groups()
    if (text := asked.get("text")) is not None:
        rows = [g for g in rows if sight.group_found(g.row, plain(text))]
    if (archived := asked.get("archived")) is not None:
        rows = [g for g in rows if (g.row.archived_at is not None) == archived]
    return page("Query.groups", sight, rows, sight.group_key, asked)


@answers("Query.clients")
def clients(_: Any, sight: Sight, **asked: Any) -> dict[str, Any]:
    rows = sight.clients()
    if (text := asked.get("text")) is not None:
        rows = [c for c in rows if sight.client_found(c.row, plain(text))]
    if (active := asked.get("active")) is not None:
        rows = [c for c in rows if c.row.active == active]
    if (wire := asked.get("notInGroup")) is not None:
        into = sight.find("Group", wire)
        if into is None:
            raise refusal("NOT_FOUND")
        may = can_edit(into, sight) and into.row.archived_at is None
        members = {m.row.client_id for m in current(sight) if m.row.group_id == into.row.id}
        rows = [c for c in rows if may and c.row.active and c.row.id not in members]
    return page("Query.clients", sight, rows, sight.client_key, asked)


@answers("Query.search")
def search(_: Any, sight: Sight, text: str, scope: str, first: int | None, **asked: Any) -> list[dict[str, Any]]:
    whose = sight.me
    if (wire := asked.get("providerId")) is not None:
        provider = sight.find("Provider", wire)
        if provider is None:
            raise refusal("NOT_FOUND")
        whose = provider.row.id
    needle = plain(text)
    if len(needle) < 2:
        return []
    groups_found = [g for g in sight.groups() if g.row.archived_at is None and sight.group_found(g.row, needle)]
    clients_found = [c for c in sight.clients() if c.row.active and sight.client_found(c.row, needle)]
    hits = [
        *((g, None if whose is None else sight.truth.holds(whose, g.row)) for g in groups_found),
        *((c, None if whose is None else sight.usually_sees_client(whose, c.row)) for c in clients_found),
    ]
    kept = [hit for hit in hits if scope == "ALL" or whose is None or hit[1]]
    size = USUAL if first is None else first
    return [{"match": seen, "usuallySeesProvider": usually} for seen, usually in kept[:size]]


def current(sight: Sight) -> list[Seen]:
    return [m for m in sight.memberships() if m.row.left_at is None]


@answers("Group.name")
def name(seen: Seen, sight: Sight) -> str:
    return sight.called(seen.row)


@answers("Group.viewerCanEdit")
def can_edit(seen: Seen, sight: Sight) -> bool:
    return sight.books or sight.truth.holds(sight.me, seen.row)


@answers("Group.version")
def group_version(seen: Seen, sight: Sight) -> int:
    return int(seen.row.version) if can_edit(seen, sight) else 0


@answers("Group.providers")
def holders(seen: Seen, sight: Sight) -> list[Seen]:
    return [p for p in sight.providers() if sight.truth.holds(p.row.id, seen.row)]


@answers("Group.members")
def members(seen: Seen, sight: Sight) -> list[Seen]:
    found = [m for m in current(sight) if m.row.group_id == seen.row.id]
    rank = {c.row.id: sight.client_key(c)[0] for c in sight.clients()}
    return sorted(found, key=lambda m: (rank[m.row.client_id], m.row.id.hex))


@answers("Client.name")
def client_name(seen: Seen, _: Sight) -> str:
    return f"{seen.row.preferred_name or seen.row.first_name} {seen.row.last_name}"


@answers("Client.providers")
def usual_providers(seen: Seen, sight: Sight) -> list[Seen]:
    return [p for p in sight.providers() if (seen.row.id, p.row.id) in sight.truth.usual]


@answers("Client.groups")
def client_groups(seen: Seen, sight: Sight) -> list[Seen]:
    now_in = {m.row.group_id for m in current(sight) if m.row.client_id == seen.row.id}
    return [g for g in sight.groups() if g.row.id in now_in and g.row.archived_at is None]


@answers("Client.memberships")
def client_memberships(seen: Seen, sight: Sight) -> list[Seen]:
    found = [m for m in sight.memberships() if m.row.client_id == seen.row.id]
    return sorted(found, key=lambda m: (m.row.joined_at, m.row.id.hex))


@answers("Practice.providers")
def directory(_: Seen, sight: Sight, *, active: bool | None = None) -> list[Seen]:
    return [p for p in sight.providers() if active in {None, p.row.active}]


@answers("Practice.serviceCodes")
def service_codes(_: Seen, sight: Sight, *, active: bool | None = None, kinds: list[str] | None = None) -> list[Seen]:
    """What the practice charges is for staff; a client sees no list of it."""
    found = [
        c
        for c in sight.rows["ServiceCode"].values()
        if sight.client is None and active in {None, c.row.active} and (kinds is None or c.row.kind in kinds)
    ]
    return sorted(found, key=lambda c: c.row.code)


@answers("Provider.viewerCanSchedule")
def can_schedule(seen: Seen, sight: Sight) -> bool:
    """Every calendar is for who books; one's own for a provider, and others' for one with a group to share."""
    if not seen.row.active or sight.books or sight.me is None:
        return bool(seen.row.active and sight.books)
    shares = any(sight.truth.holds(sight.me, g.row) and g.row.archived_at is None for g in sight.groups())
    return seen.row.id == sight.me or shares


@answers("ServiceCode.fee")
def fee(seen: Seen, sight: Sight) -> dict[str, Any]:
    return money(sight, seen.row.fee_minor)


@answers("Viewer.roles")
def roles(seen: Seen, _: Sight) -> list[str]:
    return str(seen.row.roles).split()
