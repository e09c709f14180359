"""What may be asked over HTTP, and how an answer looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from grouproom.graphql import GraphQLApp
from tests.wire.toy import Desk, browser, make_app

NEWER = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}


async def test_a_query_is_answered_as_application_json(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{ __typename }"})
    assert response.status_code == 200
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_no_answer_is_kept_by_anybody_on_the_way(http: httpx.AsyncClient) -> None:
    answered = await http.post("/graphql", json={"query": "{ __typename }"})
    refused = await http.post("/graphql", content=b"[", headers=JSON)
    assert answered.headers["cache-control"] == refused.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "accept,media",
    [
        (NEWER, NEWER),
        (f"{NEWER}, application/json;q=0.9", NEWER),
        (f"{NEWER}, application/graphql+json, application/json, text/event-stream, multipart/mixed", NEWER),
        (f"{NEWER};q=0.1, application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/*", "application/json"),
        ("*/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_client_chooses_the_media_type(http: httpx.AsyncClient, accept: str, media: str) -> None:
    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream", "application/json;q=0", "application/json;q=x"])
async def test_a_client_that_takes_neither_media_type_is_told_which_there_are(
    http: httpx.AsyncClient, accept: str
) -> None:
    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
    assert response.status_code == 406
    assert NEWER in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "request_",
    [
        {"query": "{"},
        {"query": ""},
        {"query": "{ nothing }"},
        {"query": "query ($name: String!) { person(name: $name) { name } }"},
        {"query": "{ __typename }", "operationName": "Other"},
    ],
)
async def test_a_request_error_is_400_in_the_newer_media_type_and_200_in_the_older(
    http: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    newer = await http.post("/graphql", json=request_, headers={"Accept": NEWER})
    older = await http.post("/graphql", json=request_)
    assert (newer.status_code, older.status_code) == (400, 200)
    assert newer.json() == older.json()
    assert set(newer.json()) == {"errors"}
    assert newer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_an_error_in_a_field_leaves_the_data_and_the_status_as_they_are(http: httpx.AsyncClient) -> None:
    response = await http.post(
        "/graphql", json={"query": "{ viewer { name } absent { name } }"}, headers={"Accept": NEWER}
    )
    assert response.status_code == 200
    assert response.json()["data"] == {"viewer": None, "absent": None}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b"true",
        b'"{ __typename }"',
        b"[]",
        b"[[[]]]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b"{",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": NaN}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": true}',
        b'{"query": []}',
        b'{"query": {"a": 1}}',
        b"9" * 5000,
        b'{"query": "{ __typename }", "variables": {"n": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "variables": 0}',
        b'{"query": "{ __typename }", "variables": false}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "extensions": "x"}',
        b'{"query": "{ __typename }", "extensions": []}',
        b"[" * 100_000,
        b"[" * 500 + b"]" * 500,
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100 + b"]" * 100 + b"}}",
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}",
        b'{"query": "{ __typename }", "variables": {"name": "\\u0000"}}',
    ],
)
async def test_an_odd_body_is_a_clear_400(http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"]


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_stands_for_what_is_left_out(http: httpx.AsyncClient, name: str) -> None:
    response = await http.post("/graphql", json={"query": "{ __typename }", name: None})
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_another_method_is_told_which_are_allowed(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_a_body_that_is_not_declared_as_json_is_not_read(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await http.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert response.status_code == 415
    assert response.headers["accept"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"'])
async def test_json_may_say_that_it_is_utf_8(http: httpx.AsyncClient, content_type: str) -> None:
    body = '{"query": "query ($name: String!) { __typename @skip(if: false) }", "variables": {"name": "Björn"}}'
    response = await http.post("/graphql", content=body.encode(), headers={"Content-Type": content_type})
    assert response.status_code == 200


async def test_a_body_that_declares_itself_too_long_is_refused_unread(app: GraphQLApp) -> None:
    sent = []

    async def body() -> AsyncIterator[bytes]:
        sent.append(1)
        yield b"{}"

    async with browser(app) as http:
        headers = {**JSON, "Content-Length": str(2**20 + 1)}
        response = await http.post("/graphql", content=body(), headers=headers)
    assert response.status_code == 413
    assert not sent


async def test_a_body_that_grows_too_long_is_refused_on_the_way(http: httpx.AsyncClient) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 2**16

    response = await http.post("/graphql", content=body(), headers=JSON)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


async def test_a_body_that_drips_in_is_cut_off() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with browser(make_app(body_seconds=0.02)) as http:
        response = await http.post("/graphql", content=body(), headers=JSON)
    assert response.status_code == 408
    assert response.headers["connection"] == "close"


async def test_get_answers_a_query(http: httpx.AsyncClient) -> None:
    query = "query Named($skipped: Boolean!) { __typename viewer @skip(if: $skipped) { name } }"
    params = {"query": query, "variables": '{"skipped": true}', "operationName": "Named", "extensions": ""}
    response = await http.get("/graphql", params=params)
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("media", [NEWER, "application/json"])
async def test_get_runs_no_mutation(http: httpx.AsyncClient, desk: Desk, media: str) -> None:
    params = {"query": 'mutation { signIn(email: "a@b.example") }'}
    response = await http.get("/graphql", params=params, headers={"Accept": media})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert not desk.contexts


@pytest.mark.parametrize(
    "address",
    [
        "",
        "query={__typename}&query={__typename}",
        "query={__typename}&variables=[]",
        "query={__typename}&variables={",
        "query={__typename}&extensions=1",
        "query=%ff",
        "&".join(f"a{n}=1" for n in range(40)),
    ],
)
async def test_an_odd_address_is_a_clear_400(http: httpx.AsyncClient, address: str) -> None:
    response = await http.get(f"/graphql?{address}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_subscription_is_sent_to_the_socket(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "subscription { count(to: 1) }"})
    assert response.status_code == 400
    assert "WebSocket" in response.json()["errors"][0]["message"]


async def test_of_several_operations_one_must_be_named(http: httpx.AsyncClient) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    named = await http.post("/graphql", json={"query": query, "operationName": "B"})
    unnamed = await http.post("/graphql", json={"query": query})
    assert named.json() == {"data": {"b": "Query"}}
    assert unnamed.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
