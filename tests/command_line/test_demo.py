"""The demo practice: planted once, whoever starts, and open to whoever reads the banner."""

from __future__ import annotations

import asyncio
from itertools import pairwise

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
