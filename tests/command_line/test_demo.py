"""The demo practice: planted once, whoever starts, and open to whoever reads the banner."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from typing import Any

import pytest

from grouproom import demo as demo_practice
from resolvers.acting import Given
from resolvers.practice import sign_in
from tests.command_line.conftest import Demo
from tests.rows import count
from tests.walk.browser import Person
from tests.walk.documents import SIGN_IN
from tests.world import QUICK_HASHER

ALL = "{ groups { totalCount } clients { totalCount } viewer { practice { name providers { name } } } }"
PASSWORD = "grouproom-demo"
PLANTED = {
    "groups": {"totalCount": 4},
    "clients": {"totalCount": 30},
    "viewer": {
        "practice": {
            "name": "Lakeside Group Practice",
            "providers": [{"name": "Amara Okafor"}, {"name": "Björn Lindqvist"}, {"name": "Chidi Eze"}],
        }
    },
}

SESSIONS = """{
  groups(first: 3) { edges { node { name appointments(first: 12) { edges { node {
    status attendanceSummary { total unset confirmed }
    attendances { outcome confirmation serviceCode { code } }
    chart { state warnings { kind } notes { locked verified addenda { body } } }
  } } } } } }
  unchartedAppointments { totalCount }
}"""
ACCOUNTS = """{ clients(first: 40) { edges { node {
  balance { amountMinor }
  attendances(first: 20) { edges { node {
    fee { amountMinor } paid { amountMinor } appointment { chart { id } }
  } } }
  payments(first: 20) { edges { node { method amount { amountMinor } refunded { amountMinor } } } }
} } } }"""
WRITTEN = """{ groups(first: 9) { edges { node { appointments(first: 12) { edges { node {
  attendances { client { id firstName lastName preferredName } }
  chart { state warnings { kind client { id } } notes { locked body client { id } addenda { body } } }
} } } } } } }"""
RECORD = """{ viewer { client {
  name
  appointments(first: 20) { totalCount edges { node { title attendances { client { name } } } } }
  chartNotes { edges { node { locked verified body client { name } signatures { signedAs } } } }
} } }"""


async def test_two_starters_at_once_plant_one_demo_and_both_serve_it(demo: Demo) -> None:
    for server in demo.starters:
        async with Person(server.address) as owner:
            await owner.do(SIGN_IN, email="owner@demo.example", password=PASSWORD, cookieOnly=True)
            assert await owner.ask(ALL) == PLANTED


@pytest.mark.parametrize(
    "login,roles",
    [
        ("owner", ["OWNER"]),
        ("amara", ["PROVIDER"]),
        ("bjorn", ["PROVIDER"]),
        ("chidi", ["PROVIDER"]),
        ("scheduler", ["SCHEDULER"]),
        ("biller", ["BILLER"]),
        ("client", ["CLIENT"]),
    ],
)
async def test_the_banner_names_everybody_and_their_password_is_good(demo: Demo, login: str, roles: list[str]) -> None:
    assert f"Sign in with any of these @demo.example; the password is {PASSWORD}:" in demo.server.said
    assert f"\n    {login} " in demo.server.said
    async with Person(demo.server.address) as person:
        payload = await person.do(SIGN_IN, email=f"{login}@demo.example", password=PASSWORD)
    assert payload["viewer"]["roles"] == roles


async def test_the_banner_has_the_address_and_queries_that_answer_when_they_are_pasted(demo: Demo) -> None:
    for server in demo.starters:
        lines = [line.strip() for line in server.said.splitlines()]
        assert f"Grouproom serves http://{server.address}/graphql (and ws://{server.address}/graphql)." in server.said
        queries = [query for title, query in pairwise(lines) if title.startswith("# ")]
        async with Person(server.address, server.token) as amara, amara.socket() as socket:
            answers = [await amara.ask(query) for query in queries]
            assert answers == [await socket.ask(query) for query in queries]
        groups, search, viewer = answers
        assert len(groups["groups"]["edges"]) == 2
        assert all(edge["node"]["members"] for edge in groups["groups"]["edges"])
        assert {hit["usuallySeesProvider"] for hit in search["search"]} == {True}
        assert len(viewer["viewer"]["practice"]["serviceCodes"]) == 5


async def test_amara_finds_sessions_of_seven_weeks_with_attendance_and_notes_in_every_state(demo: Demo) -> None:
    async with Person(demo.server.address, demo.server.token) as amara:
        shown = await amara.ask(SESSIONS)
    sessions = {edge["node"]["name"]: nodes(edge["node"]["appointments"]) for edge in shown["groups"]["edges"]}
    # One each week; the Monday group has one more that was called off, and one with a second provider.
    assert {name: len(found) for name, found in sessions.items()} == {"Monday Grief Group": 9, "New Parents Evening": 7}
    found = [session for of_group in sessions.values() for session in of_group]
    assert [session["status"] for session in found].count("CANCELED") == 1
    assert all(session["attendanceSummary"]["total"] == 8 for session in found)
    lines = [line for session in found for line in session["attendances"]]
    assert {line["outcome"] for line in lines} == {None, "ATTENDED", "NO_SHOW", "LATE_CANCEL", "ABSENT"}
    assert {line["confirmation"] for line in lines} == {"NOT_ASKED", "PENDING", "CONFIRMED", "DECLINED"}
    assert {"90853", "SKILLS"} < {line["serviceCode"]["code"] for line in lines if line["serviceCode"]}
    charts = [session["chart"] for session in found if session["chart"]]
    assert sorted(chart["state"] for chart in charts) == ["DRAFT"] * 2 + ["IN_REVIEW"] * 2 + ["LOCKED"] * 2
    assert any(chart["warnings"] for chart in charts if chart["state"] == "IN_REVIEW")
    locked = [note for chart in charts if chart["state"] == "LOCKED" for note in chart["notes"]]
    assert locked
    assert all(note["verified"] for note in locked)
    assert any(note["addenda"] for note in locked)
    assert shown["unchartedAppointments"]["totalCount"] >= 4


async def test_the_biller_finds_all_paid_half_paid_and_open_and_every_balance_adds_up(demo: Demo) -> None:
    async with Person(demo.server.address) as nobody:
        token = (await nobody.do(SIGN_IN, email="biller@demo.example", password=PASSWORD))["token"]
    async with Person(demo.server.address, token) as biller:
        clients = nodes((await biller.ask(ACCOUNTS))["clients"])
    assert len(clients) == 30
    parts = set()
    for client in clients:
        lines, payments = nodes(client["attendances"]), nodes(client["payments"])
        charges = [line["fee"]["amountMinor"] for line in lines if line["fee"]]
        taken = [payment["amount"]["amountMinor"] - payment["refunded"]["amountMinor"] for payment in payments]
        assert client["balance"]["amountMinor"] == sum(charges) - sum(taken)
        assert all(line["appointment"]["chart"] is None for line in lines)
        parts |= {line["paid"]["amountMinor"] / line["fee"]["amountMinor"] for line in lines if charged(line)}
    assert parts == {0, 0.5, 1}
    methods = {payment["method"] for client in clients for payment in nodes(client["payments"])}
    assert methods == {"CASH", "CHECK", "EXTERNAL_CARD"}


async def test_the_client_finds_own_sessions_by_initials_and_own_locked_notes(demo: Demo) -> None:
    async with Person(demo.server.address) as nobody:
        token = (await nobody.do(SIGN_IN, email="client@demo.example", password=PASSWORD))["token"]
    async with Person(demo.server.address, token) as client:
        mine = (await client.ask(RECORD))["viewer"]["client"]
    sessions, notes = nodes(mine["appointments"]), nodes(mine["chartNotes"])
    assert mine["appointments"]["totalCount"] == len(sessions) == 9
    assert {session["title"] for session in sessions} == {"MGG"}
    assert all(session["attendances"] == [{"client": {"name": mine["name"]}}] for session in sessions)
    [note] = notes
    assert (note["client"], note["locked"], note["verified"]) == ({"name": mine["name"]}, True, True)
    assert note["signatures"] == [{"signedAs": "Amara Okafor, LCSW"}]
    assert 'class="indent-1"' in note["body"]


@pytest.mark.parametrize("leader", ["amara", "bjorn", "chidi"])
async def test_no_locked_note_names_another_member(demo: Demo, leader: str) -> None:
    """N7."""
    sessions = await written_by(demo, leader)
    locked = [(session, note) for session in sessions for note in session["chart"]["notes"] if note["locked"]]
    assert len(locked) >= 4
    assert [note["body"] for session, note in locked if names_others(session, note)] == []


async def test_a_note_in_review_names_others_for_the_reviewer_to_see_and_it_is_not_the_portal_clients(
    demo: Demo,
) -> None:
    """N7, N8: whoever tries the demo may lock it, and the client reads their own."""
    async with Person(demo.server.address) as client:
        await client.do(SIGN_IN, email="client@demo.example", password=PASSWORD, cookieOnly=True)
        mine = (await client.ask("{ viewer { client { id } } }"))["viewer"]["client"]["id"]
    sessions = [one for one in await written_by(demo, "amara") if one["chart"]["state"] == "IN_REVIEW"]
    naming = {
        note["client"]["id"]
        for session in sessions
        for note in session["chart"]["notes"]
        if names_others(session, note)
    }
    pointed_at = {
        warning["client"]["id"]
        for session in sessions
        for warning in session["chart"]["warnings"]
        if warning["kind"] == "NAMES_ANOTHER_MEMBER"
    }
    assert len(naming) == 1
    assert naming == pointed_at
    assert mine not in naming


async def written_by(demo: Demo, leader: str) -> list[Any]:
    """Give the leader's sessions that are charted."""
    async with Person(demo.server.address) as person:
        await person.do(SIGN_IN, email=f"{leader}@demo.example", password=PASSWORD, cookieOnly=True)
        groups = nodes((await person.ask(WRITTEN))["groups"])
    return [session for group in groups for session in nodes(group["appointments"]) if session["chart"]]


def names_others(session: Any, note: Any) -> bool:
    """Whether any name of anybody else on the roster stands in a note, or in what was added to it."""
    others = [line["client"] for line in session["attendances"] if line["client"]["id"] != note["client"]["id"]]
    names = {other[name] for other in others for name in ("firstName", "lastName", "preferredName")} - {None}
    said = " ".join([note["body"], *(addendum["body"] for addendum in note["addenda"])])
    return any(re.search(rf"\b{re.escape(name)}\b", said) for name in names)


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def charged(line: Any) -> bool:
    return bool(line["fee"] and line["fee"]["amountMinor"])


async def test_a_demo_that_was_interrupted_is_planted_whole_by_the_next_start(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "_hasher", QUICK_HASHER)

    async def interrupted(*_: object, **__: object) -> Given:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(demo_practice, "create_group", interrupted)
        with pytest.raises(asyncio.CancelledError):
            await demo_practice.plant_demo()
    assert [await count(table) for table in ("practice", "client", "therapy_group")] == [0, 0, 0]
    for _ in range(2):
        await demo_practice.plant_demo()
        assert [await count(table) for table in ("practice", "client", "therapy_group")] == [1, 30, 4]
