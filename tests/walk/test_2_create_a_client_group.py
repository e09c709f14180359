"""The article's "Create a Client Group"."""

from __future__ import annotations

from tests.walk.documents import CREATE_GROUP
from tests.walk.story import Story

COUNT = "{ groups { totalCount } }"


async def test_with_one_provider_nobody_asks_whose_group_it_is(story: Story) -> None:
    made = await story.owner.do(CREATE_GROUP, name="Monday Grief Group", initials="MGG")
    group = made["group"]
    story.monday = group.pop("id")
    assert group == {
        "name": "Monday Grief Group",
        "initials": "MGG",
        "provider": {"id": story.amaras, "name": "Amara Okafor"},
        "defaultServiceCode": {"code": "90853", "label": "Group Psychotherapy"},
        "members": [],
    }


async def test_with_several_providers_the_creator_picks_one(story: Story) -> None:
    story.bjorn = await story.signed_in(await story.hire("Björn Lindqvist", "provider"))
    story.bjorns = (await story.bjorn.ask("{ viewer { provider { id } } }"))["viewer"]["provider"]["id"]
    refused = await story.owner.refused("InvalidInput", CREATE_GROUP, name="Evening Circle", initials="EC")
    assert [problem["path"] for problem in refused["fields"]] == ["input.providerId"]
    made = await story.owner.do(CREATE_GROUP, name="Evening Circle", initials="EC", providerId=story.amaras)
    assert made["group"]["provider"]["name"] == "Amara Okafor"
    story.evening = made["group"]["id"]


async def test_it_is_the_same_on_mobile_also_where_the_network_fails_and_the_app_asks_again(story: Story) -> None:
    given = {"name": "Thursday Sleep Group", "initials": "TSG", "idempotencyKey": "from-the-train"}
    async with story.bjorn.socket() as socket:
        first = await socket.do(CREATE_GROUP, **given)
    async with story.bjorn.socket() as socket:
        again = await socket.do(CREATE_GROUP, **given)
    assert first == again
    assert first["group"]["provider"]["name"] == "Björn Lindqvist"
    assert await story.bjorn.ask(COUNT) == {"groups": {"totalCount": 1}}


async def test_what_is_missing_is_named_and_nothing_is_made(story: Story) -> None:
    refused = await story.amara.refused("InvalidInput", CREATE_GROUP, name=" ", initials="")
    assert [problem["path"] for problem in refused["fields"]] == ["input.name", "input.initials"]
    await story.biller.denied("FORBIDDEN", CREATE_GROUP, input={"name": "Book Club", "initials": "BC"})
    assert await story.owner.ask(COUNT) == {"groups": {"totalCount": 3}}
