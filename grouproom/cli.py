"""The command line that scripts may rely on."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import ipaddress
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import uvicorn

import schema
from grouproom.app import WrongPackage, refuse_foreign_packages
from grouproom.banner import banner
from grouproom.cli_audit import verify
from grouproom.demo import demo_token, plant_demo
from grouproom.heads import HeadsError
from grouproom.secret import SecretError, read_secret
from grouproom.settings import Settings, SettingsError, read_settings
from models import Practice, User
from models.audit.buffer import flush
from models.audit.entries import Asked, AuditChannel, OtherSecret
from models.audit.tracing import trace
from models.audit.verify import refuse_other_secret
from models.database import CannotConnect, close_database, open_database
from models.ids import wire_id
from models.migrate import MigrationError, migrate, refuse_newer
from models.practice import Role, email_key
from models.problems import InvalidInput
from models.secret import use_secret
from models.unit_of_work import unit_of_work
from resolvers import access
from resolvers.practice.set_up import activate_user, create_practice, create_user, deactivate_user
from resolvers.practice.sign_in import issue_token
from resolvers.viewer import OPERATOR, Viewer

T = TypeVar("T")
API_TOKEN_LASTS = timedelta(days=90)
SNAPSHOT = Path(schema.__file__ or "").parent / "schema.graphql"


class Failed(Exception):
    """The command cannot be carried out; the text says why, in words for whoever typed it."""


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command, and give 0 when it was done."""
    options = _parser().parse_args(arguments)
    try:
        refuse_foreign_packages()
        code: int = options.run(options)
    except (
        Failed,
        SettingsError,
        CannotConnect,
        MigrationError,
        WrongPackage,
        SecretError,
        OtherSecret,
        HeadsError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except InvalidInput as refusal:
        for fault in refusal.facts["fields"]:
            print(f"{_option(fault['path'])}: {fault['message']}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _option(path: str) -> str:
    name = path.rpartition(".")[2]
    return {"timeZone": "--time-zone", "password": "The password"}.get(name, f"--{name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grouproom", description="The GraphQL backend for group-therapy practices.")
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="migrate, then serve GraphQL at /graphql")
    serve.add_argument(
        "--demo", action="store_true", help="plant the demo practice in an empty database; loopback only"
    )
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    serve.add_argument("--port", type=_from_one_to(2**16 - 1), default=8000, help="the port to listen on (%(default)s)")
    serve.add_argument("--workers", type=_from_one_to(1000), default=1, help="how many processes serve (%(default)s)")
    serve.set_defaults(run=_serve)

    commands.add_parser("migrate", help="bring the database up to this version").set_defaults(run=_migrate)

    practice = commands.add_parser("practice", help="practices").add_subparsers(required=True, metavar="command")
    create = practice.add_parser("create", help="make a practice")
    create.add_argument("--name", required=True)
    create.add_argument("--time-zone", required=True, metavar="Z", help="such as America/Chicago")
    create.add_argument("--currency", required=True, metavar="C", help="such as USD")
    create.set_defaults(run=_create_practice)

    user = commands.add_parser("user", help="who may sign in").add_subparsers(required=True, metavar="command")
    add = user.add_parser("create", help="let somebody sign in; the password is asked for, or read from standard input")
    add.add_argument("--practice", required=True, metavar="NAME")
    add.add_argument("--email", required=True)
    roles = [role.value for role in Role]
    add.add_argument("--role", required=True, action="append", type=str.upper, choices=roles, help="may be repeated")
    add.add_argument("--client", metavar="ID", help="whose record it is, for the role CLIENT")
    add.add_argument("--name", help="as they are known; the part of the address before @ when left out")
    add.add_argument("--credentials", help="printed behind a signature, such as LCSW")
    add.set_defaults(run=_create_user)

    for name, work, purpose in (
        ("deactivate", _deactivate_user, "let somebody sign in no more, and sign them out everywhere at once"),
        ("activate", _activate_user, "let somebody who was deactivated sign in again"),
    ):
        change = user.add_parser(name, help=purpose)
        change.add_argument("--email", required=True)
        change.set_defaults(run=work)

    token = commands.add_parser("token", help="tokens for scripts").add_subparsers(required=True, metavar="command")
    issue = token.add_parser("create", help="print a new bearer token, good for 90 days")
    issue.add_argument("--user", required=True, metavar="EMAIL")
    issue.set_defaults(run=_create_token)

    audit = commands.add_parser("audit", help="the log of audit").add_subparsers(required=True, metavar="command")
    check = audit.add_parser("verify", help="say whether the log is as it was written, and exit with 1 where it is not")
    what = check.add_mutually_exclusive_group()
    what.add_argument("--notes", action="store_true", help="the locked notes instead of the log")
    what.add_argument(
        "--heads",
        metavar="FILE",
        type=Path,
        help="compare also with the last entries that FILE kept the last time, and keep today's in it",
    )
    check.set_defaults(run=_verify)

    said = commands.add_parser("schema", help="print the schema")
    said.add_argument("--check", action="store_true", help="compare it with schema/schema.graphql instead")
    said.set_defaults(run=_schema)
    return parser


def _from_one_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = int(text)
        if not 1 <= found <= most:
            raise argparse.ArgumentTypeError(f"{text} is not from 1 to {most}")
        return found

    return number


def _serve(options: argparse.Namespace) -> int:
    settings = read_settings()
    if options.demo and not _is_loopback(options.host):
        raise Failed(f"--demo has passwords that everybody knows: it serves on loopback only, not on {options.host}.")
    _refuse_taken(options.host, options.port)

    _brought_up(settings, plant_demo if options.demo else None)
    # Opened in any case: what keeps it from serving is said here in a sentence.
    token = _with_database(settings, demo_token if options.demo else _nothing)
    print(banner(options.host, options.port, token), flush=True)
    uvicorn.run(
        "grouproom.app:app_from_environment",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=2**20,
        # A line for each request would hold what a GET asks for.
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    return 0


async def _nothing() -> None:
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_taken(host: str, port: int) -> None:
    # Uvicorn would find out as well, but after the banner.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Failed(
            f"{host}:{port} cannot be served: {error.strerror}. Choose another with --host or --port."
        ) from error


def _with_database(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    async def opened() -> T:
        await open_database(settings.database_url)
        try:
            use_secret(read_secret(settings))
            await refuse_newer()
            await refuse_other_secret()
            done = await work()
            await flush()
            return done
        finally:
            await close_database()

    return asyncio.run(opened())


def _brought_up(settings: Settings, then: Callable[[], Awaitable[None]] | None = None) -> list[str]:
    return asyncio.run(migrate(settings.database_url, then, secret=lambda: read_secret(settings)))


def _migrate(_: argparse.Namespace) -> int:
    applied = _brought_up(read_settings())
    print("\n".join(f"Applied {name}." for name in applied) or "Nothing to do.")
    return 0


def _create_practice(options: argparse.Namespace) -> int:
    async def work() -> Practice:
        made = await create_practice(
            OPERATOR, name=options.name, time_zone=options.time_zone, currency=options.currency
        )
        _trace(made.id, "practice create")
        return made

    print(wire_id("prc", _with_database(read_settings(), lambda: unit_of_work(work)).id))
    return 0


def _create_user(options: argparse.Namespace) -> int:
    password = _password()

    async def work() -> User:
        made = await create_user(
            OPERATOR,
            practice=options.practice,
            email=options.email,
            password=password,
            roles=[Role(role) for role in options.role],
            name=options.name,
            credentials=options.credentials,
            client_id=options.client,
        )
        _trace(made.practice_id, "user create")
        return made

    print(wire_id("usr", _with_database(read_settings(), lambda: unit_of_work(work)).id))
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Failed("The two are not the same.")
    return password


def _create_token(options: argparse.Namespace) -> int:
    async def issue() -> str:
        user = await access.user_by_email(email_key(options.user))
        if user is None:
            raise Failed("--user: Nobody signs in with this address.")

        async def work() -> str:
            token = await issue_token(OPERATOR, user, API_TOKEN_LASTS)
            _trace(user.practice_id, "token create")
            return token

        return await unit_of_work(work)

    print(_with_database(read_settings(), issue))
    return 0


def _deactivate_user(options: argparse.Namespace) -> int:
    return _change_user(options.email, "user deactivate", deactivate_user)


def _activate_user(options: argparse.Namespace) -> int:
    return _change_user(options.email, "user activate", activate_user)


def _change_user(email: str, operation: str, change: Callable[[Viewer, str], Awaitable[User | None]]) -> int:
    async def work() -> User | None:
        user = await change(OPERATOR, email)
        if user is not None:
            _trace(user.practice_id, operation)
        return user

    if _with_database(read_settings(), lambda: unit_of_work(work)) is None:
        raise Failed("--email: Nobody signs in with this address.")
    return 0


def _trace(practice: UUID, operation: str) -> None:
    """Note what the operator did."""
    trace(Asked(practice, None, "", operation, AuditChannel.COMMAND_LINE), [])


def _verify(options: argparse.Namespace) -> int:
    lines, good = _with_database(read_settings(), lambda: verify(notes=options.notes, heads=options.heads))
    print("\n".join(lines))
    return 0 if good else 1


def _schema(options: argparse.Namespace) -> int:
    built, _ = schema.build_schema()
    text = built.as_str().rstrip() + "\n"
    if not options.check:
        print(text, end="")
        return 0
    if SNAPSHOT.is_file() and SNAPSHOT.read_text(encoding="utf-8") == text:
        return 0
    raise Failed("schema/schema.graphql is not what the code says: run `make schema`, and look at the difference.")
