"""Groups and rosters: who sees and changes them."""

from __future__ import annotations

from uuid import UUID

from models import Client, ClientProvider, Group, GroupMembership, GroupShare
from models.problems import Forbidden
from resolvers.access.door import by_wire
from resolvers.access.holding import ever_mine, i_hold
from resolvers.access.rules import changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row
from resolvers.viewer import Viewer


@visible(ClientProvider, GroupShare)
def _link(link: Row, q: Asking) -> str:
    # Nothing is read from a link but its two ends, each of which has a rule of its own.
    return in_practice(link, q, "true")


@visible(Group)
def _group(group: Row, q: Asking) -> str:
    if q.scope.office:
        return in_practice(group, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(i_hold(group.id, q))
    if q.scope.client:
        rules.append(ever_mine(group.id, q))
    return in_practice(group, q, *rules)


@visible(GroupMembership)
def _membership(membership: Row, q: Asking) -> str:
    if q.scope.rosters:
        return in_practice(membership, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(i_hold(membership.group_id, q))
    if q.scope.client:
        rules.append(f"{membership.client_id}={q.viewer('client_id')}")
    return in_practice(membership, q, *rules)


@changeable(Group)
def _may_change_group(group: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    return i_hold(group.id, q) if q.scope.provider else "false"


def may_create_group(viewer: Viewer) -> None:
    """Refuse whoever may not make groups."""
    if not (viewer.scope.rosters or viewer.scope.provider):
        raise Forbidden


async def group(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Group:
    """Give a group of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await by_wire(viewer, Group, "grp", wire, change=change, lock=lock)


async def membership(of: Group, who: Client) -> GroupMembership | None:
    """Give the client's current membership of the group."""
    return await GroupMembership.get_or_none(group_id=of.id, client_id=who.id, left_at=None)


async def ever_members(of: Group) -> list[UUID]:
    """Give the clients who belong or belonged to the group."""
    return [row["client_id"] for row in await GroupMembership.filter(group_id=of.id).distinct().values("client_id")]


async def share(of: Group, with_: UUID) -> GroupShare | None:
    """Give the provider's share of the group."""
    return await GroupShare.get_or_none(group_id=of.id, provider_id=with_)
