"""Many providers who are all alike but for what is theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import models
from models.client_access import keep_client_access
from models.ids import uuid7
from models.practice import Role
from resolvers.viewer import Viewer


async def crowd(count: int) -> list[tuple[Viewer, UUID, UUID]]:
    """Make as many providers, each with a group and a client in it; give them as (viewer, client, group)."""
    practice = await models.Practice.create(name="P", time_zone="UTC", currency="USD")
    shared: dict[str, Any] = {"practice_id": practice.id}
    code = await models.ServiceCode.create(
        **shared, code="90853", label="Group", kind="STANDARD", fee_minor=1, duration_minutes=60
    )
    ids = [uuid7() for _ in range(count)]
    made = []
    providers, clients, groups, memberships, users = [], [], [], [], []
    for n, provider in enumerate(ids):
        client, group, user = models.Client(**shared), models.Group(**shared), uuid7()
        client.take({"first_name": "Own", "last_name": f"Client {n}"})
        group.take({"name": f"Own group {n}", "initials": "O"})
        group.provider_id, group.default_service_code_id = provider, code.id
        providers.append(models.Provider(**shared, id=provider, name=f"P{n}", sort_name=f"p{n}"))
        clients.append(client)
        groups.append(group)
        memberships.append(models.GroupMembership(**shared, group_id=group.id, client_id=client.id))
        email = f"{n}@p.example"
        users.append(
            models.User(
                **shared,
                id=user,
                name=f"U{n}",
                email=email,
                email_key=email,
                password_hash="-",
                roles="PROVIDER",
                provider_id=provider,
            )
        )
        viewer = Viewer(practice.id, user, frozenset({Role.PROVIDER}), provider_id=provider, currency="USD")
        made.append((viewer, client.id, group.id))
    await models.Provider.bulk_create(providers)
    await models.Client.bulk_create(clients)
    await models.Group.bulk_create(groups)
    await models.GroupMembership.bulk_create(memberships)
    await models.User.bulk_create(users)
    await keep_client_access([client.id for client in clients])
    return made
