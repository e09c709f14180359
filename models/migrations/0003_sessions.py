from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.base import now
from models.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("models", "0002_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Appointment",
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
                ("kind", fields.CharField(max_length=10)),
                ("status", fields.CharField(default="SCHEDULED", max_length=10)),
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
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        null=True,
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
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("canceled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("cancel_reason", fields.CharField(null=True, max_length=500)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id", "starts_at", "id"], name="ix_appointment_start"),
                    Index(fields=["provider_id", "starts_at", "id"], name="ix_appointment_provider"),
                    Index(fields=["group_id", "starts_at", "id"], name="ix_appointment_group"),
                    Index(fields=["client_id", "starts_at", "id"], name="ix_appointment_client"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Attendance",
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
                ("confirmation", fields.CharField(default="NOT_ASKED", max_length=10)),
                ("outcome", fields.CharField(null=True, max_length=12)),
                (
                    "service_code",
                    fields.ForeignKeyField(
                        "models.ServiceCode",
                        source_field="service_code_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("fee_minor", fields.IntField(null=True)),
                ("last_changed_by", fields.CharField(null=True, max_length=200)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attendance",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_attendance_practice"),
                    Index(fields=["appointment_id", "client_id"], name="ix_attendance_appointment"),
                    Index(fields=["client_id", "appointment_id"], name="ix_attendance_client"),
                    Index(fields=["service_code_id"], name="ix_attendance_code"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Event",
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
                ("kind", fields.CharField(max_length=10)),
                ("appointment_id", fields.UUIDField()),
                ("was_provider_id", fields.UUIDField(null=True)),
                ("was_starts_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("was_ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("was_client_id", fields.UUIDField(null=True)),
                ("at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "event",
                "app": "models",
                "indexes": [Index(fields=["at"], name="ix_event_at")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Payment",
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
                ("amount_minor", fields.IntField()),
                ("refunded_minor", fields.IntField(default=0)),
                ("method", fields.CharField(max_length=13)),
                ("status", fields.CharField(default="SUCCEEDED", max_length=18)),
                ("reference", fields.CharField(null=True, max_length=100)),
                ("received_on", fields.DateField()),
                ("memo", fields.CharField(null=True, max_length=500)),
                ("statement_memo", fields.CharField(null=True, max_length=500)),
                ("refund_reason", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "payment",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_payment_practice"),
                    Index(fields=["client_id", "received_on", "id"], name="ix_payment_client"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PaymentAllocation",
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
                    "payment",
                    fields.ForeignKeyField(
                        "models.Payment",
                        source_field="payment_id",
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
                ("amount_minor", fields.IntField()),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "payment_allocation",
                "app": "models",
                "indexes": [
                    Index(fields=["practice_id"], name="ix_allocation_practice"),
                    Index(fields=["payment_id", "attendance_id"], name="ix_allocation_payment"),
                    Index(fields=["attendance_id"], name="ix_allocation_attendance"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
    ]
