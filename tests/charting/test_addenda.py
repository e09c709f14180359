from __future__ import annotations

from datetime import UTC, datetime

from models import Provider
from models.ids import row_id
from models.richtext import LONGEST
from tests.charting.scene import a_draft, a_second_facilitator, in_review, locked, locking, notes, work
from tests.charting.test_group_notes import FORMATTED
from tests.client import Data
from tests.rows import changed, count, everything
from tests.world import World

ADDENDA = "addenda { id body authoredAs createdAt author { name } note { id client { name } } }"


async def test_an_addendum_is_added_to_one_clients_note_and_to_no_other(world: World) -> None:
    """N13: marked as such, with its own date and author, and the original kept whole (PIM 3.3.2.5)."""
    session = await locked(by=world.amara, group=world.monday)
    before = await notes(session, by=world.amara)
    note = before[world.client_ben]["id"]
    [added] = (await world.amara.do("addAddendum", ADDENDA, noteId=note, body=FORMATTED))["addenda"]
    assert added.pop("id").startswith("add_")
    assert datetime.fromisoformat(before[world.client_ben]["lockedAt"]) < datetime.fromisoformat(added["createdAt"])
    assert datetime.fromisoformat(added.pop("createdAt")) <= datetime.now(UTC)
    assert added == {
        "body": FORMATTED,
        "authoredAs": "Amara Okafor, LCSW",
        "author": {"name": "Amara Okafor"},
        "note": {"id": note, "client": {"name": "Ben Castillo"}},
    }
    after = await notes(session, by=world.amara)
    [kept] = after[world.client_ben].pop("addenda")
    assert (kept["body"], kept["authoredAs"]) == (FORMATTED, "Amara Okafor, LCSW")
    before[world.client_ben].pop("addenda")
    assert after == before
    assert after[world.client_ben]["verified"] is True


async def test_with_the_charts_id_it_is_added_to_every_attending_clients(world: World) -> None:
    """N13: one for each, in one call."""
    session = await locked(by=world.amara, group=world.monday, absent=[world.client_ben])
    given: Data = {"chartId": session.chart, "body": "<p>The room was changed.</p>"}
    added = (await world.amara.do("addAddendum", ADDENDA, **given))["addenda"]
    assert sorted(one["note"]["client"]["name"] for one in added) == ["Addie Ångström", "Chloe Dubois"]
    assert len({one["id"] for one in added}) == 2
    for note in (await notes(session, by=world.amara)).values():
        assert [one["body"] for one in note["addenda"]] == ["<p>The room was changed.</p>"]
    assert await count("addendum") == 2


async def test_addenda_are_read_in_the_order_in_which_they_were_made(world: World) -> None:
    """N13."""
    session = await locked(by=world.amara, group=world.monday)
    note = (await notes(session, by=world.amara))[world.client_ada]["id"]
    for text in "ABC":
        given: Data = {"noteId": note} if text != "B" else {"chartId": session.chart}
        await world.amara.do("addAddendum", **given, body=text)
    found = await notes(session, by=world.amara)
    assert [one["body"] for one in found[world.client_ada]["addenda"]] == ["A", "B", "C"]
    assert [one["body"] for one in found[world.client_ben]["addenda"]] == ["B"]


async def test_its_author_is_who_is_signed_in_and_stays_named_as_they_were_then(world: World) -> None:
    """N13."""
    bjorn = await a_second_facilitator(world)
    session = await locked(by=world.amara, group=world.monday)
    [added] = (
        await bjorn.do(
            "addAddendum", ADDENDA, noteId=(await notes(session, by=bjorn))[world.client_ada]["id"], body="Later"
        )
    )["addenda"]
    assert added["authoredAs"] == "Björn Lindqvist, PhD"
    await Provider.filter(id=row_id("prv", world.bjorns)).update(name="Björn Berg", credentials=None)
    [kept] = (await notes(session, by=world.amara))[world.client_ada]["addenda"]
    assert (kept["authoredAs"], kept["author"]) == ("Björn Lindqvist, PhD", {"name": "Björn Berg"})


async def test_a_text_that_is_none_or_too_long_is_no_addendum(world: World) -> None:
    session = await locked(by=world.amara, group=world.monday)
    before = await everything()
    for text in ("", "<p> </p>", "<script>x</script>", "x" * (LONGEST + 1)):
        await world.amara.invalid("input.body", "addAddendum", chartId=session.chart, body=text)
    assert changed(before, await everything()) == []
    cleaned = await world.amara.do("addAddendum", ADDENDA, chartId=session.chart, body="<p>a</p><script>x</script>")
    assert {one["body"] for one in cleaned["addenda"]} == {"<p>a</p>"}


async def test_exactly_one_of_note_and_chart_is_meant(world: World) -> None:
    session = await locked(by=world.amara, group=world.monday)
    note = (await notes(session, by=world.amara))[world.client_ada]["id"]
    both = "input.noteId input.chartId"
    await world.amara.invalid(both, "addAddendum", body="a")
    await world.amara.invalid(both, "addAddendum", body="a", noteId=None, chartId=None)
    await world.amara.invalid(both, "addAddendum", body="a", noteId=note, chartId=session.chart)


async def test_only_what_is_locked_is_added_to(world: World) -> None:
    """R49: a draft is changed, and what is being locked is waited for."""
    drafted = await a_draft(by=world.amara, group=world.monday)
    reviewed = await in_review(by=world.amara, group=world.monday)
    note = (await notes(reviewed, by=world.amara))[world.client_ada]["id"]
    await locking(reviewed, by=world.amara)
    before = await everything()
    await world.amara.invalid("input.chartId", "addAddendum", chartId=drafted.chart, body="a")
    await world.amara.invalid("input.chartId", "addAddendum", chartId=reviewed.chart, body="a")
    await world.amara.invalid("input.noteId", "addAddendum", noteId=note, body="a")
    assert changed(before, await everything()) == []
    await work()
    await world.amara.do("addAddendum", noteId=note, body="a")


async def test_only_clinicians_who_may_chart_the_session_add_to_its_notes(world: World) -> None:
    """N13: its client reads it, and adds nothing."""
    session = await locked(by=world.amara, group=world.monday)
    found = await notes(session, by=world.amara)
    ada, ben = (found[client]["id"] for client in (world.client_ada, world.client_ben))
    before = await everything()
    for person in (world.owner, world.manager, world.scheduler, world.carol, world.bjorn, world.elsewhere.eve):
        await person.denied("NOT_FOUND", "addAddendum", noteId=ada, body="a")
        await person.denied("NOT_FOUND", "addAddendum", chartId=session.chart, body="a")
    await world.ada.denied("FORBIDDEN", "addAddendum", noteId=ada, body="a")
    await world.ada.denied("NOT_FOUND", "addAddendum", noteId=ben, body="a")
    await world.ada.denied("NOT_FOUND", "addAddendum", chartId=session.chart, body="a")
    for nobodys in ("x", "", session.chart, f"not_{'0' * 32}"):
        await world.amara.denied("NOT_FOUND", "addAddendum", noteId=nobodys, body="a")
    for nobodys in ("x", "", ada):
        await world.amara.denied("NOT_FOUND", "addAddendum", chartId=nobodys, body="a")
    assert changed(before, await everything()) == []


async def test_who_lost_the_share_adds_nothing_to_what_they_signed(world: World) -> None:
    bjorn = await a_second_facilitator(world)
    session = await locked(by=bjorn, group=world.monday)
    note = (await notes(session, by=bjorn))[world.client_ada]["id"]
    await world.amara.do("unshareGroup", groupId=world.monday, providerId=world.bjorns)
    await bjorn.denied("NOT_FOUND", "addAddendum", noteId=note, body="a")
    await bjorn.denied("NOT_FOUND", "addAddendum", chartId=session.chart, body="a")
    await world.amara.do("addAddendum", noteId=note, body="a")
