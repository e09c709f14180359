"""May I? Which rows a viewer may see and change, and the one door to rows that are to be changed.

The reader puts `VISIBLE` on every table it touches, at every depth. A row is visible only if everything it must point
to is. Not yours and not there look the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from tortoise.models import Model

from models import (
    Client,
    ClientProvider,
    Group,
    GroupMembership,
    GroupShare,
    IdempotencyKey,
    Practice,
    Provider,
    ServiceCode,
    SignIn,
    User,
)
from models.base import now
from models.database import connection, dialect, fetch
from models.ids import row_id
from models.problems import Forbidden, NotFound
from models.text import is_line
from resolvers.reading.asking import Asking, Row, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.run import Plans
from resolvers.viewer import Viewer

M = TypeVar("M", bound=Model)
Rule = Callable[[Row, Asking], str]


def _any(*rules: str) -> str:
    return " OR ".join(rules) or "false"


def _in_practice(row: Row, q: Asking, *rules: str) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')} AND ({_any(*rules)})"


# Who holds what


def holds(group: Row, provider: str) -> str:
    """Whether a provider owns or shares the group."""
    share = f"SELECT 1 FROM {table_of(GroupShare)} s WHERE s.group_id={group.id} AND s.provider_id={provider}"
    return f"{group.provider_id}={provider} OR EXISTS ({share})"


def _my_client(client_id: str, q: Asking) -> str:
    mine = f"a.provider_id={q.viewer('provider_id')} AND a.client_id={client_id}"
    return f"EXISTS (SELECT 1 FROM client_access a WHERE {mine})"


def _ever_mine(group_id: str, q: Asking) -> str:
    belonged = f"m.group_id={group_id} AND m.client_id={q.viewer('client_id')}"
    return f"EXISTS (SELECT 1 FROM {table_of(GroupMembership)} m WHERE {belonged})"


# Which rows may be seen


def _practice(practice: Row, q: Asking) -> str:
    return f"{practice.id}={q.viewer('practice_id')}"


def _user(user: Row, q: Asking) -> str:
    return _in_practice(user, q, f"{user.id}={q.viewer('user_id')}")


def _provider(provider: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return _in_practice(provider, q, "true")
    rules = []
    if q.scope.client:
        me = q.viewer("client_id")
        sees = f"SELECT 1 FROM {table_of(ClientProvider)} x WHERE x.provider_id={provider.id} AND x.client_id={me}"
        group = q.row(Group)
        leads = f"SELECT 1 FROM {table_of(Group)} {group} WHERE ({holds(group, provider.id)})"
        rules = [f"EXISTS ({sees})", f"EXISTS ({leads} AND {_ever_mine(group.id, q)})"]
    return _in_practice(provider, q, *rules)


def _service_code(code: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return _in_practice(code, q, "true")
    rules = []
    if q.scope.client:
        # No list of codes is a client's; but a group cannot be seen without its own.
        mine = f"g.default_service_code_id={code.id} AND {_ever_mine('g.id', q)}"
        rules = [f"EXISTS (SELECT 1 FROM {table_of(Group)} g WHERE {mine})"]
    return _in_practice(code, q, *rules)


def _client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(client, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(_my_client(client.id, q))
    if q.scope.client:
        rules.append(f"{client.id}={q.viewer('client_id')}")
    return _in_practice(client, q, *rules)


def _group(group: Row, q: Asking) -> str:
    if q.scope.office:
        return _in_practice(group, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(holds(group, q.viewer("provider_id")))
    if q.scope.client:
        rules.append(_ever_mine(group.id, q))
    return _in_practice(group, q, *rules)


def _membership(membership: Row, q: Asking) -> str:
    if q.scope.rosters:
        return _in_practice(membership, q, "true")
    rules = []
    if q.scope.provider:
        group = q.row(Group)
        held = f"{group.id}={membership.group_id} AND ({holds(group, q.viewer('provider_id'))})"
        rules.append(f"EXISTS (SELECT 1 FROM {table_of(Group)} {group} WHERE {held})")
    if q.scope.client:
        rules.append(f"{membership.client_id}={q.viewer('client_id')}")
    return _in_practice(membership, q, *rules)


def _link(link: Row, q: Asking) -> str:
    # Nothing is read from a link but its two ends, each of which has a rule of its own.
    return _in_practice(link, q, "true")


VISIBLE: dict[type[Model], Rule] = {
    Practice: _practice,
    User: _user,
    Provider: _provider,
    ServiceCode: _service_code,
    Client: _client,
    ClientProvider: _link,
    Group: _group,
    GroupShare: _link,
    GroupMembership: _membership,
}


def full_name(group: Row, q: Asking) -> str:
    """Whether the viewer may know the group by more than its initials, as its name can reveal a diagnosis."""
    if q.scope.rosters:
        return "true"
    return holds(group, q.viewer("provider_id")) if q.scope.provider else "false"


# Which of them may be changed


def _may_change_client(client: Row, q: Asking) -> str:
    if q.scope.office:
        return "true"
    return _my_client(client.id, q) if q.scope.provider else "false"


def _may_change_group(group: Row, q: Asking) -> str:
    if q.scope.rosters:
        return "true"
    return holds(group, q.viewer("provider_id")) if q.scope.provider else "false"


def _may_change_service_code(_code: Row, q: Asking) -> str:
    return "true" if q.scope.admin else "false"


CHANGEABLE: dict[type[Model], Rule] = {
    Client: _may_change_client,
    Group: _may_change_group,
    ServiceCode: _may_change_service_code,
}


def may_create_client(viewer: Viewer) -> None:
    """Refuse whoever may not add clients."""
    if not (viewer.scope.office or viewer.scope.provider):
        raise Forbidden


def may_create_group(viewer: Viewer) -> None:
    """Refuse whoever may not make groups."""
    if not (viewer.scope.rosters or viewer.scope.provider):
        raise Forbidden


def may_create_service_code(viewer: Viewer) -> None:
    """Refuse whoever may not change what the practice charges."""
    if not viewer.scope.admin:
        raise Forbidden


# The door

_statements: Plans[tuple[str, list[Any]]] = Plans(200)


async def _rows(viewer: Viewer, model: type[M], ids: list[UUID], *, change: bool, lock: bool) -> list[M]:
    written = DIALECTS[dialect()]
    scope = viewer.scope

    def write() -> tuple[str, list[Any]]:
        ask = Asking(written, scope)
        row = ask.row(model)
        wanted = written.id_among(row.id, ask.param("ids", written.ids_kind, lambda run: run.given["ids"]))
        may = CHANGEABLE[model](row, ask) if change else "true"
        locked = f" FOR UPDATE OF {row}" if lock and written.name == "postgres" else ""
        sql = (
            f"SELECT {row}.*,({may}) AS may_change FROM {table_of(model)} {row}"
            f" WHERE {wanted} AND ({ask.visible(model, row)}) ORDER BY {row.id}{locked}"
        )
        return ask.finish(sql)

    sql, binds = _statements.get((written.name, model, scope, change, lock), write)
    run = Run(viewer, given={"ids": ids})
    found = await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds])
    if len(found) < len(ids):
        raise NotFound
    if not all(row.pop("may_change") for row in found):
        raise Forbidden
    return [model._init_from_db(**row) for row in found]  # noqa: SLF001 - what Tortoise makes of its own rows


async def _row(
    viewer: Viewer, model: type[M], prefix: str, wire: str, *, change: bool = False, lock: bool = False
) -> M:
    wanted = row_id(prefix, wire)
    if wanted is None:
        raise NotFound
    return (await _rows(viewer, model, [wanted], change=change, lock=lock))[0]


async def client(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Client:
    """Give a client of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, Client, "clt", wire, change=change, lock=lock)


async def clients(viewer: Viewer, wires: Iterable[str]) -> list[Client]:
    """Give all of these clients, locked, or NOT_FOUND."""
    ids = [row_id("clt", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, Client, known, change=False, lock=True)


async def group(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> Group:
    """Give a group of the viewer's, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, Group, "grp", wire, change=change, lock=lock)


async def provider(viewer: Viewer, wire: str) -> Provider:
    """Give a provider of the practice, or NOT_FOUND."""
    return await _row(viewer, Provider, "prv", wire)


async def providers(viewer: Viewer, wires: Iterable[str]) -> list[Provider]:
    """Give all of these providers, or NOT_FOUND."""
    ids = [row_id("prv", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await _rows(viewer, Provider, known, change=False, lock=False)


async def providers_by_row(viewer: Viewer, ids: list[UUID]) -> list[Provider]:
    """Give these providers of the practice."""
    return await _rows(viewer, Provider, ids, change=False, lock=False)


async def service_code(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> ServiceCode:
    """Give a service code of the practice, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await _row(viewer, ServiceCode, "svc", wire, change=change, lock=lock)


async def service_code_by_code(viewer: Viewer, code: str) -> ServiceCode | None:
    """Give the practice's code that is spelled so."""
    return await ServiceCode.get_or_none(practice_id=viewer.practice_id, code=code)


async def only_provider(viewer: Viewer) -> Provider | None:
    """Give the practice's provider where there is but one."""
    active = await Provider.filter(practice_id=viewer.practice_id, active=True).limit(2)
    return active[0] if len(active) == 1 else None


# What hangs on a row that came through the door


async def membership(of: Group, who: Client) -> GroupMembership | None:
    """Give the client's current membership of the group."""
    return await GroupMembership.get_or_none(group_id=of.id, client_id=who.id, left_at=None)


async def ever_members(of: Group) -> list[UUID]:
    """Give the clients who belong or belonged to the group."""
    return [row["client_id"] for row in await GroupMembership.filter(group_id=of.id).distinct().values("client_id")]


async def share(of: Group, with_: UUID) -> GroupShare | None:
    """Give the provider's share of the group."""
    return await GroupShare.get_or_none(group_id=of.id, provider_id=with_)


async def usual_providers(of: Client) -> list[ClientProvider]:
    """Give who usually sees the client."""
    return await ClientProvider.filter(client_id=of.id)


async def answered(viewer: Viewer, operation: str, key: str) -> IdempotencyKey | None:
    """Give what this person was answered under this key."""
    return await IdempotencyKey.get_or_none(
        practice_id=viewer.practice_id, user_id=viewer.user_id, operation=operation, key=key
    )


# Before anybody is signed in


async def user_by_email(email_key: str) -> User | None:
    """Give who signs in with this address."""
    return await User.get_or_none(email_key=email_key) if is_line(email_key, 254) else None


async def is_there_a_practice() -> bool:
    """Say whether there is any practice here yet."""
    return await Practice.exists()


async def practices_by_name(name: str) -> list[Practice]:
    """Give the practices of this name."""
    return await Practice.filter(name=name).limit(2) if is_line(name, 200) else []


async def client_of_practice(practice: Practice, wire: str) -> Client | None:
    """Give a client of this practice."""
    return await Client.get_or_none(practice_id=practice.id, id=row_id("clt", wire))


async def user_of_client(client: Client) -> User | None:
    """Give who signs in as this client."""
    return await User.get_or_none(practice_id=client.practice_id, client_id=client.id)


async def sign_in_by_token(token_hash: str) -> dict[str, Any] | None:
    """Give who holds this token, as long as the sign-in has neither ended nor expired."""
    rows = await fetch(
        "SELECT s.id AS sign_in_id,u.id AS user_id,u.practice_id,u.roles,u.provider_id,u.client_id,p.currency"
        " FROM sign_in s JOIN user_account u ON u.id=s.user_id JOIN practice p ON p.id=u.practice_id"
        " WHERE s.token_hash=$1 AND s.ended_at IS NULL AND s.expires_at>$2",
        [token_hash, now()],
    )
    return rows[0] if rows else None


async def sign_in_by_id(identifier: UUID) -> SignIn | None:
    """Give a sign-in that has not ended."""
    return await SignIn.get_or_none(id=identifier, ended_at=None)
