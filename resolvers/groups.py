"""Groups: what their fields mean, and how they are made, changed, filled and put away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from models import Group, GroupMembership, GroupShare, Provider, ServiceCode
from models.base import now
from models.client_access import keep_client_access
from models.events import Hearers
from models.practice import ServiceCodeKind
from models.problems import InvalidInput, VersionConflict
from models.rosters import join_coming_sessions, leave_coming_sessions, tell_sessions_of_group
from resolvers import access
from resolvers.acting import Given
from resolvers.clients import MOST_IN_A_LIST, last_name, shown_name
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, means
from resolvers.viewer import Viewer

USUAL_CODE = "90853"

# What the fields mean


@means("Query.group")
def group(row: Row, _q: Asking, id: Arg) -> Iterator[str]:
    """Find the group with this id."""
    yield f"{row.id}={id:grp}"


@means("Query.groups", order=lambda g, q: (shown_name(g, q), g.id))
def groups(row: Row, q: Asking, text: Arg | None, archived: Arg | None) -> Iterator[str]:
    """Groups whose name, as the viewer sees it, holds the text."""
    if text is not None:
        yield q.dialect.contains(searched_name(row, q), f"{text:fold}")
    if archived is not None:
        yield f"({row.archived_at} IS NOT NULL)={archived}"


@means("Group.name")
def name(row: Row, q: Asking) -> str:
    """Give the full name, and only the initials to those who are not to know more."""
    known = access.full_name(row, q)
    return row.name if known == "true" else f"CASE WHEN {known} THEN {row.name} ELSE {row.initials} END"


@means("Group.providers", order=lambda p, _: (p.sort_name, p.id))
def providers(provider: Row, group: Row, q: Asking) -> Iterator[str]:
    """The owner and those the group is shared with, by name."""
    share = q.row(GroupShare)
    shared = f"{share.group_id}={group.id} AND {share.provider_id}={provider.id}"
    yield f"{provider.id}={group.provider_id} OR EXISTS (SELECT 1 FROM {q.see(GroupShare)} {share} WHERE {shared})"


def _last_name(membership: Row, q: Asking) -> tuple[str, ...]:
    return last_name(membership.client_id, q), membership.id


@means("Group.members", order=_last_name)
def members(membership: Row, group: Row, _q: Asking) -> Iterator[str]:
    """Current members, by last name."""
    yield f"{membership.group_id}={group.id}"
    yield f"{membership.left_at} IS NULL"


@means("Group.viewerCanEdit")
def viewer_can_edit(row: Row, q: Asking) -> str:
    """Whether the viewer may change the group and who belongs to it."""
    return access.CHANGEABLE[Group](row, q)


@means("Group.version")
def version(row: Row, q: Asking) -> str:
    """Give how often it was changed to who may change it: others would learn that it was renamed."""
    mine = access.CHANGEABLE[Group](row, q)
    return {"true": row.version, "false": "0"}.get(mine, f"CASE WHEN {mine} THEN {row.version} ELSE 0 END")


def searched_name(group: Row, q: Asking) -> str:
    """Give what a group is found by: nothing that the viewer may not read."""
    known = access.full_name(group, q)
    if known in {"true", "false"}:
        return group.search_name if known == "true" else group.sort_initials
    return f"(CASE WHEN {known} THEN {group.search_name} ELSE {group.sort_initials} END)"


# What is done


async def create_group(
    viewer: Viewer,
    *,
    name: str,
    initials: str,
    default_service_code_id: str | None = None,
    provider_id: str | None = None,
    client_ids: list[str] | None = None,
) -> Given:
    """Make a group with its first members; the only provider of a practice is not asked for."""
    access.may_create_group(viewer)
    new = Group(practice_id=viewer.practice_id)
    new.take({"name": name, "initials": initials})
    new.default_service_code_id = (await _code(viewer, default_service_code_id)).id
    owner = await _owner(viewer, provider_id)
    wires = client_ids or []
    if len(wires) > MOST_IN_A_LIST:
        raise InvalidInput({"input.clientIds": f"At most {MOST_IN_A_LIST} clients at once."})
    first = await access.clients(viewer, wires)
    for client in first:
        client.refuse_inactive("input.clientIds")
    new.provider_id = owner.id
    await new.save()
    if not viewer.scope.rosters:
        # Who makes a group for a colleague goes on with it, as who hands one over does.
        await _keep_share(viewer, new, viewer.provider_id)
    await GroupMembership.create_all(
        [GroupMembership(practice_id=viewer.practice_id, group_id=new.id, client_id=client.id) for client in first]
    )
    await keep_client_access(client.id for client in first)
    return Given("CreateGroupPayload", {"group": new.id})


async def update_group(viewer: Viewer, id: str, expected_version: int | None = None, **given: Any) -> Given:
    """Change what is given, for what is to come: what is charged already stays."""
    found = await access.group(viewer, id, change=True, lock=True)
    if expected_version not in {None, found.version}:
        raise VersionConflict("Group", found.id)
    changed = found.take(given)
    if "default_service_code_id" in given:
        code = await _code(viewer, _needed(given, "default_service_code_id", "input.defaultServiceCodeId"), found)
        if code.id != found.default_service_code_id:
            found.default_service_code_id = code.id
            changed.add("default_service_code_id")
    if "provider_id" in given:
        owner = await _owner(viewer, _needed(given, "provider_id", "input.providerId"), found)
        if owner.id != found.provider_id:
            _refuse_sharer(viewer, found)
            await _hand_over(viewer, found, owner)
            changed.add("provider_id")
    if changed:
        found.version += 1
        await found.save(update_fields=[*changed, "version"])
    if "provider_id" in changed:
        await keep_client_access(await access.ever_members(found))
    if changed & {"name", "initials", "provider_id"}:
        # Clients know their groups by the initials only.
        by_clients = changed & {"initials", "provider_id"}
        await tell_sessions_of_group(found, Hearers.KNOWING if by_clients else Hearers.INSIDE)
    return Given("UpdateGroupPayload", {"group": found.id})


async def archive_group(viewer: Viewer, id: str, *, archived: bool = True) -> Given:
    """Put a group away, or take it back; its members stay."""
    found = await access.group(viewer, id, change=True, lock=True)
    if archived != (found.archived_at is not None):
        found.archived_at = now() if archived else None
        found.version += 1
        await found.save(update_fields=["archived_at", "version"])
    return Given("ArchiveGroupPayload", {"group": found.id})


async def add_group_member(viewer: Viewer, *, group_id: str, client_id: str) -> Given:
    """Make the client a member; one who is stays as they are."""
    found = await access.group(viewer, group_id, change=True, lock=True)
    client = await access.client(viewer, client_id, lock=True)
    membership = await access.membership(found, client)
    joined: list[UUID] = []
    if membership is None:
        found.refuse_archived("input.groupId")
        client.refuse_inactive("input.clientId")
        membership = await GroupMembership.create(
            practice_id=viewer.practice_id, group_id=found.id, client_id=client.id
        )
        await keep_client_access([client.id])
        joined = await join_coming_sessions(found, client)
    return Given(
        "AddGroupMemberPayload",
        {"membership": membership.id, "group": found.id, "client": client.id, "appointments": joined},
    )


async def remove_group_member(viewer: Viewer, *, group_id: str, client_id: str) -> Given:
    """End the membership, and nothing else: what was stays."""
    found = await access.group(viewer, group_id, change=True, lock=True)
    client = await access.client(viewer, client_id, lock=True)
    membership = await access.membership(found, client)
    left: list[UUID] = []
    if membership is not None:
        # The clock may have been set back since they joined.
        membership.left_at = max(now(), membership.joined_at)
        await membership.save(update_fields=["left_at"])
        await keep_client_access([client.id])
        left = await leave_coming_sessions(found, client)
    ended = membership.id if membership else None
    return Given(
        "RemoveGroupMemberPayload",
        {"membership": ended, "group": found.id, "client": client.id, "appointments": left},
    )


def _needed(given: dict[str, Any], name: str, path: str) -> Any:
    if given[name] is None:
        raise InvalidInput({path: "This is needed."})
    return given[name]


async def _code(viewer: Viewer, wire: str | None, of: Group | None = None) -> ServiceCode:
    path = "input.defaultServiceCodeId"
    if wire is not None:
        code = await access.service_code(viewer, wire)
    else:
        usual = await access.service_code_by_code(viewer, USUAL_CODE)
        if usual is None:
            raise InvalidInput({path: f"The practice has no code {USUAL_CODE}: choose another."})
        code = usual
    if of is not None and code.id == of.default_service_code_id:
        return code
    if not code.active:
        raise InvalidInput({path: "This code is not in use any more."})
    if code.kind not in {ServiceCodeKind.STANDARD, ServiceCodeKind.CUSTOM}:
        raise InvalidInput({path: "A session that was attended is charged by a standard or a custom code."})
    return code


async def _owner(viewer: Viewer, wire: str | None, of: Group | None = None) -> Provider:
    path = "input.providerId"
    if wire is not None:
        owner = await access.provider(viewer, wire)
    elif viewer.provider_id is not None:
        [owner] = await access.providers_by_row(viewer, [viewer.provider_id])
    else:
        only = await access.only_provider(viewer)
        if only is None:
            raise InvalidInput({path: "Choose the group's provider."})
        owner = only
    if not owner.active and (of is None or owner.id != of.provider_id):
        raise InvalidInput({path: "This provider works here no more."})
    return owner


def _refuse_sharer(viewer: Viewer, found: Group) -> None:
    """Refuse to hand a group over to whoever only shares it: once it is theirs, they could end its owner's part."""
    if not viewer.scope.rosters and viewer.provider_id != found.provider_id:
        raise InvalidInput({"input.providerId": "Only the group's own provider or the office hands it over."})


async def _hand_over(viewer: Viewer, found: Group, owner: Provider) -> None:
    """Give the group to another provider; who had it goes on with it until it is unshared."""
    before = found.provider_id
    found.provider_id = owner.id
    given = await access.share(found, owner.id)
    if given is not None:
        await given.delete()
    await _keep_share(viewer, found, before)


async def _keep_share(viewer: Viewer, of: Group, provider: UUID | None) -> None:
    if provider is not None and provider != of.provider_id and await access.share(of, provider) is None:
        await GroupShare.create(practice_id=viewer.practice_id, group_id=of.id, provider_id=provider)
