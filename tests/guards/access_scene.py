"""The scene that the access matrix speaks of: who is there, what points to what, and what each is to see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from models.database import fetch
from models.ids import row_id
from models.practice import Role
from resolvers.practice import sign_in
from tests.client import Data, Person
from tests.guards.access_matrix import FIELDS, KINDS, PEOPLE, ROWS, type_of
from tests.guards.deeds import person
from tests.rows import Snapshot
from tests.world import QUICK_HASHER, World, a_client, a_share, a_user, an_ended_membership

TABLES = {
    "Practice": "practice",
    "Provider": "provider",
    "ServiceCode": "service_code",
    "Client": "client",
    "Group": "therapy_group",
    "GroupMembership": "group_membership",
}
COLUMNS = {
    "timeZone": "time_zone",
    "groupSizeLimit": "group_size_limit",
    "durationMinutes": "duration_minutes",
    "firstName": "first_name",
    "lastName": "last_name",
    "preferredName": "preferred_name",
    "dateOfBirth": "date_of_birth",
    "archivedAt": "archived_at",
    "joinedAt": "joined_at",
    "leftAt": "left_at",
}
MEMBERS = [
    "member Monday/Ada",
    "member Monday/Ben",
    "member Monday/Chloe",
    "member Monday/Emil",
    "member Thursday/Dora",
]

# What points to what in the scene, each list in its order.
POINTS: dict[str, dict[str, list[str] | str | None]] = {
    "practice": {
        "providers": ["provider Amara", "provider Björn", "provider Chidi"],
        "serviceCodes": ["code 90837", "code 90853", "code LATE_CANCEL", "code NO_SHOW"],
    },
    "client Ada": {
        "providers": ["provider Amara"],
        "groups": ["group Monday"],
        "memberships": ["member Monday/Ada"],
    },
    "client Ben": {
        "providers": ["provider Amara"],
        "groups": ["group Monday"],
        "memberships": ["member Monday/Ben"],
    },
    "client Chloe": {
        "providers": ["provider Amara"],
        "groups": ["group Monday"],
        "memberships": ["member Monday/Chloe"],
    },
    "client Emil": {"providers": ["provider Björn"], "groups": [], "memberships": ["member Monday/Emil"]},
    "client Dora": {
        "providers": ["provider Björn"],
        "groups": ["group Thursday"],
        "memberships": ["member Thursday/Dora"],
    },
    "group Monday": {
        "provider": "provider Amara",
        "providers": ["provider Amara", "provider Chidi"],
        "defaultServiceCode": "code 90853",
        "members": ["member Monday/Ada", "member Monday/Ben", "member Monday/Chloe"],
    },
    "group Thursday": {
        "provider": "provider Björn",
        "providers": ["provider Björn"],
        "defaultServiceCode": "code 90853",
        "members": ["member Thursday/Dora"],
    },
    **{
        member: {
            "group": f"group {member.partition(' ')[2].partition('/')[0]}",
            "client": f"client {member.partition('/')[2]}",
        }
        for member in MEMBERS
    },
}
CURRENT = [member for member in MEMBERS if member != "member Monday/Emil"]
SELVES = {"ada": "client Ada", "dora": "client Dora"}
CALENDARS = {"amara": "provider Amara", "bjorn": "provider Björn", "chidi": "provider Chidi"}


@dataclass(frozen=True, slots=True)
class Scene:
    """The people of the matrix, and the id of each of its rows."""

    people: dict[str, Person]
    ids: dict[str, str]
    snapshot: Snapshot

    def name_of(self, id_: str) -> str:
        """Give the row with this id."""
        return next(row for row, known in self.ids.items() if known == id_)


ALL = "{ viewer { practice { id providers { id name } serviceCodes { id code } } } }"


async def build_scene(world: World) -> Scene:
    """Put the rest of the people and rows beside the cast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_hasher", QUICK_HASHER)
        chidi = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
        dora = await a_user(world.nobody, name="Dora", roles=[Role.CLIENT], client=world.client_dora)
    practice = (await world.owner.ask(ALL))["viewer"]["practice"]
    providers = {one["name"].partition(" ")[0]: one["id"] for one in practice["providers"]}
    await a_share(by=world.owner, group=world.monday, provider=providers["Chidi"], owner=world.amaras)
    emil = await a_client(by=world.bjorn, first_name="Emil", last_name="Holm")
    left = await an_ended_membership(by=world.owner, group=world.monday, client=emil)
    members = {
        member["client"]["id"]: member["id"]
        for group in (await world.owner.ask("{ groups { edges { node { members { id client { id } } } } } }"))[
            "groups"
        ]["edges"]
        for member in group["node"]["members"]
    }
    ids = {
        "practice": world.practice,
        **{f"provider {name}": id_ for name, id_ in providers.items()},
        **{f"code {one['code']}": one["id"] for one in practice["serviceCodes"]},
        "client Ada": world.client_ada,
        "client Ben": world.client_ben,
        "client Chloe": world.client_chloe,
        "client Emil": emil,
        "client Dora": world.client_dora,
        "group Monday": world.monday,
        "group Thursday": world.thursday,
        "member Monday/Ada": members[world.client_ada],
        "member Monday/Ben": members[world.client_ben],
        "member Monday/Chloe": members[world.client_chloe],
        "member Monday/Emil": left,
        "member Thursday/Dora": members[world.client_dora],
    }
    people = {name: person(world, name) for name in PEOPLE if name not in {"chidi", "dora"}}
    people |= {"chidi": chidi, "dora": dora, "nobody": world.nobody}
    return Scene(people, ids, await Snapshot.take("matrix"))


async def truth(scene: Scene, row: str) -> Data:
    """Give what is stored of a row, read past everything that the product reads with."""
    prefix, _, _ = scene.ids[row].partition("_")
    found = await fetch(f'SELECT * FROM "{TABLES[type_of(row)]}" WHERE id=$1', [row_id(prefix, scene.ids[row])])
    return found[0]


def moment(stored: Any) -> datetime | None:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


def expected_of(name: str, cell: str, row: str, by: str, scene: Scene, stored: Data) -> Any:  # noqa: PLR0911 - one each
    """Say what this person is to see of one field of a row."""
    match cell:
        case "yes" | "no":
            return cell == "yes"
        case "initials":
            return stored["initials"]
        case "none":
            return []
        case "seen":
            pointed = POINTS[row][name]
            if isinstance(pointed, list):
                return [{"id": scene.ids[one]} for one in pointed if ROWS[one][by]]
            assert pointed is not None
            assert ROWS[pointed][by], f"{by} sees {row}, and so must see its {pointed}"
            return {"id": scene.ids[pointed]}
    assert cell == "full", (row, name, cell)
    if name == "id":
        return scene.ids[row]
    if name == "fee":
        minor = stored["fee_minor"]
        return {"amountMinor": minor, "currency": "USD", "formatted": f"${minor / 100:.2f}"}
    return stored[COLUMNS.get(name, name)]


def same(shown: Any, expected: Any, name: str) -> bool:
    if name.endswith("At"):
        return moment(shown) == moment(expected)
    if name == "dateOfBirth" and expected is not None:
        return bool(shown == str(expected))
    if name == "active":
        return shown is bool(expected)
    return bool(shown == expected)


def fields_of(type_name: str) -> dict[str, dict[str, str]]:
    return {name.partition(".")[2]: cells for name, cells in FIELDS.items() if name.partition(".")[0] == type_name}


async def differences(scene: Scene, row: str, by: str, shown: Data) -> dict[str, tuple[Any, Any]]:
    """Name each field that shows anything but what the matrix says."""
    stored = await truth(scene, row)
    found = {}
    for name, cells in fields_of(type_of(row)).items():
        expected = expected_of(name, cells[KINDS[by]], row, by, scene, stored)
        if not same(shown[name], expected, name):
            found[name] = (shown[name], expected)
    return found
