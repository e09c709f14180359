"""The practice: whose people and codes are seen, and who changes them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models import (
    Appointment,
    Attendance,
    ChartNote,
    ClientProvider,
    Group,
    IdempotencyKey,
    Practice,
    Provider,
    ServiceCode,
    User,
)
from models.ids import row_id
from models.problems import Forbidden, NotFound
from resolvers.access.door import by_wire, rows
from resolvers.access.holding import ever_mine, holds, my_session
from resolvers.access.rules import changeable, in_practice, visible
from resolvers.reading.asking import Asking, Row, table_of
from resolvers.viewer import Viewer


@visible(Practice)
def _practice(practice: Row, q: Asking) -> str:
    return f"{practice.id}={q.viewer('practice_id')}"


@visible(User)
def _user(user: Row, q: Asking) -> str:
    return in_practice(user, q, f"{user.id}={q.viewer('user_id')}")


@visible(Provider)
def _provider(provider: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return in_practice(provider, q, "true")
    rules = []
    if q.scope.client:
        me = q.viewer("client_id")
        sees = f"SELECT 1 FROM {table_of(ClientProvider)} x WHERE x.provider_id={provider.id} AND x.client_id={me}"
        group = q.row(Group)
        leads = f"SELECT 1 FROM {table_of(Group)} {group} WHERE ({holds(group, provider.id)})"
        met = f"SELECT 1 FROM {table_of(Appointment)} w WHERE w.provider_id={provider.id} AND {my_session('w.id', q)}"
        wrote = f"k.provider_id={provider.id} AND k.client_id={me} AND k.locked_at IS NOT NULL"
        signed = f"SELECT 1 FROM {table_of(ChartNote)} k WHERE {wrote}"
        rules = [f"EXISTS ({reason})" for reason in (sees, f"{leads} AND {ever_mine(group.id, q)}", met, signed)]
    return in_practice(provider, q, *rules)


@visible(ServiceCode)
def _service_code(code: Row, q: Asking) -> str:
    if q.scope.office or q.scope.provider:
        return in_practice(code, q, "true")
    rules = []
    if q.scope.client:
        # No list of codes is a client's; but a group cannot be seen without its own, nor what they were charged.
        usual = f"g.default_service_code_id={code.id} AND {ever_mine('g.id', q)}"
        charged = f"l.service_code_id={code.id} AND l.client_id={q.viewer('client_id')}"
        rules = [
            f"EXISTS (SELECT 1 FROM {table_of(Group)} g WHERE {usual})",
            f"EXISTS (SELECT 1 FROM {table_of(Attendance)} l WHERE {charged})",
        ]
    return in_practice(code, q, *rules)


@changeable(ServiceCode)
def _may_change_service_code(_code: Row, q: Asking) -> str:
    return "true" if q.scope.admin else "false"


def may_create_service_code(viewer: Viewer) -> None:
    """Refuse whoever may not change what the practice charges."""
    if not viewer.scope.admin:
        raise Forbidden


async def provider(viewer: Viewer, wire: str) -> Provider:
    """Give a provider of the practice, or NOT_FOUND."""
    return await by_wire(viewer, Provider, "prv", wire)


async def providers(viewer: Viewer, wires: Iterable[str]) -> list[Provider]:
    """Give all of these providers, or NOT_FOUND."""
    ids = [row_id("prv", wire) for wire in dict.fromkeys(wires)]
    if not ids:
        return []
    known = [i for i in ids if i is not None]
    if len(known) < len(ids):
        raise NotFound
    return await rows(viewer, Provider, known, change=False, lock=False)


async def providers_by_row(viewer: Viewer, ids: list[UUID]) -> list[Provider]:
    """Give these providers of the practice."""
    return await rows(viewer, Provider, ids, change=False, lock=False)


async def service_code(viewer: Viewer, wire: str, *, change: bool = False, lock: bool = False) -> ServiceCode:
    """Give a service code of the practice, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    return await by_wire(viewer, ServiceCode, "svc", wire, change=change, lock=lock)


async def service_code_by_code(viewer: Viewer, code: str) -> ServiceCode | None:
    """Give the practice's code that is spelled so."""
    return await ServiceCode.get_or_none(practice_id=viewer.practice_id, code=code)


async def only_provider(viewer: Viewer) -> Provider | None:
    """Give the practice's provider where there is but one."""
    active = await Provider.filter(practice_id=viewer.practice_id, active=True).limit(2)
    return active[0] if len(active) == 1 else None


async def minutes_of_code(code: UUID) -> int:
    """Give how long a session of this code lasts."""
    return (await ServiceCode.get(id=code)).duration_minutes


async def code_by_row(code: UUID) -> ServiceCode:
    """Give the service code that a row of the practice points to."""
    return await ServiceCode.get(id=code)


async def answered(viewer: Viewer, operation: str, key: str) -> IdempotencyKey | None:
    """Give what this person was answered under this key."""
    return await IdempotencyKey.get_or_none(
        practice_id=viewer.practice_id, user_id=viewer.user_id, operation=operation, key=key
    )
