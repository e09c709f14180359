"""Migrations, on the database of this run: taken once whoever comes first."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tortoise.migrations import operations as ops
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder

from models import (
    Client,
    Practice,
)
from models.base import now
from models.database import APPS, CannotConnect, config, fetch
from models.migrate import MigrationError, NewerDatabase, migrate, refuse_newer
from models.migrations.__main__ import missing
from models.migrations._sql import DialectSQL
from tests.databases import GIVEN, ON_POSTGRES, tables

STEPS = sorted(path.stem for path in (Path(__file__).parents[2] / "models/migrations").glob("[0-9]*.py"))
STARTER = """
import asyncio, sys
from models import Practice
from models.migrate import migrate
async def plant():
    if not await Practice.exists():
        await Practice.create(name="Planted", time_zone="UTC", currency="USD")
print(*asyncio.run(migrate(sys.argv[1], plant)))
"""


# Starting


async def test_of_three_processes_that_start_at_once_one_migrates_and_plants(other_database: str) -> None:
    starters = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, other_database, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await starter.communicate())[0].decode().split() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert sorted(said) == [[], [], STEPS]

    async def planted_once() -> None:
        assert await Practice.all().count() == 1

    assert await migrate(other_database, planted_once) == []


async def test_of_five_starters_in_one_process_one_migrates(other_database: str) -> None:
    said = await asyncio.gather(*(migrate(other_database) for _ in range(5)))
    assert sorted(said) == [[], [], [], [], STEPS]


async def test_a_newer_database_is_refused_by_name_and_left_alone(other_database: str) -> None:
    async def come_from_the_future() -> None:
        await refuse_newer()
        await fetch(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_hover', $1)", [now()]
        )
        with pytest.raises(NewerDatabase, match="9999_hover"):
            await refuse_newer()

    await migrate(other_database, come_from_the_future)
    with pytest.raises(NewerDatabase, match="9999_hover"):
        await migrate(other_database)


async def test_a_database_that_lacks_steps_is_refused_without_migrating(
    other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forget_the_last() -> None:
        await fetch("DELETE FROM tortoise_migrations WHERE name = $1", [STEPS[-1]])
        with pytest.raises(MigrationError, match=STEPS[-1]):
            await refuse_newer()

    await migrate(other_database, forget_the_last)


async def test_a_step_that_fails_undoes_those_before_it(other_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        assert await tables()
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(DialectSQL, "database_forward", fail)
        with pytest.raises(ZeroDivisionError):
            await migrate(other_database)
    assert await migrate(other_database) == STEPS


def test_rules_have_no_way_down_as_steps_down_delete_what_people_wrote() -> None:
    assert not DialectSQL().reversible


async def test_what_runs_after_a_migration_fails_aloud_and_leaves_the_lock(other_database: str) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await migrate(other_database, fail)
    assert await migrate(other_database) == []


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL lets others write")
async def test_a_database_that_somebody_writes_to_for_long_is_not_migrated_meanwhile(
    other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(url: str, **given: Any) -> dict[str, Any]:
        settings = config(url, **given)
        settings["connections"]["default"]["credentials"]["busy_timeout"] = 1
        return settings

    await migrate(other_database)
    monkeypatch.setattr("models.migrate.config", impatient)
    with closing(sqlite3.connect(other_database.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MigrationError, match="Another process"):
            await migrate(other_database)
        other.execute("ROLLBACK")
    assert await migrate(other_database) == []


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite is a file")
async def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotConnect, match="nowhere"):
        await migrate(f"sqlite://{tmp_path}/nowhere/practice.db")


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite is a file")
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Ada, " * 1000)
    with pytest.raises(CannotConnect, match="not a database"):
        await migrate(f"sqlite://{tmp_path}/letter.db")


async def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(MigrationError, match="memory"):
        await migrate("sqlite://:memory:")


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite makes the database that is not there")
async def test_a_database_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotConnect, match="nowhere"):
        await migrate(GIVEN.rpartition("/")[0] + "/nowhere")


# Writing migrations


async def test_the_models_say_nothing_that_no_migration_does() -> None:
    step = await missing()
    assert step.operations == []
    assert step.dependencies == [("models", STEPS[-1])]


async def test_another_docstring_is_no_other_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client._meta, "table_description", "Somebody.")
    assert (await missing()).operations == []


async def test_a_changed_column_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client._meta.fields_map["phone"], "max_length", 41)
    assert "max_length=41" in (await missing()).as_string()


# Of what a migration does in Python, what writes rows and changes no table.
FILLS = {"hash_addenda", "seal_what_is_signed"}


def test_no_migration_rebuilds_a_table_as_that_loses_indexes_and_triggers_on_sqlite() -> None:
    loader = MigrationLoader(APPS, MigrationRecorder(None))
    loader.load_disk()
    for key, step in loader.disk_migrations.items():
        for operation in step.operations:
            keeps = isinstance(operation, (ops.CreateModel, ops.AddField, ops.AddIndex, ops.RemoveIndex, DialectSQL))
            keeps = keeps or (isinstance(operation, ops.RunPython) and operation.code.__name__ in FILLS)
            assert keeps, (
                f"{key}: {operation.describe()}; say it with DialectSQL, `state=[...]` and statements for both"
            )
