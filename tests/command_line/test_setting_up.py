"""Before anybody can sign in: the database, the practice, its people and their tokens."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.command_line.conftest import Demo
from tests.command_line.machine import Machine, free_port
from tests.command_line.raw import execute
from tests.walk.browser import Person
from tests.walk.documents import SIGN_IN

DEMO = "Lakeside Group Practice"
PASSWORD = "correct horse battery"
WHO = "{ viewer { name roles practice { name } client { id } provider { credentials } } }"


def user(**options: str) -> list[str]:
    given = {"practice": DEMO, "email": "nora@lakeside.example", "role": "manager", **options}
    return ["user", "create", *(part for name, value in given.items() for part in (f"--{name}", value))]


async def test_migrating_twice_does_it_once(machine: Machine) -> None:
    first = (await machine.run("migrate")).done()
    assert first.startswith("Applied 0001_initial.\nApplied 0002_")
    assert (await machine.run("migrate")).done() == "Nothing to do."


async def test_a_database_of_a_later_version_is_refused(machine: Machine) -> None:
    (await machine.run("migrate")).done()
    step = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_of_tomorrow', {now})"
    await execute(machine.database, step.format(now="CURRENT_TIMESTAMP"))
    commands = (["serve", "--port", str(free_port())], ["token", "create", "--user", "nobody"])
    for answer in await asyncio.gather(*(machine.run(*command) for command in commands)):
        [line] = answer.refused()
        assert "9999_of_tomorrow" in line
        assert "newer than this version of grouproom" in line


async def test_a_database_that_has_yet_to_be_migrated_is_refused(machine: Machine) -> None:
    [line] = (await machine.run("token", "create", "--user", "nobody")).refused()
    assert line.startswith("The database has yet to take 0001_initial")
    assert line.endswith("`grouproom migrate` does it.")


async def test_a_database_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path) -> None:
    nowhere = Machine(tmp_path, "sqlite://not/here/grouproom.db")
    nobody = Machine(tmp_path, f"postgres://nobody:hidden@127.0.0.1:{free_port()}/grouproom")
    no_directory, nobody_there = await asyncio.gather(
        nowhere.run("migrate"), nobody.run("token", "create", "--user", "owner@demo.example")
    )
    assert no_directory.refused() == ["There is no directory not/here to hold the database. Create it first."]
    [line] = nobody_there.refused()
    assert line.startswith("The database cannot be opened: ")
    assert "hidden" not in line


async def test_a_refused_practice_is_told_by_its_options_and_a_name_is_taken_once(demo: Demo) -> None:
    wrong, taken = await asyncio.gather(
        demo.machine.run("practice", "create", "--name", " ", "--time-zone", "Mars/Base", "--currency", "gold"),
        demo.machine.run("practice", "create", "--name", DEMO, "--time-zone", "Europe/Oslo", "--currency", "nok"),
    )
    assert [line.partition(":")[0] for line in wrong.refused()] == ["--name", "--time-zone", "--currency"]
    assert taken.refused() == ["--name: There is a practice of this name already."]


async def test_a_refused_person_is_told_by_the_options(demo: Demo) -> None:
    people = [
        (
            user(practice="Nowhere", email="nora", name="N" * 201, credentials="C" * 61),
            "short",
            ["--practice", "--email", "--name", "--credentials", "The password"],
        ),
        (
            [*user(email="Owner@demo.example", role="client"), "--role", "owner"],
            PASSWORD,
            ["--role", "--client", "--email"],
        ),
        (user(role="client", client="clt_0"), PASSWORD, ["--client"]),
    ]
    answers = await asyncio.gather(*(demo.machine.run(*command, typed=password) for command, password, _ in people))
    for answer, (_, _, options) in zip(answers, people, strict=True):
        assert [line.partition(":")[0] for line in answer.refused()] == options


async def test_a_person_signs_in_with_what_was_typed_and_nothing_else(demo: Demo) -> None:
    typed = " correct hörse battery \r\nnot this line\n"
    add = [*user(name="Nora Berg", credentials="LCSW"), "--role", "Provider"]
    assert (await demo.machine.run(*add, typed=typed)).done().startswith("usr_")
    async with Person(demo.server.address) as nora:
        given = {"email": "nora@lakeside.example", "password": "correct hörse battery"}
        await nora.refused("WrongCredentials", SIGN_IN, **given)
        await nora.do(SIGN_IN, **given | {"password": " correct hörse battery ", "cookieOnly": True})
        viewer = (await nora.ask(WHO))["viewer"]
    assert (viewer["name"], viewer["roles"]) == ("Nora Berg", ["MANAGER", "PROVIDER"])
    assert viewer["practice"] == {"name": DEMO}
    assert viewer["provider"] == {"credentials": "LCSW"}


async def test_a_client_is_let_into_the_portal_by_the_id_of_their_record(demo: Demo) -> None:
    async with Person(demo.server.address, demo.server.token) as amara:
        found = await amara.ask('{ clients(text: "volkov") { edges { node { id name } } } }')
    [client] = [edge["node"] for edge in found["clients"]["edges"]]
    add = user(role="client", client=client["id"], email="dmitri@home.example")
    (await demo.machine.run(*add, typed=PASSWORD)).done()
    async with Person(demo.server.address) as dmitri:
        await dmitri.do(SIGN_IN, email="dmitri@home.example", password=PASSWORD, cookieOnly=True)
        viewer = (await dmitri.ask(WHO))["viewer"]
    assert (viewer["name"], viewer["client"]) == (client["name"], {"id": client["id"]})


async def test_whoever_is_deactivated_gets_no_token_and_one_that_is_made_is_in_the_log(demo: Demo) -> None:
    for command in ("deactivate", "activate"):
        (await demo.machine.run("user", command, "--email", "chidi@demo.example")).done()
        if command == "deactivate":
            [line] = (await demo.machine.run("token", "create", "--user", "chidi@demo.example")).refused()
            assert "deactivated" in line
    (await demo.machine.run("token", "create", "--user", "chidi@demo.example")).done()
    asked = "{ auditLog(first: 1) { edges { node { operation channel action objectIds } } } }"
    owner = (await demo.machine.run("token", "create", "--user", "owner@demo.example")).done()
    async with Person(demo.server.address, owner) as person:
        [edge] = (await person.ask(asked))["auditLog"]["edges"]
    assert (edge["node"]["operation"], edge["node"]["action"]) == ("token create", "EXECUTE")
    assert [one[:4] for one in edge["node"]["objectIds"]] == ["usr_"]


async def test_a_token_is_good_at_once_and_for_somebody_who_exists(demo: Demo) -> None:
    good, nobodys = await asyncio.gather(
        demo.machine.run("token", "create", "--user", "Bjorn@Demo.example"),
        demo.machine.run("token", "create", "--user", "nobody@demo.example"),
    )
    async with Person(demo.server.address, good.done()) as bjorn:
        assert (await bjorn.ask(WHO))["viewer"]["name"] == "Björn Lindqvist"
    assert nobodys.refused() == ["--user: Nobody signs in with this address."]
