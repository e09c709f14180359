"""What is read before anybody is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models import Client, Practice, SignIn, User
from models.base import now
from models.database import dialect, fetch
from models.ids import row_id
from models.text import is_line


async def user_by_email(email_key: str) -> User | None:
    """Give who signs in with this address."""
    return await User.get_or_none(email_key=email_key) if is_line(email_key, 254) else None


async def is_active(user: User) -> bool:
    """Say whether somebody may still sign in; nobody deactivates them until this unit is done."""
    found = User.filter(id=user.id, deactivated_at=None)
    return await (found.select_for_update(no_key=True) if dialect() == "postgres" else found).first() is not None


async def is_there_a_practice() -> bool:
    """Say whether there is any practice here yet."""
    return await Practice.exists()


async def practices_by_name(name: str, *, lock: bool = False) -> list[Practice]:
    """Give the practices of this name; with `lock`, nobody makes another until this unit is done."""
    if lock and dialect() == "postgres":
        await fetch("LOCK TABLE practice IN SHARE ROW EXCLUSIVE MODE")
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
        "SELECT s.id AS sign_in_id,u.id AS user_id,u.practice_id,u.roles,u.provider_id,u.client_id,u.name"
        ",p.currency,p.time_zone,s.idle_seconds,s.idle_until"
        " FROM sign_in s JOIN user_account u ON u.id=s.user_id JOIN practice p ON p.id=u.practice_id"
        " WHERE s.token_hash=$1 AND s.ended_at IS NULL AND s.expires_at>$2"
        " AND (s.idle_until IS NULL OR s.idle_until>$2) AND u.deactivated_at IS NULL",
        [token_hash, now()],
    )
    return rows[0] if rows else None


async def sign_in_by_id(identifier: UUID) -> SignIn | None:
    """Give a sign-in that has not ended."""
    return await SignIn.get_or_none(id=identifier, ended_at=None)


async def sign_ins_of(user: User) -> list[SignIn]:
    """Give the sign-ins of somebody that have not ended."""
    return await SignIn.filter(user_id=user.id, ended_at=None).order_by("id")
