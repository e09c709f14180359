"""The protocol graphql-transport-ws, message by message."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from grouproom.graphql.adapter import SocketAdapter
from tests.wire.talk import BEARER, PROTOCOL, bare, closing, drain, hear, say, socket, subscribe
from tests.wire.toy import SECRET, Desk, make_app, serving


async def test_a_subscription_delivers_in_order_and_completes(served: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "subscription { count(to: 3) }")
        heard = [await hear(ws) for _ in range(4)]
    assert heard == [
        *({"id": "1", "type": "next", "payload": {"data": {"count": number}}} for number in range(3)),
        {"id": "1", "type": "complete"},
    ]


async def test_queries_and_mutations_are_answered_too(served: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "q", "query ($name: String!) { person(name: $name) { name } }", variables={"name": "Björn"})
        assert (await hear(ws))["payload"] == {"data": {"person": {"name": "Björn"}}}
        assert await hear(ws) == {"id": "q", "type": "complete"}
        await subscribe(ws, "q", "query A { __typename } query B { b: __typename }", operationName="B")
        assert (await hear(ws))["payload"] == {"data": {"b": "Query"}}
        assert await hear(ws) == {"id": "q", "type": "complete"}


async def test_a_ping_is_answered_before_and_after_the_acknowledgement(served: str) -> None:
    async with bare(served) as ws:
        await say(ws, type="ping")
        assert await hear(ws) == {"type": "pong"}
        await say(ws, type="pong")
        await say(ws, type="connection_init", payload=None)
        assert (await hear(ws))["type"] == "connection_ack"
        await say(ws, type="ping", payload={"a": 1})
        assert await hear(ws) == {"type": "pong"}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "x",
        "[]",
        "null",
        "1",
        '"subscribe"',
        "{}",
        '{"type": null}',
        '{"type": 1}',
        '{"type": ["ping"]}',
        '{"type": "start", "id": "1"}',
        '{"type": "' + "x" * 1000 + '"}',
        '{"type": "next", "id": "1", "payload": {}}',
        '{"type": "connection_ack"}',
        '{"type": "connection_init", "payload": "x"}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "ping", "payload": "x"}',
        '{"type": "pong", "payload": 1}',
        '{"type": "complete"}',
        '{"type": "complete", "id": 1}',
        '{"type": "complete", "id": []}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": null, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": null}',
        '{"type": "subscribe", "id": "1", "payload": "x"}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": null}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": "x"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "extensions": 1}}',
        "[" * 100_000,
        '{"type": "ping", "payload": ' + '{"a":' * 2000 + "1" + "}" * 2001,
        '{"type": "ping", "payload": {"a": ' + "9" * 5000 + "}}",
        '{"type": "ping", "payload": {"a": "\\ud800"}}',
        b'{"type": "ping"}',
    ],
)
async def test_a_malformed_message_closes_the_socket_with_4400(served: str, message: str | bytes) -> None:
    async with bare(served) as ws:
        if '"subscribe", "id": "1"' in str(message):
            await say(ws, type="connection_init", payload=BEARER)
            await hear(ws)
        await ws.send(message)
        code, reason = await closing(ws)
    assert code == 4400
    assert reason


async def test_a_message_past_every_measure_closes_the_socket(served: str) -> None:
    async with socket(served) as ws:
        await ws.send(" " * (2**20 + 1))
        assert (await closing(ws))[0] == 1009


async def test_a_subscription_before_the_acknowledgement_is_unauthorized(served: str) -> None:
    async with bare(served) as ws:
        await subscribe(ws, "1", "{ __typename }")
        assert await closing(ws) == (4401, "Unauthorized")


async def test_a_second_connection_init_is_one_too_many(served: str) -> None:
    async with socket(served) as ws:
        await say(ws, type="connection_init")
        assert (await closing(ws))[0] == 4429


async def test_an_id_in_use_is_not_given_twice(served: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "subscription { wait }")
        await hear(ws)
        await subscribe(ws, "1", "{ __typename }")
        assert (await closing(ws))[0] == 4409


async def test_a_socket_that_is_not_initialised_in_time_is_closed() -> None:
    async with serving(make_app(init_seconds=0.02)) as served, bare(served) as ws:
        assert (await closing(ws))[0] == 4408


@pytest.mark.parametrize("protocols", [None, ["graphql-ws"], ["soap"]])
async def test_no_other_protocol_is_spoken(served: str, protocols: list[Subprotocol] | None) -> None:
    async with connect(f"ws://{served}", subprotocols=protocols) as ws:
        assert (await closing(ws))[0] == 4406


@pytest.mark.parametrize(
    "payload",
    [
        {"query": "{"},
        {"query": ""},
        {"query": "{ nothing }"},
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "{ __typename }", "operationName": "Other"},
        {"query": "query ($n: String!) { person(name: $n) { name } }"},
        {"query": "subscription ($n: Int!) { count(to: $n) }", "variables": {"n": "x"}},
        {"query": "{ __typename }", "variables": {"a": "\0"}},
        {"query": "{ __typename }", "extensions": {"persistedQuery": 1}},
    ],
)
async def test_a_bad_operation_ends_only_itself(served: str, payload: dict[str, Any]) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "stream", "subscription { wait }")
        await hear(ws)
        await say(ws, id="bad", type="subscribe", payload=payload)
        refused = await hear(ws)
        assert (refused["id"], refused["type"]) == ("bad", "error")
        assert [error["extensions"]["code"] for error in refused["payload"]] == ["BAD_USER_INPUT"]
        await subscribe(ws, "bad", "{ __typename }")
        assert (await hear(ws))["payload"] == {"data": {"__typename": "Query"}}


async def test_limits_hold_on_a_socket_as_well(served: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "{ viewer {" + " friends {" * 25 + " name" + " }" * 27)
        assert (await hear(ws))["payload"][0]["extensions"] == {"code": "TOO_COMPLEX"}


async def test_a_bug_in_a_stream_is_masked_and_ends_it(served: str, caplog: pytest.LogCaptureFixture) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "subscription { failing }")
        assert (await hear(ws))["payload"] == {"data": {"failing": 1}}
        error = await hear(ws)
        await say(ws, type="ping")
        assert await hear(ws) == {"type": "pong"}
    assert error["type"] == "error"
    assert error["payload"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(error) + caplog.text


async def test_an_error_in_a_field_comes_with_the_data(served: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "{ __typename absent { name } }")
        answer = await hear(ws)
        assert await hear(ws) == {"id": "1", "type": "complete"}
    assert answer["type"] == "next"
    assert answer["payload"]["data"] == {"__typename": "Query", "absent": None}
    assert answer["payload"]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


async def test_a_persisted_document_is_found_on_a_socket(served: str) -> None:
    query = "{ on_a_socket: __typename }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    async with socket(served) as ws:
        await say(ws, id="1", type="subscribe", payload={"extensions": extensions})
        assert await hear(ws) == {
            "id": "1",
            "type": "error",
            "payload": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}],
        }
        await subscribe(ws, "1", query, extensions=extensions)
        assert (await hear(ws))["payload"] == {"data": {"on_a_socket": "Query"}}
        await hear(ws)
        await say(ws, id="1", type="subscribe", payload={"extensions": extensions})
        assert (await hear(ws))["payload"] == {"data": {"on_a_socket": "Query"}}


async def test_complete_ends_the_stream_and_frees_its_id(served: str, desk: Desk) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", 'subscription { wait(text: "first") }')
        await hear(ws)
        await say(ws, id="1", type="complete")
        async with asyncio.timeout(5):
            await desk.ended.wait()
        await subscribe(ws, "1", 'subscription { wait(text: "second") }')
        assert (await hear(ws))["payload"] == {"data": {"wait": "second"}}


async def test_complete_for_an_unknown_operation_is_nothing(served: str) -> None:
    async with socket(served) as ws:
        await say(ws, id="never", type="complete")
        await say(ws, type="ping")
        assert await hear(ws) == {"type": "pong"}


async def test_complete_cancels_a_mutation_under_way(served: str, desk: Desk) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "mutation { slow }")
        async with asyncio.timeout(5):
            await desk.entered.wait()
            await say(ws, id="1", type="complete")
            await desk.ended.wait()
        await say(ws, type="ping")
        assert await hear(ws) == {"type": "pong"}


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_a_socket_that_goes_away_takes_its_streams_with_it(served: str, desk: Desk, how: str) -> None:
    async with socket(served) as ws:
        await subscribe(ws, "1", "subscription { wait }")
        await hear(ws)
        if how == "close":
            await ws.close()
        else:
            ws.transport.abort()
        async with asyncio.timeout(5):
            await desk.ended.wait()


async def test_a_socket_runs_only_so_many_operations_at_once(desk: Desk) -> None:
    async with serving(make_app(max_operations=2)) as served, socket(served) as ws:
        for id_ in ("1", "2"):
            await subscribe(ws, id_, "subscription { wait }")
            await hear(ws)
        await subscribe(ws, "3", "{ __typename }")
        refused = await hear(ws)
        assert (refused["id"], refused["type"]) == ("3", "error")
        assert refused["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
        await say(ws, id="1", type="complete")
        async with asyncio.timeout(5):
            await desk.ended.wait()
        await subscribe(ws, "3", "{ __typename }")
        assert (await hear(ws))["payload"] == {"data": {"__typename": "Query"}}


async def test_a_peer_that_takes_nothing_loses_its_stream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SocketAdapter, "send_seconds", 0.1)
    async with serving(make_app()) as served, socket(served, max_size=None, max_queue=1) as ws:
        await subscribe(ws, "1", "subscription { flood }")
        async with asyncio.timeout(10):
            await desk.ended.wait()
        with pytest.raises(ConnectionClosed):
            await drain(ws)


async def test_a_foreign_page_opens_no_socket(served: str, desk: Desk) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(InvalidStatus) as refused:
            async with bare(served, origin=Origin(origin)):
                pass
        assert refused.value.response.status_code == 403
    assert desk.asked == 0


async def test_our_own_pages_and_allowed_ones_open_sockets(served: str) -> None:
    for origin in (f"http://{served.removesuffix('/graphql')}", "https://friend.example"):
        async with socket(served, origin=Origin(origin)) as ws:
            assert ws.subprotocol == PROTOCOL
