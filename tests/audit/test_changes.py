"""Each change leaves one entry, written with it or not at all."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from models.audit import tracing
from models.audit.buffer import forget
from models.database import fetch
from models.ids import row_id
from tests.audit.log import begin, whose
from tests.charting.scene import a_draft, complete, lock
from tests.client import Data
from tests.databases import tables
from tests.guards.deeds import DEEDS, Deed
from tests.week import Week
from tests.world import PASSWORD, World, in_days

# What is no change of anybody's record: the log itself, the log of events, what keeps requests from being doubled, and
# what follows from rows that are named.
BESIDE = {"event", "event_counter", "idempotency_key", "client_access", "sign_in", "sign_in_throttle"}


async def test_a_change_leaves_one_entry_with_its_columns_and_whose_record_it_is(week: Week) -> None:
    since = await begin()
    await week.amara.do("setAttendance", "attendance { id outcome }", attendanceId=week.coming_ada, outcome="ATTENDED")
    [entry] = await since.entries(by=week.owner)
    assert (entry["action"], entry["operation"], entry["outcome"]) == ("UPDATE", "setAttendance", "OK")
    assert entry["columnsChanged"] == [
        f"attendance.{name}" for name in ("fee_minor", "last_changed_by", "outcome", "service_code_id", "version")
    ]
    assert entry["fieldsRead"] == ["Attendance.id", "Attendance.outcome", "SetAttendancePayload.attendance"]
    assert entry["objectIds"] == [week.coming_ada]
    assert whose(entry) == {week.client_ada}


Rows = dict[str, dict[str, Data]]


async def _rows() -> Rows:
    found: Rows = {}
    for table in await tables():
        if table not in BESIDE and not table.startswith("audit_"):
            rows = await fetch(f'SELECT * FROM "{table}"')
            found[table] = {
                str(row["id"]): {name: str(value) for name, value in dict(row).items() if value is not None}
                for row in rows
            }
    return found


def _records(table: str, row: Data, rows: Rows) -> set[str]:
    """Give the clients in whose records a row is, worked out by hand."""
    named = {row[name] for name in ("client_id", "named_id") if name in row}
    if table == "client":
        named = {row["id"]}
    elif table == "appointment":
        named = {line["client_id"] for line in _of(row["id"], "appointment_id", rows["attendance"])}
    elif table == "chart":
        lines = _of(row["appointment_id"], "appointment_id", rows["attendance"])
        named = {line["client_id"] for line in lines if line.get("outcome") in {None, "ATTENDED"}}
    elif table == "chart_warning" and not named:
        named = _records("chart", rows["chart"][row["chart_id"]], rows)
    elif table in {"addendum", "signature"}:
        named = {rows["chart_note"][row["note_id"]]["client_id"]}
    elif table in {"payment_allocation", "refund"}:
        named = {rows["payment"][row["payment_id"]]["client_id"]}
    elif table == "group_share":
        named = {one["client_id"] for one in _of(row["group_id"], "group_id", rows["group_membership"])}
    return named


def _of(one: str, column: str, rows: dict[str, Data]) -> list[Data]:
    return [row for row in rows.values() if row[column] == one]


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_the_entry_of_a_change_names_every_row_that_it_changed_and_whose_it_is(week: Week, deed: Deed) -> None:
    since = await begin()
    before = await _rows()
    await deed.person(week).do(deed.mutation, "__typename", **deed.usual(week))
    after = await _rows()
    changed = {
        (table, row): rows.get(row, before[table].get(row, {}))
        for table, rows in after.items()
        for row in rows.keys() | before[table].keys()
        if rows.get(row) != before[table].get(row)
    }
    entry = await since.latest(by=week.owner)
    assert entry["operation"] == deed.mutation
    named = {str(UUID(hex=wire.rpartition("_")[2])) for wire in entry["objectIds"]}
    assert changed
    assert {row for _, row in changed} == named
    clients = {client for (table, _), row in changed.items() for client in _records(table, row, after)}
    assert {str(row_id("clt", one)) for one in whose(entry)} == clients
    assert entry["columnsChanged"]


async def test_a_change_of_a_groups_session_is_in_the_record_of_all_on_its_roster(week: Week) -> None:
    since = await begin()
    await week.amara.do("cancelAppointment", id=week.coming, reason="Snow")
    entry = await since.latest(by=week.owner)
    assert whose(entry) >= {week.client_ada, week.client_ben}
    assert week.client_dora not in whose(entry)


async def test_a_change_of_a_session_is_in_the_record_of_who_was_there_and_not_of_who_joined_since(week: Week) -> None:
    await week.owner.do("removeGroupMember", groupId=week.monday, clientId=week.client_chloe)
    await week.owner.do("addGroupMember", groupId=week.monday, clientId=week.client_dora)
    since = await begin()
    await week.amara.do("rescheduleAppointment", id=week.past, startsAt=in_days(-6))
    entry = await since.latest(by=week.owner)
    assert whose(entry) == {week.client_ada, week.client_ben, week.client_chloe}


async def test_a_share_is_in_the_record_of_all_whom_it_opens(world: World) -> None:
    since = await begin()
    await world.owner.do(
        "scheduleAppointment",
        groupId=world.monday,
        providerId=world.bjorns,
        startsAt="2150-01-05T18:00:00Z",
        confirmSharing=True,
    )
    entry = await since.latest(by=world.owner)
    assert "group_share created" in entry["columnsChanged"]
    assert whose(entry) == {world.client_ada, world.client_ben, world.client_chloe}


async def test_what_is_refused_leaves_an_entry_that_says_how(week: Week) -> None:
    since = await begin()
    await week.amara.invalid("input.name", "updateGroup", id=week.monday, name="")
    await week.bjorn.denied("NOT_FOUND", "updateGroup", id=week.monday, name="Mine")
    await week.carol.denied("FORBIDDEN", "updateGroup", id=week.monday, name="Mine")
    entries = await since.entries(by=week.owner)
    assert [entry["outcome"] for entry in entries] == ["FORBIDDEN", "NOT_FOUND", "InvalidInput"]
    assert {entry["action"] for entry in entries} == {"EXECUTE"}
    assert all(entry["columnsChanged"] == [] for entry in entries)


async def test_a_key_that_was_answered_is_a_reading(week: Week) -> None:
    given = {"clientId": week.client_ben, "amountMinor": 2000, "method": "CASH", "idempotencyKey": "once"}
    await week.amara.do("acceptPayment", "payment { id }", **given)
    since = await begin()
    await week.amara.do("acceptPayment", "payment { id }", **given)
    [entry] = await since.entries(by=week.owner)
    assert (entry["action"], entry["operation"], whose(entry)) == ("READ", "acceptPayment", {week.client_ben})


async def test_a_change_that_is_rolled_back_leaves_no_entry_but_that_it_failed(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise LookupError

    since = await begin()
    monkeypatch.setattr(tracing, "append", fails)
    with pytest.raises(AssertionError):
        await week.amara.do("setAttendance", attendanceId=week.coming_ada, outcome="ATTENDED")
    monkeypatch.undo()
    outcome = "query ($id: ID!) { node(id: $id) { ... on Attendance { outcome } } }"
    asked = await week.amara.ask(outcome, id=week.coming_ada)
    assert asked["node"] == {"outcome": None}
    entries = [(entry["operation"], entry["outcome"]) for entry in await since.entries(by=week.owner)]
    assert entries == [("node", "OK"), ("setAttendance", "INTERNAL")]


async def test_the_servers_work_is_noted_for_whoever_began_it(world: World) -> None:
    draft = await a_draft(by=world.amara, group=world.monday, absent=[world.client_ben])
    await complete(draft, by=world.amara)
    since = await begin()
    await lock(draft, by=world.amara)
    steps = [entry for entry in await since.entries(by=world.owner) if entry["channel"] == "RUN"]
    assert {(entry["operation"], entry["actorName"]) for entry in steps} == {("lockChart", "Amara Okafor")}
    signed = [entry for entry in steps if "signature created" in entry["columnsChanged"]]
    assert sorted(map(sorted, map(whose, signed))) == sorted([[world.client_ada], [world.client_chloe]])
    # By this a migration knows that there were seals already.
    assert all("chart_note.seal" in entry["columnsChanged"] for entry in signed)


async def test_signing_in_and_out_and_failing_to_is_noted(world: World) -> None:
    since = await begin()
    await world.nobody.do("signIn", "token", email="amara@lakeside.example", password=PASSWORD)
    entries = await since.entries(by=world.owner)
    assert [(entry["operation"], entry["outcome"], entry["actorName"]) for entry in entries] == [
        ("signIn", "OK", "Amara Okafor")
    ]
    since = await begin()
    await world.nobody.refused("WrongCredentials", "signIn", email="amara@lakeside.example", password="no")
    await world.nobody.refused("WrongCredentials", "signIn", email="nobody@lakeside.example", password="no")
    entries = await since.entries(by=world.owner)
    assert (entries[0]["operation"], entries[0]["outcome"]) == ("signIn", "WrongCredentials")


async def test_what_signing_in_shows_of_a_record_is_noted_under_the_new_sign_in(world: World) -> None:
    since = await begin()
    document = (
        "mutation Enter($input: SignInInput!) { signIn(input: $input)"
        " { ... on SignInPayload { viewer { client { name } } } } }"
    )
    given = {"email": "ada@lakeside.example", "password": PASSWORD}
    asked = await world.nobody.ask(document, input=given)
    assert asked["signIn"]["viewer"]["client"]["name"]
    read, entered = await since.entries(by=world.owner)
    assert (entered["action"], entered["operation"], whose(entered)) == ("EXECUTE", "signIn", set())
    assert (read["action"], read["operation"], whose(read)) == ("READ", "signIn", {world.client_ada})
    assert read["document"] == entered["document"] == "Enter"
    assert read["signInId"] == entered["signInId"] is not None


async def test_a_sign_in_is_noted_with_itself_and_not_later(world: World) -> None:
    since = await begin()
    await world.nobody.do("signIn", "token", email="amara@lakeside.example", password=PASSWORD)
    # As if the process were killed now.
    forget()
    assert [entry["operation"] for entry in await since.entries(by=world.owner)] == ["signIn"]


async def test_changes_at_once_number_the_log_without_a_gap(week: Week) -> None:
    since = await begin()
    clients = [week.client_ada, week.client_ben, week.client_chloe]
    await asyncio.gather(
        *(week.owner.do("updateClient", id=clients[n % 3], phone=f"+1 312 555 {n:04}") for n in range(60))
    )
    numbers = sorted(entry["sequence"] for entry in await since.entries(by=week.owner))
    assert numbers == list(range(numbers[0], numbers[0] + 60))
