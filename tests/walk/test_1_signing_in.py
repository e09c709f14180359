"""Before the article begins: the practice is set up at the command line, and its people sign in."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from websockets.exceptions import InvalidStatus

from tests.walk.documents import SIGN_IN
from tests.walk.story import PASSWORD, PRACTICE, Story

WHO = "{ viewer { name roles provider { id } } }"


async def test_the_practice_is_set_up_at_the_command_line(story: Story) -> None:
    made = await story.machine.run(
        *("practice", "create", "--name", PRACTICE, "--time-zone", "America/Chicago", "--currency", "USD")
    )
    assert made.done().startswith("prc_")
    await asyncio.gather(
        story.hire("Olive Hart", "owner"),
        story.hire("Amara Okafor", "provider", "--credentials", "LCSW"),
        story.hire("Sofia Marsh", "scheduler"),
        story.hire("Carol Weiss", "biller"),
    )


async def test_the_owner_signs_in_with_a_browser_and_keeps_no_token_in_reach_of_scripts(story: Story) -> None:
    story.owner = await story.person()
    payload = await story.owner.do(SIGN_IN, email="olive@lakeside.example", password=PASSWORD, cookieOnly=True)
    assert payload["token"] is None
    assert payload["viewer"]["roles"] == ["OWNER"]
    assert payload["viewer"]["provider"] is None
    [cookie] = story.owner.http.cookies.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert (await story.owner.ask(WHO))["viewer"]["name"] == "Olive Hart"


async def test_the_others_sign_in_with_an_app(story: Story) -> None:
    story.amara = await story.signed_in("amara@lakeside.example")
    story.scheduler = await story.signed_in("SOFIA@Lakeside.example")
    amara = (await story.amara.ask(WHO))["viewer"]
    assert (amara["name"], amara["roles"]) == ("Amara Okafor", ["PROVIDER"])
    story.amaras = amara["provider"]["id"]


async def test_a_script_has_its_token_from_the_command_line(story: Story) -> None:
    token = (await story.machine.run("token", "create", "--user", "carol@lakeside.example")).done()
    story.biller = await story.person(token)
    assert (await story.biller.ask(WHO))["viewer"]["roles"] == ["BILLER"]


async def test_a_wrong_password_is_refused_and_nobody_is_shown_anything(story: Story) -> None:
    nobody = await story.person()
    await nobody.refused("WrongCredentials", SIGN_IN, email="olive@lakeside.example", password="not the password")
    assert await nobody.ask(WHO) == {"viewer": None}
    await nobody.denied("UNAUTHENTICATED", "{ groups { totalCount } }")
    async with nobody.socket() as socket:
        await socket.denied("UNAUTHENTICATED", "{ groups { totalCount } }")


@pytest.mark.parametrize("key", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_a_socket_is_signed_in_by_the_token_of_its_first_message(story: Story, key: str) -> None:
    async with story.amara.socket(key=key) as socket:
        assert (await socket.ask(WHO))["viewer"]["name"] == "Amara Okafor"


async def test_a_socket_is_signed_in_by_the_cookie_of_its_handshake(story: Story) -> None:
    async with story.owner.socket(origin=f"http://{story.server.address}") as socket:
        assert (await socket.ask(WHO))["viewer"]["name"] == "Olive Hart"


async def test_a_page_of_another_origin_gets_no_socket(story: Story) -> None:
    for person in (story.owner, story.amara):
        with pytest.raises(InvalidStatus) as refused:
            async with person.socket(origin="https://elsewhere.example"):
                pass
        assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
