"""Clients: what their fields mean, and how they are added and changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models import Client, ClientProvider, Group, GroupMembership
from models.client_access import keep_client_access
from models.problems import InvalidInput, VersionConflict
from models.rosters import tell_sessions_of_client
from resolvers import access
from resolvers.acting import Given
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, means
from resolvers.viewer import Viewer

MOST_IN_A_LIST = 100

# What the fields mean


@means("Query.client")
def client(row: Row, _q: Asking, id: Arg) -> Iterator[str]:
    """Find the client with this id."""
    yield f"{row.id}={id:clt}"


@means("Query.clients", order=lambda c, _: (c.sort_name, c.id))
def clients(row: Row, q: Asking, text: Arg | None, active: Arg | None, not_in_group: Arg | None) -> Iterator[str]:
    """Clients whose name holds the text; with a group, only those who could be added to it."""
    if text is not None:
        yield q.dialect.contains(row.search_name, f"{text:fold}")
    if active is not None:
        yield f"{row.active}={active}"
    if not_in_group is not None:
        wanted = f"{not_in_group:grp}"
        q.must_see(Group, wanted)
        group = q.row(Group)
        open_ = f"{group.id}={wanted} AND {group.archived_at} IS NULL AND ({access.CHANGEABLE[Group](group, q)})"
        # Not one who may see the roster either way: leaving members out would tell who they are.
        yield f"EXISTS (SELECT 1 FROM {q.see(Group)} {group} WHERE {open_})"
        yield f"{row.active}"
        link = q.row(GroupMembership)
        belongs = f"{link.group_id}={wanted} AND {link.client_id}={row.id} AND {link.left_at} IS NULL"
        yield f"NOT EXISTS (SELECT 1 FROM {q.see(GroupMembership)} {link} WHERE {belongs})"


@means("Client.providers", order=lambda p, _: (p.sort_name, p.id))
def providers(provider: Row, client: Row, q: Asking) -> Iterator[str]:
    """Those who usually see the client."""
    link = q.row(ClientProvider)
    sees = f"{link.client_id}={client.id} AND {link.provider_id}={provider.id}"
    yield f"EXISTS (SELECT 1 FROM {q.see(ClientProvider)} {link} WHERE {sees})"


@means("Client.groups", order=lambda g, q: (shown_name(g, q), g.id))
def groups(group: Row, client: Row, q: Asking) -> Iterator[str]:
    """Those the client is in now and that are not put away, by name."""
    yield f"{group.archived_at} IS NULL"
    link = q.row(GroupMembership)
    belongs = f"{link.client_id}={client.id} AND {link.group_id}={group.id} AND {link.left_at} IS NULL"
    yield f"EXISTS (SELECT 1 FROM {q.see(GroupMembership)} {link} WHERE {belongs})"


@means("Client.memberships", order=lambda m, _: (m.joined_at, m.id))
def memberships(membership: Row, client: Row, _q: Asking) -> Iterator[str]:
    """All of the client's, ended ones too, oldest first."""
    yield f"{membership.client_id}={client.id}"


def last_name(client_id: str, q: Asking) -> str:
    """Give what rows about clients are sorted by."""
    client = q.row(Client)
    return f"(SELECT {client.sort_name} FROM {q.see(Client)} {client} WHERE {client.id}={client_id})"


def shown_name(group: Row, q: Asking) -> str:
    """Give what a group is sorted by: what the viewer sees it called."""
    known = access.full_name(group, q)
    if known in {"true", "false"}:
        return group.sort_name if known == "true" else group.sort_initials
    return f"(CASE WHEN {known} THEN {group.sort_name} ELSE {group.sort_initials} END)"


# What is done


async def create_client(viewer: Viewer, *, provider_ids: list[str] | None = None, **given: Any) -> Given:
    """Add a client; a provider who names nobody is the one who usually sees them."""
    access.may_create_client(viewer)
    new = Client(practice_id=viewer.practice_id)
    new.take({"first_name": None, "last_name": None, **given})
    wanted = await _usual(viewer, provider_ids)
    await new.save()
    await _set_usual(viewer, new, wanted)
    return Given("CreateClientPayload", {"client": new.id})


async def update_client(viewer: Viewer, id: str, expected_version: int | None = None, **given: Any) -> Given:
    """Change what is given; who is no longer in care is taken back first."""
    found = await access.client(viewer, id, change=True, lock=True)
    if expected_version not in {None, found.version}:
        raise VersionConflict("Client", found.id)
    if given.keys() - {"active"} and not given.get("active"):
        found.refuse_inactive("input.active")
    changed = found.take(given)
    if "active" in given and given["active"] is None:
        raise InvalidInput({"input.active": "This is needed."})
    if "active" in given and given["active"] != found.active:
        found.active = given["active"]
        changed.add("active")
    regrouped = "provider_ids" in given and await _set_usual(
        viewer, found, await _usual(viewer, given["provider_ids"] or [], already=found)
    )
    if changed or regrouped:
        found.version += 1
        await found.save(update_fields=[*changed, "version"])
    if "name" in changed:
        await tell_sessions_of_client(found)
    return Given("UpdateClientPayload", {"client": found.id})


async def _usual(viewer: Viewer, wires: list[str] | None, already: Client | None = None) -> set[Any]:
    """Give the providers who are to see the client; a provider cannot put a client out of their own sight."""
    path = "input.providerIds"
    if wires is None:
        return {viewer.provider_id} if viewer.provider_id else set()
    if len(wires) > MOST_IN_A_LIST:
        raise InvalidInput({path: f"At most {MOST_IN_A_LIST} providers."})
    found = await access.providers(viewer, wires)
    kept = {link.provider_id for link in await access.usual_providers(already)} if already else set()
    if any(not provider.active and provider.id not in kept for provider in found):
        raise InvalidInput({path: "One of these providers works here no more."})
    wanted = {provider.id for provider in found}
    if viewer.scope.office:
        return wanted
    if already is not None and viewer.provider_id not in kept:
        if wanted != kept:
            raise InvalidInput({path: "Only who usually sees this client, or the office, changes this."})
    elif viewer.provider_id not in wanted:
        raise InvalidInput({path: "You would lose sight of this client: name yourself too, or ask the office."})
    return wanted


async def _set_usual(viewer: Viewer, of: Client, wanted: set[Any]) -> bool:
    links = {link.provider_id: link for link in await access.usual_providers(of)}
    gone = [link for provider, link in links.items() if provider not in wanted]
    new = sorted(wanted - links.keys())
    if gone:
        await ClientProvider.delete_all(gone)
    await ClientProvider.create_all(
        [ClientProvider(practice_id=viewer.practice_id, client_id=of.id, provider_id=provider) for provider in new]
    )
    if gone or new:
        await keep_client_access([of.id])
    return bool(gone or new)
