"""Signed out there is nothing: every root field but those for signing in and out is UNAUTHENTICATED."""

from __future__ import annotations

import pytest

from tests.client import document_of
from tests.guards.places import fields_of, places, query_of, usual
from tests.rows import changed, everything
from tests.week import Week

OPEN = {"viewer", "signIn", "signOut"}
QUERIES = sorted(fields_of("Query").keys() - OPEN)
MUTATIONS = sorted(fields_of("Mutation").keys() - OPEN)


@pytest.mark.parametrize("root", QUERIES)
async def test_nothing_can_be_asked(week: Week, root: str) -> None:
    answer = await week.nobody.answer(query_of(root), **usual(week, root))
    assert answer.codes == ["UNAUTHENTICATED"]
    assert answer.data == {root: None}


@pytest.mark.parametrize("root", MUTATIONS)
async def test_nothing_can_be_done(week: Week, root: str) -> None:
    before = await everything()
    answer = await week.nobody.answer(document_of(root), input=usual(week, root))
    assert answer.codes == ["UNAUTHENTICATED"]
    assert answer.data == {root: None}
    assert changed(before, await everything()) == []


async def test_every_refusal_is_the_same_whatever_is_asked_for(week: Week) -> None:
    told = set()
    for place in places():
        if place.root in OPEN:
            continue
        for value in ([], ["x"]) if place.is_list else ("x", ""):
            answer = await place.answer(week, value if place.scalar in {"ID", "String"} else None, by="nobody")
            told |= {(error["message"], error["extensions"]["code"]) for error in answer.errors}
    assert {code for _, code in told} == {"UNAUTHENTICATED", "BAD_USER_INPUT"}
    assert len([message for message, code in told if code == "UNAUTHENTICATED"]) == 1


async def test_who_nobody_is_can_be_asked(week: Week) -> None:
    assert await week.nobody.ask("{ __typename viewer { id } }") == {"__typename": "Query", "viewer": None}
    assert await week.nobody.ask("mutation { __typename signOut }") == {"__typename": "Mutation", "signOut": False}


async def test_one_field_that_is_open_is_answered_beside_one_that_is_not(week: Week) -> None:
    answer = await week.nobody.answer("{ viewer { id } groups { totalCount } }")
    assert answer.data == {"viewer": None, "groups": None}
    assert answer.codes == ["UNAUTHENTICATED"]
