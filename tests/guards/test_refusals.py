"""A refusal is a type: whatever a mutation can refuse stands in its union, and says what is raised."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLUnionType, get_named_type

from schema import build_schema
from schema.fields import CHANGE
from tests.client import payload_of
from tests.guards.reach import reached, read_all, refusals
from tests.guards.refused import NEVER

SCHEMA, READER = build_schema()
CORE = SCHEMA._schema
FUNCTIONS = read_all()
MUTATIONS = list(CORE.mutation_type.fields) if CORE.mutation_type else []


def union_of(mutation: str) -> set[str]:
    """Name the members of a mutation's result but for its payload; a result that is no union has none."""
    assert CORE.mutation_type is not None
    result = get_named_type(CORE.mutation_type.fields[mutation].type)
    if not isinstance(result, GraphQLUnionType):
        return set()
    return {member.name for member in result.types} - {payload_of(mutation)}


def takes_a_key(mutation: str) -> bool:
    assert CORE.mutation_type is not None
    given = CORE.mutation_type.fields[mutation].args.get("input")
    of = get_named_type(given.type) if given else None
    return isinstance(of, GraphQLInputObjectType) and "idempotencyKey" in of.fields


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_whatever_a_mutation_can_refuse_stands_in_its_union(mutation: str) -> None:
    field = SCHEMA.get_field_for_type(mutation, "Mutation")
    assert field is not None
    refused = reached(field.metadata[CHANGE], FUNCTIONS)
    if takes_a_key(mutation):
        refused.add("IdempotencyConflict")
    assert refused <= union_of(mutation)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_union_holds_a_payload_and_problems(mutation: str) -> None:
    assert CORE.mutation_type is not None
    result = get_named_type(CORE.mutation_type.fields[mutation].type)
    if not isinstance(result, GraphQLUnionType):
        assert mutation == "signOut"
        return
    assert payload_of(mutation) in {member.name for member in result.types}
    for member in result.types:
        is_problem = "Problem" in {interface.name for interface in member.interfaces}
        assert is_problem is (member.name != payload_of(mutation)), member.name


def test_every_mutation_but_signing_in_and_out_takes_an_idempotency_key() -> None:
    assert [mutation for mutation in MUTATIONS if not takes_a_key(mutation)] == ["signIn", "signOut"]


@pytest.mark.parametrize("name", sorted(refusals()))
def test_a_refusal_is_called_as_its_type_in_the_graph(name: str) -> None:
    tree = ast.parse(textwrap.dedent(inspect.getsource(refusals()[name])))
    told = [
        call.args[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__" and call.args
    ]
    assert [ast.literal_eval(one) for one in told] == [name]
    assert isinstance(CORE.get_type(name), GraphQLObjectType)


def test_every_problem_of_the_graph_is_raised_by_somebody() -> None:
    problem = CORE.get_type("Problem")
    of = {one.name for one in CORE.get_possible_types(problem)}  # type: ignore[arg-type]
    raised = {refusal for function in FUNCTIONS.values() for refusal in function.raises}
    assert of == raised | {problem for _, problem in NEVER}


@pytest.mark.parametrize("mutation, problem", sorted(NEVER))
def test_what_is_never_refused_stands_in_the_union_and_is_raised_on_no_way(mutation: str, problem: str) -> None:
    field = SCHEMA.get_field_for_type(mutation, "Mutation")
    assert field is not None
    assert problem in union_of(mutation)
    assert problem not in reached(field.metadata[CHANGE], FUNCTIONS)


@pytest.mark.parametrize("name", sorted(refusals()))
def test_a_refusal_brings_whatever_its_type_shows(name: str) -> None:
    """Its constructor names each field of the type, in Python's spelling, as a fact or a node."""
    source = inspect.getsource(refusals()[name])
    fields = READER.shapes[name].fields.values()
    assert [field.name for field in fields if field.name != "message" and field.name not in source] == []


def test_the_reading_of_the_source_finds_what_is_raised_far_below() -> None:
    from resolvers import clients, groups  # noqa: PLC0415 - the two that are looked at
    from resolvers.practice import sign_in  # noqa: PLC0415

    assert reached(groups.create_group, FUNCTIONS) == {"InvalidInput"}
    assert reached(groups.update_group, FUNCTIONS) == {"InvalidInput", "VersionConflict"}
    assert reached(groups.archive_group, FUNCTIONS) == set()
    assert reached(clients.update_client, FUNCTIONS) == {"InvalidInput", "VersionConflict"}
    assert reached(sign_in.sign_in, FUNCTIONS) == {"WrongCredentials"}
