"""The article's "Start Charting": templates, both kinds of notes, complete, review and lock; and then sharing ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from tests.walk.browser import Person
from tests.walk.chart_documents import (
    ADD_ADDENDUM,
    CHART,
    CHART_CHANGES,
    COMPLETE,
    CREATE_TEMPLATE,
    LOCK,
    NOTE,
    NOTES,
    PROGRESS,
    RECORD,
    REOPEN,
    SAVE,
    START,
    STYLES,
    TEMPLATES,
    UNCHARTED,
)
from tests.walk.documents import DETAILS, LIST, SEARCH, hits, names
from tests.walk.session_documents import APPOINTMENT, CLEAR, MARK_ALL, RESCHEDULE, SCHEDULE, UNSHARE, lines
from tests.walk.story import Story
from tests.walk.test_5_group_scheduling import hours_from_now

TEMPLATE = "<h1>Group session</h1><p>Goals and method of this session:</p>"
GROUP_NOTES = (
    "<h2>Theme</h2><h6>Loss, and what helps</h6>"
    "<p><strong>Bold</strong>, <em>italic</em>, <u>underlined</u> and <small>small</small>.</p>"
    '<p class="indent-1">Further in</p>'
    "<ul><li>Check-in</li></ul><ol><li>Breathing</li></ol>"
)
HERS = "<p>Sleeps better.</p>"
SLIP = "<p>Comforted Ada and spoke of her own mother.</p>"
MENDED = "<p>Comforted another member and spoke of her own mother.</p>"


async def watched(person: Person, run: str) -> list[Any]:
    """Watch the progress bar until its stream ends."""
    return [data["chartRunProgress"] async for data in person.subscribe(PROGRESS, id=run)]


def is_whole(bar: list[Any], *clients: str) -> bool:
    """Whether a bar only ever grew, and ended with one step done for each of these clients."""
    done = [state["done"] for state in bar]
    last = bar[-1]
    return (
        done == sorted(done)
        and (last["state"], last["total"], last["done"], last["failed"]) == ("SUCCEEDED", len(clients), len(clients), 0)
        and [(step["client"]["name"], step["state"]) for step in last["steps"]] == [(name, "DONE") for name in clients]
    )


async def chart_of(story: Story) -> Any:
    return (await story.amara.ask(CHART, id=story.chart))["chart"]


async def test_only_custom_templates_are_offered_to_a_group(story: Story) -> None:
    made = await story.amara.do(CREATE_TEMPLATE, name="Group session", body=TEMPLATE)
    story.template = made["template"]["id"]
    assert (made["template"]["kind"], made["template"]["body"]) == ("CUSTOM", TEMPLATE)
    offered = (await story.amara.ask(STYLES, id=story.session))["appointment"]
    assert (offered["viewerCanChart"], [style["kind"] for style in offered["chartTemplates"]]) == (True, ["CUSTOM"])


async def test_soap_and_hipaa_are_refused_to_a_group_also_where_somebody_sends_them(story: Story) -> None:
    known = (await story.amara.ask(TEMPLATES))["viewer"]["practice"]["chartTemplates"]
    of_kind = {template["kind"]: template["id"] for template in known}
    for kind in ("SOAP", "HIPAA"):
        refused = await story.amara.refused(
            "TemplateNotAllowedForGroup", START, appointmentId=story.session, templateId=of_kind[kind]
        )
        assert refused["template"] == {"kind": kind}


async def test_charting_starts_from_the_custom_template_with_a_place_for_each_client(story: Story) -> None:
    over = (await story.amara.ask(UNCHARTED))["unchartedAppointments"]["edges"]
    assert [edge["node"]["id"] for edge in over] == [story.session]
    started = (await story.amara.do(START, appointmentId=story.session, templateId=story.template))["chart"]
    story.chart = started["id"]
    assert (started["state"], started["template"], started["templateBody"], started["groupNotes"]) == (
        "DRAFT",
        {"name": "Group session"},
        TEMPLATE,
        "",
    )
    assert [entry["client"]["name"] for entry in started["clientEntries"]] == [
        "Ada Ångström",
        "Ben Castillo",
        "Chloe Dubois",
    ]
    again = (await story.bjorn.do(START, appointmentId=story.session))["chart"]
    assert again == started
    socket = await story.exits.enter_async_context(story.bjorn.socket())
    story.bjorns_chart = await story.exits.enter_async_context(aclosing(socket.stream(CHART_CHANGES, id=story.chart)))
    assert await story.bjorns_chart.next() == started


async def test_the_templates_text_stays_and_the_group_notes_keep_every_format_of_the_editor(story: Story) -> None:
    refused = await story.amara.refused(
        "InvalidInput", SAVE, chartId=story.chart, templateBody="<p>Mine</p>", expectedVersion=1
    )
    assert [problem["path"] for problem in refused["fields"]] == ["input.templateBody"]
    saved = await story.amara.do(SAVE, chartId=story.chart, groupNotes=GROUP_NOTES, expectedVersion=1)
    assert (saved["chart"]["groupNotes"], saved["chart"]["templateBody"]) == (GROUP_NOTES, TEMPLATE)
    assert (await story.bjorns_chart.next())["groupNotes"] == GROUP_NOTES


async def test_two_providers_write_about_two_clients_and_neither_overwrites_the_other(story: Story) -> None:
    version = (await chart_of(story))["version"]

    def about(client: str, text: str) -> dict[str, Any]:
        entry = {"clientId": client, "clientNotes": text, "expectedVersion": 1}
        return {"chartId": story.chart, "expectedVersion": version, "clientEntries": [entry]}

    await story.amara.do(SAVE, **about(story.ada, HERS))
    await story.bjorn.do(SAVE, **about(story.chloe, SLIP))
    conflict = await story.bjorn.refused("VersionConflict", SAVE, **about(story.ada, "<p>Quiet.</p>"))
    assert conflict["current"] == {"clientNotes": HERS}
    written = {entry["client"]["name"]: entry for entry in (await chart_of(story))["clientEntries"]}
    assert {name: entry["clientNotes"] for name, entry in written.items()} == {
        "Ada Ångström": HERS,
        "Ben Castillo": "",
        "Chloe Dubois": SLIP,
    }
    assert written["Chloe Dubois"]["lastChangedBy"] == "Björn Lindqvist"


async def test_complete_shows_a_progress_bar_and_assembles_a_note_for_each_who_attended(story: Story) -> None:
    run = (await story.amara.do(COMPLETE, chartId=story.chart))["run"]
    assert run["kind"] == "COMPLETE"
    bars = await asyncio.gather(watched(story.amara, run["id"]), watched(story.bjorn, run["id"]))
    assert all(is_whole(bar, "Ada Ångström", "Chloe Dubois") for bar in bars)
    assert (await story.amara.do(COMPLETE, chartId=story.chart))["run"] == run
    for board in (story.amaras_board, story.bjorns_board):
        chart = (await board.hears())["chart"]
        assert (chart["state"], chart["run"]["state"]) == ("IN_REVIEW", "SUCCEEDED")


async def test_the_reviewer_reads_whole_notes_and_is_warned_of_a_name(story: Story) -> None:
    chart = await chart_of(story)
    assert (chart["state"], chart["viewerCanEdit"], chart["viewerCanLock"]) == ("IN_REVIEW", False, True)
    bodies = {note["client"]["name"]: note["body"] for note in chart["notes"]}
    assert [*bodies] == ["Ada Ångström", "Chloe Dubois"]
    for body, own, others in ((bodies["Ada Ångström"], HERS, SLIP), (bodies["Chloe Dubois"], SLIP, HERS)):
        assert (TEMPLATE in body, GROUP_NOTES in body, own in body, others in body) == (True, True, True, False)
    [warning] = chart["warnings"]
    assert (warning["kind"], warning["client"]) == ("NAMES_ANOTHER_MEMBER", {"name": "Chloe Dubois"})
    unread = await story.amara.refused(
        "WarningsNotAcknowledged", LOCK, chartId=story.chart, expectedVersion=chart["version"]
    )
    assert unread["warnings"] == [{"id": warning["id"]}]
    late = {"chartId": story.chart, "groupNotes": "", "expectedVersion": chart["version"]}
    assert (await story.bjorn.refused("ChartLocked", SAVE, **late))["locked"] == {"state": "IN_REVIEW"}


async def test_it_is_reopened_corrected_and_completed_again(story: Story) -> None:
    reopened = (await story.amara.do(REOPEN, chartId=story.chart))["chart"]
    assert reopened == {"state": "DRAFT", "notes": [], "warnings": []}
    draft = await chart_of(story)
    entries = [
        {"clientId": entry["client"]["id"], "clientNotes": text, "expectedVersion": entry["version"]}
        for entry, text in zip(draft["clientEntries"], ("", "", MENDED), strict=True)
        if text != entry["clientNotes"]
    ]
    await story.amara.do(SAVE, chartId=story.chart, expectedVersion=draft["version"], clientEntries=entries)
    run = (await story.amara.do(COMPLETE, chartId=story.chart))["run"]
    assert is_whole(await watched(story.amara, run["id"]), "Ada Ångström", "Chloe Dubois")
    [warning] = (await chart_of(story))["warnings"]
    assert (warning["kind"], warning["client"]) == ("NOT_INDIVIDUALIZED", {"name": "Ada Ångström"})


async def test_lock_signs_what_was_reviewed_with_a_progress_bar_and_there_is_no_way_back(story: Story) -> None:
    chart = await chart_of(story)
    given = {"chartId": story.chart, "acknowledgedWarningIds": [warning["id"] for warning in chart["warnings"]]}
    await story.amara.refused("VersionConflict", LOCK, **given, expectedVersion=chart["version"] - 1)
    run = (await story.amara.do(LOCK, **given, expectedVersion=chart["version"]))["run"]
    bars = await asyncio.gather(watched(story.amara, run["id"]), watched(story.bjorn, run["id"]))
    assert all(is_whole(bar, "Ada Ångström", "Chloe Dubois") for bar in bars)
    locked = (await story.amara.ask(NOTES, id=story.chart))["chart"]
    assert (locked["state"], [note["client"]["name"] for note in locked["notes"]]) == (
        "LOCKED",
        ["Ada Ångström", "Chloe Dubois"],
    )
    for note in locked["notes"]:
        [signature] = note["signatures"]
        assert (signature["signedAs"], signature["signedBy"]) == ("Amara Okafor, LCSW", {"name": "Amara Okafor"})
        assert signature["attestation"] == chart["attestation"]
        assert (note["locked"], note["verified"]) == (True, True)
    story.notes = {note["client"]["name"].split()[0]: note["id"] for note in locked["notes"]}
    for mutation, late in (
        (SAVE, {"chartId": story.chart, "groupNotes": "", "expectedVersion": chart["version"]}),
        (REOPEN, {"chartId": story.chart}),
        (CLEAR, {"attendanceId": story.lines["Ben"]}),
        (RESCHEDULE, {"id": story.session, "startsAt": hours_from_now(1)}),
    ):
        await story.amara.refused("ChartLocked", mutation, **late)


async def test_a_client_reads_the_own_locked_note_and_nobody_elses(story: Story) -> None:
    record = (await story.adas_portal.ask(RECORD))["viewer"]["client"]["chartNotes"]["edges"]
    [note] = [edge["node"] for edge in record]
    assert (note["id"], note["appointment"]["title"], note["verified"]) == (story.notes["Ada"], "MLG", True)
    assert GROUP_NOTES in note["body"]
    assert MENDED not in note["body"]
    assert await story.adas_portal.ask(NOTE, id=story.notes["Chloe"]) == {"node": None}
    story.bens_portal = await story.signed_in(await story.hire("Ben", "client", "--client", story.ben))
    assert (await story.bens_portal.ask(RECORD))["viewer"]["client"]["chartNotes"]["edges"] == []
    assert await story.bens_portal.ask(NOTE, id=story.notes["Ada"]) == {"node": None}
    for office in (story.owner, story.scheduler, story.biller):
        assert await office.ask(NOTE, id=story.notes["Ada"]) == {"node": None}
        assert (await office.ask(APPOINTMENT, id=story.session))["appointment"]["chart"] is None


async def test_what_is_found_later_is_added_and_changes_no_signed_word(story: Story) -> None:
    before = (await story.adas_portal.ask(NOTE, id=story.notes["Ada"]))["node"]
    added = await story.bjorn.do(ADD_ADDENDUM, chartId=story.chart, body="<p>The room was changed.</p>")
    assert {addendum["note"]["client"]["name"] for addendum in added["addenda"]} == {"Ada Ångström", "Chloe Dubois"}
    after = (await story.adas_portal.ask(NOTE, id=story.notes["Ada"]))["node"]
    assert after["addenda"] == [{"body": "<p>The room was changed.</p>", "authoredAs": "Björn Lindqvist"}]
    assert {**after, "addenda": []} == before


async def test_a_session_with_one_client_is_charted_with_soap_and_locked_the_same_way(story: Story) -> None:
    alone = (await story.amara.do(SCHEDULE, clientId=story.ben, startsAt=hours_from_now(-24)))["appointment"]["id"]
    styles = (await story.amara.ask(STYLES, id=alone))["appointment"]["chartTemplates"]
    of_kind = {style["kind"]: style["id"] for style in styles}
    assert set(of_kind) == {"CUSTOM", "HIPAA", "SOAP"}
    chart = (await story.amara.do(START, appointmentId=alone, templateId=of_kind["SOAP"]))["chart"]
    notes = "<p>Came early.</p>"
    await story.amara.do(SAVE, chartId=chart["id"], groupNotes=notes, expectedVersion=chart["version"])
    unset = await story.amara.refused("AttendanceNotSet", COMPLETE, chartId=chart["id"])
    assert unset["attendances"] == [{"client": {"name": "Ben Castillo"}}]
    await story.amara.do(MARK_ALL, appointmentId=alone)
    run = (await story.amara.do(COMPLETE, chartId=chart["id"]))["run"]
    assert is_whole(await watched(story.amara, run["id"]), "Ben Castillo")
    reviewed = (await story.amara.ask(CHART, id=chart["id"]))["chart"]
    run = (await story.amara.do(LOCK, chartId=chart["id"], expectedVersion=reviewed["version"]))["run"]
    assert is_whole(await watched(story.amara, run["id"]), "Ben Castillo")
    [edge] = (await story.bens_portal.ask(RECORD))["viewer"]["client"]["chartNotes"]["edges"]
    assert notes in edge["node"]["body"]
    assert edge["node"]["verified"] is True
    assert await story.bjorn.ask(CHART, id=chart["id"]) == {"chart": None}
    assert (await story.amara.ask(UNCHARTED))["unchartedAppointments"]["edges"] == []


async def test_when_sharing_ends_the_second_providers_screens_lose_the_group_at_once(story: Story) -> None:
    await story.bjorns_calendar.hears()
    ended = await story.amara.do(UNSHARE, groupId=story.monday, providerId=story.bjorns)
    assert ended["group"]["providers"] == [{"name": "Amara Okafor"}]
    await story.bjorns_board.stream.ends("NOT_FOUND")
    await story.bjorns_chart.ends("NOT_FOUND")
    assert set(await story.bjorns_calendar.hears()) == {("UPDATED", "Busy")}
    for id_ in (story.session, story.shared):
        taken = story.bjorns_calendar.shown[id_]
        assert (taken["busyOnly"], taken["group"], lines(taken), taken["chart"]) == (True, None, {}, None)


async def test_and_finds_nothing_of_it_any_more_while_its_owner_keeps_all(story: Story) -> None:
    shown = await story.bjorn.ask(LIST)
    assert (names(shown["groups"]), names(shown["clients"])) == (["Thursday Sleep Group"], [])
    assert hits(await story.bjorn.ask(SEARCH, text="loss", scope="ALL")) == []
    assert await story.bjorn.ask(DETAILS, id=story.monday) == {"group": None}
    assert await story.bjorn.ask(CHART, id=story.chart) == {"chart": None}
    assert await story.bjorn.ask(NOTE, id=story.notes["Ada"]) == {"node": None}
    await story.amaras_calendar.hears()
    assert story.amaras_calendar.shown[story.shared]["title"] == "Monday Loss Group"
    assert (await story.amaras_board.hears())["chart"]["state"] == "LOCKED"
