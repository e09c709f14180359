"""Only clinicians who know the session, and of what is locked its client: on every path that leads to a text."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.practice import Role
from tests.charting.scene import (
    Session,
    a_draft,
    a_session,
    a_template,
    complete,
    in_review,
    locked,
    look,
    notes,
    save,
)
from tests.client import Data, Person
from tests.world import World, a_client, a_share, a_user

GROUPS, ADAS, BENS = "Quokkas of the group", "Quokkas of Addie", "Quokkas of Ben"
WRITTEN = (GROUPS, ADAS, BENS)
TEXT = "templateBody groupNotes clientEntries { clientNotes } notes { body } warnings { message }"
NOTE = "body addenda { body } signatures { signedAs } contentHash verified"


@dataclass(frozen=True, slots=True)
class Scene:
    """Three sessions of Monday's group, one in each state, and all that hangs on them."""

    world: World
    draft: Session
    review: Session
    signed: Session
    shared: Person
    """Chidi, with whom Monday's group is shared."""
    ben: Person
    """The client Ben in the portal."""

    def session(self, state: str) -> Session:
        found: Session = getattr(self, state)
        return found

    @property
    def clinicians(self) -> list[Person]:
        return [self.world.amara, self.shared]

    @property
    def others(self) -> list[Person]:
        world = self.world
        return [world.owner, world.manager, world.scheduler, world.carol, world.bjorn, world.elsewhere.eve]


@pytest.fixture
async def scene(world: World) -> Scene:
    """Charts with a template, group notes, a part for each, warnings, a run and addenda."""
    shared = await a_user(world.nobody, name="Chidi Eze", roles=[Role.PROVIDER])
    chidis = (await shared.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    await a_share(by=world.owner, group=world.monday, provider=chidis, owner=world.amaras)
    given: Data = {
        "by": world.amara,
        "group": world.monday,
        "template": await a_template(by=world.amara),
        "notes": f"<p>{GROUPS}, and Chloe</p>",
        "words": {world.client_ada: f"<p>{ADAS}</p>", world.client_ben: f"<p>{BENS}</p>"},
    }
    signed = await locked(**given, starts_at="2026-01-05T18:00:00Z")
    await world.amara.do("addAddendum", chartId=signed.chart, body=f"<p>{GROUPS} again</p>")
    return Scene(
        world,
        draft=await a_draft(**given, starts_at="2026-01-19T18:00:00Z"),
        review=await in_review(**given, starts_at="2026-01-12T18:00:00Z"),
        signed=signed,
        shared=shared,
        ben=await a_user(
            world.nobody, name="Ben", email="ben@lakeside.example", roles=[Role.CLIENT], client=world.client_ben
        ),
    )


# Every path. What is asked of a chart stands in TEXT, and of a note in NOTE.

_STRETCH = 'from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z"'
CHART_PATHS = {
    "chart": f"query ($chart: ID!) {{ chart(id: $chart) {{ {TEXT} }} }}",
    "node of a chart": f"query ($chart: ID!) {{ node(id: $chart) {{ ... on Chart {{ {TEXT} }} }} }}",
    "nodes": f"query ($chart: ID!) {{ nodes(ids: [$chart, $chart]) {{ ... on Chart {{ {TEXT} }} }} }}",
    "appointment": f"query ($session: ID!) {{ appointment(id: $session) {{ chart {{ {TEXT} }} }} }}",
    "node of an appointment": f"query ($session: ID!) {{ node(id: $session)"
    f" {{ ... on Appointment {{ chart {{ {TEXT} }} }} }} }}",
    "calendar": f"{{ calendar({_STRETCH}) {{ appointments {{ chart {{ {TEXT} }} }} }} }}",
    "group": f"query ($group: ID!) {{ group(id: $group)"
    f" {{ appointments {{ edges {{ node {{ chart {{ {TEXT} }} }} }} }} }} }}",
    "client": f"query ($ada: ID!) {{ client(id: $ada)"
    f" {{ appointments {{ edges {{ node {{ chart {{ {TEXT} }} }} }} }} }} }}",
    "attendance": f"query ($line: ID!) {{ node(id: $line)"
    f" {{ ... on Attendance {{ appointment {{ chart {{ {TEXT} }} }} }} }} }}",
    "entry": "query ($entry: ID!) { node(id: $entry) { ... on ChartEntry { clientNotes attendance { id } } } }",
}
RUN_PATHS = {
    "run": f"query ($run: ID!) {{ chartRun(id: $run) {{ state chart {{ {TEXT} }} }} }}",
    "node of a run": f"query ($run: ID!) {{ node(id: $run) {{ ... on ChartRun {{ chart {{ {TEXT} }} }} }} }}",
}
NOTE_PATHS = {
    "node of a note": f"query ($note: ID!) {{ node(id: $note) {{ ... on ChartNote {{ {NOTE} }} }} }}",
    "client's notes": f"query ($ada: ID!) {{ client(id: $ada) {{ chartNotes {{ edges {{ node {{ {NOTE} }} }} }} }} }}",
    "node of an attendance": f"query ($line: ID!) {{ node(id: $line)"
    f" {{ ... on Attendance {{ chartNote {{ {NOTE} }} }} }} }}",
    "attendances of a session": f"query ($session: ID!) {{ appointment(id: $session)"
    f" {{ attendances {{ chartNote {{ {NOTE} }} }} }} }}",
    "client's attendances": f"query ($ada: ID!) {{ client(id: $ada)"
    f" {{ attendances {{ edges {{ node {{ chartNote {{ {NOTE} }} }} }} }} }} }}",
}
ADDENDUM_PATHS = {
    "node of an addendum": f"query ($addendum: ID!) {{ node(id: $addendum)"
    f" {{ ... on Addendum {{ body note {{ {NOTE} }} }} }} }}",
}
ALL_PATHS = CHART_PATHS | RUN_PATHS | NOTE_PATHS | ADDENDUM_PATHS
STATES = ("draft", "review", "signed")
NAMED = ("chart", "session", "group", "ada", "line", "entry", "run", "note", "addendum")


async def ids(scene: Scene, state: str) -> dict[str, str]:
    """Give the ids under which everything of a session is found; those of what it has not yet are nobody's."""
    session = scene.session(state)
    found = await look(
        session,
        by=scene.world.amara,
        select="clientEntries { id client { id } } run { id } notes { id client { id } addenda { id } }",
    )
    ada = scene.world.client_ada
    [note] = [note for note in found["notes"] if note["client"]["id"] == ada] or [{"id": "x", "addenda": []}]
    return {
        "chart": session.chart,
        "session": session.id,
        "group": scene.world.monday,
        "ada": ada,
        "line": session.lines[ada],
        "entry": next(entry["id"] for entry in found["clientEntries"] if entry["client"]["id"] == ada),
        "run": (found["run"] or {"id": "x"})["id"],
        "note": note["id"],
        "addendum": next((one["id"] for one in note["addenda"]), "x"),
    }


async def read(person: Person, document: str, named: dict[str, str]) -> str:
    """Ask a document for what it asks of these ids, and give all that came back."""
    asked = {name: named[name] for name in NAMED if f"${name}:" in document}
    return str(await person.ask(document, **asked))


def texts(answer: str) -> set[str]:
    return {text for text in WRITTEN if text in answer}


async def test_who_charts_the_session_reads_it_on_every_path(scene: Scene) -> None:
    for state in STATES:
        named = await ids(scene, state)
        for person in scene.clinicians:
            for path, document in CHART_PATHS.items():
                expected = {ADAS} if path == "entry" else set(WRITTEN)
                assert texts(await read(person, document, named)) == expected, path
            if state == "draft":
                continue
            for path, document in RUN_PATHS.items():
                assert texts(await read(person, document, named)) == set(WRITTEN), path
            for path, document in NOTE_PATHS.items():
                expected = set(WRITTEN) if path == "attendances of a session" else {GROUPS, ADAS}
                assert texts(await read(person, document, named)) == expected, path
        if state == "signed":
            for person in scene.clinicians:
                assert texts(await read(person, ADDENDUM_PATHS["node of an addendum"], named)) == {GROUPS, ADAS}


async def test_nobody_else_on_the_staff_reads_any_of_it(scene: Scene) -> None:
    """The office works without note text, and a colleague has charts of their own."""
    for state in STATES:
        named = await ids(scene, state)
        for person in scene.others:
            for path, document in ALL_PATHS.items():
                answer = await read(person, document, named)
                assert "Quokka" not in answer, path
                assert "Chloe" not in answer, path
                assert "LCSW" not in answer, path


async def test_what_is_not_theirs_is_as_if_it_were_not_there(scene: Scene) -> None:
    for state in STATES:
        named = await ids(scene, state)
        things = [named[name] for name in ("chart", "entry", "run", "note", "addendum")]
        warnings = await look(scene.session(state), by=scene.world.amara, select="warnings { id }")
        things += [warning["id"] for warning in warnings["warnings"]]
        asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
        for person in (*scene.others, scene.ben):
            assert await person.ask(asked, ids=things) == {"nodes": [None] * len(things)}
            chart = "query ($chart: ID!, $run: ID!) { chart(id: $chart) { id } chartRun(id: $run) { id } }"
            assert await person.ask(chart, chart=named["chart"], run=named["run"]) == {"chart": None, "chartRun": None}


async def test_counts_and_pages_hold_only_what_may_be_read(scene: Scene) -> None:
    asked = (
        "query ($id: ID!) { client(id: $id) { chartNotes(first: 1)"
        " { totalCount edges { node { id } } pageInfo { hasNextPage } } } }"
    )
    ada = scene.world.client_ada
    for person, count in (
        (scene.world.amara, 2),
        (scene.shared, 2),
        (scene.world.ada, 1),
        (scene.world.owner, 0),
        (scene.world.manager, 0),
        (scene.world.scheduler, 0),
        (scene.world.carol, 0),
    ):
        found = (await person.ask(asked, id=ada))["client"]["chartNotes"]
        assert found["totalCount"] == count
        assert len(found["edges"]) == min(count, 1)
        assert found["pageInfo"]["hasNextPage"] is (count > 1)
    for person in (scene.world.bjorn, scene.ben, scene.world.elsewhere.eve):
        assert await person.ask(asked, id=ada) == {"client": None}


async def test_to_be_one_of_a_clients_own_providers_opens_no_note_of_a_group(scene: Scene) -> None:
    """R20."""
    await scene.world.owner.do(
        "updateClient", id=scene.world.client_ada, providerIds=[scene.world.amaras, scene.world.bjorns]
    )
    for state in STATES:
        named = await ids(scene, state)
        for path, document in ALL_PATHS.items():
            assert "Quokka" not in await read(scene.world.bjorn, document, named), path
    asked = "query ($id: ID!) { client(id: $id) { name chartNotes { totalCount } } }"
    assert await scene.world.bjorn.ask(asked, id=scene.world.client_ada) == {
        "client": {"name": "Addie Ångström", "chartNotes": {"totalCount": 0}}
    }


async def test_with_the_share_ends_the_sight_of_all_notes_own_ones_too(scene: Scene) -> None:
    """R20: and with the next share it comes back."""
    own = await a_draft(by=scene.shared, group=scene.world.monday, notes=f"<p>{GROUPS}</p>")
    provider = (await scene.shared.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    named = {state: await ids(scene, state) for state in STATES}
    await scene.world.amara.do("unshareGroup", groupId=scene.world.monday, providerId=provider)
    for found in (*named.values(), named["draft"] | {"chart": own.chart, "session": own.id}):
        for path, document in ALL_PATHS.items():
            assert "Quokka" not in await read(scene.shared, document, found), path
    await scene.shared.denied("NOT_FOUND", "saveChart", chartId=own.chart, expectedVersion=1, groupNotes="<p>a</p>")
    await a_share(by=scene.world.owner, group=scene.world.monday, provider=provider, owner=scene.world.amaras)
    assert GROUPS in await read(scene.shared, CHART_PATHS["chart"], named["signed"])


# The client


async def test_a_client_reads_the_own_note_once_it_is_locked_on_every_path(scene: Scene) -> None:
    """Open notes: text, addenda, signature and whether it is as it was signed."""
    named = await ids(scene, "signed")
    for path, document in (NOTE_PATHS | ADDENDUM_PATHS).items():
        answer = await read(scene.world.ada, document, named)
        assert texts(answer) == {GROUPS, ADAS}, path
        assert "Amara Okafor, LCSW" in answer, path
        assert "'verified': True" in answer, path
    asked = await scene.world.ada.ask(
        "{ viewer { client { chartNotes { totalCount edges { node { locked provider { name } client { id }"
        " appointment { title chart { id } } signatures { signedBy { name } } addenda { author { name } } } } } } } }"
    )
    assert asked["viewer"]["client"]["chartNotes"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {
                    "locked": True,
                    "provider": {"name": "Amara Okafor"},
                    "client": {"id": scene.world.client_ada},
                    "appointment": {"title": "MGG", "chart": None},
                    "signatures": [{"signedBy": {"name": "Amara Okafor"}}],
                    "addenda": [{"author": {"name": "Amara Okafor"}}],
                }
            }
        ],
    }


async def test_a_client_reads_nothing_that_is_in_draft_or_review(scene: Scene) -> None:
    for state in STATES[:2]:
        named = await ids(scene, state)
        for path, document in ALL_PATHS.items():
            answer = await read(scene.world.ada, document, named)
            if path in {"client's notes", "client's attendances"}:
                # These lead to the locked one as well, and to no more than that.
                assert answer.count(ADAS) == 1, path
            else:
                assert "Quokka" not in answer, path


async def test_a_client_reads_no_chart_entry_warning_or_run(scene: Scene) -> None:
    """What is about all, or about how a note was made, is no part of a client's record."""
    for state in STATES:
        named = await ids(scene, state)
        for person in (scene.world.ada, scene.ben):
            for path, document in (CHART_PATHS | RUN_PATHS).items():
                assert "Quokka" not in await read(person, document, named), path


async def test_a_client_never_reads_another_clients_note(scene: Scene) -> None:
    """N7: nor learns that there is one."""
    for state in STATES:
        named = await ids(scene, state)
        for path, document in ALL_PATHS.items():
            answer = await read(scene.ben, document, named)
            assert ADAS not in answer, path
            if path != "attendances of a session":
                assert "Quokka" not in answer, path
        found = await scene.ben.ask("{ viewer { client { chartNotes { edges { node { body } } } } } }")
        [edge] = found["viewer"]["client"]["chartNotes"]["edges"]
        assert texts(str(edge)) == {GROUPS, BENS}


async def test_who_came_to_no_session_has_no_note_to_read(scene: Scene) -> None:
    """R44."""
    world = scene.world
    emil = await a_client(by=world.amara, first_name="Emil", last_name="Holm")
    await world.amara.do("addGroupMember", groupId=world.monday, clientId=emil)
    portal = await a_user(world.nobody, name="Emil", roles=[Role.CLIENT], client=emil)
    signed = await locked(by=world.amara, group=world.monday, absent=[emil])
    asked = (
        "{ viewer { client { chartNotes { totalCount }"
        " attendances { edges { node { outcome chartNote { id } } } } } } }"
    )
    found = (await portal.ask(asked))["viewer"]["client"]
    assert found["chartNotes"] == {"totalCount": 0}
    assert [edge["node"] for edge in found["attendances"]["edges"]] == [{"outcome": "NO_SHOW", "chartNote": None}]
    assert emil not in await notes(signed, by=world.amara)


# What mutations answer


async def test_what_the_office_does_about_a_session_answers_without_its_chart(scene: Scene) -> None:
    world, desk = scene.world, scene.world.scheduler
    line = scene.review.lines[world.client_ada]
    cleared = await desk.do(
        "clearAttendance",
        f"attendance {{ chartNote {{ {NOTE} }} appointment {{ viewerCanChart chart {{ {TEXT} }} }} }}",
        attendanceId=line,
    )
    assert cleared["attendance"] == {"chartNote": None, "appointment": {"viewerCanChart": False, "chart": None}}
    moved = await desk.do(
        "rescheduleAppointment",
        f"appointment {{ chartTemplates {{ id }} chart {{ {TEXT} }} }}",
        id=scene.draft.id,
        startsAt="2026-01-19T19:00:00Z",
    )
    assert moved["appointment"] == {"chartTemplates": None, "chart": None}
    given: Data = {"clientId": world.client_ada, "amountMinor": 100, "method": "CASH", "idempotencyKey": "paid"}
    paid = await world.carol.do(
        "acceptPayment",
        f"attendances {{ chartNote {{ {NOTE} }} appointment {{ chart {{ {TEXT} }} }} }}",
        **given,
        attendanceId=scene.signed.lines[world.client_ada],
    )
    assert "Quokka" not in str(paid)


async def test_a_refusal_shows_the_chart_to_who_may_read_it_and_to_nobody_else(scene: Scene) -> None:
    world = scene.world
    document = (
        "mutation ($input: ClearAttendanceInput!) { clearAttendance(input: $input)"
        f" {{ __typename ... on ChartLocked {{ chart {{ {TEXT} }} }} }} }}"
    )
    given = {"attendanceId": scene.signed.lines[world.client_ada]}
    for person in scene.clinicians:
        told = (await person.ask(document, input=given))["clearAttendance"]
        assert told["__typename"] == "ChartLocked"
        assert texts(str(told)) == set(WRITTEN)
    for person in (world.owner, world.manager, world.scheduler):
        told = (await person.ask(document, input=given))["clearAttendance"]
        assert told == {"__typename": "ChartLocked", "chart": None}


async def test_another_practice_reads_nothing_and_learns_of_nothing(scene: Scene) -> None:
    """Not even somebody who is owner and clinician there."""
    eve = scene.world.elsewhere.eve
    held = await a_session(by=eve, group=scene.world.elsewhere.group)
    await eve.do("startChart", appointmentId=held.id)
    for state in STATES:
        named = await ids(scene, state)
        for path, document in ALL_PATHS.items():
            assert "Quokka" not in await read(eve, document, named), path
    templates = await eve.ask("{ viewer { practice { chartTemplates(active: null) { name } } } }")
    assert "Our form" not in str(templates)


async def test_the_past_stays_readable_to_who_could_read_it(scene: Scene) -> None:
    """R9: also when a member has left, and the group is put away."""
    world = scene.world
    await world.amara.do("removeGroupMember", groupId=world.monday, clientId=world.client_ada)
    await world.amara.do("archiveGroup", id=world.monday)
    named = await ids(scene, "signed")
    for person in scene.clinicians:
        assert texts(await read(person, CHART_PATHS["chart"], named)) == set(WRITTEN)
        assert texts(await read(person, NOTE_PATHS["client's notes"], named)) == {GROUPS, ADAS}
    assert texts(await read(scene.world.ada, NOTE_PATHS["node of a note"], named)) == {GROUPS, ADAS}


async def test_what_waits_to_be_charted_shows_its_chart_to_its_provider(scene: Scene) -> None:
    asked = f"{{ unchartedAppointments {{ edges {{ node {{ chart {{ {TEXT} }} }} }} }} }}"
    await save(scene.draft, by=scene.world.amara, notes=f"<p>{GROUPS}</p>")
    await complete(scene.draft, by=scene.world.amara)
    assert texts(str(await scene.world.amara.ask(asked))) == set(WRITTEN)
    for person in (scene.shared, *scene.others, scene.world.ada):
        assert "Quokka" not in str(await person.ask(asked))
