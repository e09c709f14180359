"""Signing in and out: passwords, tokens, and the slow-down after repeated failures."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models import SignIn, User
from models.audit.buffer import note
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, append
from models.base import now
from models.database import fetch
from models.events import wake
from models.ids import uuid7
from models.practice import Role, email_key
from models.problems import RateLimited, Refused
from models.unit_of_work import current_unit, unit_of_work
from resolvers import access
from resolvers.acting import Given
from resolvers.practice.idleness import note_seen
from resolvers.viewer import Viewer

SIGNED_IN_FOR = timedelta(hours=12)
TRIES_FROM_ONE_ADDRESS = 5
TRIES_ON_ONE_ACCOUNT = 50
TRIES_WITHIN = timedelta(minutes=15)

_hasher = PasswordHasher()
# Each takes 64 MiB and a core for a tenth of a second: two at a time leave room for everybody else. One that was begun
# goes on though nobody waits for it any more, and so it counts until it is done.
_hashing = ThreadPoolExecutor(2, "hashing")


class WrongCredentials(Refused):
    """Address and password do not belong together."""

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("WrongCredentials", "This address and password do not belong together.")


async def sign_in(
    viewer: Viewer,
    *,
    email: str,
    password: str,
    address: str,
    channel: AuditChannel = AuditChannel.HTTP,
    document: str | None = None,
    idle_seconds: int | None = None,
) -> tuple[Given, str]:
    """Give the payload and the token of a new sign-in, which ends when it is idle for so long.

    It manages its own units: a failure must be counted.
    """
    del viewer

    def asked(user: User, begun: Viewer | None = None) -> Asked:
        sign_in_id = begun.sign_in_id if begun else None
        return Asked(user.practice_id, user.id, user.roles, "signIn", channel, document, sign_in_id, address)

    wanted = email_key(email)
    throttles = {_hash(f"{wanted}|{address}"): TRIES_FROM_ONE_ADDRESS, _hash(wanted): TRIES_ON_ONE_ACCOUNT}
    await unit_of_work(lambda: _count(throttles))
    user = await access.user_by_email(wanted)
    good = await password_is(user.password_hash if user else _nobodys(), password)
    if user is None:
        raise WrongCredentials

    async def begin() -> tuple[Given, str] | None:
        # Asked in this unit, as the password took its time.
        if not await access.is_active(user):
            return None
        await _forgive(list(throttles))
        given, token = await _begin(user, SIGNED_IN_FOR, idle_seconds)
        entry = Entry(asked(user, given.viewer), AuditAction.EXECUTE)
        current_unit().at_end.append(lambda: append(user.practice_id, [entry]))
        return given, token

    begun = await unit_of_work(begin) if good else None
    if begun is None:
        note(Entry(asked(user), AuditAction.EXECUTE, WrongCredentials.__name__))
        raise WrongCredentials
    return begun


async def sign_out(viewer: Viewer) -> bool:
    """End the viewer's sign-in; False where it had ended."""
    if viewer.sign_in_id is None or (held := await access.sign_in_by_id(viewer.sign_in_id)) is None:
        return False
    held.ended_at = now()
    await held.save(update_fields=["ended_at"])
    wake(held.practice_id)
    return True


async def issue_token(viewer: Viewer, user: User, lasts: timedelta) -> str:
    """Give a new token for this user, as the operator does at the command line."""
    del viewer
    return (await _begin(user, lasts))[1]


async def holder(viewer: Viewer | None, token: str) -> Viewer | None:
    """Say who holds this token; None when it is not, or no longer, good."""
    del viewer
    held = await access.sign_in_by_token(_hash(token))
    if held is None:
        return None
    note_seen(held["sign_in_id"], held["idle_seconds"], held["idle_until"])
    return Viewer(
        practice_id=_uuid(held["practice_id"]),
        user_id=_uuid(held["user_id"]),
        roles=frozenset(Role(role) for role in held["roles"].split()),
        provider_id=_uuid(held["provider_id"]),
        client_id=_uuid(held["client_id"]),
        name=held["name"],
        currency=held["currency"],
        time_zone=held["time_zone"],
        sign_in_id=_uuid(held["sign_in_id"]),
    )


async def hashed_password(viewer: Viewer, password: str) -> str:
    """Give the password as it is kept."""
    del viewer
    given = password.encode("utf-8", "surrogatepass")
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, given)


async def password_is(kept: str, password: str) -> bool:
    """Whether the password is the one that is kept as `kept`."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _verify, kept, password)


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    # Whoever asks for an address that is not there waits as long as for one that is.
    return _hasher.hash(secrets.token_hex())


async def _begin(user: User, lasts: timedelta, idle_seconds: int | None = None) -> tuple[Given, str]:
    token = secrets.token_urlsafe(32)
    moment = now()
    begun = await SignIn.create(
        practice_id=user.practice_id,
        user_id=user.id,
        token_hash=_hash(token),
        created_at=moment,
        expires_at=moment + lasts,
        idle_seconds=idle_seconds,
        idle_until=moment + timedelta(seconds=idle_seconds) if idle_seconds else None,
    )
    viewer = await holder(None, token)
    facts: dict[str, str | datetime] = {"token": token, "expires_at": begun.expires_at}
    return Given("SignInPayload", {"viewer": user.id}, facts, viewer), token


async def _count(throttles: dict[str, int]) -> None:
    moment = now()
    for key, most in throttles.items():
        [row] = await fetch(
            "INSERT INTO sign_in_throttle (id,email_hash,tries,since) VALUES ($1,$2,1,$3)"
            " ON CONFLICT (email_hash) DO UPDATE SET"
            " tries=CASE WHEN sign_in_throttle.since<$4 THEN 1 ELSE sign_in_throttle.tries+1 END,"
            # What was forgiven begins to count anew.
            " since=CASE WHEN sign_in_throttle.since<$4 OR sign_in_throttle.tries=0"
            " THEN excluded.since ELSE sign_in_throttle.since END"
            " RETURNING tries",
            [uuid7(), key, moment, moment - TRIES_WITHIN],
        )
        if row["tries"] > most:
            raise RateLimited(
                "Too many tries. Wait before you try again.", retryAfterSeconds=int(TRIES_WITHIN.total_seconds())
            )


async def _forgive(keys: list[str]) -> None:
    for key in keys:
        await fetch("UPDATE sign_in_throttle SET tries=0 WHERE email_hash=$1", [key])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _uuid(value: object) -> UUID | None:
    return None if value is None else UUID(str(value))
