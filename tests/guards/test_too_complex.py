"""A document that nests deeper than the database can parse is TOO_COMPLEX, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from strawberry import Schema

from grouproom.graphql import Limits
from models.database import dialect
from models.ids import wire_id
from models.practice import Role
from resolvers.viewer import Viewer
from schema import build_schema
from schema.context import Context
from tests.guards.crowd import crowd
from tests.rows import changed, everything

DEEPEST = Limits().depth
ROLES = {
    "owner": {Role.OWNER},
    "scheduler": {Role.SCHEDULER},
    "provider": {Role.PROVIDER},
    "biller who treats": {Role.BILLER, Role.PROVIDER},
}


def nested(levels: int, below: str = "Group") -> str:
    """Give selections that go down so many levels: from a group to its members, to the client, to their groups."""
    steps = ["members", "client", "groups"] if below == "Group" else ["groups", "members", "client"]
    text = "id"
    for level in reversed(range(levels)):
        text = f"{steps[level % 3]} {{ {text} }}"
    return text


async def answer(schema: Schema, viewer: Viewer, document: str, **variables: Any) -> tuple[Any, list[tuple[Any, Any]]]:
    """Give the data, and the errors as (path, code)."""
    context = Context(viewer, "127.0.0.1", secure=False)
    given = await schema.execute(document, variable_values=variables, context_value=context)
    return given.data, [(e.path, (e.extensions or {}).get("code")) for e in given.errors or []]


@pytest.fixture
def schema() -> Schema:
    return build_schema()[0]


def _as(viewer: Viewer, role: str) -> Viewer:
    provider = viewer.provider_id if Role.PROVIDER in ROLES[role] else None
    return Viewer(viewer.practice_id, viewer.user_id, frozenset(ROLES[role]), provider, currency="USD")


@pytest.mark.parametrize("role", ROLES)
async def test_what_nests_too_deep_is_too_complex_and_what_stands_beside_it_is_answered(
    database: str, schema: Schema, role: str
) -> None:
    [(provider, _, group)] = await crowd(1)
    viewer = _as(provider, role)
    answered = []
    for levels in range(1, DEEPEST - 1):
        document = f"query ($id: ID!) {{ deep: group(id: $id) {{ {nested(levels)} }} viewer {{ id }} }}"
        data, errors = await answer(schema, viewer, document, id=wire_id("grp", group))
        answered.append(not errors)
        assert data["viewer"]["id"]
        if errors:
            assert errors == [(["deep"], "TOO_COMPLEX")]
            assert data["deep"] is None
    # From some depth on all are refused, and on PostgreSQL none is that the door lets in.
    assert answered == sorted(answered, reverse=True)
    assert all(answered) or dialect() == "sqlite"


SCREENS = {
    "a group": f"group(id: $group) {{ {nested(5)} }}",
    "a node": f"node(id: $group) {{ ... on Group {{ {nested(5)} }} }}",
    "nodes": "nodes(ids: [$group, $client]) {"
    f" ... on Group {{ {nested(4)} }} ... on Client {{ {nested(4, 'Client')} }} }}",
    "groups": f"groups {{ edges {{ node {{ {nested(5)} }} }} }}",
    "a client": f"client(id: $client) {{ {nested(5, 'Client')} memberships {{ group {{ {nested(3)} }} }} }}",
    "clients": f"clients {{ edges {{ node {{ {nested(5, 'Client')} }} }} }}",
    "who could join": f"clients(notInGroup: $group) {{ edges {{ node {{ {nested(5, 'Client')} }} }} }}",
    "groups found": f'search(text: "own") {{ match {{ ... on Group {{ {nested(4)} }} }} }}',
    "clients found": f'search(text: "own") {{ match {{ ... on Client {{ {nested(4, "Client")} }} }} }}',
    "the practice": "viewer { practice { serviceCodes { fee { formatted } } providers { viewerCanSchedule } } }",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("screen", SCREENS)
async def test_what_screens_ask_is_answered_by_every_database(
    database: str, schema: Schema, role: str, screen: str
) -> None:
    [(provider, client, group)] = await crowd(1)
    asked = SCREENS[screen]
    needed = {"group": wire_id("grp", group), "client": wire_id("clt", client)}
    variables = {name: wire for name, wire in needed.items() if f"${name}" in asked}
    declared = "".join(f"(${name}: ID!" if n == 0 else f", ${name}: ID!" for n, name in enumerate(variables))
    document = f"query {declared}{')' if declared else ''} {{ {asked} }}"
    _, errors = await answer(schema, _as(provider, role), document, **variables)
    assert errors == []


@pytest.mark.parametrize(
    "mutation, given",
    [
        ("updateGroup", {"id": "GROUP", "name": "Another"}),
        ("createGroup", {"name": "New", "initials": "N", "clientIds": ["CLIENT"], "idempotencyKey": "once"}),
        ("removeGroupMember", {"groupId": "GROUP", "clientId": "CLIENT"}),
        ("archiveGroup", {"id": "GROUP"}),
    ],
)
async def test_a_mutation_whose_payload_nests_too_deep_writes_nothing(
    database: str, schema: Schema, mutation: str, given: dict[str, Any]
) -> None:
    [(provider, client, group)] = await crowd(1)
    wires = {"GROUP": wire_id("grp", group), "CLIENT": wire_id("clt", client)}
    sent = {
        name: [wires[v] for v in value] if isinstance(value, list) else wires.get(value, value)
        for name, value in given.items()
    }
    kind = f"{mutation[0].upper()}{mutation[1:]}"
    payload = f"... on {kind}Payload {{ group {{ {nested(DEEPEST - 2)} }} }}"
    document = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {payload} }} }}"
    before = await everything()
    _, errors = await answer(schema, provider, document, input=sent)
    if dialect() == "sqlite":
        assert errors == [([mutation], "TOO_COMPLEX")]
    assert {code for _, code in errors} <= {"TOO_COMPLEX"}
    assert bool(changed(before, await everything())) == (not errors)


async def test_the_same_mutation_can_be_sent_again_with_a_smaller_payload(database: str, schema: Schema) -> None:
    [(provider, _, _)] = await crowd(1)
    sent = {"name": "New", "initials": "N", "idempotencyKey": "once"}
    for levels, refused in ((DEEPEST - 2, dialect() == "sqlite"), (1, False)):
        payload = f"... on CreateGroupPayload {{ group {{ {nested(levels)} }} }}"
        document = f"mutation ($input: CreateGroupInput!) {{ createGroup(input: $input) {{ {payload} }} }}"
        data, errors = await answer(schema, provider, document, input=sent)
        assert bool(errors) == refused
        assert (data == {"createGroup": {"group": {"members": []}}}) != refused


async def test_a_document_of_any_depth_ends_in_an_answer_or_a_code(database: str, schema: Schema) -> None:
    # The door lets none of these in. Without one, it is a refusal all the same, and no fault of the server's.
    [(provider, _, group)] = await crowd(1)
    for levels in (30, 50, 80):
        document = f"query ($id: ID!) {{ group(id: $id) {{ {nested(levels)} }} }}"
        _, errors = await answer(schema, provider, document, id=wire_id("grp", group))
        assert {code for _, code in errors} <= {"TOO_COMPLEX"}
