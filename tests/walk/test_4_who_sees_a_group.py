"""Who finds and sees a group before it is shared: the search of the appointment popup, and a colleague without it."""

from __future__ import annotations

from tests.walk.documents import (
    ADD,
    ARCHIVE,
    DETAILS,
    LIST,
    OFFERED,
    PROFILE,
    REMOVE,
    SEARCH,
    UPDATE,
    hits,
    names,
    roster,
)
from tests.walk.story import Story


async def test_who_only_bills_knows_the_group_by_its_initials(story: Story) -> None:
    shown = await story.biller.ask(LIST)
    assert names(shown["groups"]) == ["EC", "MLG", "TSG"]
    await story.biller.denied("FORBIDDEN", UPDATE, input={"id": story.monday, "name": "Mondays"})


async def test_one_search_finds_groups_and_clients_by_part_of_their_name(story: Story) -> None:
    found = await story.amara.ask(SEARCH, text="on")
    assert hits(found) == [("Monday Loss Group", True)]
    found = await story.amara.ask(SEARCH, text="l")
    assert hits(found) == []
    found = await story.amara.ask(SEARCH, text="lo")
    assert hits(found) == [("Monday Loss Group", True), ("Ben Castillo", True), ("Chloe Dubois", True)]


async def test_only_the_filter_finds_a_group_that_does_not_usually_see_the_provider(story: Story) -> None:
    found = await story.scheduler.ask(SEARCH, text="lo", provider=story.bjorns)
    assert hits(found) == []
    found = await story.scheduler.ask(SEARCH, text="lo", provider=story.bjorns, scope="ALL")
    assert hits(found) == [("Monday Loss Group", False), ("Ben Castillo", False), ("Chloe Dubois", False)]


async def test_another_provider_finds_none_of_it(story: Story) -> None:
    shown = await story.bjorn.ask(LIST)
    assert (names(shown["groups"]), names(shown["clients"])) == (["Thursday Sleep Group"], [])
    assert hits(await story.bjorn.ask(SEARCH, text="lo", scope="ALL")) == []
    assert await story.bjorn.ask(DETAILS, id=story.monday) == {"group": None}
    assert (await story.bjorn.ask(PROFILE, id=story.ada))["client"] is None
    nodes = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await story.bjorn.ask(nodes, ids=[story.monday, story.ada]) == {"nodes": [None, None]}
    await story.bjorn.denied("NOT_FOUND", OFFERED, text="a", group=story.monday)


async def test_another_provider_changes_none_of_it_over_a_socket_either(story: Story) -> None:
    before = await story.amara.ask(DETAILS, id=story.monday)
    pair = {"groupId": story.monday, "clientId": story.ada}
    async with story.bjorn.socket() as socket:
        await socket.denied("NOT_FOUND", ADD, input=pair)
        await socket.denied("NOT_FOUND", REMOVE, input=pair)
        await socket.denied("NOT_FOUND", UPDATE, input={"id": story.monday, "name": "Mine"})
        await socket.denied("NOT_FOUND", ARCHIVE, input={"id": story.monday})
    assert await story.amara.ask(DETAILS, id=story.monday) == before


async def test_a_client_in_the_portal_sees_the_groups_initials_and_no_other_member(story: Story) -> None:
    ada = story.adas_portal = await story.signed_in(await story.hire("Ada", "client", "--client", story.ada))
    shown = await ada.ask(LIST)
    assert (names(shown["groups"]), names(shown["clients"])) == (["MLG"], ["Ada Ångström"])
    assert roster((await ada.ask(DETAILS, id=story.monday))["group"]) == ["Ada Ångström"]
    await ada.denied("FORBIDDEN", REMOVE, input={"groupId": story.monday, "clientId": story.ada})


async def test_a_group_that_is_put_away_leaves_lists_and_search_and_comes_back_with_its_members(story: Story) -> None:
    members = roster((await story.amara.ask(DETAILS, id=story.evening))["group"])
    away = await story.amara.do(ARCHIVE, id=story.evening)
    assert away["group"]["archivedAt"] is not None
    assert names((await story.amara.ask(LIST))["groups"]) == ["Monday Loss Group"]
    assert hits(await story.amara.ask(SEARCH, text="evening")) == []
    assert (await story.amara.ask(PROFILE, id=story.chloe))["client"]["groups"] == [{"id": story.monday}]
    archived = await story.amara.ask("{ groups(archived: true) { edges { node { name } } } }")
    assert names(archived["groups"]) == ["Evening Circle"]
    refused = await story.amara.refused("InvalidInput", ADD, groupId=story.evening, clientId=story.ben)
    assert [problem["path"] for problem in refused["fields"]] == ["input.groupId"]
    back = await story.amara.do(ARCHIVE, id=story.evening, archived=False)
    assert back["group"]["archivedAt"] is None
    assert roster(back["group"]) == members == ["Chloe Dubois"]
