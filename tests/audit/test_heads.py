"""`grouproom audit verify --heads`: a log that was cut off looks whole, but not to whoever kept its last entry."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from grouproom.heads import HeadsError
from models.ids import parse_id
from tests.audit.log import begin, said
from tests.charting.scene import row_of, tamper
from tests.world import World

NAMES = "query ($id: ID!) { client(id: $id) { name } }"


@dataclass(frozen=True)
class Kept:
    """Where heads are kept."""

    path: Path

    @property
    def text(self) -> str:
        """What is kept; empty where nothing is there yet."""
        return self.path.read_text(encoding="latin-1") if self.path.exists() else ""

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="latin-1")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A file that is not there yet."""
    return Kept(tmp_path / "heads")


async def a_reading(world: World) -> int:
    """Read something, and give the number of the last entry."""
    await world.amara.ask(NAMES, id=world.client_ada)
    practice = parse_id(world.practice)
    assert practice
    return (await begin()).before[practice[1]]


async def cut_off(world: World, after: int) -> None:
    """Take away the newest entries, and set the head back, so that nothing in the database speaks of them."""
    here = f"practice_id={row_of(world.practice)}"
    await tamper(
        f"DELETE FROM audit_client WHERE {here} AND batch>{after};DELETE FROM audit_entry WHERE {here} AND seq>{after};"
        f"UPDATE audit_head SET seq={after},"
        f"hash=(SELECT hash FROM audit_entry e WHERE e.{here} AND e.seq={after}) WHERE {here}"
    )


async def test_a_log_that_was_cut_off_is_named_and_what_was_kept_stays(world: World, kept: Kept) -> None:
    first = await a_reading(world)
    last = await a_reading(world)
    assert await said(heads=kept.path) == (f"Lakeside: {last} entries are as they were written.", True)
    before = kept.text
    await cut_off(world, first)
    assert await said() == (f"Lakeside: {first} entries are as they were written.", True)
    gone = (f"Lakeside: the entries after {first} are missing; all before it are.", False)
    assert await said(heads=kept.path) == gone
    assert kept.text == before
    # Though it has grown again since.
    for _ in range(2):
        await a_reading(world)
    line, good = await said(heads=kept.path)
    assert (good, line.startswith(f"Lakeside: entry {last} is another than it was")) == (False, True)
    assert kept.text == before


async def test_a_log_that_goes_on_is_kept_as_it_is_now_and_nobody_else_reads_it(world: World, kept: Kept) -> None:
    await a_reading(world)
    assert (await said(heads=kept.path))[1]
    before = kept.text
    last = await a_reading(world)
    assert (await said(heads=kept.path))[1]
    assert {line.split()[0]: line.split()[1] for line in kept.text.splitlines()}[world.practice] == str(last)
    assert kept.text != before
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in kept.path.parent.iterdir()] == [("heads", 0o600)]


async def test_an_altered_log_is_not_kept(world: World, kept: Kept) -> None:
    last = await a_reading(world)
    await tamper(f"UPDATE audit_entry SET outcome='x' WHERE practice_id={row_of(world.practice)} AND seq={last}")
    assert not (await said(heads=kept.path))[1]
    assert not kept.text


async def test_a_practice_that_is_gone_is_named(world: World, kept: Kept) -> None:
    await a_reading(world)
    assert (await said(heads=kept.path))[1]
    gone = f"prc_{'0' * 32}"
    kept.write(f"{kept.text}{gone} 7 {'a' * 64}\n")
    assert not (await said(heads=kept.path))[1]


@pytest.mark.parametrize("text", ["prc_1 2 3", "{}", "\xff", "prc_00000000000000000000000000000000 x y"])
async def test_a_file_of_another_kind_is_refused_and_left_alone(world: World, kept: Kept, text: str) -> None:
    await a_reading(world)
    kept.write(text)
    with pytest.raises(HeadsError, match="not one that this command wrote"):
        await said(heads=kept.path)
    assert kept.text == text


async def test_a_place_that_is_none_is_told(world: World, tmp_path: Path) -> None:
    await a_reading(world)
    for place in (tmp_path, tmp_path / "nowhere" / "heads"):
        with pytest.raises(HeadsError, match="cannot be used"):
            await said(heads=place)
