"""Who can be put on a calendar: clients and groups by part of their name."""

from __future__ import annotations

from models import Client, Group, Provider
from resolvers import access
from resolvers.clients import shown_name
from resolvers.groups import searched_name
from resolvers.reading.asking import Asking
from resolvers.reading.shapes import Arg, means

SHORTEST_SEARCH = 2
_COLUMNS = ("kind", "client_id", "group_id", "usually", "rank", "sort_key", "row_id")


@means("Query.search")
def search(q: Asking, text: Arg, provider_id: Arg | None, scope: Arg) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Groups first, then clients, by name; with MINE only those that usually see the calendar's provider."""
    whose = _whose(q, provider_id)
    needle = f"{text:fold}"
    group, client = q.row(Group), q.row(Client)
    groups = [
        f"{group.archived_at} IS NULL",
        f"length({needle})>={SHORTEST_SEARCH}",
        q.dialect.contains(searched_name(group, q), needle),
    ]
    clients = [
        f"{client.active}",
        f"length({needle})>={SHORTEST_SEARCH}",
        q.dialect.contains(client.search_name, needle),
    ]
    usual_group, usual_client = "NULL", "NULL"
    if whose is not None:
        usual_group = f"({access.holds(group, whose)})"
        usual_client = f"({access.sees_client(client, whose, q)})"
        if getattr(scope.known, "value", scope.known) == "MINE":
            groups.append(usual_group)
            clients.append(usual_client)
    select = (
        f"SELECT 'Group' AS kind,CAST(NULL AS {q.dialect.id_type}) AS client_id,{group.id} AS group_id,"
        f"CAST({usual_group} AS boolean) AS usually,0 AS rank,{shown_name(group, q)} AS sort_key,"
        f"CAST({group.id} AS text) AS row_id FROM {q.see(Group)} {group} WHERE {' AND '.join(groups)}"
        f" UNION ALL SELECT 'Client',{client.id},NULL,CAST({usual_client} AS boolean),1,{client.sort_name},"
        f"CAST({client.id} AS text) FROM {q.see(Client)} {client} WHERE {' AND '.join(clients)}"
    )
    return select, ("rank", "sort_key", "row_id"), _COLUMNS


def _whose(q: Asking, provider_id: Arg | None) -> str | None:
    if provider_id is not None:
        asked = f"{provider_id:prv}"
        q.must_see(Provider, asked)
        return asked
    return q.viewer("provider_id") if q.scope.provider else None
