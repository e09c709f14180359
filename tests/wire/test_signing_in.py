"""Whose request it is: bearer token, cookie, and pages of other origins."""

from __future__ import annotations

import httpx
import pytest

from tests.wire.toy import GOOD, Desk, browser, make_app

BEARER = {"Authorization": f"Bearer {GOOD}"}
BAD_BEARER = {"Authorization": "Bearer of-last-week"}
COOKIE = {"Cookie": f"grouproom_token={GOOD}"}
BAD_COOKIE = {"Cookie": "grouproom_token=of-last-week"}
FOREIGN = {"Origin": "https://evil.example"}

WHO = {"query": "{ viewer { name } }"}
SIGN_IN = {"query": 'mutation { signIn(email: "amara@demo.example") }'}
SIGN_OUT = {"query": "mutation { signOut }"}
NOBODY = {"data": {"viewer": None}}
AMARA = {"data": {"viewer": {"name": "Amara"}}}


@pytest.mark.parametrize("credentials,answer", [({}, NOBODY), (BEARER, AMARA), (COOKIE, AMARA)])
async def test_a_token_may_come_as_bearer_or_as_cookie(
    http: httpx.AsyncClient, credentials: dict[str, str], answer: object
) -> None:
    response = await http.post("/graphql", json=WHO, headers=credentials)
    assert response.json() == answer


@pytest.mark.parametrize("request_", [WHO, SIGN_IN, {"query": "{ nothing }"}])
async def test_a_bad_bearer_token_is_the_whole_answer(http: httpx.AsyncClient, request_: dict[str, str]) -> None:
    response = await http.post("/graphql", json=request_, headers={**BAD_BEARER, **COOKIE})
    assert response.json() == {"errors": [{"message": "Sign in first.", "extensions": {"code": "UNAUTHENTICATED"}}]}


async def test_a_bad_cookie_keeps_nobody_from_signing_in(http: httpx.AsyncClient) -> None:
    who = await http.post("/graphql", json=WHO, headers=BAD_COOKIE)
    signed_in = await http.post("/graphql", json=SIGN_IN, headers=BAD_COOKIE)
    signed_out = await http.post("/graphql", json=SIGN_OUT, headers=BAD_COOKIE)
    assert who.json() == NOBODY
    assert signed_in.json() == {"data": {"signIn": GOOD}}
    assert signed_out.json() == {"data": {"signOut": True}}


async def test_signing_in_gives_the_browser_a_cookie_that_scripts_cannot_read(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=SIGN_IN)
    assert response.headers.get_list("set-cookie") == [
        f"grouproom_token={GOOD}; HttpOnly; Max-Age=2592000; Path=/; SameSite=strict; Secure"
    ]


async def test_without_tls_the_cookie_does_not_demand_it() -> None:
    async with browser(make_app(cookie_seconds=60), base_url="http://127.0.0.1:8000") as http:
        response = await http.post("/graphql", json=SIGN_IN)
    assert response.headers["set-cookie"] == f"grouproom_token={GOOD}; HttpOnly; Max-Age=60; Path=/; SameSite=strict"


async def test_signing_out_takes_the_cookie_back(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=SIGN_OUT, headers=COOKIE)
    assert response.headers["set-cookie"].startswith('grouproom_token=""; HttpOnly; Max-Age=0; Path=/;')


async def test_a_query_touches_no_cookie(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=WHO, headers=COOKIE)
    assert "set-cookie" not in response.headers


async def test_a_foreign_page_cannot_use_the_cookie(http: httpx.AsyncClient, desk: Desk) -> None:
    for origin in ("https://evil.example", "null", "http://house.example.evil.example", "https://house.example:8443"):
        response = await http.post("/graphql", json=SIGN_OUT, headers={**COOKIE, "Origin": origin})
        assert response.status_code == 403
        assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert desk.asked == 0


@pytest.mark.parametrize("origin", ["https://house.example", "https://friend.example", "https://FRIEND.example:443"])
async def test_our_own_pages_and_allowed_ones_can_use_the_cookie(http: httpx.AsyncClient, origin: str) -> None:
    response = await http.post("/graphql", json=WHO, headers={**COOKIE, "Origin": origin})
    assert response.json() == AMARA


async def test_our_own_page_is_known_behind_a_proxy_that_changes_the_host(http: httpx.AsyncClient) -> None:
    headers = {**COOKIE, "Origin": "https://house.example", "Host": "10.0.0.7:8000"}
    refused = await http.post("/graphql", json=WHO, headers=headers)
    known = await http.post("/graphql", json=WHO, headers={**headers, "Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
    assert known.json() == AMARA


async def test_a_bearer_token_is_good_from_any_origin(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=WHO, headers={**BEARER, **FOREIGN})
    assert response.json() == AMARA


async def test_a_foreign_page_that_signs_in_plants_no_cookie(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=SIGN_IN, headers=FOREIGN)
    assert response.json() == {"data": {"signIn": GOOD}}
    assert "set-cookie" not in response.headers


async def test_get_takes_no_cookie(http: httpx.AsyncClient, desk: Desk) -> None:
    by_cookie = await http.get("/graphql", params=WHO, headers=COOKIE)
    by_bearer = await http.get("/graphql", params=WHO, headers={**BEARER, **COOKIE})
    assert by_cookie.status_code == 405
    assert by_cookie.headers["allow"] == "POST"
    assert by_bearer.json() == AMARA
    assert desk.asked == 1


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        '{ viewer { name } __type(name: "Person") { name } }',
        "{ viewer { name } ...Deep } fragment Deep on Query { ... on Query { s: __schema { description } } }",
        "query Plain { __typename } query Deep { __schema { description } }",
    ],
)
async def test_the_schema_is_shown_to_nobody_who_is_not_signed_in(http: httpx.AsyncClient, query: str) -> None:
    operation = {"query": query, "operationName": "Deep" if "query Deep" in query else None}
    signed_out = await http.post("/graphql", json=operation)
    signed_in = await http.post("/graphql", json=operation, headers=BEARER)
    assert signed_out.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert "data" not in signed_out.json()
    assert "errors" not in signed_in.json()


async def test_what_is_everybodys_stays_so(http: httpx.AsyncClient) -> None:
    query = "query Plain { __typename viewer { __typename } } query Deep { __schema { description } }"
    response = await http.post("/graphql", json={"query": query, "operationName": "Plain"})
    assert response.json() == {"data": {"__typename": "Query", "viewer": None}}


async def test_resolvers_know_whose_request_it_is_and_where_it_came_from(http: httpx.AsyncClient, desk: Desk) -> None:
    await http.post("/graphql", json=WHO, headers=BEARER)
    (context,) = desk.contexts
    assert context.viewer is desk.tokens[GOOD]
    assert context.address == "127.0.0.1"
    assert context.secure
    assert context.can_set_cookie


async def test_a_desk_that_is_down_is_unavailable_and_not_a_bad_token(http: httpx.AsyncClient, desk: Desk) -> None:
    desk.down = True
    response = await http.post("/graphql", json=WHO, headers=BEARER)
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
