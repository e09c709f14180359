"""The schema as the command line gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grouproom import cli_schema
from grouproom.cli import main

pytestmark = pytest.mark.usefixtures("nothing_set")


def test_it_prints_the_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == cli_schema.SNAPSHOT.read_text(encoding="utf-8")


def test_it_finds_the_snapshot_to_be_what_the_code_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--check"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("snapshot", ["type Query { ok: Boolean }\n", None])
def test_a_snapshot_that_is_not_what_the_code_says_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, snapshot: str | None
) -> None:
    monkeypatch.setattr(cli_schema, "SNAPSHOT", tmp_path / "schema.graphql")
    if snapshot is not None:
        cli_schema.SNAPSHOT.write_text(snapshot, encoding="utf-8")
    assert main(["schema", "--check"]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert "`make schema`" in said.err
