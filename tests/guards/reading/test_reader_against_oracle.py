"""Random documents against the rules in plain Python, for everybody who may ask; `--documents 4000` asks more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from graphql import GraphQLObjectType, get_named_type, is_abstract_type
from strawberry.extensions import ParserCache, ValidationCache
from tortoise.models import Model

import models
from models.database import dialect
from resolvers import access
from resolvers.reading.asking import Asking, Row
from schema import build_schema
from tests.databases import empty
from tests.guards.reading.answers import knows
from tests.guards.reading.trial import trial

DOCUMENTS_IN_A_SCENE = 100
# What the oracle has no rule for yet, each with the room that brings it; a type stands for all of its fields.
_WITHOUT_RULE = {
    "Appointment": "appointments",
    "AppointmentConnection": "appointments",
    "AppointmentEdge": "appointments",
    "Calendar": "appointments",
    "Client.appointments": "appointments",
    "Group.appointments": "appointments",
    "Query.appointment": "appointments",
    "Query.calendar": "appointments",
    "Attendance": "attendance",
    "AttendanceConnection": "attendance",
    "AttendanceEdge": "attendance",
    "AttendanceOption": "attendance",
    "AttendanceOptions": "attendance",
    "AttendanceSummary": "attendance",
    "Client.attendances": "attendance",
    "Client.balance": "payments",
    "Client.payments": "payments",
    "Payment": "payments",
    "PaymentAllocation": "payments",
    "PaymentConnection": "payments",
    "PaymentEdge": "payments",
}


def _fields() -> list[str]:
    core = build_schema()[0]._schema
    kinds = {name: kind for name, kind in core.type_map.items() if isinstance(kind, GraphQLObjectType)}
    reached, waiting = set[str](), ["Query"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            for named in (get_named_type(field.type) for field in kinds[name].fields.values()):
                possible = core.get_possible_types(named) if is_abstract_type(named) else [named]
                waiting += [kind.name for kind in possible if kind.name in kinds]
    return sorted(f"{kind}.{field}" for kind in reached for field in kinds[kind].fields)


TO_COME = {name for name in _fields() if name in _WITHOUT_RULE or name.partition(".")[0] in _WITHOUT_RULE}


def test_the_oracle_has_a_rule_for_every_field_that_can_be_asked() -> None:
    assert {name for name in _fields() if not knows(*name.split("."))} == TO_COME


async def test_every_document_is_answered_as_the_rules_say_it_should_be(
    database: str, documents: int, figures: list[str]
) -> None:
    schema, reader = build_schema([ParserCache, ValidationCache])
    tally: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for seed in range(1, documents // DOCUMENTS_IN_A_SCENE + 1):
        async with trial(seed, schema) as held:
            found = [difference async for difference in held.differences(DOCUMENTS_IN_A_SCENE)]
        assert not found, "\n\n".join(found[:5])
        tally += held.tally
        answered += held.oracle.answered
        if held.tally["too complex"]:
            assert held.shallowest >= 4
        await empty()
    counts = ", ".join(f"{count} {what}" for what, count in tally.items())
    figures.append(f"The reader against its oracle on {dialect()}: {counts}, {len(reader.plans)} plans kept.")
    assert tally["too complex"] <= (tally["runs"] // 20 if dialect() == "sqlite" else 0)
    assert [name for name in _fields() if name not in answered] == sorted(TO_COME)


def _everybodys(row: Row, q: Asking) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')}"


def _anybodys(_row: Row, _q: Asking) -> str:
    return "true"


def _without_wall(_row: Row, _q: Asking, *rules: str) -> str:
    return access._any(*rules)


def _rule(
    model: type[Model], rule: access.Rule, of: dict[type[Model], access.Rule] = access.VISIBLE
) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setitem(of, model, rule)


WEAKER: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "clients are the whole practice's": _rule(models.Client, _everybodys),
    "groups are the whole practice's": _rule(models.Group, _everybodys),
    "rosters are the whole practice's": _rule(models.GroupMembership, _everybodys),
    "clients have the directory": _rule(models.Provider, _everybodys),
    "clients have every code": _rule(models.ServiceCode, _everybodys),
    "practices are everybody's": _rule(models.Practice, _anybodys),
    "there is no wall between practices": lambda m: m.setattr(access, "_in_practice", _without_wall),
    "everybody knows a group's full name": lambda m: m.setattr(access, "full_name", _anybodys),
    "everybody may change a group": _rule(models.Group, _anybodys, access.CHANGEABLE),
}


@pytest.mark.parametrize("weaker", WEAKER)
async def test_a_rule_that_is_weakened_is_found_out(
    database: str, weaker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    WEAKER[weaker](monkeypatch)
    async with trial(1) as held:
        async for _ in held.differences(200):
            return
    pytest.fail("200 documents show no difference.")
