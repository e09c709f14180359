from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import migrations
from tortoise.migrations.operations import RunPython

from models.base import wire_moment
from models.charting.notes import hash_of_addendum
from models.database import connection
from models.migrations._frozen import Frozen, Unreplaced
from models.migrations._sql import Check, DialectSQL, Indexed, Stays, Unique, Within, enforce

HEAD = """CREATE TABLE audit_head (
    practice_id {id} NOT NULL PRIMARY KEY REFERENCES practice (id) ON DELETE RESTRICT,
    seq BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    secret_name VARCHAR(16) NOT NULL
)"""
# Which entries of a batch are about a client, by number.
TOUCHED = """CREATE TABLE audit_client (
    practice_id {id} NOT NULL REFERENCES practice (id) ON DELETE RESTRICT,
    client_id {id} NOT NULL REFERENCES client (id) ON DELETE RESTRICT,
    batch BIGINT NOT NULL,
    seqs TEXT NOT NULL,
    PRIMARY KEY (practice_id, client_id, batch)
){options}"""


async def hash_addenda(*_: Any) -> None:
    """Hash the addenda that are there already, each after the one before it."""
    rows = await connection().execute_query_dict(
        "SELECT a.id,a.note_id,a.provider_id,a.authored_as,a.body,a.created_at,n.content_hash AS before"
        " FROM addendum a JOIN chart_note n ON n.id=a.note_id ORDER BY a.note_id,a.created_at,a.id"
    )
    last: dict[UUID, str] = {}
    sign = "?" if connection().capabilities.dialect == "sqlite" else "$"
    for row in rows:
        addendum, note, provider = (UUID(str(row[name])) for name in ("id", "note_id", "provider_id"))
        moment = row["created_at"]
        written = wire_moment(moment if isinstance(moment, datetime) else datetime.fromisoformat(moment))
        previous = last.get(note) or row["before"]
        last[note] = hash_of_addendum(
            addendum=addendum,
            note=note,
            provider=provider,
            authored_as=row["authored_as"],
            body=row["body"],
            created_at=written,
            previous=previous,
        )
        await connection().execute_query(
            f"UPDATE addendum SET previous_hash={sign}1,content_hash={sign}2 WHERE id={sign}3",  # noqa: S608 - no value in it
            [previous, last[note], addendum],
        )


class Migration(migrations.Migration):
    dependencies = [("models", "0007_audit")]

    operations = [
        DialectSQL(
            sqlite=["DROP TRIGGER frozen_addendum_update", "DROP TRIGGER frozen_addendum_delete"],
            postgres=["DROP TRIGGER frozen_addendum ON addendum"],
        ),
        RunPython(hash_addenda),
        DialectSQL(
            sqlite=[
                HEAD.format(id="CHAR(36)"),
                TOUCHED.format(id="CHAR(36)", options=" WITHOUT ROWID"),
            ],
            postgres=[HEAD.format(id="UUID"), TOUCHED.format(id="UUID", options="")],
        ),
        enforce(
            [
                Frozen("addendum"),
                Unique("uq_audit_seq", "audit_entry", "practice_id, seq"),
                Indexed("ix_audit_client_batch", "audit_client", "practice_id, batch"),
                Indexed("ix_audit_client_client", "audit_client", "client_id"),
                Check("ck_audit_seq", "audit_entry", "{seq} >= 1 AND {batch} >= {seq}"),
                Check(
                    "ck_audit_action", "audit_entry", "{action} IN ('CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE')"
                ),
                Check(
                    "ck_audit_channel",
                    "audit_entry",
                    "{channel} IN ('HTTP', 'SOCKET', 'STREAM', 'RUN', 'COMMAND_LINE')",
                ),
                Check("ck_audit_times", "audit_entry", "{times} >= 1"),
                Check("ck_audit_head", "audit_head", "{seq} >= 1"),
                Check("ck_emergency_reason", "emergency_access", "{reason} <> ''"),
                Check("ck_emergency_times", "emergency_access", "{expires_at} > {begun_at}"),
                Check("ck_sign_in_idle", "sign_in", "({idle_seconds} IS NULL) = ({idle_until} IS NULL)"),
                # The wall between practices.
                Within("audit_entry", "user_id", "user_account"),
                Within("audit_client", "client_id", "client"),
                Within("emergency_access", "client_id", "client"),
                Within("emergency_access", "user_id", "user_account"),
                *map(Stays, ("audit_entry", "audit_client", "audit_head", "emergency_access")),
                # What happened stays as it was told.
                Frozen("audit_entry"),
                Frozen("audit_client"),
                Frozen("emergency_access"),
                Unreplaced(
                    "chart_note",
                    ("id", "practice_id, chart_id, client_id", "practice_id, client_id, chain_no"),
                    "{locked_at} IS NOT NULL",
                ),
                Unreplaced("signature", ("id", "practice_id, note_id, provider_id")),
                Unreplaced("addendum"),
                Unreplaced("audit_entry", ("id", "practice_id, seq")),
                Unreplaced("audit_client", ("practice_id, client_id, batch",)),
                Unreplaced("emergency_access"),
            ]
        ),
    ]
