from tortoise import migrations

from models.migrations._frozen import Unmoved
from models.migrations._sql import enforce


class Migration(migrations.Migration):
    dependencies = [("models", "0010_named_in_warnings")]

    operations = [
        enforce(
            [
                Unmoved("chart_note", "{locked_at} IS NOT NULL"),
                # `audit_client` is made WITHOUT ROWID.
                *map(Unmoved, ("signature", "addendum", "audit_entry", "emergency_access", "audit_head")),
            ]
        ),
    ]
