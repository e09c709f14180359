"""The indexes, constraints and triggers of both databases, as they are kept beside this file for each.

Each run looks at the database it runs on. `--accept` writes what is there now, to be read in the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.fields import CharField

from models.database import dialect, fetch
from tests.databases import ON_POSTGRES, tables
from tests.guards import catalog

pytestmark = pytest.mark.usefixtures("database_url")

EXPECTED = {name: Path(__file__).with_name(f"database_objects.{name}.txt") for name in ("sqlite", "postgres")}
# At sign-in no practice is known yet, and tries are counted for nobody in particular.
GLOBAL = {"uq_user_email", "uq_sign_in_token", "uq_throttle_email"}
# What no row of Python's stands for: a hash, and a name of a secret, each of as many digits as it ever has.
WITHOUT_MODEL = {("audit_head", "hash", 64), ("audit_head", "secret_name", 16)}
WITHOUT_PRACTICE = {"practice", "sign_in_throttle"}


async def test_the_database_holds_what_is_kept_here(*, accept: bool) -> None:
    found = await catalog.described()
    kept = EXPECTED[dialect()]
    if accept:
        kept.write_text(found)
    assert found.splitlines() == kept.read_text().splitlines()


def test_both_databases_refuse_the_same() -> None:
    on_sqlite, on_postgres = (catalog.rules(EXPECTED[name].read_text()) for name in ("sqlite", "postgres"))
    # What composite foreign keys point to: SQLite's triggers ask by the row's id alone.
    assert on_sqlite == {name for name in on_postgres if not re.fullmatch(r"uq_\w+_in_practice", name)}


async def test_every_row_says_whose_it_is() -> None:
    without = {table for table in await tables() if "practice_id" not in await catalog.columns(table)}
    assert without == WITHOUT_PRACTICE


async def test_every_unique_index_begins_with_the_practice() -> None:
    unique = [index for index in await catalog.indexes() if index.unique and not index.primary]
    assert {index.name for index in unique if index.columns[0] != "practice_id"} == GLOBAL


async def test_every_foreign_key_is_found_by_an_index() -> None:
    leading = {(index.table, index.columns[:n]) for index in await catalog.indexes() for n in (1, 2)}
    for key in await catalog.foreign_keys():
        pointing = key.columns[-1]
        by_practice = (key.table, ("practice_id", pointing)) in leading
        assert by_practice or (key.table, (pointing,)) in leading, key


async def test_every_reference_stays_in_its_practice_and_so_does_every_row() -> None:
    held = catalog.rules(EXPECTED[dialect()].read_text())
    for key in await catalog.foreign_keys():
        if key.parent == "practice":
            assert f"stays_{key.table}" in held
        else:
            assert f"wall_{key.table}_{key.columns[-1]}" in held


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite compares byte by byte anyway")
async def test_what_is_sorted_and_searched_is_compared_byte_by_byte() -> None:
    rows = await fetch(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND (column_name LIKE 'sort\\_%' OR column_name LIKE 'search\\_%')"
    )
    assert rows
    assert {row["collation_name"] for row in rows} == {"C"}


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite heeds no lengths")
async def test_columns_hold_as_much_as_the_models_say() -> None:
    rows = await fetch(
        "SELECT table_name, column_name, character_maximum_length AS most FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'character varying' AND table_name <> 'tortoise_migrations'"
    )
    found = {(row["table_name"], row["column_name"], row["most"]) for row in rows}
    assert found - WITHOUT_MODEL == {
        (model._meta.db_table, column, field.max_length)
        for model in (Tortoise.apps or {})["models"].values()
        for column, field in model._meta.fields_map.items()
        if isinstance(field, CharField)
    }
