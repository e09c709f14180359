from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, append, mark
from models.audit.verify import refuse_other_secret
from models.base import wire_moment
from models.charting.seals import seal_of, seal_of_addendum
from models.database import MigrationError, connection, fetch
from models.migrations._frozen import Frozen, Grows, Unreplaced
from models.migrations._sql import Check, DialectSQL, enforce

SEALED = ("addendum.seal", "chart_note.seal")


async def seal_what_is_signed(*_: Any) -> None:
    """Seal what is locked already: as it stands, since nothing tells what was done to it before there were seals.

    Once only, and the log tells of it: else whoever undoes this step would have a forgery sealed by the next start.
    """
    notes = await _rows("SELECT id,practice_id,chart_id,chain_no,created_at,content_hash FROM chart_note", "locked_at")
    addenda = await _rows("SELECT id,practice_id,content_hash FROM addendum", "id")
    if notes or addenda:
        # With another one than the log's, nothing would be found as it is sealed here.
        await refuse_other_secret()
        await _refuse_what_was_sealed_before()
    sealed: dict[UUID, list[str]] = defaultdict(list)
    for row in notes:
        made = row["created_at"]
        practice = UUID(str(row["practice_id"]))
        seal = seal_of(
            note=UUID(str(row["id"])),
            practice=practice,
            chart=UUID(str(row["chart_id"])),
            chain_no=row["chain_no"],
            created_at=wire_moment(made if isinstance(made, datetime) else datetime.fromisoformat(made)),
            content_hash=row["content_hash"],
        )
        await _seal("chart_note", row["id"], seal)
        sealed[practice].append(mark("chart_note", row["id"]))
    for row in addenda:
        practice = UUID(str(row["practice_id"]))
        ids = {"addendum": UUID(str(row["id"])), "practice": practice}
        await _seal("addendum", row["id"], seal_of_addendum(**ids, content_hash=row["content_hash"]))
        sealed[practice].append(mark("addendum", row["id"]))
    for practice, rows in sealed.items():
        asked = Asked(practice, None, "", "migrate", AuditChannel.COMMAND_LINE)
        await append(practice, [Entry(asked, AuditAction.UPDATE, rows=rows, columns=SEALED)])


async def _refuse_what_was_sealed_before() -> None:
    # Every lock tells of it since there are seals.
    if await fetch(f"SELECT 1 AS yes FROM audit_entry WHERE columns LIKE '%\"{SEALED[1]}\"%' LIMIT 1"):  # noqa: S608 - a name
        raise MigrationError(
            "The log of audit tells that notes were sealed before, so somebody has undone steps of this database:"
            " restore a backup."
        )


async def _rows(select: str, known: str) -> list[dict[str, Any]]:
    return await connection().execute_query_dict(f"{select} WHERE {known} IS NOT NULL ORDER BY id")


async def _seal(table: str, row: Any, seal: str) -> None:
    sign = "?" if connection().capabilities.dialect == "sqlite" else "$"
    await connection().execute_query(f"UPDATE {table} SET seal={sign}1 WHERE id={sign}2", [seal, row])  # noqa: S608 - names that a migration spells out


class Migration(migrations.Migration):
    dependencies = [("models", "0008_audit_rules")]

    operations = [
        DialectSQL(
            sqlite=[
                "ALTER TABLE chart_note ADD COLUMN seal VARCHAR(64)",
                "ALTER TABLE addendum ADD COLUMN seal VARCHAR(64) NOT NULL DEFAULT ''",
                *(
                    f"DROP TRIGGER frozen_{table}_{event}"
                    for table in ("chart_note", "addendum")
                    for event in ("update", "delete")
                ),
            ],
            postgres=[
                "ALTER TABLE chart_note ADD COLUMN seal VARCHAR(64)",
                "ALTER TABLE addendum ADD COLUMN seal VARCHAR(64) NOT NULL DEFAULT ''",
                "ALTER TABLE addendum ALTER COLUMN seal DROP DEFAULT",
                *(f"DROP TRIGGER frozen_{table} ON {table}" for table in ("chart_note", "addendum")),
            ],
            state=[
                ops.AddField(model_name="ChartNote", name="seal", field=fields.CharField(null=True, max_length=64)),
                ops.AddField(model_name="Addendum", name="seal", field=fields.CharField(max_length=64)),
            ],
        ),
        ops.RunPython(seal_what_is_signed),
        enforce(
            [
                Check("ck_note_sealed", "chart_note", "({locked_at} IS NULL) = ({seal} IS NULL)"),
                Frozen("chart_note", "{locked_at} IS NOT NULL"),
                Frozen("addendum"),
                Grows("audit_head", "seq"),
                Unreplaced("audit_head", ("practice_id",)),
            ]
        ),
    ]
