"""Documents are prepared once, and clients may send their hash instead."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import pytest

from grouproom.graphql import documents
from grouproom.graphql.asked import Asked
from grouproom.graphql.documents import Documents
from grouproom.graphql.errors import Refusal
from grouproom.graphql.limits import Limits
from grouproom.graphql.shelf import Shelf
from models.ids import uuid7
from resolvers.viewer import Viewer
from tests.wire.toy import schema

NEWER = "application/graphql-response+json"
NOT_FOUND = {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]}


def hashed(query: str, /, **others: Any) -> dict[str, Any]:
    digest = sha256(query.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **others}


async def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Documents(schema, Limits())
    first = kept.admit(Asked("{ __typename }"), None)
    monkeypatch.setattr(documents, "parse", None)
    monkeypatch.setattr(documents, "validate", None)
    assert kept.admit(Asked("{ __typename }"), None) == first


async def test_what_one_practice_asks_by_its_hash_no_other_one_knows() -> None:
    kept = Documents(schema, Limits())
    query = "{ ours: __typename }"
    ours, theirs = (Viewer(practice_id=uuid7(), user_id=uuid7(), roles=frozenset()) for _ in range(2))
    proof = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    kept.admit(Asked(query, extensions=proof), ours)
    assert kept.admit(Asked(None, extensions=proof), ours).text == query
    for other in (theirs, None):
        with pytest.raises(Refusal) as unknown:
            kept.admit(Asked(None, extensions=proof), other)
        assert [error["message"] for error in unknown.value.errors] == ["PersistedQueryNotFound"]


async def test_a_bad_document_is_not_kept() -> None:
    kept = Documents(schema, Limits())
    for _ in range(2):
        with pytest.raises(Refusal):
            kept.admit(Asked("{ nothing }"), None)
    assert len(kept._documents) == 0


async def test_documents_that_differ_in_one_letter_are_two(http: httpx.AsyncClient) -> None:
    first = await http.post("/graphql", json={"query": "{ a: __typename }"})
    second = await http.post("/graphql", json={"query": "{ b: __typename }"})
    assert first.json() == {"data": {"a": "Query"}}
    assert second.json() == {"data": {"b": "Query"}}


async def test_a_hash_is_asked_for_its_document_once(http: httpx.AsyncClient) -> None:
    query = "{ persisted: __typename }"
    unknown = await http.post("/graphql", json=hashed(query))
    known = await http.post("/graphql", json=hashed(query, query=query))
    again = await http.post("/graphql", json=hashed(query))
    assert unknown.json() == NOT_FOUND
    assert known.json() == again.json() == {"data": {"persisted": "Query"}}


@pytest.mark.parametrize("media", [NEWER, "application/json"])
async def test_an_unknown_hash_is_answered_with_200_in_both_media_types(http: httpx.AsyncClient, media: str) -> None:
    response = await http.post("/graphql", json=hashed("{ never: __typename }"), headers={"Accept": media})
    assert (response.status_code, response.json()) == (200, NOT_FOUND)


async def test_a_hash_may_be_asked_for_by_get(http: httpx.AsyncClient) -> None:
    query = "{ got: __typename }"
    extensions = f'{{"persistedQuery":{{"version":1,"sha256Hash":"{sha256(query.encode()).hexdigest()}"}}}}'
    await http.post("/graphql", json=hashed(query, query=query))
    response = await http.get("/graphql", params={"extensions": extensions})
    assert response.json() == {"data": {"got": "Query"}}


async def test_a_document_is_not_kept_under_the_hash_of_another(http: httpx.AsyncClient) -> None:
    wrong = await http.post("/graphql", json=hashed("{ real: __typename }", query="{ planted: __typename }"))
    after = await http.post("/graphql", json=hashed("{ real: __typename }"))
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert after.json() == NOT_FOUND


async def test_a_document_that_may_not_be_executed_is_not_kept(http: httpx.AsyncClient) -> None:
    await http.post("/graphql", json=hashed("{ nothing }", query="{ nothing }"))
    response = await http.post("/graphql", json=hashed("{ nothing }"))
    assert response.json() == NOT_FOUND


@pytest.mark.parametrize(
    "persisted",
    [None, 1, "x", [], {}, {"version": 2, "sha256Hash": "x"}, {"version": 1}, {"version": 1, "sha256Hash": 1}],
)
async def test_an_odd_persisted_query_is_a_clear_400(http: httpx.AsyncClient, persisted: object) -> None:
    response = await http.post("/graphql", json={"extensions": {"persistedQuery": persisted}})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


def test_a_shelf_keeps_what_was_used_last() -> None:
    shelf = Shelf[int](entries=2, weight=100)
    shelf.put("a", 1, 10)
    shelf.put("b", 2, 10)
    assert shelf.get("a") == 1
    shelf.put("c", 3, 10)
    assert [shelf.get(key) for key in "abc"] == [1, None, 3]


def test_a_shelf_never_outgrows_its_weight() -> None:
    shelf = Shelf[int](entries=10, weight=100)
    shelf.put("a", 1, 60)
    shelf.put("a", 2, 50)
    shelf.put("b", 3, 50)
    assert [shelf.get(key) for key in "ab"] == [2, 3]
    shelf.put("c", 4, 51)
    assert [shelf.get(key) for key in "abc"] == [None, None, 4]
    shelf.put("d", 5, 101)
    assert [shelf.get(key) for key in "cd"] == [4, None]
