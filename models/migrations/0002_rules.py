from tortoise import migrations

from models.migrations._sql import (
    STAYS_FUNCTION,
    Bytewise,
    Check,
    DialectSQL,
    Indexed,
    Named,
    Stays,
    Unique,
    Within,
    enforce,
)

# The key's columns first: SQLite 3.40's integrity check finds faults that are none where they are not.
ACCESS = """CREATE TABLE client_access (
    provider_id {id} NOT NULL REFERENCES provider (id) ON DELETE RESTRICT,
    client_id {id} NOT NULL REFERENCES client (id) ON DELETE RESTRICT,
    practice_id {id} NOT NULL REFERENCES practice (id) ON DELETE RESTRICT,
    PRIMARY KEY (provider_id, client_id)
){options}"""


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [
        DialectSQL(
            sqlite=[ACCESS.format(id="CHAR(36)", options=" WITHOUT ROWID")],
            postgres=[ACCESS.format(id="UUID", options=""), STAYS_FUNCTION],
        ),
        enforce(
            [
                Indexed("ix_client_access_client", "client_access", "client_id, provider_id"),
                Indexed("ix_client_access_practice", "client_access", "practice_id"),
                # What there is once. No practice is known yet when somebody signs in: hence the three without one.
                Unique("uq_service_code_code", "service_code", "practice_id, code"),
                Unique("uq_client_provider", "client_provider", "practice_id, client_id, provider_id"),
                Unique("uq_group_share", "group_share", "practice_id, group_id, provider_id"),
                Unique("uq_membership_now", "group_membership", "practice_id, group_id, client_id", "left_at IS NULL"),
                Unique("uq_user_provider", "user_account", "practice_id, provider_id", "provider_id IS NOT NULL"),
                Unique("uq_user_client", "user_account", "practice_id, client_id", "client_id IS NOT NULL"),
                Unique("uq_idempotency_key", "idempotency_key", "practice_id, user_id, operation, key"),
                Unique("uq_user_email", "user_account", "email_key"),
                Unique("uq_sign_in_token", "sign_in", "token_hash"),
                Unique("uq_throttle_email", "sign_in_throttle", "email_hash"),
                # What a row may hold.
                Check("ck_practice_name", "practice", "{name} <> ''"),
                Check("ck_practice_currency", "practice", "length({currency}) = 3"),
                Check("ck_practice_group_size", "practice", "{group_size_limit} BETWEEN 1 AND 200"),
                Check("ck_provider_name", "provider", "{name} <> ''"),
                Check("ck_user_name", "user_account", "{name} <> ''"),
                Check("ck_user_email", "user_account", "{email} <> '' AND {email_key} <> ''"),
                Check("ck_user_roles", "user_account", "trim({roles}) <> ''"),
                Check("ck_client_name", "client", "{first_name} <> '' AND {last_name} <> '' AND {name} <> ''"),
                Check("ck_client_preferred_name", "client", "{preferred_name} <> ''"),
                Check("ck_client_version", "client", "{version} >= 1"),
                Check("ck_group_name", "therapy_group", "{name} <> '' AND {initials} <> ''"),
                Check("ck_group_version", "therapy_group", "{version} >= 1"),
                Check("ck_membership_times", "group_membership", "{left_at} >= {joined_at}"),
                Check("ck_service_code_code", "service_code", "{code} <> ''"),
                Check("ck_service_code_label", "service_code", "{label} <> ''"),
                Check("ck_service_code_kind", "service_code", "{kind} IN ('STANDARD', 'ADD_ON', 'CUSTOM', 'SYSTEM')"),
                Check("ck_service_code_fee", "service_code", "{fee_minor} BETWEEN 0 AND 10000000"),
                Check("ck_service_code_duration", "service_code", "{duration_minutes} BETWEEN 1 AND 1440"),
                # The wall between practices.
                *map(Named, ("client", "provider", "service_code", "therapy_group", "user_account")),
                Within("client_access", "client_id", "client"),
                Within("client_access", "provider_id", "provider"),
                Within("client_provider", "client_id", "client"),
                Within("client_provider", "provider_id", "provider"),
                Within("group_membership", "client_id", "client"),
                Within("group_membership", "group_id", "therapy_group"),
                Within("group_share", "group_id", "therapy_group"),
                Within("group_share", "provider_id", "provider"),
                Within("idempotency_key", "user_id", "user_account"),
                Within("sign_in", "user_id", "user_account"),
                Within("therapy_group", "default_service_code_id", "service_code"),
                Within("therapy_group", "provider_id", "provider"),
                Within("user_account", "client_id", "client"),
                Within("user_account", "provider_id", "provider"),
                *map(
                    Stays,
                    (
                        "client",
                        "client_access",
                        "client_provider",
                        "group_membership",
                        "group_share",
                        "idempotency_key",
                        "provider",
                        "service_code",
                        "sign_in",
                        "therapy_group",
                        "user_account",
                    ),
                ),
                # What is sorted and searched by.
                Bytewise("client", "search_name", 1202),
                Bytewise("client", "sort_name", 400),
                Bytewise("provider", "sort_name", 400),
                Bytewise("service_code", "code", 20),
                Bytewise("therapy_group", "search_name", 801),
                Bytewise("therapy_group", "sort_initials", 400),
                Bytewise("therapy_group", "sort_name", 400),
            ]
        ),
    ]
