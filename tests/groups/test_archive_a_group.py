from __future__ import annotations

from tests.client import Person
from tests.rows import changed, everything
from tests.world import World

GROUP = "group { archivedAt version members { client { name } } }"


async def listed(person: Person, arguments: str = "") -> list[str]:
    asked = await person.ask(f"{{ groups{arguments} {{ edges {{ node {{ name }} }} }} }}")
    return [edge["node"]["name"] for edge in asked["groups"]["edges"]]


async def test_an_archived_group_leaves_the_list_and_keeps_its_members(world: World) -> None:
    archived = await world.amara.do("archiveGroup", GROUP, id=world.monday)
    assert archived["group"]["archivedAt"].endswith("Z")
    assert archived["group"]["version"] == 2
    assert len(archived["group"]["members"]) == 3
    assert await listed(world.owner) == ["Thursday Sleep Group"]


async def test_archived_groups_are_listed_when_asked_for(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    assert await listed(world.owner, "(archived: true)") == ["Monday Grief Group"]
    assert await listed(world.owner, "(archived: false)") == ["Thursday Sleep Group"]
    assert await listed(world.owner, "(archived: null)") == ["Monday Grief Group", "Thursday Sleep Group"]


async def test_it_can_still_be_opened(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    asked = await world.amara.ask("query ($id: ID!) { group(id: $id) { name } node(id: $id) { id } }", id=world.monday)
    assert asked == {"group": {"name": "Monday Grief Group"}, "node": {"id": world.monday}}


async def test_it_is_taken_back(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    back = await world.amara.do("archiveGroup", GROUP, id=world.monday, archived=False)
    assert (back["group"]["archivedAt"], back["group"]["version"]) == (None, 3)
    assert await listed(world.amara) == ["Monday Grief Group"]


async def test_archiving_twice_keeps_the_first_moment(world: World) -> None:
    await world.amara.do("archiveGroup", id=world.monday)
    before = await everything()
    await world.scheduler.do("archiveGroup", id=world.monday)
    assert changed(before, await everything()) == []


async def test_taking_back_what_was_not_put_away_changes_nothing(world: World) -> None:
    before = await everything()
    await world.amara.do("archiveGroup", id=world.monday, archived=False)
    assert changed(before, await everything()) == []


async def test_who_may_edit_a_group_may_archive_it(world: World) -> None:
    for person in (world.owner, world.manager, world.scheduler, world.amara):
        await person.do("archiveGroup", id=world.monday)
        await person.do("archiveGroup", id=world.monday, archived=False)
    for person in (world.carol, world.ada):
        await person.denied("FORBIDDEN", "archiveGroup", id=world.monday)
    for person in (world.bjorn, world.elsewhere.eve):
        await person.denied("NOT_FOUND", "archiveGroup", id=world.monday)
