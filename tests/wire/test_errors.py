"""What is said when something goes wrong, and what is written down."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import GraphQLError

from grouproom.graphql.errors import tell, tell_fault
from models.problems import NotFound, Refused
from tests.wire.toy import GOOD, SECRET, Desk


async def ask(http: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {GOOD}"}
    return (await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)).json()


async def test_a_coded_error_says_its_code_and_its_place(http: httpx.AsyncClient) -> None:
    assert await ask(http, "{ absent { name } }") == {
        "data": {"absent": None},
        "errors": [
            {
                "message": "There is nothing with this id that you may see.",
                "extensions": {"code": "NOT_FOUND"},
                "locations": [{"line": 1, "column": 3}],
                "path": ["absent"],
            }
        ],
    }


async def test_bad_input_names_its_field(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "{ people(first: 101) { edges { node { name } } } }")
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "first"}


@pytest.mark.parametrize("query", ["{ bug { name } }", "{ null { name } }", "{ huge }"])
async def test_a_bug_is_masked_and_written_down_without_what_it_was_about(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    answer = await ask(http, query)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(answer)
    (record,) = caplog.records
    assert error["extensions"]["correlationId"] in record.getMessage()
    assert record.exc_info is None
    for word in (SECRET, query, str(2**40)):
        assert word not in record.getMessage()


async def test_the_log_says_which_exception_it_was_and_what_caused_it(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(http, "{ bug { name } }")
    written = caplog.records[0].getMessage()
    assert "builtins.ValueError" in written
    assert "builtins.KeyError" in written
    assert "toy.py" in written
    assert " bug" in written


@pytest.mark.parametrize(
    "query",
    [
        "{ viewer { nam } }",
        "{ viwer { name } }",
        "{ person(nam: 1) { name } }",
        "{ viewer { ... on Persn { name } } }",
        "query ($n: Strin) { person(name: $n) { name } }",
        "{ viewer { name @skp(if: true) } }",
    ],
)
async def test_a_mistake_gets_no_hint_of_what_else_there_is(http: httpx.AsyncClient, query: str) -> None:
    answer = await ask(http, query)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert "Did you mean" not in str(answer)


@pytest.mark.parametrize(
    "query,variables",
    [
        ("query ($n: String!) { person(name: $n) { name } }", {}),
        ("query ($n: String!) { person(name: $n) { name } }", {"n": 1}),
        ("query ($b: DateTime) { person(born: $b) { name } }", {"b": "yesterday"}),
        ('{ person(born: "yesterday") { name } }', {}),
        ("query ($n: String) { person(name: $n) { name } }", {"n": None}),
    ],
)
async def test_a_value_that_does_not_fit_is_bad_input_and_not_a_bug(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, query: str, variables: dict[str, Any]
) -> None:
    answer = await ask(http, query, **variables)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert not caplog.records


async def test_a_message_is_never_as_long_as_the_document_wants_it(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "{ " + "x" * 100_000 + " }")
    assert len(answer["errors"][0]["message"]) <= 500


async def test_a_document_with_many_mistakes_gets_no_longer_list_than_helps(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "{ viewer {" + " ".join(f"x{n}" for n in range(400)) + " } }")
    assert len(answer["errors"]) == 21


def test_a_refusal_that_no_union_holds_is_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    told = tell(GraphQLError("WrongCredentials", path=["signIn"], original_error=Refused("WrongCredentials", SECRET)))
    assert told["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(told) + caplog.text


def test_a_code_that_is_none_of_ours_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    error = GraphQLError("x", path=["a"], extensions={"code": "SOMETHING_ELSE"})
    assert tell(error)["extensions"]["code"] == "INTERNAL"
    assert len(caplog.records) == 1


def test_a_coded_exception_outside_an_execution_is_told_as_it_is() -> None:
    assert tell_fault(NotFound("Gone."))["message"] == "Gone."


async def test_a_bug_ahead_of_the_execution_is_masked_too(
    http: httpx.AsyncClient, desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "tokens", None)
    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": SECRET})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in response.text + caplog.text
