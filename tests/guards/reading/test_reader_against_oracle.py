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
from resolvers.access.rooms.audit import in_detail
from resolvers.access.rooms.charting import _my_note, _opened
from resolvers.access.rules import any_of, in_practice
from resolvers.reading.asking import Asking, Row
from schema import build_schema
from tests.databases import empty
from tests.guards.mutants import instead
from tests.guards.reading.oracle import knows
from tests.guards.reading.trial import trial

DOCUMENTS_IN_A_SCENE = 100
# What the oracle has no rule for; a type stands for all of its fields.
_WITHOUT_RULE: dict[str, str] = {}


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


async def test_some_documents_are_answered_as_the_rules_say_they_should_be(database: str) -> None:
    async with trial(1000) as held:
        found = [difference async for difference in held.differences(DOCUMENTS_IN_A_SCENE)]
    assert not found, "\n\n".join(found[:5])


@pytest.mark.thorough
async def test_every_document_is_answered_as_the_rules_say_it_should_be(
    database: str, documents: int, figures: Callable[[str], None]
) -> None:
    schema, reader = build_schema([ParserCache, ValidationCache])
    tally: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    every = _fields()

    def left() -> list[str]:
        return [name for name in every if name not in answered and name not in TO_COME]

    enough = documents // DOCUMENTS_IN_A_SCENE
    # Chance asks for most of what is there; where a field is left, it goes on for a while.
    for seed in range(1, 5 * enough + 1):
        if seed > enough and not left():
            break
        async with trial(seed, schema, answered) as held:
            found = [difference async for difference in held.differences(DOCUMENTS_IN_A_SCENE)]
        assert not found, "\n\n".join(found[:5])
        tally += held.tally
        if held.tally["too complex"]:
            assert held.shallowest >= 4
        await empty()
    counts = ", ".join(f"{count} {what}" for what, count in tally.items())
    figures(f"The reader against its oracle on {dialect()}: {counts}, {len(reader.plans)} plans kept.")
    assert tally["too complex"] <= (tally["runs"] // 20 if dialect() == "sqlite" else 0)
    assert left() == []


_known_to_provider = access.known_to_provider


def _everybodys(row: Row, q: Asking) -> str:
    return f"{row.practice_id}={q.viewer('practice_id')}"


def _anybodys(_row: Row, _q: Asking) -> str:
    return "true"


def _without_wall(_row: Row, _q: Asking, *rules: str) -> str:
    return any_of(*rules)


def _unlocked_too(note: Row, q: Asking) -> str:
    return f"({note.client_id}={q.viewer('client_id')})"


def _for_owners_too(model: type[Model]) -> access.Rule:
    rule = access.VISIBLE[model]
    return lambda row, q: _everybodys(row, q) if q.scope.admin else rule(row, q)


def _opened_by(which: str) -> Callable[[str, Asking], list[str]]:
    """Open notes to whoever keeps the practice by a weaker rule than that of an access of one's own that lasts."""

    def opened(client_id: str, q: Asking) -> list[str]:
        known = which.format(me=q.viewer("user_id"), moment=q.dialect.this_moment, client=client_id)
        return [f"EXISTS (SELECT 1 FROM emergency_access o WHERE {known})"] if q.scope.admin else []

    return opened


def _on_own_calendar_too(session: Row, q: Asking) -> str:
    return f"{session.provider_id}={q.viewer('provider_id')} OR {_known_to_provider(session, q)}"


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
    "there is no wall between practices": instead(_without_wall, of=in_practice),
    "everybody knows a group's full name": instead(_anybodys, of=access.full_name),
    "calendars are open to everybody": instead(_anybodys, of=access.in_full),
    "appointments are everybody's": _rule(models.Appointment, _everybodys),
    "attendance is the whole practice's": _rule(models.Attendance, _everybodys),
    "payments are the whole practice's": _rule(models.Payment, _everybodys),
    "allocations are the whole practice's": _rule(models.PaymentAllocation, _everybodys),
    "templates are the whole practice's": _rule(models.ChartTemplate, _everybodys),
    "clients read their notes before they are locked": instead(_unlocked_too, of=_my_note),
    "the owner reads charts": _rule(models.Chart, _for_owners_too(models.Chart)),
    "the owner reads notes": _rule(models.ChartNote, _for_owners_too(models.ChartNote)),
    "the office reads what is written for a client": _rule(models.ChartEntry, _everybodys),
    "runs are the whole practice's": _rule(models.ChartRun, _everybodys),
    "addenda are the whole practice's": _rule(models.Addendum, _everybodys),
    "whoever met a group once reads on after its share ended": instead(
        _on_own_calendar_too, of=access.known_to_provider
    ),
    "notes that were opened stay open": instead(_opened_by("o.client_id={client} AND o.user_id={me}"), of=_opened),
    "notes are open to all who could open them": instead(
        _opened_by("o.client_id={client} AND o.expires_at>{moment}"), of=_opened
    ),
    "one client's notes that are opened open all": instead(
        _opened_by("o.user_id={me} AND o.expires_at>{moment}"), of=_opened
    ),
    "everybody knows whose notes were opened": _rule(models.EmergencyAccess, _everybodys),
    "the log of audit is the whole practice's": _rule(models.AuditEntry, _everybodys),
    "clients learn what else was shown, and from where": instead(_anybodys, of=in_detail),
    "everybody may change a session": _rule(models.Appointment, _anybodys, access.CHANGEABLE),
    "everybody may change a group": _rule(models.Group, _anybodys, access.CHANGEABLE),
}


@pytest.mark.mutant
@pytest.mark.parametrize("weaker", WEAKER)
async def test_a_rule_that_is_weakened_is_found_out(
    database: str, weaker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    WEAKER[weaker](monkeypatch)
    async with trial(1) as held:
        async for _ in held.differences(200):
            return
    pytest.fail("200 documents show no difference.")
