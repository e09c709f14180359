"""Setting up: what the operator does at the command line before anybody can sign in."""

from __future__ import annotations

from collections.abc import Iterable

from models import ChartTemplate, Practice, Provider, ServiceCode, User
from models.base import now
from models.contact import email as checked_email
from models.events import wake
from models.practice import Role, email_key
from models.problems import Forbidden, InvalidInput
from models.text import fold, line, tidy
from resolvers import access
from resolvers.practice.sign_in import hashed_password
from resolvers.viewer import OPERATOR, Viewer

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000


def _operator_only(viewer: Viewer) -> None:
    if viewer is not OPERATOR:
        raise Forbidden


async def create_practice(viewer: Viewer, *, name: str, time_zone: str, currency: str) -> Practice:
    """Make a practice with the codes that each begins with; its name is not taken twice here."""
    _operator_only(viewer)
    practice = Practice(name=tidy(name), time_zone=time_zone, currency=currency.upper())
    practice.check()
    if await access.practices_by_name(practice.name, lock=True):
        raise InvalidInput({"input.name": "There is a practice of this name already."})
    await practice.save()
    await ServiceCode.create_all(ServiceCode.first_of(practice))
    await ChartTemplate.create_all(ChartTemplate.first_of(practice))
    return practice


async def create_user(
    viewer: Viewer,
    *,
    practice: str,
    email: str,
    password: str,
    roles: Iterable[Role],
    name: str | None = None,
    credentials: str | None = None,
    client_id: str | None = None,
) -> User:
    """Let somebody sign in to the practice of this name; a provider gets a calendar, a client their own record."""
    _operator_only(viewer)
    wanted = frozenset(roles)
    problems: dict[str, str] = {}
    found = await access.practices_by_name(tidy(practice))
    if len(found) != 1:
        problems["input.practice"] = "There is no practice of this name."
    address = checked_email(problems, "input.email", tidy(email))
    shown = line(problems, "input.name", name or address.partition("@")[0], 200)
    titles = line(problems, "input.credentials", credentials, 60, needed=False)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        problems["input.password"] = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
    _check_roles(problems, wanted, client_id)
    if await access.user_by_email(email_key(address)):
        problems["input.email"] = "Somebody signs in with this address already."
    if problems or shown is None:
        raise InvalidInput(problems)
    user = User(
        practice_id=found[0].id,
        name=shown,
        email=address,
        email_key=email_key(address),
        roles=" ".join(role for role in Role if role in wanted),
    )
    if client_id is not None:
        client = await access.client_of_practice(found[0], client_id)
        if client is None:
            raise InvalidInput({"input.client": "There is no client with this id in the practice."})
        if await access.user_of_client(client):
            raise InvalidInput({"input.client": "Somebody signs in as this client already."})
        user.client_id, user.name = client.id, client.name
    if Role.PROVIDER in wanted:
        provider = await Provider.create(practice_id=found[0].id, name=shown, sort_name=fold(shown), credentials=titles)
        user.provider_id = provider.id
    user.password_hash = await hashed_password(viewer, password)
    await user.save()
    return user


async def deactivate_user(viewer: Viewer, email: str) -> User | None:
    """Let somebody sign in no more, and end all that they are signed in with; None where nobody has this address."""
    _operator_only(viewer)
    user = await access.user_by_email(email_key(email))
    if user is None:
        return None
    if user.deactivated_at is None:
        user.deactivated_at = now()
        await user.save(update_fields=["deactivated_at"])
    for held in await access.sign_ins_of(user):
        held.ended_at = now()
        await held.save(update_fields=["ended_at"])
    wake(user.practice_id)
    return user


async def activate_user(viewer: Viewer, email: str) -> User | None:
    """Let somebody sign in again; None where nobody has this address."""
    _operator_only(viewer)
    user = await access.user_by_email(email_key(email))
    if user is not None and user.deactivated_at is not None:
        user.deactivated_at = None
        await user.save(update_fields=["deactivated_at"])
    return user


def _check_roles(problems: dict[str, str], roles: frozenset[Role], client_id: str | None) -> None:
    if not roles:
        problems["input.role"] = "A person needs a role."
    elif Role.CLIENT in roles and len(roles) > 1:
        problems["input.role"] = "A client in the portal has no other role."
    if (client_id is not None) != (Role.CLIENT in roles):
        problems["input.client"] = "The client's id belongs to the role CLIENT, and to it alone."
