"""`grouproom practice`, `user` and `token`: who is there, and who may sign in."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from grouproom.commands import Failed, trace_operator, trace_operator_about, with_database
from grouproom.settings import read_settings
from models import Practice, User
from models.ids import wire_id
from models.practice import Role, email_key
from models.unit_of_work import unit_of_work
from resolvers import access
from resolvers.practice import set_up
from resolvers.practice.sign_in import issue_token
from resolvers.viewer import OPERATOR, Viewer

API_TOKEN_LASTS = timedelta(days=90)


def create_practice(options: argparse.Namespace) -> int:
    """Make a practice, and print its id."""

    async def work() -> Practice:
        made = await set_up.create_practice(
            OPERATOR, name=options.name, time_zone=options.time_zone, currency=options.currency
        )
        trace_operator(made.id, "practice create")
        return made

    print(wire_id("prc", with_database(read_settings(), lambda: unit_of_work(work)).id))
    return 0


def create_user(options: argparse.Namespace) -> int:
    """Let somebody sign in, and print their id."""
    password = _password()

    async def work() -> User:
        made = await set_up.create_user(
            OPERATOR,
            practice=options.practice,
            email=options.email,
            password=password,
            roles=[Role(role) for role in options.role],
            name=options.name,
            credentials=options.credentials,
            client_id=options.client,
        )
        trace_operator(made.practice_id, "user create")
        return made

    print(wire_id("usr", with_database(read_settings(), lambda: unit_of_work(work)).id))
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Failed("The two are not the same.")
    return password


def create_token(options: argparse.Namespace) -> int:
    """Print a new token."""

    async def issue() -> str:
        user = await access.user_by_email(email_key(options.user))
        if user is None:
            raise Failed("--user: Nobody signs in with this address.")

        async def work() -> str:
            if not await access.is_active(user):
                raise Failed("--user: They were deactivated.")
            token = await issue_token(OPERATOR, user, API_TOKEN_LASTS)
            trace_operator_about(user, "token create")
            return token

        return await unit_of_work(work)

    print(with_database(read_settings(), issue))
    return 0


def deactivate_user(options: argparse.Namespace) -> int:
    """Let somebody sign in no more."""
    return _change_user(options.email, "user deactivate", set_up.deactivate_user)


def activate_user(options: argparse.Namespace) -> int:
    """Let somebody sign in again."""
    return _change_user(options.email, "user activate", set_up.activate_user)


def _change_user(email: str, operation: str, change: Callable[[Viewer, str], Awaitable[User | None]]) -> int:
    async def work() -> User | None:
        user = await change(OPERATOR, email)
        if user is not None:
            trace_operator(user.practice_id, operation)
        return user

    if with_database(read_settings(), lambda: unit_of_work(work)) is None:
        raise Failed("--email: Nobody signs in with this address.")
    return 0
