"""What the open database itself says of its tables."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from models.database import dialect, fetch
from tests.databases import tables


@dataclass(frozen=True)
class Index:
    table: str
    name: str
    columns: tuple[str, ...]
    unique: bool
    primary: bool


@dataclass(frozen=True)
class ForeignKey:
    table: str
    columns: tuple[str, ...]
    parent: str


async def indexes() -> list[Index]:
    return [index for table in await tables() for index in await _READ[dialect()].indexes(table)]


async def foreign_keys() -> list[ForeignKey]:
    return [key for table in await tables() for key in await _READ[dialect()].foreign_keys(table)]


async def columns(table: str) -> list[str]:
    return await _READ[dialect()].columns(table)


async def described() -> str:
    """Give the indexes, constraints and triggers of each table as a text."""
    lines = []
    for table in await tables():
        lines += [table, *(f"    {line}" for line in sorted(await _READ[dialect()].described(table)))]
    return "\n".join(lines) + "\n"


def rules(text: str) -> set[str]:
    """Name what the described database refuses: unique indexes, and whatever is a check or a wall."""
    unique = re.findall(r"unique index (uq_\w+) ", text)
    return {*unique, *re.findall(r"\b(?:ck|wall|stays)_\w+?(?=_insert\b|_update\b|\b)", text)}


class _Sqlite:
    async def indexes(self, table: str) -> list[Index]:
        return [
            Index(
                table,
                row["name"],
                tuple([part["name"] for part in await fetch(f"PRAGMA index_info({row['name']})")]),
                bool(row["unique"]),
                row["origin"] == "pk",
            )
            for row in await fetch(f"PRAGMA index_list({table})")
        ]

    async def foreign_keys(self, table: str) -> list[ForeignKey]:
        return [
            ForeignKey(table, (row["from"],), row["table"]) for row in await fetch(f"PRAGMA foreign_key_list({table})")
        ]

    async def columns(self, table: str) -> list[str]:
        return [row["name"] for row in await fetch(f"PRAGMA table_info({table})")]

    async def described(self, table: str) -> list[str]:
        lines = [
            f"foreign key ({row['from']}) to {row['table']} ({row['to']}) on delete {row['on_delete'].lower()}"
            for row in await fetch(f"PRAGMA foreign_key_list({table})")
        ]
        for row in await fetch("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = $1", [table]):
            if row["sql"] is None:
                parts = [part["name"] for part in await fetch(f"PRAGMA index_info({row['name']})")]
                lines.append(f"primary key ({', '.join(parts)})")
            elif row["type"] == "table":
                if "WITHOUT ROWID" in row["sql"]:
                    lines.append("without rowid")
            else:
                created = re.sub(r"\s+", " ", row["sql"].replace('"', "")).removeprefix("CREATE ")
                lines.append(re.sub(r"^(UNIQUE )?(INDEX|TRIGGER)", lambda kind: kind[0].lower(), created))
        return lines


class _Postgres:
    async def indexes(self, table: str) -> list[Index]:
        rows = await fetch(
            "SELECT c.relname AS name, i.indisunique, i.indisprimary,"
            " array(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n) AS columns"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::text::regclass",
            [table],
        )
        return [
            Index(table, row["name"], tuple(row["columns"]), row["indisunique"], row["indisprimary"]) for row in rows
        ]

    async def foreign_keys(self, table: str) -> list[ForeignKey]:
        rows = await fetch(
            "SELECT k.confrelid::regclass::text AS parent, array(SELECT a.attname::text FROM unnest(k.conkey) WITH"
            " ORDINALITY AS u(n, o) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY o)"
            " AS columns FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = $1::text::regclass",
            [table],
        )
        return [ForeignKey(table, tuple(row["columns"]), row["parent"]) for row in rows]

    async def columns(self, table: str) -> list[str]:
        rows = await fetch("SELECT column_name::text FROM information_schema.columns WHERE table_name = $1", [table])
        return [row["column_name"] for row in rows]

    async def described(self, table: str) -> list[str]:
        return [line async for line in _described_by_postgres(table)]


async def _described_by_postgres(table: str) -> AsyncIterator[str]:
    for row in await fetch("SELECT indexdef FROM pg_indexes WHERE tablename = $1", [table]):
        created = row["indexdef"].removeprefix("CREATE ").replace(" USING btree", "").replace("public.", "")
        yield re.sub(r"^(UNIQUE )?INDEX", lambda kind: kind[0].lower(), created)
    # From version 18 on, NOT NULL is a constraint as well.
    held = (
        "SELECT conname, pg_get_constraintdef(oid) AS said FROM pg_constraint"
        " WHERE conrelid = $1::text::regclass AND contype <> 'n'"
    )
    for row in await fetch(held, [table]):
        yield f"constraint {row['conname']} {row['said']}"
    fired = (
        "SELECT pg_get_triggerdef(oid) AS said FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = $1::text::regclass"
    )
    for row in await fetch(fired, [table]):
        yield row["said"].removeprefix("CREATE ").replace("TRIGGER", "trigger", 1).replace("public.", "")
    collated = (
        "SELECT column_name, data_type, character_maximum_length AS most, collation_name"
        " FROM information_schema.columns WHERE table_name = $1 AND collation_name IS NOT NULL"
    )
    for row in await fetch(collated, [table]):
        yield f"column {row['column_name']} {row['data_type']}({row['most']}) collate {row['collation_name']}"


_READ: dict[str, _Sqlite | _Postgres] = {"sqlite": _Sqlite(), "postgres": _Postgres()}
