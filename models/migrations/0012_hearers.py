from tortoise import fields, migrations
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
            sqlite=[*_STATEMENTS, _PROVIDER.format(id="CHAR(36)")],
            postgres=[
                *_STATEMENTS,
                "ALTER TABLE event ALTER COLUMN hearers DROP DEFAULT",
                _PROVIDER.format(id="UUID"),
            ],
            state=[
                ops.RemoveField(model_name="Event", name="inside"),
                ops.AddField(model_name="Event", name="hearers", field=fields.CharField(max_length=10)),
                ops.AddField(model_name="Event", name="about_provider_id", field=fields.UUIDField(null=True)),
            ],
        ),
        enforce([Check("ck_event_hearers", "event", "{hearers} IN ('ALL', 'KNOWING', 'INSIDE', 'CHARTING')")]),
    ]
