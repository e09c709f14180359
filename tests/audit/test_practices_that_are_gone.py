"""`grouproom audit verify`: a practice that is taken away from over its log and its notes is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grouproom.cli_audit import verified
from tests.audit.forging import force
from tests.audit.log import begin
from tests.charting.scene import locked, row_of
from tests.databases import ON_POSTGRES
from tests.world import World


@pytest.mark.parametrize("notes", [False, True])
async def test_practices_that_are_gone_are_named(world: World, *, notes: bool) -> None:
    await locked(by=world.amara, group=world.monday)
    await begin()
    await force("DELETE FROM practice")
    lines, good = await verified(notes=notes)
    assert not good
    assert f"{world.practice}: this practice is gone, and not its log and notes." in lines
    assert not [line for line in lines if "no practice yet" in line]


async def test_notes_that_alone_are_left_of_a_practice_are_named(world: World) -> None:
    await locked(by=world.amara, group=world.monday)
    await begin()
    logs = ("audit_client", "audit_entry", "audit_head")
    await force("DELETE FROM practice", *(f"DELETE FROM {table}" for table in logs))
    lines, good = await verified(notes=False)
    assert (good, f"{world.practice}: this practice is gone, and not its notes." in lines) == (False, True)


async def test_a_log_that_is_there_is_not_said_to_be_gone(world: World, tmp_path: Path) -> None:
    await begin()
    kept = tmp_path / "heads"
    assert (await verified(notes=False, heads=kept))[1]
    before = kept.read_text()
    await force(f"DELETE FROM practice WHERE id={row_of(world.practice)}")
    lines, good = await verified(notes=False, heads=kept)
    assert [line for line in lines if world.practice in line] == [
        f"{world.practice}: this practice is gone, and not its log."
    ]
    assert (good, kept.read_text()) == (False, before)


async def test_an_altered_log_whose_head_was_kept_is_not_said_to_be_gone(world: World, tmp_path: Path) -> None:
    await begin()
    kept = tmp_path / "heads"
    assert (await verified(notes=False, heads=kept))[1]
    await force(f"UPDATE audit_entry SET outcome='x' WHERE practice_id={row_of(world.practice)} AND seq=1")
    lines, good = await verified(notes=False, heads=kept)
    assert (good, [line for line in lines if "gone" in line]) == (False, [])


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps whatever is written")
@pytest.mark.parametrize("value", ["'zz'", "CAST(x'ff' AS TEXT)", "upper(id)"])
async def test_a_practice_whose_id_is_none_is_gone(world: World, value: str) -> None:
    await begin()
    await force(f"UPDATE practice SET id={value} WHERE id={row_of(world.practice)}")
    lines, good = await verified(notes=False)
    assert (good, f"{world.practice}: this practice is gone, and not its log." in lines) == (False, True)


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps whatever is written")
@pytest.mark.parametrize("value, shown", [("'zz'", "zz"), ("CAST(x'ff' AS TEXT)", "b'\\xff")])
async def test_a_log_of_what_is_no_practice_is_shown_as_it_stands(world: World, value: str, shown: str) -> None:
    await begin()
    await force(f"UPDATE audit_entry SET practice_id={value} WHERE practice_id={row_of(world.practice)} AND seq=1")
    lines, good = await verified(notes=False)
    assert (good, f"{shown}: this practice is gone, and not its log." in lines) == (False, True)
