from __future__ import annotations

import pytest

from models.practice import Role
from tests.client import Data
from tests.world import World, a_group, a_practice, a_service_code, a_user

CODE = "serviceCode { code label kind durationMinutes active fee { amountMinor currency formatted } }"


async def codes(world: World, arguments: str = "") -> list[str]:
    asked = await world.amara.ask(f"{{ viewer {{ practice {{ serviceCodes{arguments} {{ code }} }} }} }}")
    return [code["code"] for code in asked["viewer"]["practice"]["serviceCodes"]]


async def test_a_new_practice_has_the_codes_for_groups_and_individuals_and_for_who_did_not_come(world: World) -> None:
    """R4, R34."""
    asked = await world.owner.ask("{ viewer { practice { serviceCodes { code label kind fee { formatted } } } } }")
    assert asked["viewer"]["practice"]["serviceCodes"] == [
        {"code": "90837", "label": "Individual session", "kind": "STANDARD", "fee": {"formatted": "$0.00"}},
        {"code": "90853", "label": "Group Psychotherapy", "kind": "STANDARD", "fee": {"formatted": "$0.00"}},
        {"code": "LATE_CANCEL", "label": "Late cancel", "kind": "SYSTEM", "fee": {"formatted": "$0.00"}},
        {"code": "NO_SHOW", "label": "No show", "kind": "SYSTEM", "fee": {"formatted": "$0.00"}},
    ]


async def test_a_new_code_is_the_practices_own_and_lasts_an_hour_unless_said_otherwise(world: World) -> None:
    made = await world.owner.do("createServiceCode", CODE, code="SKILLS", label="Skills workshop", feeMinor=4000)
    assert made["serviceCode"] == {
        "code": "SKILLS",
        "label": "Skills workshop",
        "kind": "CUSTOM",
        "durationMinutes": 60,
        "active": True,
        "fee": {"amountMinor": 4000, "currency": "USD", "formatted": "$40.00"},
    }


@pytest.mark.parametrize(
    "kind, code", [("STANDARD", "90834"), ("ADD_ON", "90785"), ("CUSTOM", "SKILLS"), ("SYSTEM", "HOLIDAY")]
)
async def test_a_code_may_be_of_each_kind(world: World, kind: str, code: str) -> None:
    """R34."""
    await a_service_code(by=world.manager, code=code, kind=kind)
    assert await codes(world, f"(kinds: [{kind}])") == sorted(
        [code, *{"STANDARD": ["90837", "90853"], "SYSTEM": ["LATE_CANCEL", "NO_SHOW"]}.get(kind, [])]
    )


@pytest.mark.parametrize("kind", ["STANDARD", "ADD_ON"])
async def test_what_goes_on_claims_looks_like_a_cpt_code(world: World, kind: str) -> None:
    await world.owner.invalid("input.code", "createServiceCode", code="SKILLS", label="Skills", kind=kind, feeMinor=0)


async def test_a_code_is_spelled_once_in_whatever_case(world: World) -> None:
    await a_service_code(by=world.owner, code="skills")
    assert "SKILLS" in await codes(world)
    await world.owner.invalid("input.code", "createServiceCode", code=" Skills ", label="Again", feeMinor=0)


async def test_another_practice_may_have_the_same_code(world: World) -> None:
    await a_service_code(by=world.owner, code="SKILLS")
    await a_service_code(by=world.elsewhere.eve, code="SKILLS")


async def test_every_wrong_field_is_named_at_once(world: World) -> None:
    await world.owner.invalid(
        "input.code input.label input.feeMinor input.durationMinutes",
        "createServiceCode",
        code="",
        label=" ",
        feeMinor=-1,
        durationMinutes=0,
    )


async def test_a_code_gets_another_wording_fee_and_length(world: World) -> None:
    changed = await world.owner.do(
        "updateServiceCode", CODE, id=world.individual, label="Single  session ", feeMinor=15000, durationMinutes=53
    )
    assert changed["serviceCode"] == {
        "code": "90837",
        "label": "Single session",
        "kind": "STANDARD",
        "durationMinutes": 53,
        "active": True,
        "fee": {"amountMinor": 15000, "currency": "USD", "formatted": "$150.00"},
    }


async def test_what_is_left_out_stays(world: World) -> None:
    await world.owner.do("updateServiceCode", id=world.individual, label="Single session")
    again = await world.owner.do("updateServiceCode", CODE, id=world.individual, feeMinor=1)
    assert again["serviceCode"]["label"] == "Single session"
    assert again["serviceCode"]["durationMinutes"] == 60


async def test_nothing_of_a_code_can_be_cleared(world: World) -> None:
    await world.owner.invalid(
        "input.label input.feeMinor input.durationMinutes input.active",
        "updateServiceCode",
        id=world.individual,
        label=None,
        feeMinor=None,
        durationMinutes=None,
        active=None,
    )


async def test_a_code_that_is_put_away_is_offered_no_more_and_can_be_taken_back(world: World) -> None:
    await world.owner.do("updateServiceCode", id=world.individual, active=False)
    assert await codes(world) == ["90853", "LATE_CANCEL", "NO_SHOW"]
    assert await codes(world, "(active: false)") == ["90837"]
    assert await codes(world, "(active: null)") == ["90837", "90853", "LATE_CANCEL", "NO_SHOW"]
    await world.owner.do("updateServiceCode", id=world.individual, active=True)
    assert "90837" in await codes(world)


async def test_a_group_keeps_its_code_when_that_is_put_away(world: World) -> None:
    skills = await a_service_code(by=world.owner)
    group = await a_group(by=world.amara, code=skills)
    await world.owner.do("updateServiceCode", id=skills, active=False)
    asked = await world.amara.ask(
        "query ($id: ID!) { group(id: $id) { defaultServiceCode { code active } } }", id=group
    )
    assert asked["group"]["defaultServiceCode"] == {"code": "SKILLS", "active": False}


async def test_an_empty_list_of_kinds_is_of_no_kind(world: World) -> None:
    assert await codes(world, "(kinds: [])") == []
    assert len(await codes(world, "(kinds: null)")) == 4
    assert await codes(world, "(kinds: [SYSTEM, STANDARD])") == ["90837", "90853", "LATE_CANCEL", "NO_SHOW"]


@pytest.mark.parametrize(
    "currency, minor, formatted",
    [("USD", 12500, "$125.00"), ("JPY", 12500, "¥12,500"), ("KWD", 12500, "KWD12.500"), ("EUR", 5, "€0.05")],
)
async def test_an_amount_is_written_as_its_currency_is(world: World, currency: str, minor: int, formatted: str) -> None:
    await a_practice(name="Abroad", currency=currency)
    owner = await a_user(world.nobody, practice="Abroad", name="Ola Nordmann", roles=[Role.OWNER])
    made: Data = await owner.do("createServiceCode", CODE, code="SKILLS", label="Skills", feeMinor=minor)
    assert made["serviceCode"]["fee"] == {"amountMinor": minor, "currency": currency, "formatted": formatted}


async def test_a_client_is_shown_no_list_of_codes(world: World) -> None:
    asked = await world.ada.ask("{ viewer { practice { serviceCodes { code } } } }")
    assert asked["viewer"]["practice"]["serviceCodes"] == []
