from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.migrations._sql import DialectSQL, Within, enforce

_COLUMN = "ALTER TABLE chart_warning ADD COLUMN named_id {id} REFERENCES client (id) ON DELETE RESTRICT"


class Migration(migrations.Migration):
    dependencies = [("models", "0009_seals")]

    operations = [
        DialectSQL(
            sqlite=[_COLUMN.format(id="CHAR(36)")],
            postgres=[_COLUMN.format(id="UUID")],
            state=[
                ops.AddField(
                    model_name="ChartWarning",
                    name="named",
                    field=fields.ForeignKeyField(
                        "models.Client",
                        source_field="named_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                )
            ],
        ),
        ops.AddIndex(model_name="ChartWarning", index=Index(fields=["named_id"], name="ix_warning_named")),
        enforce([Within("chart_warning", "named_id", "client")]),
    ]
