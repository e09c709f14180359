"""Each mutation once, carried out by somebody of the cast: what the properties of all mutations are tried with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.client import Data, Person
from tests.world import World

Input = Callable[[World], Data]

CLIENT = "client { id name version active providers { id } groups { id } memberships { id leftAt } }"
GROUP = (
    "group { id name initials version archivedAt provider { id } providers { id }"
    " defaultServiceCode { id } members { id client { id } } }"
)
MEMBERSHIP = "membership { id joinedAt leftAt }"


@dataclass(frozen=True, slots=True)
class Deed:
    """A mutation that changes something, and the same with another input: one as good, one that is refused."""

    mutation: str
    by: str
    given: Input
    other: Input
    wrong: Input
    select: str

    def __str__(self) -> str:
        """Call it by its mutation."""
        return self.mutation

    def person(self, world: World) -> Person:
        """Give who does it."""
        return person(world, self.by)

    async def do(self, world: World, **more: Any) -> Data:
        """Do it."""
        return await self.person(world).do(self.mutation, self.select, **self.given(world), **more)


def person(world: World, name: str) -> Person:
    """Give somebody of the cast by name."""
    found = world.elsewhere.eve if name == "eve" else getattr(world, name)
    assert isinstance(found, Person)
    return found


DEEDS = [
    Deed(
        "createServiceCode",
        "owner",
        lambda _: {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 4000},
        lambda _: {"code": "GRIEF", "label": "Skills workshop", "feeMinor": 4000},
        lambda _: {"code": "SKILLS", "label": "", "feeMinor": 4000},
        "serviceCode { id code label kind fee { amountMinor } durationMinutes active }",
    ),
    Deed(
        "updateServiceCode",
        "owner",
        lambda w: {"id": w.individual, "feeMinor": 15000},
        lambda w: {"id": w.individual, "feeMinor": 15001},
        lambda w: {"id": w.individual, "feeMinor": -1},
        "serviceCode { id code label kind fee { amountMinor } durationMinutes active }",
    ),
    Deed(
        "createClient",
        "amara",
        lambda _: {"firstName": "Emil", "lastName": "Holm"},
        lambda _: {"firstName": "Emil", "lastName": "Holmes"},
        lambda _: {"firstName": "Emil", "lastName": ""},
        CLIENT,
    ),
    Deed(
        "updateClient",
        "amara",
        lambda w: {"id": w.client_ada, "phone": "110"},
        lambda w: {"id": w.client_ada, "phone": "112"},
        lambda w: {"id": w.client_ada, "phone": "call me"},
        CLIENT,
    ),
    Deed(
        "createGroup",
        "amara",
        lambda w: {"name": "Evening Circle", "initials": "EC", "clientIds": [w.client_ada]},
        lambda w: {"name": "Evening Circle", "initials": "EC", "clientIds": [w.client_ben]},
        lambda w: {"name": "Evening Circle", "initials": "", "clientIds": [w.client_ada]},
        GROUP,
    ),
    Deed(
        "updateGroup",
        "amara",
        lambda w: {"id": w.monday, "name": "Monday Circle"},
        lambda w: {"id": w.monday, "name": "Mourning"},
        lambda w: {"id": w.monday, "name": ""},
        GROUP,
    ),
    Deed(
        "archiveGroup",
        "amara",
        lambda w: {"id": w.monday},
        lambda w: {"id": w.monday, "archived": False},
        lambda w: {"id": w.thursday},
        GROUP,
    ),
    Deed(
        "addGroupMember",
        "scheduler",
        lambda w: {"groupId": w.monday, "clientId": w.client_dora},
        lambda w: {"groupId": w.thursday, "clientId": w.client_ada},
        lambda w: {"groupId": w.monday, "clientId": w.elsewhere.client},
        f"{MEMBERSHIP} {GROUP} {CLIENT}",
    ),
    Deed(
        "removeGroupMember",
        "amara",
        lambda w: {"groupId": w.monday, "clientId": w.client_ben},
        lambda w: {"groupId": w.monday, "clientId": w.client_ada},
        lambda w: {"groupId": w.monday, "clientId": w.client_dora},
        f"{MEMBERSHIP} {GROUP} {CLIENT}",
    ),
]

SIGNING = {"signIn", "signOut"}
"""These two take no idempotency key, and are told in `tests/practice/test_sign_in.py`."""
