from tortoise import migrations

from models.migrations._frozen import Frozen
from models.migrations._sql import Bytewise, Check, Named, Stays, Unique, Within, enforce


class Migration(migrations.Migration):
    dependencies = [("models", "0005_charting")]

    operations = [
        enforce(
            [
                Unique("uq_chart_appointment", "chart", "practice_id, appointment_id"),
                Unique("uq_entry_client", "chart_entry", "practice_id, chart_id, client_id"),
                Unique("uq_entry_attendance", "chart_entry", "practice_id, attendance_id"),
                Unique("uq_note_client", "chart_note", "practice_id, chart_id, client_id"),
                Unique("uq_note_chain", "chart_note", "practice_id, client_id, chain_no", "chain_no IS NOT NULL"),
                Unique("uq_step_client", "chart_run_step", "practice_id, run_id, client_id"),
                Unique("uq_signature", "signature", "practice_id, note_id, provider_id"),
                # A chart has one run at a time that is not over.
                Unique("uq_run_now", "chart_run", "practice_id, chart_id", "state IN ('QUEUED', 'RUNNING')"),
                Check("ck_template_name", "chart_template", "{name} <> ''"),
                Check("ck_template_kind", "chart_template", "{kind} IN ('CUSTOM', 'HIPAA', 'SOAP')"),
                Check("ck_template_version", "chart_template", "{version} >= 1"),
                Check(
                    "ck_chart_state", "chart", "{state} IN ('DRAFT', 'ASSEMBLING', 'IN_REVIEW', 'LOCKING', 'LOCKED')"
                ),
                Check("ck_chart_version", "chart", "{version} >= 1"),
                Check("ck_entry_version", "chart_entry", "{version} >= 1"),
                Check(
                    "ck_note_locked",
                    "chart_note",
                    "({locked_at} IS NULL) = ({content_hash} IS NULL) AND ({locked_at} IS NULL) = ({chain_no} IS NULL)",
                ),
                Check(
                    "ck_warning_kind",
                    "chart_warning",
                    "{kind} IN ('NAMES_ANOTHER_MEMBER', 'NOT_INDIVIDUALIZED', 'GROUP_TOO_LARGE')",
                ),
                Check("ck_run_kind", "chart_run", "{kind} IN ('COMPLETE', 'LOCK')"),
                Check("ck_run_state", "chart_run", "{state} IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')"),
                Check("ck_run_counts", "chart_run", "{done} >= 0 AND {failed} >= 0 AND {done} + {failed} <= {total}"),
                Check("ck_step_state", "chart_run_step", "{state} IN ('WAITING', 'DONE', 'FAILED')"),
                Bytewise("chart_template", "name", 120),
                # The wall between practices.
                *map(Named, ("chart", "chart_note", "chart_run", "chart_template")),
                Within("chart", "appointment_id", "appointment"),
                Within("chart", "template_id", "chart_template"),
                Within("chart_entry", "chart_id", "chart"),
                Within("chart_entry", "client_id", "client"),
                Within("chart_entry", "attendance_id", "attendance"),
                Within("chart_note", "chart_id", "chart"),
                Within("chart_note", "client_id", "client"),
                Within("chart_note", "appointment_id", "appointment"),
                Within("chart_note", "provider_id", "provider"),
                Within("signature", "note_id", "chart_note"),
                Within("signature", "provider_id", "provider"),
                Within("addendum", "note_id", "chart_note"),
                Within("addendum", "provider_id", "provider"),
                Within("chart_warning", "chart_id", "chart"),
                Within("chart_warning", "client_id", "client"),
                Within("chart_warning", "acknowledged_by_id", "provider"),
                Within("chart_run", "chart_id", "chart"),
                Within("chart_run", "provider_id", "provider"),
                Within("chart_run_step", "run_id", "chart_run"),
                Within("chart_run_step", "client_id", "client"),
                *map(
                    Stays,
                    (
                        "chart_template",
                        "chart",
                        "chart_entry",
                        "chart_note",
                        "signature",
                        "addendum",
                        "chart_warning",
                        "chart_run",
                        "chart_run_step",
                    ),
                ),
                # What is signed stays as it is.
                Frozen("chart_note", "{locked_at} IS NOT NULL"),
                Frozen("signature"),
                Frozen("addendum"),
            ]
        ),
    ]
