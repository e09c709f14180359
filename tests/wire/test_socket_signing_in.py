"""Whose socket it is, and that each of its operations asks again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire.talk import bare, closing, hear, say, socket, subscribe
from tests.wire.toy import AMARA, GOOD, SECRET, Desk

NOBODY: dict[str, str] = {}


async def who(ws: Any) -> Any:
    await subscribe(ws, "who", "{ viewer { name } }")
    answer = await hear(ws)
    await hear(ws)
    return answer["payload"]["data"]["viewer"]


@pytest.mark.parametrize("key", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_the_token_may_come_with_connection_init_in_any_case(served: str, key: str) -> None:
    async with socket(served, {key: f"Bearer {GOOD}"}) as ws:
        assert await who(ws) == {"name": "Amara"}


async def test_the_cookie_of_the_handshake_signs_in(served: str) -> None:
    async with socket(served, NOBODY, additional_headers={"Cookie": f"grouproom_token={GOOD}"}) as ws:
        assert await who(ws) == {"name": "Amara"}


async def test_without_credentials_a_socket_is_open_but_nobodys(served: str) -> None:
    async with socket(served, NOBODY) as ws:
        assert await who(ws) is None
        await subscribe(ws, "1", '{ person(name: "Ada") { name } }')
        answer = await hear(ws)
        assert answer["payload"]["data"] == {"person": None}
        assert answer["payload"]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_the_schema_is_shown_to_nobody_who_is_not_signed_in(served: str) -> None:
    async with socket(served, NOBODY) as ws:
        await subscribe(ws, "1", "{ __schema { description } }")
        refused = await hear(ws)
    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize("token", ["Bearer of-last-week", "", 1, None, {}, "Basic YTpi"])
async def test_a_bad_token_is_forbidden(served: str, token: object) -> None:
    async with bare(served, additional_headers={"Cookie": "grouproom_token=of-last-week"}) as ws:
        await say(ws, type="connection_init", payload={"authorization": token})
        assert await closing(ws) == (4403, "Forbidden")


async def test_a_sign_in_that_ends_takes_the_socket_with_its_next_operation(served: str, desk: Desk) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "stream", "subscription { wait }")
        await hear(ws)
        del desk.tokens[GOOD]
        await subscribe(ws, "1", "{ viewer { name } }")
        assert (await closing(ws))[0] == 4403


async def test_each_operation_has_a_context_of_its_own(served: str, desk: Desk) -> None:
    async with socket(served) as ws:
        await who(ws)
        await who(ws)
    first, second = desk.contexts
    assert first is not second
    assert first.viewer is AMARA
    assert first.address == "127.0.0.1"
    assert not first.secure


async def test_signing_in_over_a_socket_gives_a_token_and_no_cookie(served: str, desk: Desk) -> None:
    async with socket(served, NOBODY) as ws:
        await subscribe(ws, "1", 'mutation { signIn(email: "amara@demo.example") }')
        assert (await hear(ws))["payload"] == {"data": {"signIn": GOOD}}
    assert not desk.contexts[0].can_set_cookie


async def test_a_desk_that_is_down_asks_the_client_to_come_again(served: str, desk: Desk) -> None:
    desk.down = True
    async with bare(served) as ws:
        await say(ws, type="connection_init")
        assert (await closing(ws))[0] == 1013


async def test_a_desk_that_goes_down_ends_the_operation_and_not_the_socket(served: str, desk: Desk) -> None:
    async with socket(served) as ws:
        desk.down = True
        await subscribe(ws, "1", "{ viewer { name } }")
        assert (await hear(ws))["payload"][0]["extensions"] == {"code": "UNAVAILABLE"}
        desk.down = False
        assert await who(ws) == {"name": "Amara"}


async def test_a_bug_at_the_desk_is_masked(
    served: str, desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "tokens", None)
    async with bare(served) as ws:
        await say(ws, type="connection_init", payload={"authorization": SECRET})
        assert await closing(ws) == (4500, "Internal error")
    assert "builtins.TypeError" in caplog.text
    assert SECRET not in caplog.text
