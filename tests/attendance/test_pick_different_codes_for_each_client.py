from __future__ import annotations

from itertools import permutations

from tests.world import World, a_client, a_group, a_service_code, an_appointment, lines_of


async def test_clients_of_one_session_hold_any_mix_of_codes(world: World) -> None:
    """R31, R34: a standard code, another, a custom one, both system codes and No Fee on either side, at once."""
    skills = await a_service_code(by=world.owner, feeMinor=4000)
    codes = await world.owner.ask("{ viewer { practice { serviceCodes { id code } } } }")
    late = next(one["id"] for one in codes["viewer"]["practice"]["serviceCodes"] if one["code"] == "LATE_CANCEL")
    mix: list[tuple[dict[str, object], str | None]] = [
        ({"outcome": "ATTENDED", "serviceCodeId": world.group_therapy}, "90853"),
        ({"outcome": "ATTENDED", "serviceCodeId": world.individual}, "90837"),
        ({"outcome": "ATTENDED", "serviceCodeId": skills}, "SKILLS"),
        ({"outcome": "ATTENDED", "noFee": True}, None),
        ({"outcome": "NO_SHOW", "serviceCodeId": world.no_show}, "NO_SHOW"),
        ({"outcome": "LATE_CANCEL", "serviceCodeId": late}, "LATE_CANCEL"),
        ({"outcome": "ABSENT"}, None),
    ]
    clients = [await a_client(by=world.amara, last_name=f"Berg {n}") for n in range(len(mix))]
    session = await an_appointment(by=world.amara, group=await a_group(by=world.amara, clients=clients))
    lines = await lines_of(session, by=world.amara)
    for client, (given, _) in zip(clients, mix, strict=True):
        await world.amara.do("setAttendance", attendanceId=lines[client], **given)
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { outcome serviceCode { code } } } }", id=session
    )
    assert [
        (line["outcome"], line["serviceCode"] and line["serviceCode"]["code"])
        for line in asked["appointment"]["attendances"]
    ] == [(given["outcome"], code) for given, code in mix]


async def test_whatever_one_client_is_charged_as_changes_nothing_for_the_others(world: World) -> None:
    """R31."""
    kinds = [{"outcome": "ATTENDED"}, {"outcome": "NO_SHOW"}, {"outcome": "ABSENT"}]
    session = await an_appointment(by=world.amara, group=world.monday)
    lines = list((await lines_of(session, by=world.amara)).values())
    for order in permutations(kinds):
        for line, given in zip(lines, order, strict=True):
            await world.amara.do("setAttendance", attendanceId=line, **given)
        asked = await world.amara.ask(
            "query ($id: ID!) { appointment(id: $id) { attendances { outcome } } }", id=session
        )
        assert asked["appointment"]["attendances"] == list(order)
        for line in lines:
            await world.amara.do("clearAttendance", attendanceId=line)
