"""Two properties of every mutation: it can be refused, and a refused mutation changes no row and wakes nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from models import events
from models.ids import row_id
from schema import build_schema
from tests.client import document_of
from tests.guards.deeds import DEEDS, SIGNING, Deed, person
from tests.guards.refusal import No
from tests.guards.refused import NEVER, REFUSALS, TO_ALL_WHO_SEE
from tests.rows import changed, everything
from tests.week import Week

CORE = build_schema()[0]._schema
MUTATIONS = set(CORE.mutation_type.fields) if CORE.mutation_type else set()


def test_every_mutation_stands_among_the_deeds() -> None:
    assert {deed.mutation for deed in DEEDS} == MUTATIONS - SIGNING
    assert len(DEEDS) == len(MUTATIONS - SIGNING)


def test_every_mutation_is_refused_for_each_reason_that_its_union_names() -> None:
    tried = {(no.mutation, no.says.partition(" ")[0]) for no in REFUSALS}
    for mutation in MUTATIONS - SIGNING:
        union = CORE.get_type(f"{mutation[0].upper()}{mutation[1:]}Result")
        problems = {member.name for member in union.types} - {"IdempotencyConflict"}  # type: ignore[union-attr]
        assert {(mutation, name) for name in problems if not name.endswith("Payload")} <= tried | NEVER
        assert (mutation, "UNAUTHENTICATED") in tried
        assert ((mutation, "FORBIDDEN") in tried) is (mutation not in TO_ALL_WHO_SEE)


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_a_deed_changes_something_and_wakes_whoever_follows_what_it_tells(
    week: Week, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything()
    woken: list[UUID] = []
    monkeypatch.setattr(events, "LISTENERS", [woken.append])
    await deed.do(week)
    written = changed(before, await everything())
    assert written
    assert woken == ([row_id("prc", week.practice)] if "event" in written else [])


@pytest.mark.parametrize("no", REFUSALS, ids=str)
async def test_a_refused_mutation_changes_no_row_and_wakes_nobody(
    week: Week, no: No, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no.after is not None:
        await no.after(week)
    before = await everything()
    woken: list[UUID] = []
    monkeypatch.setattr(events, "LISTENERS", [woken.append])
    asking = person(week, no.by)
    if no.says.isupper():
        error = await asking.denied(no.says, no.mutation, **no.given(week))
        assert error["path"] == [no.mutation]
        assert error["message"].endswith(".")
    else:
        problem = await asking.refused(no.says.partition(" ")[0], no.mutation, **no.given(week))
        assert problem["message"].endswith(".")
        assert [field["path"] for field in problem.get("fields", [])] == no.says.split()[1:]
        assert all(field["message"].endswith(".") for field in problem.get("fields", []))
    assert changed(before, await everything()) == []
    assert woken == []


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_one_refusal_in_a_document_leaves_the_other_mutations_as_they_are(week: Week, deed: Deed) -> None:
    before = await everything()
    name = f"{deed.mutation[0].upper()}{deed.mutation[1:]}"
    document = (
        f"mutation ($wrong: {name}Input!, $good: {name}Input!) {{"
        f" first: {deed.mutation}(input: $wrong) {{ __typename }}"
        f" second: {deed.mutation}(input: $good) {{ __typename }} }}"
    )
    answer = await deed.person(week).answer(document, wrong=deed.keyed(deed.wrong(week)), good=deed.usual(week))
    assert answer.data is not None
    assert answer.data["second"] == {"__typename": f"{name}Payload"}
    refused = answer.data["first"]
    assert refused is None or refused["__typename"] != f"{name}Payload"
    assert changed(before, await everything())


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_a_field_that_does_not_exist_is_bad_input_and_changes_no_row(week: Week, deed: Deed) -> None:
    before = await everything()
    asking = deed.person(week)
    wrong: list[Any] = [{**deed.usual(week), "unheardOf": 1}, {}, None, [], "x", 1]
    for given in wrong:
        answer = await asking.answer(document_of(deed.mutation), input=given)
        assert set(answer.codes) == {"BAD_USER_INPUT"}
    assert changed(before, await everything()) == []
