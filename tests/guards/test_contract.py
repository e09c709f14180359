"""The schema is the public contract: what is built of it is built unchanged, and what is not yet stands on a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
    print_schema,
)

from schema import build_schema
from tests.guards.surface import Facts, facts, folded

HERE = Path(__file__).parent
BUILT: GraphQLSchema = build_schema()[0]._schema


@pytest.fixture(scope="module")
def promised() -> Facts:
    return facts((HERE / "contract.graphql").read_text())


@pytest.fixture(scope="module")
def built() -> Facts:
    return facts(print_schema(BUILT))


def listed(path: Path, found: list[str], *, accept: bool) -> list[str]:
    """Give the names on a list that people read; with `--accept` it becomes what was found."""
    comment = [line for line in path.read_text().splitlines() if line.startswith("#")]
    if accept:
        path.write_text("\n".join([*comment, *found, ""]))
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_what_is_built_of_the_contract_is_built_unchanged(promised: Facts, built: Facts) -> None:
    changed = {name: (promised[name], built[name]) for name in promised.keys() & built if promised[name] != built[name]}
    assert changed == {}


def test_what_is_still_to_come_stands_on_the_list_and_nothing_else_does(
    promised: Facts, built: Facts, *, accept: bool
) -> None:
    to_come = folded(promised.keys() - built.keys(), set(promised))
    assert listed(HERE / "to_come.txt", to_come, accept=accept) == to_come


def test_what_goes_beyond_the_contract_stands_on_a_list(promised: Facts, built: Facts, *, accept: bool) -> None:
    beyond = folded(built.keys() - promised.keys(), set(built))
    assert listed(HERE / "beyond_contract.txt", beyond, accept=accept) == beyond


def described() -> Iterator[tuple[str, str | None]]:
    for name, of in BUILT.type_map.items():
        if is_introspection_type(of) or is_specified_scalar_type(of):
            continue
        yield name, of.description
        if isinstance(of, (GraphQLObjectType, GraphQLInterfaceType)):
            for field_name, field in of.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name}:)", argument.description
        elif isinstance(of, GraphQLInputObjectType):
            for field_name, value in of.fields.items():
                yield f"{name}.{field_name}", value.description
        elif isinstance(of, GraphQLEnumType):
            for word, value_of in of.values.items():
                yield f"{name}.{word}", value_of.description


def test_everything_has_a_description() -> None:
    assert [name for name, description in described() if not (description or "").strip()] == []


def test_a_description_is_made_of_sentences() -> None:
    assert [name for name, description in described() if not (description or ".").rstrip().endswith((".", ")"))] == []


def test_every_scalar_of_ours_says_where_it_is_specified() -> None:
    scalars = [of for of in BUILT.type_map.values() if isinstance(of, GraphQLScalarType)]
    ours = [scalar for scalar in scalars if not is_specified_scalar_type(scalar)]
    assert [scalar.name for scalar in ours if not scalar.specified_by_url] == []


def test_the_comparison_sees_every_kind_of_change(promised: Facts) -> None:
    contract = (HERE / "contract.graphql").read_text()
    for old, new in (
        (
            "firstName: String!\n  lastName: String!\n  preferredName",
            "firstName: String\n  lastName: String!\n  preferredName",
        ),
        ("groups(text: String,", "groups(text: String!,"),
        ("scope: SearchScope! = MINE", "scope: SearchScope! = ALL"),
        ("clients(text: String, active: Boolean = true", "clients(text: String, active: Boolean = null"),
        ("cookieOnly: Boolean! = false", "cookieOnly: Boolean!"),
        ("union Bookable = Client | Group", "union Bookable = Client | Group | Provider"),
        ("  MANAGER\n", ""),
        ("type Client implements Node {", "type Client {"),
        ('rfc3339")', 'rfc3340")'),
        ("providerIds: [ID!]\n  idempotencyKey", "providerIds: [ID]\n  idempotencyKey"),
        ("mutation: Mutation", "mutation: Query"),
    ):
        assert contract.count(old) >= 1, old
        assert facts(contract.replace(old, new)) != promised, old
