"""Who holds what: the reasons that the rules of several rooms are made of."""

from __future__ import annotations

from models import Attendance, ClientProvider, Group, GroupMembership, GroupShare
from resolvers.access.rules import any_of
from resolvers.reading.asking import Asking, Row, table_of


def holds(group: Row, provider: str) -> str:
    """Whether a provider owns or shares the group."""
    share = f"SELECT 1 FROM {table_of(GroupShare)} s WHERE s.group_id={group.id} AND s.provider_id={provider}"
    return f"{group.provider_id}={provider} OR EXISTS ({share})"


def my_client(client_id: str, q: Asking) -> str:
    """Whether the client is one of the viewer's, a provider."""
    mine = f"a.provider_id={q.viewer('provider_id')} AND a.client_id={client_id}"
    return f"EXISTS (SELECT 1 FROM client_access a WHERE {mine})"


def i_hold(group_id: str, q: Asking) -> str:
    """Whether the viewer, a provider, owns or shares the group."""
    me = q.viewer("provider_id")
    held = q.common(
        "held",
        f"SELECT id FROM {table_of(Group)} WHERE provider_id={me}"
        f" UNION SELECT group_id FROM {table_of(GroupShare)} WHERE provider_id={me}",
    )
    # Never null, also for what is of no group: it is asked under NOT as well.
    return f"({group_id} IS NOT NULL AND {group_id} IN (SELECT id FROM {held}))"


def sees_client(client: Row, provider: str, q: Asking) -> str:
    """Whether a provider is one of the client's own, or holds a group that they are in now.

    As far as the viewer may know: of a roster out of their sight nothing is told.
    """
    own = f"SELECT 1 FROM {q.see(ClientProvider)} x WHERE x.client_id={client.id} AND x.provider_id={provider}"
    group = q.row(Group)
    belongs = (
        f"SELECT 1 FROM {q.see(GroupMembership)} m JOIN {q.see(Group)} {group} ON {group.id}=m.group_id"
        f" WHERE m.client_id={client.id} AND m.left_at IS NULL AND {group.archived_at} IS NULL"
        f" AND ({holds(group, provider)})"
    )
    return f"EXISTS ({own}) OR EXISTS ({belongs})"


def in_full(appointment: Row, q: Asking) -> str:
    """Whether the viewer may know more of an appointment than that the time is taken."""
    if q.scope.office:
        return "true"
    rules = []
    if q.scope.provider:
        rules.append(known_to_provider(appointment, q))
    if q.scope.client:
        rules.append(my_session(appointment.id, q))
    return any_of(*rules)


def known_to_provider(appointment: Row, q: Asking) -> str:
    """Whether the provider may know the session: their own client's with them, or one of a group they hold."""
    own = f"({appointment.group_id} IS NULL AND {appointment.provider_id}={q.viewer('provider_id')})"
    # A session without a group is of none that they hold: left to IN, that would be unknown, and so would its opposite.
    return f"{own} OR ({appointment.group_id} IS NOT NULL AND {i_hold(appointment.group_id, q)})"


def my_session(appointment_id: str, q: Asking) -> str:
    """Whether the viewer, a client, is on the session's roster."""
    mine = f"SELECT appointment_id FROM {table_of(Attendance)} WHERE client_id={q.viewer('client_id')}"
    return f"{appointment_id} IN (SELECT appointment_id FROM {q.common('my_sessions', mine)})"


def ever_mine(group_id: str, q: Asking) -> str:
    """Whether the viewer, a client, belongs or belonged to the group."""
    mine = f"SELECT group_id FROM {table_of(GroupMembership)} WHERE client_id={q.viewer('client_id')}"
    return f"{group_id} IN (SELECT group_id FROM {q.common('my_groups', mine)})"


def full_name(group: Row, q: Asking) -> str:
    """Whether the viewer may know the group by more than its initials, as its name can reveal a diagnosis."""
    if q.scope.rosters:
        return "true"
    return i_hold(group.id, q) if q.scope.provider else "false"
