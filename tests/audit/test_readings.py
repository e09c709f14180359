"""Each reading leaves one entry: who, when, what and whose, and never a value."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from models.audit import AuditChannel, buffer
from models.database import fetch
from models.secret import use_secret
from resolvers.practice.sign_in import holder
from resolvers.reading.run import Plan
from schema.context import Context
from tests.audit.log import begin, whose
from tests.charting.scene import in_review
from tests.client import InProcess, Person
from tests.databases import SECRET, tables
from tests.week import Week
from tests.world import World, in_days

CLIENT = "query Chart($id: ID!) { client(id: $id) { name email groups { name } } }"
CALENDAR = (
    "query ($id: ID!, $from: DateTime!, $to: DateTime!) { calendar(providerIds: [$id], from: $from, to: $to)"
    " { appointments { id title busyOnly } } }"
)


async def test_a_reading_leaves_one_entry_that_says_who_saw_what_of_whom(world: World) -> None:
    since = await begin()
    await world.amara.ask(CLIENT, id=world.client_ada)
    [entry] = await since.entries(by=world.owner)
    assert entry["actorName"] == "Amara Okafor"
    assert entry["roles"] == ["PROVIDER"]
    assert (entry["action"], entry["operation"], entry["document"]) == ("READ", "client", "Chart")
    assert (entry["channel"], entry["outcome"], entry["times"]) == ("HTTP", "OK", 1)
    assert entry["fieldsRead"] == ["Client.email", "Client.groups", "Client.name", "Group.name", "Query.client"]
    assert entry["columnsChanged"] == []
    assert set(entry["objectIds"]) == {world.client_ada, world.monday}
    assert whose(entry) == {world.client_ada}
    assert entry["address"] == "192.0.2.1"
    assert entry["signInId"] is not None


async def test_each_root_field_of_a_document_leaves_its_own_entry(world: World) -> None:
    since = await begin()
    await world.amara.ask(
        "query Two($a: ID!, $b: ID!) { first: client(id: $a) { name } second: client(id: $b) { name } }",
        a=world.client_ada,
        b=world.client_ben,
    )
    one, other = await since.entries(by=world.owner)
    # They are read at once, and either may be done first.
    assert len(whose(one)) == len(whose(other)) == 1
    assert whose(one) | whose(other) == {world.client_ada, world.client_ben}


async def test_what_says_nothing_of_a_client_leaves_no_entry(world: World) -> None:
    since = await begin()
    await world.amara.ask("{ viewer { name practice { serviceCodes { code } chartTemplates { name } } } }")
    await world.amara.ask("{ __schema { types { name } } }")
    assert await since.entries(by=world.owner) == []


@pytest.mark.parametrize(
    "document, names",
    [
        ("{ clients { edges { cursor } } }", True),
        ("{ clients(first: 1) { pageInfo { endCursor } } }", True),
        ('{ clients(text: "Ada") { totalCount } }', False),
        ('{ search(text: "Nobody at all") { usuallySeesProvider } }', False),
    ],
)
async def test_a_cursor_a_count_and_a_search_are_readings_too(world: World, document: str, *, names: bool) -> None:
    since = await begin()
    await world.owner.ask(document)
    [entry] = await since.entries(by=world.owner)
    assert (entry["action"], entry["outcome"], bool(whose(entry))) == ("READ", "OK", names)


@pytest.mark.parametrize("name", ["node", "client"])
async def test_asking_for_what_is_not_there_or_not_theirs_leaves_an_entry_that_names_nobody(
    world: World, name: str
) -> None:
    since = await begin()
    assert await world.bjorn.ask(f"query ($id: ID!) {{ {name}(id: $id) {{ id }} }}", id=world.client_ada) == {
        name: None
    }
    [entry] = await since.entries(by=world.owner)
    assert (entry["actorName"], entry["operation"], entry["outcome"]) == ("Björn Lindqvist", name, "NOT_FOUND")
    assert (entry["clients"], entry["objectIds"]) == ([], [])


async def test_a_refused_reading_leaves_its_code(world: World) -> None:
    since = await begin()
    document = "query ($id: ID!) { auditLog(clientId: $id) { totalCount } }"
    await world.bjorn.error("NOT_FOUND", document, id=world.client_ada)
    entry = await since.latest(by=world.owner)
    assert (entry["operation"], entry["outcome"], entry["clients"]) == ("auditLog", "NOT_FOUND", [])


async def test_who_sees_only_that_the_time_is_taken_has_not_seen_whose_session_it_is(week: Week) -> None:
    found = await week.owner.ask(
        "query ($id: ID!) { node(id: $id) { ... on Appointment { startsAt endsAt } } }", id=week.individual_ada
    )
    stretch = {"from": found["node"]["startsAt"], "to": found["node"]["endsAt"]}
    since = await begin()
    for person in (week.bjorn, week.amara):
        await person.ask(CALENDAR, id=week.amaras, **stretch)
    by_amara, by_bjorn = await since.entries(by=week.owner)
    assert week.individual_ada in by_bjorn["objectIds"]
    assert (by_bjorn["actorName"], whose(by_bjorn)) == ("Björn Lindqvist", set())
    assert (by_amara["actorName"], whose(by_amara)) == ("Amara Okafor", {week.client_ada})


async def test_a_clients_own_row_is_among_what_was_shown_only_where_it_was(week: Week) -> None:
    since = await begin()
    for rest, shown in (("outcome", set[str]()), ("client { name }", {week.client_ada})):
        await week.amara.ask(
            f"query ($id: ID!) {{ node(id: $id) {{ ... on Attendance {{ {rest} }} }} }}", id=week.past_ada
        )
        entry = await since.latest(by=week.owner)
        assert whose(entry) == {week.client_ada}
        assert {*entry["objectIds"]} == {week.past_ada} | shown


async def test_what_a_chart_says_to_all_is_in_the_record_of_each_who_came(week: Week) -> None:
    since = await begin()
    await week.amara.ask("query ($id: ID!) { chart(id: $id) { groupNotes templateBody } }", id=week.reviewed.chart)
    [entry] = await since.entries(by=week.owner)
    assert whose(entry) == {week.client_ada, week.client_ben}


async def test_a_warning_that_names_somebody_is_in_their_record_too(world: World) -> None:
    words = {world.client_ada: "<p>Ben wept.</p>"}
    held = await in_review(by=world.amara, group=world.monday, starts_at=in_days(-3), words=words)
    document = "query ($id: ID!) { chart(id: $id) { warnings { id message } } }"
    first = (await world.amara.ask(document, id=held.chart))["chart"]["warnings"][0]
    assert "Ben" in first["message"]
    since = await begin()
    await world.amara.ask("query ($id: ID!) { node(id: $id) { ... on ChartWarning { message } } }", id=first["id"])
    assert whose(await since.latest(by=world.owner)) == {world.client_ada, world.client_ben}


@pytest.mark.parametrize(
    "of", [lambda week: week.locked.addendum, lambda week: week.allocation], ids=["an addendum", "a part of a payment"]
)
async def test_what_names_no_client_itself_is_in_the_record_of_whom_it_belongs_to(
    week: Week, of: Callable[[Week], str]
) -> None:
    since = await begin()
    fields = "... on Addendum { body } ... on PaymentAllocation { amount { amountMinor } }"
    await week.amara.ask(f"query ($id: ID!) {{ node(id: $id) {{ {fields} }} }}", id=of(week))
    entry = await since.latest(by=week.owner)
    assert (entry["objectIds"], len(whose(entry))) == ([of(week)], 1)
    assert whose(entry) <= {week.client_ada, week.client_ben}


async def test_a_server_with_another_secret_shows_nothing_that_it_could_not_note(world: World) -> None:
    """Such as one that was there before the practice: it found no log to compare its secret with."""
    since = await begin()
    use_secret(b"another secret, of 32 bytes and more")
    try:
        buffer.forget()
        for asked in (
            world.amara.ask(CLIENT, id=world.client_ada),
            world.amara.do("updateClient", id=world.client_ada, phone="110"),
        ):
            with pytest.raises(AssertionError, match="UNAVAILABLE"):
                await asked
        assert buffer.waiting() == 0
    finally:
        use_secret(SECRET)
    assert await since.entries(by=world.owner) == []


async def test_a_reading_and_a_change_that_fail_are_noted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise LookupError

    since = await begin()
    with monkeypatch.context() as patch:
        patch.setattr(Plan, "read", fails)
        for asked in (
            world.amara.ask(CLIENT, id=world.client_ada),
            world.amara.do("updateClient", "client { id }", id=world.client_ada, phone="110"),
        ):
            with pytest.raises(AssertionError, match="INTERNAL"):
                await asked
    entries = await since.entries(by=world.owner)
    assert [(entry["operation"], entry["outcome"], entry["columnsChanged"]) for entry in entries] == [
        ("updateClient", "INTERNAL", []),
        ("client", "INTERNAL", []),
    ]


async def test_no_value_stands_in_the_log(world: World) -> None:
    await begin()
    await world.amara.ask(CLIENT, id=world.client_ada)
    await world.amara.ask("query ($t: String) { clients(text: $t) { edges { node { name } } } }", t="Chlo")
    await world.amara.do("updateClient", "client { name }", id=world.client_ada, phone="+1 312 555 0199")
    await buffer.flush()
    kept = await _whole_log()
    for value in ("Ada", "Lovelace", "Chlo", "555 0199", "5550199", "Monday", "Amara", "lakeside"):
        # Within an id, or many ids in base64, it can stand by chance.
        assert not re.search(rf"(?<![\w+/-]){value}(?![\w+/-])", kept)


async def _whole_log() -> str:
    names = [name for name in await tables() if name.startswith("audit_")]
    return str([dict(row) for name in names for row in await fetch(f"SELECT * FROM {name}")])


async def test_over_a_socket_it_is_the_same(world: World, server: InProcess) -> None:
    since = await begin()
    viewer = await holder(None, world.amara.token or "")
    context = Context(viewer, "192.0.2.7", secure=True, channel=AuditChannel.SOCKET)
    result = await server.schema.execute(CLIENT, variable_values={"id": world.client_ada}, context_value=context)
    assert not result.errors
    entry = await since.latest(by=world.owner)
    assert (entry["channel"], entry["address"], whose(entry)) == ("SOCKET", "192.0.2.7", {world.client_ada})


async def test_another_practices_log_is_its_own(world: World) -> None:
    since = await begin()
    await world.amara.ask(CLIENT, id=world.client_ada)
    eve: Person = world.elsewhere.eve
    await eve.ask("{ clients { edges { node { id } } } }")
    ours, theirs = await since.entries(by=world.owner), await since.entries(by=eve)
    assert {entry["actorName"] for entry in ours} == {"Amara Okafor"}
    assert {entry["operation"] for entry in theirs} == {"clients"}
