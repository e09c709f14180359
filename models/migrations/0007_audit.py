from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.base import now
from models.ids import uuid7
from models.migrations._sql import DialectSQL

# What is there already is hashed by the next migration.
_HASHES = [
    f"ALTER TABLE addendum ADD COLUMN {name} VARCHAR(64) NOT NULL DEFAULT ''"
    for name in ("previous_hash", "content_hash")
]


class Migration(migrations.Migration):
    dependencies = [("models", "0006_charting_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("seq", fields.BigIntField()),
                ("batch", fields.BigIntField()),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("roles", fields.CharField(max_length=80)),
                ("action", fields.CharField(max_length=7)),
                ("operation", fields.CharField(max_length=60)),
                ("document", fields.CharField(null=True, max_length=100)),
                ("channel", fields.CharField(max_length=12)),
                ("sign_in_id", fields.UUIDField(null=True)),
                ("address", fields.CharField(max_length=64)),
                ("outcome", fields.CharField(max_length=40)),
                ("times", fields.IntField(default=1)),
                ("clients", fields.TextField(unique=False)),
                ("objects", fields.TextField(unique=False)),
                ("columns", fields.TextField(unique=False)),
                ("fields_read", fields.TextField(unique=False)),
                ("previous_hash", fields.CharField(max_length=64)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_entry",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id", "user_id", "seq"], name="ix_audit_user"),
                    Index(fields=["practice_id", "recorded_at", "id"], name="ix_audit_recorded"),
                    Index(fields=["practice_id", "batch"], name="ix_audit_batch"),
                    Index(fields=["user_id"], name="ix_audit_account"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EmergencyAccess",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "client",
                    fields.ForeignKeyField(
                        "models.Client",
                        source_field="client_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=500)),
                ("begun_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "emergency_access",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id", "begun_at", "id"], name="ix_emergency_begun"),
                    Index(fields=["user_id", "client_id", "expires_at"], name="ix_emergency_user"),
                    Index(fields=["client_id"], name="ix_emergency_client"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        DialectSQL(
            sqlite=_HASHES,
            postgres=[
                *_HASHES,
                "ALTER TABLE addendum ALTER COLUMN previous_hash DROP DEFAULT, ALTER COLUMN content_hash DROP DEFAULT",
            ],
            state=[
                ops.AddField(model_name="Addendum", name="previous_hash", field=fields.CharField(max_length=64)),
                ops.AddField(model_name="Addendum", name="content_hash", field=fields.CharField(max_length=64)),
            ],
        ),
        ops.AddField(model_name="Event", name="inside", field=fields.BooleanField(null=True)),
        ops.AddField(model_name="Event", name="about_client_id", field=fields.UUIDField(null=True)),
        ops.AddField(
            model_name="SignIn",
            name="idle_seconds",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="SignIn",
            name="idle_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="User",
            name="deactivated_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
