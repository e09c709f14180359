"""The scene that the access matrix speaks of: who is there, and what points to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from models.practice import Role
from resolvers.practice import sign_in
from tests.client import Data, Person
from tests.guards.access_log import build_log, open_notes
from tests.guards.access_matrix import PEOPLE, ROWS
from tests.guards.access_sessions import build_sessions
from tests.guards.access_stored import stored_rows
from tests.guards.deeds import person
from tests.rows import Rows, Snapshot, everything
from tests.world import QUICK_HASHER, World, a_client, a_user, an_ended_membership

Pointing = dict[str, list[str] | str | None]

ROSTERS = {
    "Monday": ["Ada", "Ben", "Chloe"],
    "Shared": ["Ada", "Ben", "Chloe"],
    "Thursday": ["Dora"],
    "Ada": ["Ada"],
    "Ben": ["Ben"],
    "Dora": ["Dora"],
}
"""Of each session."""
GROUPS = {"Monday": "Monday", "Shared": "Monday", "Thursday": "Thursday"}
CALENDAR_OF = {
    "Monday": "Amara",
    "Shared": "Chidi",
    "Thursday": "Björn",
    "Ada": "Amara",
    "Ben": "Chidi",
    "Dora": "Björn",
}
IN_ORDER = ["Monday", "Thursday", "Ada", "Ben", "Shared", "Dora"]
CODES = {
    "Monday/Ada": "90853",
    "Monday/Ben": "NO_SHOW",
    "Monday/Chloe": "90853",
    "Thursday/Dora": "90853",
    "Ada/Ada": "90837",
    "Ben/Ben": "90837",
}
PARTS = {"Both": ["Monday", "Ada"], "Own": ["Ada"], "Dora": []}
"""Of each payment, by the session that it went to."""
LATEST_RUN = {"Monday": "run Monday/lock", "Thursday": "run Thursday/complete", "Ben": "run Ben/complete"}
TEMPLATES = ["template Custom", "template HIPAA", "template SOAP"]


def _under(beginning: str) -> list[str]:
    return [row for row in ROWS if row.startswith(beginning)]


def _if_there(row: str) -> str | None:
    return row if row in ROWS else None


def _of_client(name: str, providers: list[str], groups: list[str]) -> Pointing:
    sessions = [session for session in IN_ORDER if name in ROSTERS[session]]
    return {
        "providers": [f"provider {one}" for one in providers],
        "groups": [f"group {group}" for group in groups],
        "memberships": [row for row in ROWS if row.startswith("member ") and row.endswith(f"/{name}")],
        "appointments": [f"session {session}" for session in sessions],
        "attendances": [f"line {session}/{name}" for session in reversed(sessions)],
        "chartNotes": [f"note {one}/{name}" for one in reversed(sessions) if f"note {one}/{name}" in ROWS],
        "payments": {"Ada": ["payment Own", "payment Both"], "Dora": ["payment Dora"]}.get(name, []),
    }


# What points to what in the scene, each list in its order.
POINTS: dict[str, Pointing] = {
    "practice": {
        "providers": ["provider Amara", "provider Björn", "provider Chidi"],
        "serviceCodes": ["code 90837", "code 90853", "code LATE_CANCEL", "code NO_SHOW"],
        "chartTemplates": [*TEMPLATES],
    },
    "client Ada": _of_client("Ada", ["Amara"], ["Monday"]),
    "client Ben": _of_client("Ben", ["Amara"], ["Monday"]),
    "client Chloe": _of_client("Chloe", ["Amara"], ["Monday"]),
    "client Emil": _of_client("Emil", ["Björn"], []),
    "client Dora": _of_client("Dora", ["Björn"], ["Thursday"]),
    "group Monday": {
        "provider": "provider Amara",
        "providers": ["provider Amara", "provider Chidi"],
        "defaultServiceCode": "code 90853",
        "members": ["member Monday/Ada", "member Monday/Ben", "member Monday/Chloe"],
        "appointments": ["session Monday", "session Shared"],
    },
    "group Thursday": {
        "provider": "provider Björn",
        "providers": ["provider Björn"],
        "defaultServiceCode": "code 90853",
        "members": ["member Thursday/Dora"],
        "appointments": ["session Thursday"],
    },
}


def _of_session(name: str) -> Pointing:
    return {
        "provider": f"provider {CALENDAR_OF[name]}",
        "group": f"group {GROUPS[name]}" if name in GROUPS else None,
        "attendances": [f"line {name}/{client}" for client in ROSTERS[name]],
        # Dora's was called off before anybody began its chart: nothing is offered to begin it with.
        "chartTemplates": None if name == "Dora" else TEMPLATES[:1] if name in GROUPS else [*TEMPLATES],
        "chart": _if_there(f"chart {name}"),
    }


def _of_line(name: str) -> Pointing:
    session, _, client = name.partition("/")
    paid = [payment for payment, parts in PARTS.items() if client == "Ada" and session in parts]
    return {
        "appointment": f"session {session}",
        "client": f"client {client}",
        "serviceCode": f"code {CODES[name]}" if name in CODES else None,
        "allocations": [f"part {payment}/{session}" for payment in paid],
        "chartNote": _if_there(f"note {name}"),
    }


def _of_chart(name: str) -> Pointing:
    return {
        "appointment": f"session {name}",
        "template": "template Custom" if name == "Monday" else None,
        "clientEntries": _under(f"entry {name}/"),
        "notes": _under(f"note {name}/"),
        "warnings": _under(f"warning {name}/"),
        "run": LATEST_RUN.get(name),
    }


def _of_note(name: str) -> Pointing:
    session, _, client = name.partition("/")
    return {
        "client": f"client {client}",
        "appointment": f"session {session}",
        "provider": f"provider {CALENDAR_OF[session]}",
        "signatures": _under(f"signature {name}"),
        "addenda": _under(f"addendum {name}"),
    }


_OF: dict[str, Callable[[str], Pointing]] = {
    "member": lambda name: {
        "group": f"group {name.partition('/')[0]}",
        "client": f"client {name.partition('/')[2]}",
    },
    "session": _of_session,
    "line": _of_line,
    "payment": lambda name: {
        "client": "client Dora" if name == "Dora" else "client Ada",
        "allocations": [f"part {name}/{session}" for session in PARTS[name]],
    },
    "part": lambda name: {
        "payment": f"payment {name.partition('/')[0]}",
        "attendance": f"line {name.partition('/')[2]}/Ada",
    },
    "chart": _of_chart,
    "entry": lambda name: {"client": f"client {name.partition('/')[2]}", "attendance": f"line {name}"},
    "warning": lambda name: {"client": f"client {name.partition('/')[2]}"},
    "run": lambda name: {"chart": f"chart {name.partition('/')[0]}", "steps": _under(f"step {name}/")},
    "step": lambda name: {"client": f"client {name.rpartition('/')[2]}"},
    "note": _of_note,
    "signature": lambda name: {"signedBy": f"provider {CALENDAR_OF[name.partition('/')[0]]}"},
    "addendum": lambda name: {
        "note": f"note {name}",
        "author": f"provider {CALENDAR_OF[name.partition('/')[0]]}",
    },
    "emergency": lambda name: {"client": f"client {name.partition('/')[2]}"},
    "log": lambda name: {"clients": [f"client {client}" for client in name.split("/")[1:]]},
}
POINTS |= {row: _OF[kind](row.partition(" ")[2]) for row in ROWS if (kind := row.partition(" ")[0]) in _OF}

CURRENT = [row for row in ROWS if row.startswith("member ") and row != "member Monday/Emil"]
SELVES = {"ada": "client Ada", "dora": "client Dora"}
CALENDARS = {"amara": "provider Amara", "bjorn": "provider Björn", "chidi": "provider Chidi"}
OVER = {"emergency Owner/Chloe"}
"""Accesses that have ended."""
UNCHARTED = {"session Thursday": "bjorn", "session Ada": "amara", "session Ben": "chidi"}
"""Sessions that are over and not locked, and whose they are."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The people of the matrix, the id of each of its rows, what is stored of each, and all rows that there are."""

    people: dict[str, Person]
    ids: dict[str, str]
    stored: dict[str, Data]
    rows: Rows
    snapshot: Snapshot

    def name_of(self, id_: str) -> str:
        """Give the row with this id."""
        return next(row for row, known in self.ids.items() if known == id_)

    async def now(self) -> Scene:
        """Give the same with what is stored by now."""
        return replace(self, stored=await stored_rows(self.ids))


ALL = "{ viewer { practice { id providers { id name } serviceCodes { id code } } } }"


async def build_scene(world: World) -> Scene:
    """Put the rest of the people and rows beside the cast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_hasher", QUICK_HASHER)
        chidi = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
        dora = await a_user(world.nobody, name="Dora", roles=[Role.CLIENT], client=world.client_dora)
    practice = (await world.owner.ask(ALL))["viewer"]["practice"]
    providers = {one["name"].partition(" ")[0]: one["id"] for one in practice["providers"]}
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
    ids |= await build_sessions(world, chidi, ids)
    people = {name: person(world, name) for name in PEOPLE if name not in {"chidi", "dora"}}
    people |= {"chidi": chidi, "dora": dora, "nobody": world.nobody}
    ids |= await open_notes(people, ids)
    ids |= await build_log(people, ids)
    return Scene(people, ids, await stored_rows(ids), await everything(), await Snapshot.take("matrix"))
