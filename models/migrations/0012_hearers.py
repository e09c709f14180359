from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.migrations._sql import Check, DialectSQL, enforce

_STATEMENTS = [
    "ALTER TABLE event ADD COLUMN hearers VARCHAR(10) NOT NULL DEFAULT 'ALL'",
    "UPDATE event SET hearers='INSIDE' WHERE inside",
    "ALTER TABLE event DROP COLUMN inside",
]
_PROVIDER = "ALTER TABLE event ADD COLUMN about_provider_id {id}"


class Migration(migrations.Migration):
    dependencies = [("models", "0011_unmoved")]

    operations = [
        DialectSQL(
            sqlite=[
                *_STATEMENTS,
                _PROVIDER.format(id="CHAR(36)"),
                "DROP TRIGGER ck_event_kind_insert",
                "DROP TRIGGER ck_event_kind_update",
            ],
            postgres=[
                *_STATEMENTS,
                "ALTER TABLE event ALTER COLUMN hearers DROP DEFAULT",
                _PROVIDER.format(id="UUID"),
                "ALTER TABLE event DROP CONSTRAINT ck_event_kind",
            ],
            state=[
                ops.RemoveField(model_name="Event", name="inside"),
                ops.AddField(model_name="Event", name="hearers", field=fields.CharField(max_length=10)),
                ops.AddField(model_name="Event", name="about_provider_id", field=fields.UUIDField(null=True)),
            ],
        ),
        ops.AddIndex(model_name="EmergencyAccess", index=Index(fields=["expires_at"], name="ix_emergency_expires")),
        enforce(
            [
                Check("ck_event_kind", "event", "{kind} IN ('CREATED', 'UPDATED', 'CANCELED', 'JOINED')"),
                Check(
                    "ck_event_hearers", "event", "{hearers} IN ('ALL', 'KNOWING', 'INSIDE', 'CHARTING', 'EMERGENCY')"
                ),
            ]
        ),
    ]
