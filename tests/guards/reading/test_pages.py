"""Pages and their order: what random documents once found out, said plainly."""

from __future__ import annotations

import re
from typing import Any

import pytest
from strawberry import Schema

from models import Client
from models.database import dialect, fetch
from models.practice import Role
from resolvers.reading.asking import Asking, columns_of, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.shapes import Keys
from resolvers.viewer import Scope, Viewer
from schema import build_schema
from schema.context import Context
from tests.guards.crowd import crowd


@pytest.fixture
async def viewer(database: str) -> Viewer:
    """The owner of a practice with one client and one group."""
    [(provider, _, _)] = await crowd(1)
    return Viewer(provider.practice_id, provider.user_id, frozenset({Role.OWNER}), currency="USD")


@pytest.fixture
def schema() -> Schema:
    return build_schema()[0]


async def answer(schema: Schema, viewer: Viewer, document: str, **variables: Any) -> tuple[Any, list[Any]]:
    context = Context(viewer, "127.0.0.1", secure=False)
    given = await schema.execute(document, variable_values=variables, context_value=context)
    return given.data, [(e.extensions or {}).get("code") for e in given.errors or []]


@pytest.mark.parametrize("asked", ["totalCount", "__typename", "edges { node { id } }", "pageInfo { hasNextPage }"])
@pytest.mark.parametrize(
    "wrong", ["first: 0", "first: 101", "first: -1", 'after: ""', 'after: "5b5d"', "first: $first"]
)
@pytest.mark.parametrize("name", ["clients", "groups"])
async def test_a_page_that_cannot_be_is_refused_whatever_is_asked_of_it(
    schema: Schema, viewer: Viewer, name: str, wrong: str, asked: str
) -> None:
    variables = {"first": 101} if "$" in wrong else {}
    declared = "($first: Int)" if "$" in wrong else ""
    data, codes = await answer(schema, viewer, f"query {declared} {{ {name}({wrong}) {{ {asked} }} }}", **variables)
    assert (data, codes) == ({name: None}, ["BAD_USER_INPUT"])


async def test_one_last_name_stands_before_another_that_begins_with_it(schema: Schema, viewer: Viewer) -> None:
    for first, last in (("Zoe", "Ng"), ("Amy", "Ng An"), ("Bo", "ng"), ("Cy", "Ng-An"), ("Di", "Nga")):
        client = Client(practice_id=viewer.practice_id)
        client.take({"first_name": first, "last_name": last})
        await client.save()
    data, codes = await answer(schema, viewer, '{ clients(text: "ng") { edges { node { firstName lastName } } } }')
    assert codes == []
    names = [f"{edge['node']['lastName']}, {edge['node']['firstName']}" for edge in data["clients"]["edges"]]
    assert names == ["ng, Bo", "Ng, Zoe", "Ng An, Amy", "Ng-An, Cy", "Nga, Di"]


async def _collations() -> dict[tuple[str, str], str]:
    rows = await fetch("SELECT table_name, column_name, collation_name FROM information_schema.columns")
    return {(f'"{row["table_name"]}"', row["column_name"]): row["collation_name"] for row in rows}


def _ordering_columns() -> set[tuple[str, str]]:
    """Give the columns that lists are ordered by, as (table, column), whoever asks."""
    shapes = build_schema()[1].shapes
    found = set()
    for scope in (Scope(admin=True), Scope(provider=True), Scope(biller=True), Scope(client=True)):
        for shape in shapes.values():
            for field in shape.fields.values():
                model = shapes[field.type_name].model if field.type_name in shapes else None
                if field.order is None or model is None:
                    continue
                ask = Asking(DIALECTS[dialect()], scope)
                row = ask.row(model)
                order = field.order(row, ask)
                keys = order.keys if isinstance(order, Keys) else order
                for column in re.findall(rf"\b{row}\.(\w+)", " ".join(keys)):
                    if columns_of(model)[column] == "text":
                        found.add((table_of(model), column))
    return found


async def test_texts_are_ordered_byte_by_byte_in_every_locale(database: str) -> None:
    ordering = _ordering_columns()
    assert {('"client"', "sort_name"), ('"service_code"', "code"), ('"therapy_group"', "sort_initials")} <= ordering
    if dialect() == "postgres":
        kept = await _collations()
        assert {column: kept[column] for column in ordering} == dict.fromkeys(ordering, "C")
