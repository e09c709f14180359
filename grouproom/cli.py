"""The command line that scripts may rely on: what may be typed. A command's own module is loaded when it is typed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from grouproom.commands import Failed, bring_up
from grouproom.heads import HeadsError
from grouproom.packages import WrongPackage, refuse_foreign_packages
from grouproom.secret import SecretError
from grouproom.settings import SettingsError, read_settings
from models.audit.entries import OtherSecret
from models.database import CannotConnect
from models.migrate import MigrationError
from models.practice import Role
from models.problems import InvalidInput


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
    serve.set_defaults(run=_command("cli_serve", "serve"))

    commands.add_parser("migrate", help="bring the database up to this version").set_defaults(run=_migrate)

    practice = commands.add_parser("practice", help="practices").add_subparsers(required=True, metavar="command")
    create = practice.add_parser("create", help="make a practice")
    create.add_argument("--name", required=True)
    create.add_argument("--time-zone", required=True, metavar="Z", help="such as America/Chicago")
    create.add_argument("--currency", required=True, metavar="C", help="such as USD")
    create.set_defaults(run=_command("cli_set_up", "create_practice"))

    user = commands.add_parser("user", help="who may sign in").add_subparsers(required=True, metavar="command")
    add = user.add_parser("create", help="let somebody sign in; the password is asked for, or read from standard input")
    add.add_argument("--practice", required=True, metavar="NAME")
    add.add_argument("--email", required=True)
    roles = [role.value for role in Role]
    add.add_argument("--role", required=True, action="append", type=str.upper, choices=roles, help="may be repeated")
    add.add_argument("--client", metavar="ID", help="whose record it is, for the role CLIENT")
    add.add_argument("--name", help="as they are known; the part of the address before @ when left out")
    add.add_argument("--credentials", help="printed behind a signature, such as LCSW")
    add.set_defaults(run=_command("cli_set_up", "create_user"))

    for name, work, purpose in (
        ("deactivate", "deactivate_user", "let somebody sign in no more, and sign them out everywhere at once"),
        ("activate", "activate_user", "let somebody who was deactivated sign in again"),
    ):
        change = user.add_parser(name, help=purpose)
        change.add_argument("--email", required=True)
        change.set_defaults(run=_command("cli_set_up", work))

    token = commands.add_parser("token", help="tokens for scripts").add_subparsers(required=True, metavar="command")
    issue = token.add_parser("create", help="print a new bearer token, good for 90 days")
    issue.add_argument("--user", required=True, metavar="EMAIL")
    issue.set_defaults(run=_command("cli_set_up", "create_token"))

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
    check.set_defaults(run=_command("cli_audit", "verify"))

    said = commands.add_parser("schema", help="print the schema")
    said.add_argument("--check", action="store_true", help="compare it with schema/schema.graphql instead")
    said.set_defaults(run=_command("cli_schema", "print_schema"))
    return parser


def _from_one_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = int(text)
        if not 1 <= found <= most:
            raise argparse.ArgumentTypeError(f"{text} is not from 1 to {most}")
        return found

    return number


def _command(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(f"grouproom.{module}"), name)(options)
        return code

    return run


def _migrate(_: argparse.Namespace) -> int:
    applied = bring_up(read_settings())
    print("\n".join(f"Applied {name}." for name in applied) or "Nothing to do.")
    return 0
