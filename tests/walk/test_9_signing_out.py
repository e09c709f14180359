"""The end of the story: who signs out is out everywhere."""

from __future__ import annotations

from contextlib import aclosing

import pytest
from websockets.exceptions import ConnectionClosed

from tests.walk.documents import LIST, names
from tests.walk.story import Story

WHO = "{ viewer { name } }"
SIGN_OUT = "mutation SignOut { signOut }"


async def test_signing_out_ends_the_token_and_the_socket_it_opened(story: Story) -> None:
    async with story.amara.socket() as socket, aclosing(socket.subscribe(LIST)) as lists:
        shown = [names(data["groups"]) async for data in lists]
        assert shown == [["Evening Circle", "Monday Loss Group"]]
        assert await story.amara.ask(SIGN_OUT) == {"signOut": True}
        await story.amara.denied("UNAUTHENTICATED", WHO)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.ask(WHO)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
    with pytest.raises(ConnectionClosed):
        async with story.amara.socket():
            pass


async def test_it_closes_the_calendar_that_was_open_since_the_group_was_scheduled_and_nobody_elses(
    story: Story,
) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        await story.amaras_calendar.stream.ends("UNAUTHENTICATED")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert await story.bjorns_calendar.hears() == []


async def test_signing_out_takes_the_cookie_back(story: Story) -> None:
    cookies = story.owner.http.cookies
    [token] = cookies.values()
    assert await story.owner.ask(SIGN_OUT) == {"signOut": True}
    assert not cookies
    assert await story.owner.ask(WHO) == {"viewer": None}
    await (await story.person(token)).denied("UNAUTHENTICATED", WHO)


async def test_the_others_stay_signed_in(story: Story) -> None:
    [answer] = [data async for data in story.bjorn.subscribe(WHO)]
    assert answer == {"viewer": {"name": "Björn Lindqvist"}}
    assert story.server.said.count("Ctrl-C stops it.") == 1
    assert "Traceback" not in story.server.said
