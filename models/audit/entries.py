"""Entries of the log of audit: each is signed together with the one before it, by a secret that is not in the database.

They name people, rows, fields and columns, and never hold a value of any of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.audit.packed import pack
from models.base import now, reference
from models.database import fetch, insert
from models.ids import uuid7
from models.secret import key_for


class AuditAction(StrEnum):
    """What was done."""

    CREATE = "CREATE"
    READ = "READ"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    EXECUTE = "EXECUTE"


class AuditChannel(StrEnum):
    """Which way it came."""

    HTTP = "HTTP"
    SOCKET = "SOCKET"
    STREAM = "STREAM"
    RUN = "RUN"
    COMMAND_LINE = "COMMAND_LINE"


class AuditEntry(Model):
    """One reading or writing, by one person. A trigger keeps it as it is."""

    phi = True
    id = fields.UUIDField(primary_key=True, default=uuid7)
    practice = reference("Practice")
    practice_id: UUID
    seq = fields.BigIntField()
    batch = fields.BigIntField()
    """The number of the last entry that was written together with it."""
    recorded_at: datetime = fields.DatetimeField()
    user = reference("User", null=True)
    user_id: UUID | None
    roles = fields.CharField(max_length=80)
    action = fields.CharField(max_length=7)
    operation = fields.CharField(max_length=60)
    document = fields.CharField(max_length=100, null=True)
    channel = fields.CharField(max_length=12)
    sign_in_id: UUID | None = fields.UUIDField(null=True)
    address = fields.CharField(max_length=64)
    outcome = fields.CharField(max_length=40)
    times = fields.IntField(default=1)
    clients = fields.TextField()
    objects = fields.TextField()
    columns = fields.TextField()
    fields_read = fields.TextField()
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        """The table."""

        table = "audit_entry"
        indexes = (
            Index(fields=("practice_id", "user_id", "seq"), name="ix_audit_user"),
            Index(fields=("practice_id", "recorded_at", "id"), name="ix_audit_recorded"),
            Index(fields=("practice_id", "batch"), name="ix_audit_batch"),
            Index(fields=("user_id",), name="ix_audit_account"),
        )


COLUMNS = (
    "id",
    "practice_id",
    "seq",
    "batch",
    "recorded_at",
    "user_id",
    "roles",
    "action",
    "operation",
    "document",
    "channel",
    "sign_in_id",
    "address",
    "outcome",
    "times",
    "clients",
    "objects",
    "columns",
    "fields_read",
    "previous_hash",
)
"""All that an entry's hash is made of, in this order."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Who asked for what, and from where. Two are never the same, however alike."""

    practice_id: UUID
    user_id: UUID | None
    roles: str
    operation: str
    channel: AuditChannel
    document: str | None = None
    sign_in_id: UUID | None = None
    address: str = ""
    fields_read: tuple[str, ...] = ()


@dataclass(slots=True)
class Entry:
    """An entry before it is written; each row by its mark: table, id, and the ids of its clients with commas.

    A plus behind them says that the client's row was shown as well.
    """

    asked: Asked
    action: AuditAction
    outcome: str = "OK"
    rows: list[str] = field(default_factory=list)
    clients: set[str] = field(default_factory=set)
    columns: tuple[str, ...] = ()
    times: int = 1
    at: datetime = field(default_factory=now)


def secret_name() -> str:
    """Give a name of the secret from which nobody finds it, by which another one is noticed."""
    return key_for("its name").hex()[:16]


def signature(values: Sequence[Any]) -> str:
    """Give the HMAC-SHA256, in hex, over what an entry says, in the order of `COLUMNS`."""
    plain = [_plain(value) for value in values]
    return hmac.new(key_for("audit"), orjson.dumps(plain), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


class OtherSecret(Exception):
    """The log of audit was signed with another secret than the one at hand."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The log of audit is signed with another secret than the one at hand."
            " Set GROUPROOM_SECRET_FILE to the file that was used before."
        )


async def is_ours(practice: UUID) -> bool:
    """Whether a practice's log is signed with the secret at hand; False where it has not begun, else OtherSecret."""
    heads = await fetch("SELECT secret_name FROM audit_head WHERE practice_id=$1", [practice])
    if heads and heads[0]["secret_name"] != secret_name():
        raise OtherSecret
    return bool(heads)


# Where there is a head already, SQLite's triggers take even an insert that would only update it for a replacement.
_NEXT = "UPDATE audit_head SET seq=seq+$2 WHERE practice_id=$1 RETURNING seq,hash,secret_name"
_FIRST = (
    "INSERT INTO audit_head (practice_id,seq,hash,secret_name) VALUES ($1,$2,'',$3)"
    " ON CONFLICT (practice_id) DO UPDATE SET seq=audit_head.seq+$2 RETURNING seq,hash,secret_name"
)


async def append(practice: UUID, entries: list[Entry]) -> None:
    """Write entries behind the practice's last one, inside of a unit of work, whose last statements these are.

    The head is locked from here to the commit, so that the order of numbers is the order of commits.
    """
    added = [practice, len(entries)]
    heads = await fetch(_NEXT, added) or await fetch(_FIRST, [*added, secret_name()])
    if heads[0]["secret_name"] != secret_name():
        raise OtherSecret
    batch, last = int(heads[0]["seq"]), str(heads[0]["hash"])
    rows, touched = [], dict[str, list[str]]()
    for seq, entry in enumerate(entries, batch - len(entries) + 1):
        objects, named = _told(entry.rows)
        clients = sorted(entry.clients | named)
        values = _values(practice, (seq, batch), entry, (objects, clients), last)
        last = signature(values)
        rows.append([*values, last])
        for client in clients:
            touched.setdefault(client, []).append(str(seq))
    await insert("audit_entry", (*COLUMNS, "hash"), rows)
    found = [[practice, client, batch, ",".join(numbers)] for client, numbers in touched.items()]
    await insert("audit_client", ("practice_id", "client_id", "batch", "seqs"), found)
    await fetch("UPDATE audit_head SET hash=$2 WHERE practice_id=$1", [practice, last])


def _values(
    practice: UUID, number: tuple[int, int], entry: Entry, told: tuple[dict[str, list[str]], list[str]], last: str
) -> list[Any]:
    asked = entry.asked
    objects, clients = told
    return [
        uuid7(),
        practice,
        *number,
        entry.at,
        asked.user_id,
        asked.roles,
        entry.action.value,
        asked.operation,
        asked.document[:100] if asked.document else None,
        asked.channel.value,
        asked.sign_in_id,
        asked.address[:64],
        entry.outcome,
        entry.times,
        pack({"client": clients}),
        pack(objects),
        orjson.dumps(entry.columns).decode(),
        orjson.dumps(asked.fields_read).decode(),
        last,
    ]


def mark(table: str, row: object) -> str:
    """Give the mark of a row that names no client."""
    return f"{table}/{row}/"


def named_by(one: str) -> set[str]:
    """Give the clients in whose records a marked row is."""
    table, row, clients = one.split("/")
    return {row} if table == "client" else {client for client in clients.rstrip("+").split(",") if client}


def _told(marks: list[str]) -> tuple[dict[str, list[str]], set[str]]:
    """Give the ids of the rows by their tables, and the clients in whose records they are."""
    rows, whose = dict[str, dict[str, None]](), set[str]()
    for one in marks:
        table, row, clients = one.split("/")
        rows.setdefault(table, {})[row] = None
        if clients.endswith("+"):
            clients = clients[:-1]
            rows.setdefault("client", {})[clients] = None
        whose.add(clients)
    named = {client for several in whose for client in several.split(",") if client}
    # A client's row is in their own record, and says so once.
    return {table: [*rows[table]] for table in sorted(rows)}, named.union(rows.get("client", ()))
