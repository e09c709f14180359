"""The demo practice: made only through the functions that mutations call, so that it is what a practice would have."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from grouproom.demo_sessions import Weekly, node_of, plant_sessions
from models.audit.entries import Asked, AuditChannel
from models.audit.tracing import trace
from models.ids import wire_id
from models.practice import Role, email_key
from models.unit_of_work import unit_of_work
from resolvers import access
from resolvers.clients import create_client
from resolvers.groups import create_group
from resolvers.practice.service_codes import create_service_code, update_service_code
from resolvers.practice.set_up import create_practice, create_user
from resolvers.practice.sign_in import holder, issue_token
from resolvers.viewer import OPERATOR, Viewer

PRACTICE = "Lakeside Group Practice"
PASSWORD = "grouproom-demo"  # noqa: S105 - it is printed at every start, on loopback only
DOMAIN = "demo.example"
TIME_ZONE = "America/Chicago"
TOKEN_LASTS = timedelta(hours=12)

_PEOPLE = (
    ("owner", "Olive Hart", (Role.OWNER,), None),
    ("amara", "Amara Okafor", (Role.PROVIDER,), "LCSW"),
    ("bjorn", "Björn Lindqvist", (Role.PROVIDER,), "PhD"),
    ("chidi", "Chidi Eze", (Role.PROVIDER,), "LMFT"),
    ("scheduler", "Sofia Marsh", (Role.SCHEDULER,), None),
    ("biller", "Bruno Keller", (Role.BILLER,), None),
)
_FEES = {"90853": 6000, "90837": 15000, "NO_SHOW": 5000, "LATE_CANCEL": 3500}
# Name, initials, leader, members, and when they meet: the day of the week from Monday, and the hour.
_GROUPS = (
    ("Monday Grief Group", "MGG", "amara", range(8), 0, 18),
    ("Thursday Anxiety Skills", "TAS", "bjorn", range(7, 15), 3, 17),
    ("Young Adults Circle", "YAC", "chidi", range(15, 22), 2, 19),
    ("New Parents Evening", "NPE", "amara", range(20, 28), 1, 19),
)
_CLIENTS = (
    "Ada Ångström", "Ben Castillo", "Chloe Dubois", "Dmitri Volkov", "Elena Rossi", "Farid Haddad", "Grace Liu",
    "Hannah Becker", "Ibrahim Sesay", "Joana Sousa", "Kenji Mori", "Lea Novák", "Mateo García", "Nadia Rahman",
    "Oskar Nilsson", "Priya Nair", "Quinn Murphy", "Rosa Jiménez", "Samuel Adeyemi", "Tova Friedman", "Uma Krishnan",
    "Victor Petit", "Wanda Zielińska", "Xavier Moreau", "Yara Khalil", "Zoe Papadaki", "Aaron Feld", "Bianca Conti",
    "Caleb Wright", "Dalia Mansour",
)  # fmt: skip
_PORTAL = 0
_ALONE = 28


async def plant_demo() -> None:
    """Make the demo practice, unless there is a practice already: all of it, or nothing when it is interrupted."""
    await unit_of_work(_plant)


async def _plant() -> None:
    if await access.is_there_a_practice():
        return
    practice = await create_practice(OPERATOR, name=PRACTICE, time_zone=TIME_ZONE, currency="USD")
    # Said first: of one unit of work there is one entry, and it is nobody's but the command line's.
    trace(Asked(practice.id, None, "", "serve --demo", AuditChannel.COMMAND_LINE), [])
    for login, name, roles, credentials in _PEOPLE:
        await _sign_up(login, name=name, roles=roles, credentials=credentials)
    owner = await _viewer("owner")
    for code, fee in _FEES.items():
        await _price(owner, code, fee)
    await create_service_code(
        owner, code="SKILLS", label="Skills workshop", kind="CUSTOM", fee_minor=4000, duration_minutes=90
    )
    scheduler = await _viewer("scheduler")
    providers = {login: await _viewer(login) for login in ("amara", "bjorn", "chidi")}
    clients = [await _client(scheduler, n, name, providers) for n, name in enumerate(_CLIENTS)]
    weekly = [Weekly(providers["bjorn"], weekday=4, hour=10, client=clients[_ALONE])]
    for name, initials, login, members, weekday, hour in reversed(_GROUPS):
        wires = [wire_id("clt", clients[n]) for n in members]
        leader = providers[login]
        made = await create_group(
            scheduler, name=name, initials=initials, provider_id=_provider(leader), client_ids=wires
        )
        weekly.insert(0, Weekly(leader, weekday, hour, group=node_of(made, "group")))
    await _sign_up("client", roles=(Role.CLIENT,), client_id=wire_id("clt", clients[_PORTAL]))
    office = {"scheduler": scheduler, "biller": await _viewer("biller")}
    await plant_sessions(weekly, office, TIME_ZONE, second=providers["bjorn"])


async def demo_token(login: str = "amara") -> str | None:
    """Give a new token for one of the demo's people; None where this is not the demo."""
    return await unit_of_work(partial(_token, login))


async def _token(login: str) -> str | None:
    user = await access.user_by_email(email_key(f"{login}@{DOMAIN}"))
    return None if user is None else await issue_token(OPERATOR, user, TOKEN_LASTS)


async def _sign_up(login: str, **person: object) -> None:
    await create_user(OPERATOR, practice=PRACTICE, email=f"{login}@{DOMAIN}", password=PASSWORD, **person)  # type: ignore[arg-type]


async def _viewer(login: str) -> Viewer:
    token = await _token(login)
    viewer = await holder(None, token or "")
    if viewer is None:
        raise LookupError(f"{login} cannot sign in.")
    return viewer


async def _price(owner: Viewer, code: str, fee: int) -> None:
    found = await access.service_code_by_code(owner, code)
    if found is None:
        raise LookupError(f"The new practice has no code {code}.")
    await update_service_code(owner, wire_id("svc", found.id), fee_minor=fee)


async def _client(by: Viewer, n: int, name: str, providers: dict[str, Viewer]) -> UUID:
    first, _, last = name.partition(" ")
    whose = list(providers.values())[n % len(providers)]
    given = await create_client(
        by,
        first_name=first,
        last_name=last,
        preferred_name="Addie" if n == _PORTAL else None,
        email=f"client{n + 1}@{DOMAIN}" if n % 3 else None,
        phone=f"+1 312 555 01{n:02}",
        provider_ids=[_provider(whose)],
    )
    return node_of(given, "client")


def _provider(viewer: Viewer) -> str:
    if viewer.provider_id is None:
        raise LookupError("This person has no calendar.")
    return wire_id("prv", viewer.provider_id)
