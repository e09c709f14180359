"""What is too much to ask, and that finding it out costs little."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import build_schema, get_introspection_query, parse

from grouproom.graphql import Limits
from grouproom.graphql.limiter import Limiter
from tests.wire.toy import GOOD, browser, make_app

QUICK = 0.25
"""Seconds of work that one hostile request may cause, which is how long it holds up the others."""

EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)


@pytest.fixture(autouse=True, scope="module")
def alone() -> Iterator[None]:
    """Leave what the rest of the suite holds out of what is measured: a server has no such heap to look through."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


async def ask(http: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {GOOD}"}
    began = time.process_time()
    response = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert time.process_time() - began < QUICK
    assert response.status_code == 200
    return response.json()


def code_of(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


def doubling(depth: int, body: str) -> str:
    """Chain fragments so that each holds the next one twice."""
    spreads = " ".join(f"fragment F{n} on Person {{ {body % (n + 1, n + 1)} }}" for n in range(depth))
    return f"{{ viewer {{ ...F0 }} }} {spreads} fragment F{depth} on Person {{ name }}"


@pytest.mark.parametrize(
    "query",
    [
        doubling(30, "...F%d ...F%d"),
        doubling(30, "a: friends { ...F%d } b: friends { ...F%d }"),
        doubling(20, "friends { ...F%d } page { edges { node { ...F%d } } }"),
        "{ viewer {" + " friends {" * 21 + " name" + " }" * 22 + " }",
        "{ viewer {" + " friends {" * 5 + " name" + " }" * 6 + " }",
        "{" + " ".join(f"a{n}: __typename" for n in range(101)) + "}",
        "{" + " __typename" * 500 + "}",
        "{ viewer {" + " friends { name }" * 300 + "} }",
        "{ viewer {" + " ... { friends { name } }" * 200 + "} }",
        "{ viewer {" + " ".join(f"a{n}: name" for n in range(51)) + "} }",
        "{ viewer { name" + " @skip(if: false)" * 51 + " } }",
        "{ viewer {" + " ".join(f"...F{n}" for n in range(61)) + "} }"
        + " ".join(f"fragment F{n} on Person {{ name }}" for n in range(61)),
        "mutation {" + " ".join(f'a{n}: signIn(email: "a")' for n in range(11)) + "}",
        "{ viewer {" + " name" * 5000 + "} }",
        "{" + "," * 300_000 + " __typename }",
        "{ viewer" * 300 + "}" * 300,
        "{ person(name: " + "[" * 300 + "]" * 300 + ") { name } }",
        "{" + " ".join(f"a{n}: __schema {{ ...S }}" for n in range(8))
        + "} fragment S on __Schema { types { ...T } } fragment T on __Type {"
        + " fields { args { type { ...R } } type { ...R } } inputFields { type { ...R } }"
        + " possibleTypes { ...R } interfaces { ...R } enumValues { name description } }"
        + " fragment R on __Type { ofType { ofType { ofType { ofType { ofType { ofType { kind name } } } } } } }",
    ],
)  # fmt: skip
async def test_a_document_that_asks_too_much_is_refused_at_once(http: httpx.AsyncClient, query: str) -> None:
    answer = await ask(http, query)
    assert code_of(answer) == "TOO_COMPLEX"
    assert "data" not in answer


async def test_a_longer_chain_of_fragments_costs_no_more_than_its_length() -> None:
    schema = build_schema("type Query { a: Query b: [Query] c: Int }")
    limiter = Limiter(schema, Limits())

    def seconds(depth: int) -> float:
        body = "x: a { ...F%d } y: b { ...F%d }"
        document = parse(doubling(depth, body).replace("Person", "Query").replace("viewer", "a").replace("name", "c"))
        began = time.process_time()
        for _ in range(50):
            limiter.weigh(document, {})
        return time.process_time() - began

    assert seconds(24) < 12 * seconds(6)


@pytest.mark.parametrize(
    "query",
    [
        "{ viewer { ...A } } fragment A on Person { name ...A }",
        "{ viewer { ...A } } fragment A on Person { name ...B } fragment B on Person { friends { ...A } }",
        "{ viewer { ...Nope } }",
        "{ viewer { name } } fragment A on Nope { nope { nope } }",
        "{ viewer { name { name } } nope { friends { name } } }",
        '{ viewer { page(first: "x") { edges { node { name } } } } }',
        "query ($n: Nope = [1]) { viewer { page(first: $n) { edges { node { name } } } } }",
        "subscription { nope }",
        "type Query { a: Int }",
        "fragment A on Person { name }",
        "{ viewer }",
        "query A { __typename } query A { __typename }",
    ],
)
async def test_what_makes_no_sense_is_left_to_validation(http: httpx.AsyncClient, query: str) -> None:
    assert code_of(await ask(http, query)) == "BAD_USER_INPUT"


async def test_all_that_tools_ask_about_the_schema_is_answered_to_who_is_signed_in(http: httpx.AsyncClient) -> None:
    answer = await ask(http, EVERYTHING)
    assert "errors" not in answer
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


def test_all_that_tools_ask_may_be_asked_of_a_schema_of_any_size() -> None:
    fields = " ".join(f"f{n}(a: Int, b: [I!]!): [T{n}!]!" for n in range(400))
    types = " ".join(f"type T{n} {{ a: Int b(c: I): T{n} }}" for n in range(400))
    limiter = Limiter(build_schema(f"type Query {{ {fields} }} input I {{ a: Int }} {types}"), Limits())
    weighed = limiter.weigh(parse(EVERYTHING), {})
    (operation,) = parse(EVERYTHING).definitions[:1]
    for weight in weighed.operations.values():
        limiter.check_shape(weight, operation.operation)  # type: ignore[attr-defined]  # the first is the operation
        limiter.check_values(weight)


PAGES = """query ($n: Int) {
    people(first: $n) { edges { node { page(first: $n) { edges { node { friends { name } } } } } } }
}"""


async def test_a_page_counts_as_large_as_it_is_asked_for(http: httpx.AsyncClient) -> None:
    assert code_of(await ask(http, PAGES, n=100)) == "TOO_COMPLEX"
    assert (await ask(http, PAGES, n=10)) == {"data": {"people": {"edges": []}}}
    assert (await ask(http, PAGES)) == {"data": {"people": {"edges": []}}}
    assert code_of(await ask(http, PAGES, n=100)) == "TOO_COMPLEX"


async def test_a_default_counts_where_the_variable_is_left_out(http: httpx.AsyncClient) -> None:
    large = PAGES.replace("$n: Int", "$n: Int = 100")
    assert code_of(await ask(http, large)) == "TOO_COMPLEX"
    assert "errors" not in await ask(http, large, n=5)
    assert "errors" not in await ask(http, large, n=None)


async def test_the_default_of_another_operation_hides_nothing() -> None:
    query = "query Large($n: Int = 100) { ...P } query Small($n: Int = 0) { ...P } fragment P on Query {"
    query += PAGES.partition("{")[2]
    async with browser(make_app()) as http:
        headers = {"Authorization": f"Bearer {GOOD}"}
        response = await http.post("/graphql", json={"query": query, "operationName": "Large"}, headers=headers)
    assert code_of(response.json()) == "TOO_COMPLEX"


async def test_a_page_past_every_bound_is_left_to_the_resolver_to_refuse_by_name(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "{ people(first: 1000000) { edges { node { name } } } }")
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "first"}


async def test_text_that_the_database_cannot_store_is_refused_in_a_document_too(http: httpx.AsyncClient) -> None:
    assert code_of(await ask(http, '{ person(name: "a\\u0000b") { name } }')) == "BAD_USER_INPUT"
    assert code_of(await ask(http, '{ person(name: "a\\u{0}b") { name } }')) == "BAD_USER_INPUT"
    assert (await ask(http, '{ person(name: "\\u00e9") { name } }')) == {"data": {"person": {"name": "é"}}}
