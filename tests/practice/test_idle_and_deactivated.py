"""A browser that is left alone is signed out, and whoever works here no more is out at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from models import SignIn
from models.base import now
from models.unit_of_work import unit_of_work
from resolvers.practice import idleness, sign_in
from resolvers.practice.set_up import activate_user, deactivate_user
from resolvers.practice.sign_in import holder
from resolvers.viewer import OPERATOR
from subscriptions.hub import ended_sign_ins
from tests.client import InProcess, Person
from tests.world import PASSWORD, World

AMARA = "amara@lakeside.example"
ME = "{ viewer { name } }"
SIGN_IN = """mutation ($cookie: Boolean!) { signIn(input: {email: "amara@lakeside.example",
  password: "correct horse battery", cookieOnly: $cookie}) { ... on SignInPayload { token } } }"""
MINUTES = 15


async def in_a_browser(world: World) -> Person:
    """Sign in by cookie, where browsers are signed out after a quarter of an hour."""
    assert isinstance(world.nobody.send, InProcess)
    send = world.nobody.send.at(idle_seconds=MINUTES * 60)
    answer = await send(SIGN_IN, {"cookie": True}, None)
    assert answer.cookie
    return replace(world.nobody, token=answer.cookie)


async def sign_in_of(person: Person) -> SignIn:
    viewer = await holder(None, person.token or "")
    assert viewer
    assert viewer.sign_in_id
    return await SignIn.get(id=viewer.sign_in_id)


async def idle_for(person: Person, minutes: float) -> None:
    """Let so much time pass since the last request."""
    held = await sign_in_of(person)
    assert held.idle_until
    idleness._seen.clear()
    await SignIn.filter(id=held.id).update(idle_until=now() + timedelta(minutes=MINUTES - minutes))


async def test_a_browser_that_asks_for_nothing_for_a_quarter_of_an_hour_is_signed_out(world: World) -> None:
    amara = await in_a_browser(world)
    await idle_for(amara, MINUTES - 0.1)
    assert await amara.ask(ME) == {"viewer": {"name": "Amara Okafor"}}
    held = await sign_in_of(amara)
    await idle_for(amara, MINUTES + 0.1)
    assert await holder(None, amara.token or "") is None
    assert await ended_sign_ins([held.id]) == {held.id}


async def test_whoever_asks_for_something_stays_signed_in(world: World) -> None:
    amara = await in_a_browser(world)
    await idle_for(amara, MINUTES - 1)
    before = (await sign_in_of(amara)).idle_until
    await amara.ask(ME)
    await idleness.flush()
    after = (await sign_in_of(amara)).idle_until
    assert before
    assert after
    assert after - before > timedelta(minutes=MINUTES - 2)


async def test_a_sign_in_that_is_used_all_the_time_is_written_once_a_minute(world: World) -> None:
    amara = await in_a_browser(world)
    await idle_for(amara, 0.5)
    await amara.ask(ME)
    assert not idleness._seen
    await idle_for(amara, 1.5)
    await amara.ask(ME)
    assert len(idleness._seen) == 1
    await idleness.flush()


async def test_what_ended_meanwhile_is_not_brought_back(world: World) -> None:
    amara = await in_a_browser(world)
    await idle_for(amara, MINUTES - 1)
    held = await sign_in_of(amara)
    await amara.ask("mutation { signOut }")
    await idleness.flush()
    assert await holder(None, amara.token or "") is None
    assert (await SignIn.get(id=held.id)).ended_at is not None


async def test_a_program_with_a_token_is_not_signed_out_for_being_idle(world: World) -> None:
    assert isinstance(world.nobody.send, InProcess)
    send = world.nobody.send.at(idle_seconds=MINUTES * 60)
    answer = await send(SIGN_IN, {"cookie": False}, None)
    assert answer.data
    held = await sign_in_of(replace(world.nobody, token=answer.data["signIn"]["token"]))
    assert (held.idle_seconds, held.idle_until) == (None, None)


async def test_whoever_is_deactivated_is_signed_out_everywhere_and_signs_in_no_more(world: World) -> None:
    browser = await in_a_browser(world)
    held = await sign_in_of(browser)
    assert await unit_of_work(lambda: deactivate_user(OPERATOR, AMARA)) is not None
    for person in (world.amara, browser):
        assert await holder(None, person.token or "") is None
    assert await ended_sign_ins([held.id]) == {held.id}
    await world.nobody.refused("WrongCredentials", "signIn", email=AMARA, password=PASSWORD)
    assert await world.bjorn.ask(ME)


async def test_whoever_is_activated_again_signs_in_anew(world: World) -> None:
    await unit_of_work(lambda: deactivate_user(OPERATOR, AMARA))
    await unit_of_work(lambda: activate_user(OPERATOR, AMARA))
    assert await holder(None, world.amara.token or "") is None
    await world.nobody.do("signIn", "token", email=AMARA, password=PASSWORD)


async def test_whoever_is_deactivated_while_the_password_is_looked_at_is_not_signed_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = sign_in.password_is

    async def slowly(kept: str, password: str) -> bool:
        await unit_of_work(lambda: deactivate_user(OPERATOR, AMARA))
        return await looks(kept, password)

    before = await SignIn.all().count()
    monkeypatch.setattr(sign_in, "password_is", slowly)
    await world.nobody.refused("WrongCredentials", "signIn", email=AMARA, password=PASSWORD)
    assert await SignIn.all().count() == before


@pytest.mark.parametrize("change", [deactivate_user, activate_user])
async def test_nobody_is_deactivated_by_an_address_that_nobody_has(world: World, change: object) -> None:
    assert callable(change)
    assert await unit_of_work(lambda: change(OPERATOR, "nobody@lakeside.example")) is None
    assert await world.amara.ask(ME)
