"""What is wrong with the settings, or with how a command is typed, is said at once and before anything is done."""

from __future__ import annotations

from pathlib import Path
from socket import socket

import pytest

from grouproom.cli import main

pytestmark = pytest.mark.usefixtures("nothing_set")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 1
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_every_mistake_is_reported_at_once_with_its_name_and_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUPROOM_DATABASE_URL", "mysql://root@127.0.0.1/grouproom")
    monkeypatch.setenv("GROUPROOM_BROADCAST_URL", "kafka://127.0.0.1")
    monkeypatch.setenv("GROUPROOM_ALLOWED_ORIGINS", "https://good.example,portal.example")
    monkeypatch.setenv("GROUPROOM_DATABASE", "sqlite://grouproom.db")
    lines = refused(capsys, "migrate").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "GROUPROOM_DATABASE_URL",
        "GROUPROOM_BROADCAST_URL",
        "GROUPROOM_ALLOWED_ORIGINS",
        "GROUPROOM_DATABASE",
    ]
    assert "For example: sqlite://grouproom.db or postgres://" in lines[0]
    assert "For example: memory://, redis://" in lines[1]
    assert "portal.example is not an origin" in lines[2]
    assert "For example: https://" in lines[2]


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUPROOM_ALLOWED_ORIGIN", "https://portal.example")
    said = refused(capsys, "serve", "--demo")
    assert said == (
        "GROUPROOM_ALLOWED_ORIGIN: there is no such setting."
        " There are GROUPROOM_DATABASE_URL, GROUPROOM_BROADCAST_URL, GROUPROOM_EVENT_HOURS,"
        " GROUPROOM_SECRET_FILE, GROUPROOM_IDLE_MINUTES, GROUPROOM_ALLOWED_ORIGINS.\n"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "grouproom.db",
        "sqlite://",
        "postgres://",
        "postgres://127.0.0.1:http/grouproom",
        "postgres://me:half/other-half@127.0.0.1/grouproom",
        "postgres://127.0.0.1:123456/grouproom",
        "postgres://[::1/grouproom",
    ],
)
def test_an_address_that_is_none_is_named_and_no_part_of_a_password_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    for name in ("GROUPROOM_DATABASE_URL", "GROUPROOM_BROADCAST_URL"):
        monkeypatch.setenv(name, url)
    said = refused(capsys, "migrate")
    assert said.startswith("GROUPROOM_DATABASE_URL: it")
    assert ". For example: sqlite://" in said
    assert "half" not in said


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "grouproom.example", ""])  # noqa: S104 - what is refused
def test_the_demo_is_served_to_this_machine_alone(
    capsys: pytest.CaptureFixture[str], host: str, tmp_path: Path
) -> None:
    said = refused(capsys, "serve", "--demo", "--host", host)
    assert said == f"--demo has passwords that everybody knows: it serves on loopback only, not on {host}.\n"
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "option,value", [("--port", "0"), ("--port", "65536"), ("--port", "http"), ("--workers", "0"), ("--workers", "-1")]
)
def test_a_number_that_cannot_be_is_refused_by_its_option(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["serve", option, value])
    assert refusal.value.code == 2
    assert f"argument {option}: " in capsys.readouterr().err


def test_what_a_command_needs_is_said_by_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, options in (
        (["practice", "create"], ["--name", "--time-zone", "--currency"]),
        (["user", "create"], ["--practice", "--email", "--role"]),
        (["user", "create", "--practice", "P", "--email", "e", "--role", "king"], ["--role", "'KING'", "'OWNER'"]),
        (["token", "create"], ["--user"]),
    ):
        with pytest.raises(SystemExit) as refusal:
            main(arguments)
        assert refusal.value.code == 2
        said = capsys.readouterr().err
        assert [option for option in options if option not in said] == []


def test_a_port_that_is_taken_is_said_before_anything_is_done(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(capsys, "serve", "--demo", "--port", str(port))
    assert said == f"127.0.0.1:{port} cannot be served: Address already in use. Choose another with --host or --port.\n"
    assert not [*tmp_path.iterdir()]
