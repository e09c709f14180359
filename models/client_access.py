"""Who may see a client because they are their provider: a kept table, so that the question is one look-up.

The rule it stands for: the provider usually sees the client, or the client is or was a member of a group that the
provider owns or shares, or the provider has an appointment with the client alone. Former members count, as their past
sessions stay the group's.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models.database import dialect, fetch

RULE = """
SELECT cp.practice_id, cp.provider_id, cp.client_id FROM client_provider cp
UNION SELECT m.practice_id, g.provider_id, m.client_id
 FROM group_membership m JOIN therapy_group g ON g.id = m.group_id
UNION SELECT m.practice_id, s.provider_id, m.client_id
 FROM group_membership m JOIN group_share s ON s.group_id = m.group_id
UNION SELECT a.practice_id, a.provider_id, a.client_id FROM appointment a WHERE a.client_id IS NOT NULL
"""


async def keep_client_access(clients: Iterable[UUID]) -> None:
    """Make `client_access` say what the rule says for these clients.

    Their rows are locked first: of two units that each take away one reason, the second must see the first's.
    """
    ids = sorted(set(clients))
    if not ids:
        return
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    lock = " FOR NO KEY UPDATE" if dialect() == "postgres" else ""
    await fetch(f"SELECT id FROM client WHERE id IN ({places}) ORDER BY id{lock}", ids)  # noqa: S608 - only placeholders
    rule = f"SELECT * FROM ({RULE}) r WHERE r.client_id IN ({places})"  # noqa: S608
    await fetch(
        f"DELETE FROM client_access WHERE client_id IN ({places}) AND NOT EXISTS (SELECT 1 FROM ({rule}) k"  # noqa: S608
        " WHERE k.provider_id = client_access.provider_id AND k.client_id = client_access.client_id)",
        ids,
    )
    await fetch(
        "INSERT INTO client_access (practice_id, provider_id, client_id)"  # noqa: S608
        f" SELECT k.practice_id, k.provider_id, k.client_id FROM ({rule}) k WHERE true ON CONFLICT DO NOTHING",
        ids,
    )
