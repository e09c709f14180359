"""Clients: who sees and changes them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models import Client, ClientProvider
from models.database import dialect
from models.ids import row_id
from models.problems import Forbidden, NotFound
from resolvers.access.door import by_wire, rows
from resolvers.access.holding import my_client
from resolvers.access.rules import changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row
from resolvers.viewer import Viewer


@visible(Client)
def _client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return in_practice(client, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(my_client(client.id, q))
    if q.scope.client:
        rules.append(f"{client.id}={q.viewer('client_id')}")
    return in_practice(client, q, *rules)


@changeable(Client)
def _may_change_client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return "true"
    return my_client(client.id, q) if q.scope.provider else "false"


def may_create_client(viewer: Viewer) -> None:
    """Refuse whoever may not add clients."""
    if not (viewer.scope.office or viewer.scope.provider):
        raise Forbidden


async def client(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Client:
    """Give a client of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await by_wire(viewer, Client, "clt", wire, change=change, lock=lock)


async def clients(viewer: Viewer, wires: Iterable[str]) -> list[Client]:
    """Give all of these clients, locked, or NOT_FOUND."""
    ids = [row_id("clt", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await rows(viewer, Client, known, change=False, lock=True)


async def clients_by_wire(viewer: Viewer, wires: Iterable[str]) -> dict[str, UUID]:
    """Give the row ids of clients by their ids, all of whom the viewer sees, or NOT_FOUND."""
    asked = {wire: row_id("clt", wire) for wire in wires}
    known = [i for i in asked.values() if i is not None]
    if len(known) < len(asked):
        raise NotFound
    if known:
        await rows(viewer, Client, list(dict.fromkeys(known)), change=False, lock=False)
    return {wire: i for wire, i in asked.items() if i is not None}


async def lock_client(client_id: UUID) -> Client:
    """Give the client of a payment, locked: one client's money moves one step at a time."""
    found = Client.filter(id=client_id)
    return await (found.select_for_update(no_key=True) if dialect() == "postgres" else found).get()


async def usual_providers(of: Client) -> list[ClientProvider]:
    """Give who usually sees the client."""
    return await ClientProvider.filter(client_id=of.id)
