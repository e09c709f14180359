from tortoise import migrations

from models.migrations._sql import Check, DialectSQL, Named, Stays, Unique, Within, enforce

COUNTER = """CREATE TABLE event_counter (
    practice_id {id} NOT NULL PRIMARY KEY REFERENCES practice (id) ON DELETE RESTRICT,
    seq BIGINT NOT NULL
)"""


class Migration(migrations.Migration):
    dependencies = [("models", "0003_sessions")]

    operations = [
        DialectSQL(sqlite=[COUNTER.format(id="CHAR(36)")], postgres=[COUNTER.format(id="UUID")]),
        enforce(
            [
                Unique("uq_attendance_client", "attendance", "practice_id, appointment_id, client_id"),
                Unique("uq_allocation", "payment_allocation", "practice_id, payment_id, attendance_id"),
                Unique("uq_event_seq", "event", "practice_id, seq"),
                Check("ck_appointment_times", "appointment", "{ends_at} > {starts_at}"),
                Check("ck_appointment_status", "appointment", "{status} IN ('SCHEDULED', 'CANCELED')"),
                Check(
                    "ck_appointment_canceled", "appointment", "({status} = 'CANCELED') = ({canceled_at} IS NOT NULL)"
                ),
                Check(
                    "ck_appointment_with",
                    "appointment",
                    "({kind} = 'GROUP' AND {group_id} IS NOT NULL AND {client_id} IS NULL)"
                    " OR ({kind} = 'INDIVIDUAL' AND {client_id} IS NOT NULL AND {group_id} IS NULL)",
                ),
                Check("ck_appointment_version", "appointment", "{version} >= 1"),
                Check(
                    "ck_attendance_confirmation",
                    "attendance",
                    "{confirmation} IN ('NOT_ASKED', 'PENDING', 'CONFIRMED', 'DECLINED')",
                ),
                Check(
                    "ck_attendance_outcome",
                    "attendance",
                    "{outcome} IS NULL OR {outcome} IN ('ATTENDED', 'NO_SHOW', 'LATE_CANCEL', 'ABSENT')",
                ),
                Check(
                    "ck_attendance_set",
                    "attendance",
                    "({outcome} IS NULL) = ({fee_minor} IS NULL) AND ({outcome} IS NOT NULL OR {service_code_id} IS NULL)",
                ),
                Check("ck_attendance_fee", "attendance", "{fee_minor} IS NULL OR {fee_minor} BETWEEN 0 AND 10000000"),
                Check(
                    "ck_attendance_absent",
                    "attendance",
                    "{outcome} IS NULL OR {outcome} <> 'ABSENT' OR ({service_code_id} IS NULL AND {fee_minor} = 0)",
                ),
                Check("ck_attendance_version", "attendance", "{version} >= 1"),
                Check("ck_payment_amount", "payment", "{amount_minor} BETWEEN 1 AND 100000000"),
                Check("ck_payment_refunded", "payment", "{refunded_minor} BETWEEN 0 AND {amount_minor}"),
                Check("ck_payment_method", "payment", "{method} IN ('CASH', 'CHECK', 'CARD', 'EXTERNAL_CARD')"),
                Check(
                    "ck_payment_status",
                    "payment",
                    "{status} IN ('PENDING', 'SUCCEEDED', 'FAILED', 'VOIDED', 'REFUNDED', 'PARTIALLY_REFUNDED')",
                ),
                Check("ck_allocation_amount", "payment_allocation", "{amount_minor} >= 0"),
                Check("ck_event_kind", "event", "{kind} IN ('CREATED', 'UPDATED', 'CANCELED')"),
                Check("ck_event_counter", "event_counter", "{seq} >= 1"),
                # The wall between practices.
                *map(Named, ("appointment", "attendance", "payment")),
                Within("appointment", "provider_id", "provider"),
                Within("appointment", "group_id", "therapy_group"),
                Within("appointment", "client_id", "client"),
                Within("attendance", "appointment_id", "appointment"),
                Within("attendance", "client_id", "client"),
                Within("attendance", "service_code_id", "service_code"),
                Within("payment", "client_id", "client"),
                Within("payment_allocation", "payment_id", "payment"),
                Within("payment_allocation", "attendance_id", "attendance"),
                *map(Stays, ("appointment", "attendance", "payment", "payment_allocation", "event", "event_counter")),
            ]
        ),
    ]
