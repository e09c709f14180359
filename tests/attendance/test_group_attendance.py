from __future__ import annotations

from models.practice import Role
from tests.client import Data, Person
from tests.world import World, a_service_code, a_user, an_appointment, in_days, lines_of

OPTIONS = (
    "query ($id: ID!) { appointment(id: $id) { attendanceOptions {"
    " attended { outcome label serviceCode { code } } notAttended { outcome label serviceCode { code } } } } }"
)


async def options(person: Person, appointment: str) -> Data | None:
    asked = await person.ask(OPTIONS, id=appointment)
    found: Data | None = asked["appointment"]["attendanceOptions"]
    return found


def lines(half: list[Data]) -> list[tuple[str, str, str | None]]:
    return [(one["outcome"], one["label"], (one["serviceCode"] or {}).get("code")) for one in half]


# The dropdown


async def test_the_dropdown_has_yes_and_no_each_of_which_ends_with_no_fee(world: World) -> None:
    """R24, R25, R26, R27, R31: standard and custom codes and No Fee, then system codes and No Fee."""
    await a_service_code(by=world.owner, code="SKILLS", label="Skills workshop")
    session = await an_appointment(by=world.amara, group=world.monday)
    offered = await options(world.amara, session)
    assert offered is not None
    assert list(offered) == ["attended", "notAttended"]
    assert lines(offered["attended"]) == [
        ("ATTENDED", "90837 Individual session", "90837"),
        ("ATTENDED", "90853 Group Psychotherapy", "90853"),
        ("ATTENDED", "SKILLS Skills workshop", "SKILLS"),
        ("ATTENDED", "No Fee", None),
    ]
    assert lines(offered["notAttended"]) == [
        ("NO_SHOW", "No show", "NO_SHOW"),
        ("LATE_CANCEL", "Late cancel", "LATE_CANCEL"),
        ("ABSENT", "No Fee", None),
    ]


async def test_no_code_of_the_wrong_kind_and_none_that_was_put_away_is_offered(world: World) -> None:
    """R26, R27: no add-on by itself, no CPT code beside a No."""
    await a_service_code(by=world.owner, code="90785", label="Complexity", kind="ADD_ON")
    await a_service_code(by=world.owner, code="90834", label="Shorter", kind="STANDARD")
    await a_service_code(by=world.owner, code="OLD", label="Gone")
    codes = await world.owner.ask("{ viewer { practice { serviceCodes { id code } } } }")
    old = next(one["id"] for one in codes["viewer"]["practice"]["serviceCodes"] if one["code"] == "OLD")
    await world.owner.do("updateServiceCode", id=old, active=False)
    session = await an_appointment(by=world.amara, group=world.monday)
    offered = await options(world.amara, session)
    assert offered is not None
    assert [code for _, _, code in lines(offered["attended"])] == ["90834", "90837", "90853", None]
    assert [code for _, _, code in lines(offered["notAttended"])] == ["NO_SHOW", "LATE_CANCEL", None]


async def test_a_system_code_of_the_practices_own_can_be_either_no(world: World) -> None:
    """R26, R34."""
    await a_service_code(by=world.owner, code="SHORT_NOTICE", label="Short notice", kind="SYSTEM", feeMinor=3000)
    session = await an_appointment(by=world.amara, group=world.monday)
    offered = await options(world.amara, session)
    assert offered is not None
    assert lines(offered["notAttended"]) == [
        ("NO_SHOW", "No show", "NO_SHOW"),
        ("NO_SHOW", "Short notice", "SHORT_NOTICE"),
        ("LATE_CANCEL", "Late cancel", "LATE_CANCEL"),
        ("LATE_CANCEL", "Short notice", "SHORT_NOTICE"),
        ("ABSENT", "No Fee", None),
    ]


async def test_every_line_of_the_dropdown_can_be_chosen_as_it_stands(world: World) -> None:
    """R25, R26, R29, R34: outcome and code by one choice, for everything that is offered."""
    await a_service_code(by=world.owner, code="SKILLS", label="Skills workshop", feeMinor=4000)
    await a_service_code(by=world.owner, code="SHORT_NOTICE", label="Short notice", kind="SYSTEM", feeMinor=3000)
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    asked = await world.amara.ask(
        OPTIONS.replace("serviceCode { code }", "serviceCode { id code fee { amountMinor } }"), id=session
    )
    offered = asked["appointment"]["attendanceOptions"]
    chosen = [*offered["attended"], *offered["notAttended"]]
    assert len(chosen) == 9
    for option in chosen:
        code = option["serviceCode"]
        is_free_yes = code is None and option["outcome"] == "ATTENDED"
        given = {"serviceCodeId": code["id"]} if code else {"noFee": True} if is_free_yes else {}
        made = await world.amara.do(
            "setAttendance",
            "attendance { outcome attended serviceCode { code } fee { amountMinor } }",
            attendanceId=line,
            outcome=option["outcome"],
            **given,
        )
        assert made["attendance"] == {
            "outcome": option["outcome"],
            "attended": option["outcome"] == "ATTENDED",
            "serviceCode": {"code": code["code"]} if code else None,
            "fee": code["fee"] if code else {"amountMinor": 0},
        }
        await world.amara.do("clearAttendance", attendanceId=line)


async def test_only_those_who_may_set_attendance_are_offered_anything(world: World) -> None:
    """R27."""
    session = await an_appointment(by=world.amara, group=world.monday)
    for person in (world.owner, world.manager, world.scheduler, world.amara):
        assert await options(person, session)
    for person in (world.carol, world.bjorn, world.ada):
        assert await options(person, session) is None


# Per client


async def test_attendance_is_each_clients_own(world: World) -> None:
    """R24: one yes, one no, and one of whom nothing is known."""
    session = await an_appointment(by=world.amara, group=world.monday)
    line = await lines_of(session, by=world.amara)
    await world.amara.do("setAttendance", attendanceId=line[world.client_ada], outcome="ATTENDED", feeMinor=6000)
    await world.amara.do("setAttendance", attendanceId=line[world.client_ben], outcome="NO_SHOW", feeMinor=2500)
    asked = await world.amara.ask(
        "query ($id: ID!) { appointment(id: $id) { attendances { attended outcome fee { amountMinor } }"
        " attendanceSummary { total attended missed unset charged { amountMinor } paid { amountMinor } } } }",
        id=session,
    )
    assert asked["appointment"] == {
        "attendances": [
            {"attended": True, "outcome": "ATTENDED", "fee": {"amountMinor": 6000}},
            {"attended": False, "outcome": "NO_SHOW", "fee": {"amountMinor": 2500}},
            {"attended": None, "outcome": None, "fee": None},
        ],
        "attendanceSummary": {
            "total": 3,
            "attended": 1,
            "missed": 1,
            "unset": 1,
            "charged": {"amountMinor": 8500},
            "paid": {"amountMinor": 0},
        },
    }


async def test_it_may_be_set_before_the_session_starts_while_it_goes_on_and_long_after(world: World) -> None:
    """R24."""
    for days in (60, -60):
        session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days))
        for line in (await lines_of(session, by=world.amara)).values():
            await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED")


async def test_a_client_sees_what_came_of_their_own_sessions_and_who_set_it_is_for_staff(world: World) -> None:
    session = await an_appointment(by=world.amara, group=world.monday)
    line = await lines_of(session, by=world.amara)
    for client in (world.client_ada, world.client_ben):
        await world.amara.do("setAttendance", attendanceId=line[client], outcome="ATTENDED", feeMinor=6000)
    own = (
        "query ($id: ID!) { node(id: $id) { ... on Attendance { attended outcome fee { amountMinor }"
        " paid { amountMinor } lastChangedBy serviceCode { code } appointment { title } } } }"
    )
    assert (await world.ada.ask(own, id=line[world.client_ada]))["node"] == {
        "attended": True,
        "outcome": "ATTENDED",
        "fee": {"amountMinor": 6000},
        "paid": {"amountMinor": 0},
        "lastChangedBy": None,
        # It is the code of their own group, which they may see.
        "serviceCode": {"code": "90853"},
        "appointment": {"title": "MGG"},
    }
    assert (await world.ada.ask(own, id=line[world.client_ben]))["node"] is None
    for person in (world.amara, world.scheduler, world.carol):
        assert (await person.ask(own, id=line[world.client_ada]))["node"]["lastChangedBy"] == "Amara Okafor"
    for client in (world.client_ada,):
        given = {"attendanceId": line[client]}
        await world.ada.denied("FORBIDDEN", "setAttendance", **given, outcome="ABSENT")
        await world.ada.denied("FORBIDDEN", "clearAttendance", **given)
    await world.ada.denied("NOT_FOUND", "setAttendance", attendanceId=line[world.client_ben], outcome="ABSENT")


# The client's own list


ATTENDANCES = (
    "query ($id: ID!, $order: TimeOrder! = LATEST_FIRST, $unpaid: Boolean! = false, $first: Int, $after: String) {"
    " client(id: $id) { attendances(order: $order, unpaidOnly: $unpaid, first: $first, after: $after) {"
    " totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } }"
)


async def test_a_clients_own_lines_are_listed_by_session_in_either_order_and_by_pages(world: World) -> None:
    made = []
    for days in (-21, 7, -14, 28, -7):
        session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(days))
        made.append((days, (await lines_of(session, by=world.amara))[world.client_ada]))
    earliest = [line for _, line in sorted(made)]
    for order, expected in (("EARLIEST_FIRST", earliest), ("LATEST_FIRST", earliest[::-1])):
        for size in (1, 2, 5):
            found: list[str] = []
            after = None
            more = True
            while more:
                asked = await world.amara.ask(ATTENDANCES, id=world.client_ada, order=order, first=size, after=after)
                page = asked["client"]["attendances"]
                assert page["totalCount"] == 5
                found += [edge["node"]["id"] for edge in page["edges"]]
                after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
            assert found == expected


async def test_the_unpaid_ones_are_those_with_something_open(world: World) -> None:
    lines = []
    for fee, paid in ((6000, 6000), (6000, 5999), (0, 0), (None, 0), (2500, 0)):
        session = await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7))
        line = (await lines_of(session, by=world.amara))[world.client_ada]
        if fee is not None:
            await world.amara.do("setAttendance", attendanceId=line, outcome="ATTENDED", feeMinor=fee)
        if paid:
            parts = [{"attendanceId": line, "amountMinor": paid}]
            given = {"clientId": world.client_ada, "amountMinor": paid, "method": "CASH", "allocations": parts}
            await world.amara.do("acceptPayment", **given, idempotencyKey=line)
        lines.append(line)
    asked = await world.amara.ask(ATTENDANCES, id=world.client_ada, unpaid=True)
    found = {edge["node"]["id"] for edge in asked["client"]["attendances"]["edges"]}
    assert found == {lines[1], lines[4]}
    assert asked["client"]["attendances"]["totalCount"] == 2


async def test_a_provider_with_a_share_sees_of_a_client_the_groups_lines_only(world: World) -> None:
    """R19."""
    shared = await an_appointment(by=world.amara, group=world.monday)
    alone = await an_appointment(by=world.amara, client=world.client_ada)
    await an_appointment(
        by=world.amara, group=world.monday, provider=world.bjorns, starts_at=in_days(9), confirm_sharing=True
    )
    asked = await world.bjorn.ask(ATTENDANCES, id=world.client_ada)
    assert asked["client"]["attendances"]["totalCount"] == 2
    line = (await lines_of(alone, by=world.amara))[world.client_ada]
    assert (await world.bjorn.ask("query ($id: ID!) { node(id: $id) { id } }", id=line))["node"] is None
    assert len(await lines_of(shared, by=world.bjorn)) == 3


async def test_a_scheduler_sets_attendance_and_a_biller_reads_it(world: World) -> None:
    ines = await a_user(world.nobody, name="Ines Prado", roles=[Role.BILLER, Role.PROVIDER])
    session = await an_appointment(by=world.amara, group=world.monday)
    line = (await lines_of(session, by=world.amara))[world.client_ada]
    made = await world.scheduler.do(
        "setAttendance", "attendance { lastChangedBy }", attendanceId=line, outcome="ATTENDED"
    )
    assert made["attendance"] == {"lastChangedBy": "Sofia Marsh"}
    for biller in (world.carol, ines):
        assert len(await lines_of(session, by=biller)) == 3
        await biller.denied("FORBIDDEN", "clearAttendance", attendanceId=line)
