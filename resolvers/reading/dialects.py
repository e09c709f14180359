"""The two databases' ways to write the same text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from tortoise.exceptions import OperationalError

from models.ids import parse_id


class Dialect:
    """What both have in common. Every expression that is given here is NULL where its column is."""

    name = ""
    # In JSON this byte cannot stand unescaped: in a text it says that a required value is missing.
    missing = ""
    # SQLite drops the order of a subquery that has no limit.
    unlimited = ""
    # How a list of row ids is passed.
    ids_kind = ""
    # What a row id is.
    id_type = ""
    # This moment, by the database's clock, which all processes share.
    this_moment = ""

    def number(self, e: str) -> str:
        """Write an integer."""
        return f"CAST({e} AS TEXT)"

    def boolean(self, e: str) -> str:
        """Write a truth value."""
        return f"CASE {e} WHEN true THEN 'true' WHEN false THEN 'false' END"

    def word(self, e: str) -> str:
        """Write a text that needs no escaping, such as an enum's value."""
        return f"'\"'||{e}||'\"'"

    def day(self, e: str) -> str:
        """Write a calendar day."""
        return f"'\"'||CAST({e} AS TEXT)||'\"'"

    def identifier(self, e: str, prefix: str) -> str:
        """Write a typed id."""
        return f"'\"{prefix}_'||replace(CAST({e} AS TEXT),'-','')||'\"'"

    def text(self, e: str) -> str:
        """Write any text, escaped."""
        raise NotImplementedError

    def moment(self, e: str) -> str:
        """Write a moment: UTC, `Z`, a fraction without trailing zeros."""
        raise NotImplementedError

    def hour(self, e: str) -> str:
        """Give something that is the same for all moments within an hour of UTC."""
        raise NotImplementedError

    def numbers(self, e: str, source: str) -> str:
        """Select each of the numbers in a text with commas, from a table that has it."""
        raise NotImplementedError

    def strung(self, e: str, keys: tuple[str, ...], *, descending: bool = False) -> str:
        """Put texts together with commas, in the order of the keys."""
        raise NotImplementedError

    def placeholder(self, n: int, kind: str) -> str:
        """Write the n-th parameter."""
        raise NotImplementedError

    def bind(self, value: Any, kind: str) -> Any:
        """Give a value as the driver takes it."""
        raise NotImplementedError

    def contains(self, haystack: str, needle: str) -> str:
        """Say whether a text holds another."""
        raise NotImplementedError

    def among(self, e: str, values: str) -> str:
        """Say whether a text is one of a JSON list."""
        raise NotImplementedError

    def id_among(self, e: str, ids: str) -> str:
        """Say whether a row id is one of a list."""
        raise NotImplementedError

    def unpacked(self, values: str) -> str:
        """Give a JSON list of [type, id] as rows (ord, kind, id)."""
        raise NotImplementedError

    def hexed(self, e: str) -> str:
        """Write a text's bytes in hex, in lower case."""
        raise NotImplementedError

    def too_complex(self, error: Exception) -> bool:
        """Whether the database refused the statement for its size or depth, or gave up on its length."""
        raise NotImplementedError


class Sqlite(Dialect):
    """SQLite from 3.40 on."""

    name = "sqlite"
    missing = "char(1)"
    unlimited = "-1"
    ids_kind = "text"
    id_type = "text"
    this_moment = "strftime('%Y-%m-%dT%H:%M:%f000Z','now')"

    def text(self, e: str) -> str:
        return f"CASE WHEN {e} IS NOT NULL THEN json_quote({e}) END"

    def moment(self, e: str) -> str:
        return f"'\"'||rtrim(rtrim(substr({e},1,26),'0'),'.')||'Z\"'"

    def hour(self, e: str) -> str:
        return f"substr({e},1,13)"

    def numbers(self, e: str, source: str) -> str:
        return f"SELECT j.value FROM {source},json_each('['||{e}||']') j"

    def strung(self, e: str, keys: tuple[str, ...], *, descending: bool = False) -> str:
        # Before 3.44 an aggregate has no order of its own: the rows come from an ordered subquery.
        return f"group_concat({e},',')"

    def placeholder(self, n: int, kind: str) -> str:
        return f"?{n}"

    def bind(self, value: Any, kind: str) -> Any:
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, list):
            return orjson.dumps([str(v) for v in value]).decode()
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        return value

    def contains(self, haystack: str, needle: str) -> str:
        return f"instr({haystack},{needle})>0"

    def among(self, e: str, values: str) -> str:
        return f"{e} IN (SELECT value FROM json_each({values}))"

    def id_among(self, e: str, ids: str) -> str:
        return f"{e} IN (SELECT value FROM json_each({ids}))"

    def unpacked(self, values: str) -> str:
        return (
            "(SELECT key AS ord,json_extract(value,'$[0]') AS kind,json_extract(value,'$[1]') AS id"
            f" FROM json_each({values}))"
        )

    def hexed(self, e: str) -> str:
        return f"lower(hex({e}))"

    def too_complex(self, error: Exception) -> bool:
        return isinstance(error, OperationalError) and any(
            said in str(error)
            for said in ("parser stack overflow", "Expression tree is too large", "string or blob too big")
        )


class Postgres(Dialect):
    """PostgreSQL from 15 on."""

    name = "postgres"
    missing = "chr(1)"
    unlimited = "ALL"
    ids_kind = "uuid[]"
    id_type = "uuid"
    this_moment = "statement_timestamp()"

    def text(self, e: str) -> str:
        return f"to_json(CAST({e} AS TEXT))::text"

    def moment(self, e: str) -> str:
        return f"'\"'||rtrim(rtrim(to_char({e},'YYYY-MM-DD\"T\"HH24:MI:SS.US'),'0'),'.')||'Z\"'"

    def hour(self, e: str) -> str:
        return f"date_trunc('hour',{e},'UTC')"

    def numbers(self, e: str, source: str) -> str:
        return f"SELECT CAST(j AS bigint) FROM {source},unnest(string_to_array({e},',')) j"

    def strung(self, e: str, keys: tuple[str, ...], *, descending: bool = False) -> str:
        order = ",".join(f"{key} DESC" if descending else key for key in keys)
        return f"string_agg({e},',' ORDER BY {order})"

    def placeholder(self, n: int, kind: str) -> str:
        return f"${n}::{kind}"

    def bind(self, value: Any, kind: str) -> Any:
        return value

    def contains(self, haystack: str, needle: str) -> str:
        return f"strpos({haystack},{needle})>0"

    def among(self, e: str, values: str) -> str:
        return f"{e} IN (SELECT jsonb_array_elements_text({values}::jsonb))"

    def id_among(self, e: str, ids: str) -> str:
        return f"{e}=ANY({ids})"

    def unpacked(self, values: str) -> str:
        return (
            "(SELECT ord,v->>0 AS kind,CAST(v->>1 AS uuid) AS id"
            f" FROM jsonb_array_elements({values}::jsonb) WITH ORDINALITY AS e(v,ord))"
        )

    def hexed(self, e: str) -> str:
        return f"encode(convert_to({e},'UTF8'),'hex')"

    def too_complex(self, error: Exception) -> bool:
        return isinstance(error, (asyncpg.ProgramLimitExceededError, asyncpg.QueryCanceledError))


DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgres": Postgres()}


def id_pairs(ids: list[str]) -> str:
    """Give ids as a JSON list of [type, id] for `unpacked`; what is no id has neither."""
    parsed = [parse_id(text) for text in ids]
    return orjson.dumps([[p[0], str(p[1])] if p else [None, None] for p in parsed]).decode()
