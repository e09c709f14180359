"""What each field of the graph answers to somebody: the contract and the requirements, field by field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, get_currency_precision
from graphql import GraphQLError

from tests.guards.reading.sight import PREFIXES, Seen, Sight, plain

PLACE = "\0place\0"
NODES = {prefix: kind for kind, prefix in PREFIXES.items() if kind != "Viewer"}

# What stands in a row as it is answered.
PLAIN = {
    "Practice": "id name timeZone currency groupSizeLimit",
    "Provider": "id name credentials active",
    "ServiceCode": "id code label kind durationMinutes active",
    "Client": "id firstName lastName preferredName initials email phone active version",
    "Group": "id initials version",
    "GroupMembership": "id",
    "Viewer": "id name email",
}
# What the resolvers below make, whole.
MADE = {"Money", "SearchHit", "GroupConnection", "GroupEdge", "ClientConnection", "ClientEdge", "PageInfo"}


def said(moment: datetime) -> str:
    """Give a moment as answers write it."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".") + "Z"


def refusal(code: str) -> GraphQLError:
    return GraphQLError("Refused.", extensions={"code": code})


# The fields of the graph, as (what, sight, arguments)

Resolver = Callable[..., Any]
FIELDS: dict[str, Resolver] = {}


def answers(name: str) -> Callable[[Resolver], Resolver]:
    def note(resolver: Resolver) -> Resolver:
        FIELDS[name] = resolver
        return resolver

    return note


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
def groups(_: Any, sight: Sight, first: int | None, **asked: Any) -> dict[str, Any]:
    page = Page(sight, first, asked.get("after"))
    rows = sight.groups()
    if (text := asked.get("text")) is not None:
        rows = [g for g in rows if sight.group_found(g.row, plain(text))]
    if (archived := asked.get("archived")) is not None:
        rows = [g for g in rows if (g.row.archived_at is not None) == archived]
    return page.of(rows, sight.group_key)


@answers("Query.clients")
def clients(_: Any, sight: Sight, first: int | None, **asked: Any) -> dict[str, Any]:
    page = Page(sight, first, asked.get("after"))
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
    return page.of(rows, sight.client_key)


@answers("Query.search")
def search(_: Any, sight: Sight, text: str, scope: str, first: int | None, **asked: Any) -> list[dict[str, Any]]:
    page = Page(sight, first, None)
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
    return [{"match": seen, "usuallySeesProvider": usually} for seen, usually in kept[: page.first]]


class Page:
    """Which part of a list is asked for."""

    def __init__(self, sight: Sight, first: int | None, after: str | None) -> None:
        self.first = 20 if first is None else first
        self.place: tuple[str, ...] = ("", "")
        if not 1 <= self.first <= 100 or (after is not None and after not in sight.places):
            raise refusal("BAD_USER_INPUT")
        if after is not None:
            self.place = tuple(sight.places[after].removeprefix(PLACE).split("\0"))

    def of(self, rows: list[Seen], key: Callable[[Seen], tuple[str, str]]) -> dict[str, Any]:
        later = [seen for seen in rows if key(seen) > self.place]
        shown = later[: self.first]
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


def current(sight: Sight) -> list[Seen]:
    return [m for m in sight.memberships() if m.row.left_at is None]


@answers("Group.name")
def name(seen: Seen, sight: Sight) -> str:
    return sight.called(seen.row)


@answers("Group.viewerCanEdit")
def can_edit(seen: Seen, sight: Sight) -> bool:
    return sight.books or sight.truth.holds(sight.me, seen.row)


@answers("Group.defaultServiceCode")
def default_code(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["ServiceCode"].get(seen.row.default_service_code_id)


@answers("Group.provider")
def owner(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Provider"].get(seen.row.provider_id)


@answers("Group.providers")
def holders(seen: Seen, sight: Sight) -> list[Seen]:
    return [p for p in sight.providers() if sight.truth.holds(p.row.id, seen.row)]


@answers("Group.members")
def members(seen: Seen, sight: Sight) -> list[Seen]:
    found = [m for m in current(sight) if m.row.group_id == seen.row.id]
    rank = {c.row.id: sight.client_key(c)[0] for c in sight.clients()}
    return sorted(found, key=lambda m: (rank[m.row.client_id], m.row.id.hex))


@answers("Group.archivedAt")
def archived_at(seen: Seen, _: Sight) -> str | None:
    return seen.row.archived_at and said(seen.row.archived_at)


@answers("GroupMembership.group")
def membership_group(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Group"].get(seen.row.group_id)


@answers("GroupMembership.client")
def membership_client(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Client"].get(seen.row.client_id)


@answers("GroupMembership.joinedAt")
def joined_at(seen: Seen, _: Sight) -> str:
    return said(seen.row.joined_at)


@answers("GroupMembership.leftAt")
def left_at(seen: Seen, _: Sight) -> str | None:
    return seen.row.left_at and said(seen.row.left_at)


@answers("Client.name")
def client_name(seen: Seen, _: Sight) -> str:
    return f"{seen.row.preferred_name or seen.row.first_name} {seen.row.last_name}"


@answers("Client.dateOfBirth")
def date_of_birth(seen: Seen, _: Sight) -> str | None:
    born = seen.row.date_of_birth
    return None if born is None else f"{born:%Y-%m-%d}"


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
    currency = sight.viewer.currency
    amount = Decimal(seen.row.fee_minor).scaleb(-get_currency_precision(currency))
    formatted = format_currency(amount, currency, locale="en_US")
    return {"amountMinor": seen.row.fee_minor, "currency": currency, "formatted": formatted}


@answers("Viewer.roles")
def roles(seen: Seen, _: Sight) -> list[str]:
    return str(seen.row.roles).split()


@answers("Viewer.practice")
def practice(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Practice"].get(seen.row.practice_id)


@answers("Viewer.provider")
def viewer_provider(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Provider"].get(seen.row.provider_id)


@answers("Viewer.client")
def viewer_client(seen: Seen, sight: Sight) -> Seen | None:
    return sight.rows["Client"].get(seen.row.client_id)


def knows(kind: str, name: str) -> bool:
    """Whether the oracle has an answer for this field."""
    return kind in MADE or f"{kind}.{name}" in FIELDS or name in PLAIN.get(kind, "").split()
