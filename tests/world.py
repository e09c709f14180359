"""The one named cast, and builders for whatever else a scene needs; all of it made as the product makes it.

Amara and Björn each have clients and a group of their own. Nobody here may ever see anything of the practice Elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from models.practice import Role
from models.unit_of_work import unit_of_work
from resolvers.practice.set_up import create_practice, create_user
from resolvers.viewer import OPERATOR
from tests.client import Data, Person, Send

PRACTICE = "Lakeside"
ELSEWHERE = "Elsewhere"
PASSWORD = "correct horse battery"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""What the tests sign in with: the product's own takes a tenth of a second for each person."""
TODAY = datetime.now(UTC).date()
"""The day on which the tests began: what is to come and what is over is so many days from it."""


def in_days(days: int, hour: int = 18, minute: int = 0) -> str:
    """Give a moment so many days from today, in UTC; tomorrow is always to come, and yesterday over."""
    moment = datetime.combine(TODAY + timedelta(days=days), time(hour, minute))
    return f"{moment.isoformat()}Z"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The second practice, which has one of everything."""

    eve: Person
    practice: str
    provider: str
    client: str
    group: str
    membership: str
    service_code: str


@dataclass(frozen=True, slots=True)
class World:
    """The practice Lakeside: its people, and the ids of what is theirs."""

    nobody: Person
    owner: Person
    manager: Person
    amara: Person
    bjorn: Person
    scheduler: Person
    carol: Person
    ada: Person
    """The client Ada in the portal."""

    practice: str
    amaras: str
    """Amara as a provider; the next is Björn."""
    bjorns: str
    group_therapy: str
    """The code 90853, and next 90837."""
    individual: str
    no_show: str

    client_ada: str
    client_ben: str
    client_chloe: str
    client_dora: str
    """Björn's, and no member of Monday's group."""
    monday: str
    """The Monday Grief Group, Amara's, with Ada, Ben and Chloe."""
    thursday: str
    """The Thursday Sleep Group, Björn's, with Dora."""

    elsewhere: Elsewhere


async def build_world(send: Send) -> World:
    """Make the whole cast in an empty database."""
    nobody = Person(send, must_never_see=ELSEWHERE)
    await a_practice(name=PRACTICE)
    owner = await a_user(nobody, name="Olive Hart", roles=[Role.OWNER])
    manager = await a_user(nobody, name="Max Grey", roles=[Role.MANAGER])
    amara = await a_user(nobody, name="Amara Okafor", roles=[Role.PROVIDER], credentials="LCSW")
    bjorn = await a_user(nobody, name="Björn Lindqvist", roles=[Role.PROVIDER], credentials="PhD")
    scheduler = await a_user(nobody, name="Sofia Marsh", roles=[Role.SCHEDULER])
    carol = await a_user(nobody, name="Carol Weiss", roles=[Role.BILLER])
    client_ada = await a_client(
        by=amara,
        first_name="Ada",
        last_name="Ångström",
        preferred_name="Addie",
        date_of_birth="1990-02-03",
        email="ada@lakeside.example",
        phone="+1 312 555 0101",
    )
    client_ben = await a_client(by=amara, first_name="Ben", last_name="Castillo")
    client_chloe = await a_client(by=amara, first_name="Chloe", last_name="Dubois")
    client_dora = await a_client(by=bjorn, first_name="Dora", last_name="Lund")
    monday = await a_group(
        by=amara, name="Monday Grief Group", initials="MGG", clients=[client_ada, client_ben, client_chloe]
    )
    thursday = await a_group(by=bjorn, name="Thursday Sleep Group", initials="TSG", clients=[client_dora])
    ada = await a_user(nobody, name="Ada", roles=[Role.CLIENT], client=client_ada)
    practice = (await owner.ask(_PRACTICE))["viewer"]["practice"]
    codes = {code["code"]: code["id"] for code in practice["serviceCodes"]}
    providers = {provider["name"]: provider["id"] for provider in practice["providers"]}
    return World(
        nobody=nobody,
        owner=owner,
        manager=manager,
        amara=amara,
        bjorn=bjorn,
        scheduler=scheduler,
        carol=carol,
        ada=ada,
        practice=practice["id"],
        amaras=providers["Amara Okafor"],
        bjorns=providers["Björn Lindqvist"],
        group_therapy=codes["90853"],
        individual=codes["90837"],
        no_show=codes["NO_SHOW"],
        client_ada=client_ada,
        client_ben=client_ben,
        client_chloe=client_chloe,
        client_dora=client_dora,
        monday=monday,
        thursday=thursday,
        elsewhere=await _build_elsewhere(send),
    )


async def _build_elsewhere(send: Send) -> Elsewhere:
    await a_practice(name=ELSEWHERE)
    nobody = Person(send)
    eve = await a_user(
        nobody,
        practice=ELSEWHERE,
        name="Eve Elsewhere",
        email="eve@elsewhere.example",
        roles=[Role.OWNER, Role.PROVIDER],
    )
    client = await a_client(by=eve, first_name="Ada", last_name="Elsewhere")
    group = await a_group(by=eve, name="Elsewhere Grief Group", initials="EGG", clients=[client])
    practice = (await eve.ask(_PRACTICE))["viewer"]["practice"]
    found = await eve.ask("query ($id: ID!) { group(id: $id) { members { id } defaultServiceCode { id } } }", id=group)
    return Elsewhere(
        eve=eve,
        practice=practice["id"],
        provider=practice["providers"][0]["id"],
        client=client,
        group=group,
        membership=found["group"]["members"][0]["id"],
        service_code=found["group"]["defaultServiceCode"]["id"],
    )


_PRACTICE = "{ viewer { practice { id serviceCodes { id code } providers { id name } } } }"


async def a_practice(*, name: str, time_zone: str = "America/Chicago", currency: str = "USD") -> None:
    """Make a practice, as the operator does."""
    await unit_of_work(lambda: create_practice(OPERATOR, name=name, time_zone=time_zone, currency=currency))


async def a_user(
    like: Person,
    *,
    name: str,
    roles: Iterable[Role],
    practice: str = PRACTICE,
    email: str = "",
    credentials: str | None = None,
    client: str | None = None,
) -> Person:
    """Let somebody sign in, as the operator does, and give them signed in; their address is the first name's."""
    address = email or f"{name.partition(' ')[0].lower().replace('ö', 'o')}@{practice.lower()}.example"
    await unit_of_work(
        lambda: create_user(
            OPERATOR,
            practice=practice,
            email=address,
            password=PASSWORD,
            roles=roles,
            name=name,
            credentials=credentials,
            client_id=client,
        )
    )
    return await signed_in(like, email=address)


async def signed_in(like: Person, *, email: str, password: str = PASSWORD) -> Person:
    """Sign in over the same way, and give the person with the token."""
    nobody = Person(like.send, must_never_see=like.must_never_see)
    given = await nobody.do("signIn", "token", email=email, password=password)
    return Person(like.send, given["token"], like.must_never_see)


async def a_client(
    *,
    by: Person,
    first_name: str = "Nora",
    last_name: str = "Berg",
    preferred_name: str | None = None,
    date_of_birth: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    providers: list[str] | None = None,
) -> str:
    """Add a client and give their id."""
    given: Data = {
        "firstName": first_name,
        "lastName": last_name,
        "preferredName": preferred_name,
        "dateOfBirth": date_of_birth,
        "email": email,
        "phone": phone,
        "providerIds": providers,
    }
    return str((await by.do("createClient", "client { id }", **given))["client"]["id"])


async def a_group(
    *,
    by: Person,
    name: str = "Evening Circle",
    initials: str = "EC",
    provider: str | None = None,
    code: str | None = None,
    clients: list[str] | None = None,
) -> str:
    """Make a group and give its id."""
    given: Data = {
        "name": name,
        "initials": initials,
        "providerId": provider,
        "defaultServiceCodeId": code,
        "clientIds": clients,
    }
    return str((await by.do("createGroup", "group { id }", **given))["group"]["id"])


async def a_service_code(*, by: Person, code: str = "SKILLS", label: str = "Skills workshop", **more: Any) -> str:
    """Add a service code and give its id."""
    given: Data = {"code": code, "label": label, "feeMinor": 4000, **more}
    return str((await by.do("createServiceCode", "serviceCode { id }", **given))["serviceCode"]["id"])


async def a_membership(*, by: Person, group: str, client: str) -> str:
    """Make a client a member and give the membership's id."""
    given = await by.do("addGroupMember", "membership { id }", groupId=group, clientId=client)
    return str(given["membership"]["id"])


async def an_ended_membership(*, by: Person, group: str, client: str) -> str:
    """Make a client a member, end it, and give the membership's id."""
    await a_membership(by=by, group=group, client=client)
    given = await by.do("removeGroupMember", "membership { id }", groupId=group, clientId=client)
    return str(given["membership"]["id"])


async def a_share(*, by: Person, group: str, provider: str, owner: str) -> None:
    """Share a group: who hands it over and takes it back has left the other provider with it."""
    await by.do("updateGroup", id=group, providerId=provider)
    await by.do("updateGroup", id=group, providerId=owner)


async def an_appointment(
    *,
    by: Person,
    group: str | None = None,
    client: str | None = None,
    provider: str | None = None,
    starts_at: str = "",
    minutes: int | None = None,
    confirm_sharing: bool = False,
) -> str:
    """Schedule a group or a client, a week from today if nothing else is said, and give the appointment's id."""
    given: Data = {
        "groupId": group,
        "clientId": client,
        "providerId": provider,
        "startsAt": starts_at or in_days(7),
        "durationMinutes": minutes,
        "confirmSharing": confirm_sharing,
    }
    return str((await by.do("scheduleAppointment", "appointment { id }", **given))["appointment"]["id"])


async def lines_of(appointment: str, *, by: Person) -> dict[str, str]:
    """Give the lines of a session's roster: the attendance's id under each client's."""
    asked = await by.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { id client { id } } } }", id=appointment
    )
    return {line["client"]["id"]: line["id"] for line in asked["appointment"]["attendances"]}


async def a_charge(*, by: Person, client: str, fee: int, starts_at: str = "", provider: str | None = None) -> str:
    """Charge a client for a session of their own, a week ago if nothing else is said, and give the line's id."""
    session = await an_appointment(by=by, client=client, provider=provider, starts_at=starts_at or in_days(-7))
    line = (await lines_of(session, by=by))[client]
    await by.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=fee)
    return line


async def a_payment(
    *, by: Person, client: str, amount: int, line: str | None = None, method: str = "CASH", key: str = "", **more: Any
) -> str:
    """Take money from a client and give the payment's id; without a key of its own it is a payment of its own."""
    given: Data = {
        "clientId": client,
        "amountMinor": amount,
        "method": method,
        "attendanceId": line,
        "idempotencyKey": key or f"payment {next(_payments)}",
        **more,
    }
    return str((await by.do("acceptPayment", "payment { id }", **given))["payment"]["id"])


_payments = count(1)
