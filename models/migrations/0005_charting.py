from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.base import now
from models.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("models", "0004_session_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ChartTemplate",
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
                ("name", fields.CharField(max_length=120)),
                ("kind", fields.CharField(default="CUSTOM", max_length=6)),
                ("body", fields.TextField(unique=False)),
                ("active", fields.BooleanField(default=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chart_template",
                "app": "models",
                "indexes": [Index(fields=["practice_id", "name", "id"], name="ix_template_name")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Chart",
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
                    "appointment",
                    fields.ForeignKeyField(
                        "models.Appointment",
                        source_field="appointment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(default="DRAFT", max_length=10)),
                (
                    "template",
                    fields.ForeignKeyField(
                        "models.ChartTemplate",
                        source_field="template_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("template_body", fields.TextField(default="", unique=False)),
                ("group_notes", fields.TextField(default="", unique=False)),
                ("last_changed_by", fields.CharField(null=True, max_length=200)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chart",
                "app": "models",
                "indexes": [
                    Index(fields=["appointment_id"], name="ix_chart_appointment"),
                    Index(fields=["template_id"], name="ix_chart_template"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ChartEntry",
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
                    "chart",
                    fields.ForeignKeyField(
                        "models.Chart",
                        source_field="chart_id",
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
                    "attendance",
                    fields.ForeignKeyField(
                        "models.Attendance",
                        source_field="attendance_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("client_notes", fields.TextField(default="", unique=False)),
                ("last_changed_by", fields.CharField(null=True, max_length=200)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "chart_entry",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_entry_practice"),
                    Index(fields=["chart_id", "client_id"], name="ix_entry_chart"),
                    Index(fields=["client_id"], name="ix_entry_client"),
                    Index(fields=["attendance_id"], name="ix_entry_attendance"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ChartNote",
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
                    "chart",
                    fields.ForeignKeyField(
                        "models.Chart",
                        source_field="chart_id",
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
                    "appointment",
                    fields.ForeignKeyField(
                        "models.Appointment",
                        source_field="appointment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "provider",
                    fields.ForeignKeyField(
                        "models.Provider",
                        source_field="provider_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("body", fields.TextField(unique=False)),
                ("locked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("chain_no", fields.IntField(null=True)),
                ("previous_hash", fields.CharField(null=True, max_length=64)),
                ("content_hash", fields.CharField(null=True, max_length=64)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chart_note",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_note_practice"),
                    Index(fields=["chart_id", "client_id"], name="ix_note_chart"),
                    Index(fields=["client_id", "appointment_id"], name="ix_note_client"),
                    Index(fields=["appointment_id"], name="ix_note_appointment"),
                    Index(fields=["provider_id"], name="ix_note_provider"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Addendum",
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
                    "note",
                    fields.ForeignKeyField(
                        "models.ChartNote",
                        source_field="note_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "provider",
                    fields.ForeignKeyField(
                        "models.Provider",
                        source_field="provider_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("authored_as", fields.CharField(max_length=300)),
                ("body", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "addendum",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_addendum_practice"),
                    Index(fields=["note_id", "created_at", "id"], name="ix_addendum_note"),
                    Index(fields=["provider_id"], name="ix_addendum_provider"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ChartRun",
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
                    "chart",
                    fields.ForeignKeyField(
                        "models.Chart",
                        source_field="chart_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("state", fields.CharField(default="QUEUED", max_length=9)),
                (
                    "provider",
                    fields.ForeignKeyField(
                        "models.Provider",
                        source_field="provider_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("signed_as", fields.CharField(max_length=300)),
                ("attestation", fields.CharField(max_length=500)),
                ("total", fields.IntField()),
                ("done", fields.IntField(default=0)),
                ("failed", fields.IntField(default=0)),
                ("worker", fields.CharField(null=True, max_length=32)),
                ("attempts", fields.IntField(default=0)),
                ("lease_until", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chart_run",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_run_practice"),
                    Index(fields=["chart_id", "created_at", "id"], name="ix_run_chart"),
                    Index(fields=["provider_id"], name="ix_run_provider"),
                    Index(fields=["state", "lease_until"], name="ix_run_claim"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ChartRunStep",
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
                    "run",
                    fields.ForeignKeyField(
                        "models.ChartRun",
                        source_field="run_id",
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
                ("state", fields.CharField(default="WAITING", max_length=7)),
                ("reason", fields.CharField(null=True, max_length=300)),
            ],
            options={
                "table": "chart_run_step",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_step_practice"),
                    Index(fields=["run_id", "client_id"], name="ix_step_run"),
                    Index(fields=["client_id"], name="ix_step_client"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ChartWarning",
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
                    "chart",
                    fields.ForeignKeyField(
                        "models.Chart",
                        source_field="chart_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=20)),
                ("message", fields.CharField(max_length=500)),
                (
                    "client",
                    fields.ForeignKeyField(
                        "models.Client",
                        source_field="client_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                (
                    "acknowledged_by",
                    fields.ForeignKeyField(
                        "models.Provider",
                        source_field="acknowledged_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("acknowledged_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chart_warning",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_warning_practice"),
                    Index(fields=["chart_id", "position"], name="ix_warning_chart"),
                    Index(fields=["client_id"], name="ix_warning_client"),
                    Index(fields=["acknowledged_by_id"], name="ix_warning_provider"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Signature",
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
                    "note",
                    fields.ForeignKeyField(
                        "models.ChartNote",
                        source_field="note_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "provider",
                    fields.ForeignKeyField(
                        "models.Provider",
                        source_field="provider_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("signed_as", fields.CharField(max_length=300)),
                ("signed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("attestation", fields.CharField(max_length=500)),
            ],
            options={
                "table": "signature",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_signature_practice"),
                    Index(fields=["note_id", "signed_at", "id"], name="ix_signature_note"),
                    Index(fields=["provider_id"], name="ix_signature_provider"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
    ]
