from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Semaphore
from typing import Any

import pytest

from models import SignIn
from resolvers.access import signing
from resolvers.practice import sign_in
from tests.client import InProcess, Person
from tests.rows import changed, everything
from tests.world import PASSWORD, World, signed_in

AMARA = "amara@lakeside.example"
WRONG = "not the password"
ME = "{ viewer { name } }"
MANY = " ".join(f'try{n}: signIn(input: {{email: "{AMARA}", password: "{WRONG}"}}) {{ __typename }}' for n in range(8))

Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let the clock stand still, and be later than it is."""
    began = datetime.now(UTC)

    def move(by: timedelta) -> None:
        for module in (sign_in, signing):
            monkeypatch.setattr(module, "now", lambda: began + by)

    move(timedelta())
    return move


def elsewhere(person: Person, address: str) -> Person:
    """Give the same person at another address of the network."""
    assert isinstance(person.send, InProcess)
    return replace(person, send=person.send.at(address=address))


async def fail(world: World, times: int, *, email: str = AMARA) -> None:
    for _ in range(times):
        await world.nobody.refused("WrongCredentials", "signIn", email=email, password=WRONG)


async def test_address_and_password_give_a_token_that_says_who_asks(world: World) -> None:
    given = await world.nobody.do(
        "signIn", "token expiresAt viewer { name email roles practice { name } }", email=AMARA, password=PASSWORD
    )
    assert given["viewer"] == {
        "name": "Amara Okafor",
        "email": AMARA,
        "roles": ["PROVIDER"],
        "practice": {"name": "Lakeside"},
    }
    amara = replace(world.nobody, token=given["token"])
    assert await amara.ask(ME) == {"viewer": {"name": "Amara Okafor"}}


async def test_a_sign_in_says_when_it_ends_by_itself(world: World) -> None:
    given = await world.nobody.do("signIn", "expiresAt", email=AMARA, password=PASSWORD)
    lasts = datetime.fromisoformat(given["expiresAt"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)


async def test_capitals_and_space_round_an_address_make_no_difference(world: World) -> None:
    await world.nobody.do("signIn", email="  AMARA@Lakeside.Example ", password=PASSWORD)


async def test_a_wrong_password_and_an_unknown_address_look_the_same(world: World) -> None:
    answers = [
        await world.nobody.refused("WrongCredentials", "signIn", email=email, password=password)
        for email, password in (
            (AMARA, WRONG),
            (AMARA, ""),
            (AMARA, PASSWORD.upper()),
            ("nobody@lakeside.example", PASSWORD),
            ("", PASSWORD),
            ("not an address", PASSWORD),
        )
    ]
    assert all(answer == answers[0] for answer in answers)


async def test_an_unknown_address_takes_as_much_work_as_a_known_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[Any] = []
    plain = sign_in._verify

    def noting(kept: str, password: str) -> bool:
        verified.append(kept)
        return plain(kept, password)

    monkeypatch.setattr(sign_in, "_verify", noting)
    await fail(world, 1)
    await fail(world, 1, email="nobody@lakeside.example")
    known, unknown = verified
    assert known.split("$")[1:4] == unknown.split("$")[1:4] == ["argon2id", "v=19", "m=8,t=1,p=1"]


async def test_no_more_passwords_are_looked_at_at_once_though_who_asked_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go, looked_at = Semaphore(0), Event(), list[str]()

    def verify(kept: str, password: str) -> bool:
        looked_at.append(password)
        begun.release()
        return go.wait(5)

    monkeypatch.setattr(sign_in, "_verify", verify)
    tries = [asyncio.create_task(sign_in.password_is("", str(n))) for n in range(6)]
    for _ in range(2):
        await asyncio.to_thread(begun.acquire, timeout=5)
    for one in tries[:4]:
        one.cancel()
    await asyncio.wait(tries[:4])
    # Two that nobody waits for any more are still being looked at, two were never begun, two have yet to be.
    assert not await asyncio.to_thread(begun.acquire, timeout=0.2)
    assert sorted(looked_at) == ["0", "1"]
    go.set()
    assert await asyncio.gather(*tries[4:]) == [True, True]
    assert sorted(looked_at) == ["0", "1", "4", "5"]


async def test_neither_token_nor_password_is_kept_as_it_is(world: World) -> None:
    given = await world.nobody.do("signIn", "token", email=AMARA, password=PASSWORD)
    kept = str(await everything())
    assert given["token"] not in kept
    assert PASSWORD not in kept


# Slow-down


async def test_after_five_failures_even_the_right_password_has_to_wait(world: World) -> None:
    await fail(world, 5)
    error = await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)
    assert error["extensions"]["retryAfterSeconds"] == 900


async def test_an_unknown_address_has_to_wait_just_the_same(world: World) -> None:
    await fail(world, 5, email="nobody@lakeside.example")
    unknown = await world.nobody.denied("RATE_LIMITED", "signIn", email="nobody@lakeside.example", password=WRONG)
    await fail(world, 5)
    known = await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=WRONG)
    assert known == unknown


async def test_many_tries_in_one_document_count_one_by_one(world: World) -> None:
    answer = await world.nobody.answer(f"mutation {{ {MANY} }}")
    assert answer.codes == ["RATE_LIMITED"] * 3
    assert answer.data is not None
    assert [tried and tried["__typename"] for tried in answer.data.values()] == ["WrongCredentials"] * 5 + [None] * 3
    await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)


async def test_other_spellings_of_an_address_are_the_same_address(world: World) -> None:
    for email in (AMARA, AMARA.upper(), f" {AMARA}", f"{AMARA} ", AMARA.title()):
        await fail(world, 1, email=email)
    await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)


async def test_somebody_else_and_somewhere_else_need_not_wait(world: World) -> None:
    await fail(world, 5)
    await world.nobody.do("signIn", email="bjorn@lakeside.example", password=PASSWORD)
    await elsewhere(world.nobody, "198.51.100.7").do("signIn", email=AMARA, password=PASSWORD)


async def test_fifty_failures_from_many_places_close_the_account_for_all_of_them(world: World) -> None:
    for n in range(50):
        there = elsewhere(world.nobody, f"198.51.100.{n}")
        await there.refused("WrongCredentials", "signIn", email=AMARA, password=WRONG)
    afar = elsewhere(world.nobody, "203.0.113.1")
    await afar.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)


async def test_a_quarter_of_an_hour_later_one_may_try_again(world: World, later: Later) -> None:
    await fail(world, 5)
    later(timedelta(minutes=14))
    await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)
    later(timedelta(minutes=16))
    await world.nobody.do("signIn", email=AMARA, password=PASSWORD)


async def test_what_was_forgiven_does_not_shorten_the_next_slow_down(world: World, later: Later) -> None:
    await world.nobody.do("signIn", email=AMARA, password=PASSWORD)
    later(timedelta(minutes=14))
    await fail(world, 5)
    later(timedelta(minutes=16))
    await world.nobody.denied("RATE_LIMITED", "signIn", email=AMARA, password=PASSWORD)


async def test_whoever_gets_in_begins_to_count_anew(world: World) -> None:
    await fail(world, 4)
    await world.nobody.do("signIn", email=AMARA, password=PASSWORD)
    await fail(world, 5)


async def test_what_is_held_up_does_not_end_a_sign_in_that_exists(world: World) -> None:
    await fail(world, 5)
    assert await world.amara.ask(ME) == {"viewer": {"name": "Amara Okafor"}}


# Cookies


async def test_with_cookie_only_the_token_is_in_the_cookie_and_nowhere_else(world: World) -> None:
    answer = await world.nobody.answer(
        "mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token viewer { name } } } }",
        input={"email": AMARA, "password": PASSWORD, "cookieOnly": True},
    )
    assert answer.data == {"signIn": {"token": None, "viewer": {"name": "Amara Okafor"}}}
    assert answer.cookie is not None
    by_cookie = replace(world.nobody, token=answer.cookie)
    assert await by_cookie.ask(ME) == {"viewer": {"name": "Amara Okafor"}}


async def test_without_it_no_cookie_is_set(world: World) -> None:
    answer = await world.nobody.answer(
        "mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token } } }",
        input={"email": AMARA, "password": PASSWORD},
    )
    assert answer.cookie is None


async def test_where_no_cookie_can_be_set_asking_for_one_is_refused(world: World) -> None:
    assert isinstance(world.nobody.send, InProcess)
    on_a_socket = replace(world.nobody, send=world.nobody.send.at(can_set_cookie=False))
    before = await everything()
    error = await on_a_socket.denied("BAD_USER_INPUT", "signIn", email=AMARA, password=PASSWORD, cookieOnly=True)
    assert error["extensions"]["field"] == "input.cookieOnly"
    assert changed(before, await everything()) == []


# The end


async def test_a_sign_in_ends_by_itself(world: World, later: Later) -> None:
    # Hers is as old as the cast, which may be older than a minute.
    given = await world.nobody.do("signIn", "token", email=AMARA, password=PASSWORD)
    amara = replace(world.amara, token=given["token"])
    later(timedelta(hours=11, minutes=59))
    assert (await amara.ask(ME))["viewer"] is not None
    later(timedelta(hours=12, minutes=1))
    assert await amara.ask(ME) == {"viewer": None}


async def test_signing_out_ends_the_sign_in_at_once(world: World) -> None:
    assert await world.amara.ask("mutation { signOut }") == {"signOut": True}
    assert await world.amara.ask(ME) == {"viewer": None}
    await world.amara.error("UNAUTHENTICATED", "{ groups { totalCount } }")


async def test_signing_out_leaves_the_persons_other_sign_ins(world: World) -> None:
    phone = await signed_in(world.nobody, email=AMARA)
    await phone.ask("mutation { signOut }")
    assert await world.amara.ask(ME) == {"viewer": {"name": "Amara Okafor"}}


async def test_who_is_not_signed_in_may_sign_out_and_nothing_happens(world: World) -> None:
    before = await everything()
    assert await world.nobody.ask("mutation { signOut }") == {"signOut": False}
    assert changed(before, await everything()) == []


async def test_a_token_that_never_was_is_nobody(world: World) -> None:
    for token in ("", "x", "\0", "\ud800", "x" * 100_000):
        assert await replace(world.nobody, token=token).ask(ME) == {"viewer": None}


async def test_an_ended_sign_in_is_kept_with_the_moment_of_its_end(world: World) -> None:
    await world.amara.ask("mutation { signOut }")
    [ended] = await SignIn.exclude(ended_at=None)
    assert ended.ended_at is not None
    assert ended.ended_at >= ended.created_at
