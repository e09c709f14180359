"""Migrations, on the database of this run: taken once whoever comes first, and leaving rules that really refuse."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.migrations import operations as ops
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder

from models import (
    Appointment,
    Attendance,
    Client,
    ClientProvider,
    Event,
    Group,
    GroupMembership,
    GroupShare,
    IdempotencyKey,
    Payment,
    PaymentAllocation,
    Practice,
    Provider,
    ServiceCode,
    SignIn,
    User,
)
from models.base import Row, now
from models.client_access import keep_client_access
from models.database import APPS, CannotConnect, config, dialect, fetch
from models.ids import uuid7
from models.migrate import MigrationError, NewerDatabase, migrate, refuse_newer
from models.migrations.__main__ import missing
from models.migrations._sql import DialectSQL
from tests.databases import GIVEN, ON_POSTGRES, tables, thawed
from tests.guards import catalog, coming
from tests.guards.furniture_of_audit import CHECKS_OF_AUDIT, FRESH_IN_AUDIT, FROZEN, furnish_audit
from tests.guards.test_database_objects import EXPECTED

STEPS = sorted(path.stem for path in (Path(__file__).parents[2] / "models/migrations").glob("[0-9]*.py"))
STARTER = """
import asyncio, sys
from models import Practice
from models.migrate import migrate
async def plant():
    if not await Practice.exists():
        await Practice.create(name="Planted", time_zone="UTC", currency="USD")
print(*asyncio.run(migrate(sys.argv[1], plant)))
"""


# Starting


async def test_of_three_processes_that_start_at_once_one_migrates_and_plants(other_database: str) -> None:
    starters = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, other_database, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await starter.communicate())[0].decode().split() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert sorted(said) == [[], [], STEPS]

    async def planted_once() -> None:
        assert await Practice.all().count() == 1

    assert await migrate(other_database, planted_once) == []


async def test_of_five_starters_in_one_process_one_migrates(other_database: str) -> None:
    said = await asyncio.gather(*(migrate(other_database) for _ in range(5)))
    assert sorted(said) == [[], [], [], [], STEPS]


async def test_a_newer_database_is_refused_by_name_and_left_alone(other_database: str) -> None:
    async def come_from_the_future() -> None:
        await refuse_newer()
        await fetch(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_hover', $1)", [now()]
        )
        with pytest.raises(NewerDatabase, match="9999_hover"):
            await refuse_newer()

    await migrate(other_database, come_from_the_future)
    with pytest.raises(NewerDatabase, match="9999_hover"):
        await migrate(other_database)


async def test_a_database_that_lacks_steps_is_refused_without_migrating(
    other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forget_the_last() -> None:
        await fetch("DELETE FROM tortoise_migrations WHERE name = $1", [STEPS[-1]])
        with pytest.raises(MigrationError, match=STEPS[-1]):
            await refuse_newer()

    await migrate(other_database, forget_the_last)


async def test_a_step_that_fails_undoes_those_before_it(other_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        assert await tables()
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(DialectSQL, "database_forward", fail)
        with pytest.raises(ZeroDivisionError):
            await migrate(other_database)
    assert await migrate(other_database) == STEPS


def test_rules_have_no_way_down_as_steps_down_delete_what_people_wrote() -> None:
    assert not DialectSQL().reversible


async def test_what_runs_after_a_migration_fails_aloud_and_leaves_the_lock(other_database: str) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await migrate(other_database, fail)
    assert await migrate(other_database) == []


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL lets others write")
async def test_a_database_that_somebody_writes_to_for_long_is_not_migrated_meanwhile(
    other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(url: str, **given: Any) -> dict[str, Any]:
        settings = config(url, **given)
        settings["connections"]["default"]["credentials"]["busy_timeout"] = 1
        return settings

    await migrate(other_database)
    monkeypatch.setattr("models.migrate.config", impatient)
    with closing(sqlite3.connect(other_database.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MigrationError, match="Another process"):
            await migrate(other_database)
        other.execute("ROLLBACK")
    assert await migrate(other_database) == []


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite is a file")
async def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotConnect, match="nowhere"):
        await migrate(f"sqlite://{tmp_path}/nowhere/practice.db")


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite is a file")
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Ada, " * 1000)
    with pytest.raises(CannotConnect, match="not a database"):
        await migrate(f"sqlite://{tmp_path}/letter.db")


async def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(MigrationError, match="memory"):
        await migrate("sqlite://:memory:")


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite makes the database that is not there")
async def test_a_database_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotConnect, match="nowhere"):
        await migrate(GIVEN.rpartition("/")[0] + "/nowhere")


# Writing migrations


async def test_the_models_say_nothing_that_no_migration_does() -> None:
    step = await missing()
    assert step.operations == []
    assert step.dependencies == [("models", STEPS[-1])]


async def test_another_docstring_is_no_other_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client._meta, "table_description", "Somebody.")
    assert (await missing()).operations == []


async def test_a_changed_column_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client._meta.fields_map["phone"], "max_length", 41)
    assert "max_length=41" in (await missing()).as_string()


# Of what a migration does in Python, what writes rows and changes no table.
FILLS = {"hash_addenda"}


def test_no_migration_rebuilds_a_table_as_that_loses_indexes_and_triggers_on_sqlite() -> None:
    loader = MigrationLoader(APPS, MigrationRecorder(None))
    loader.load_disk()
    for key, step in loader.disk_migrations.items():
        for operation in step.operations:
            keeps = isinstance(operation, (ops.CreateModel, ops.AddField, ops.AddIndex, ops.RemoveIndex, DialectSQL))
            keeps = keeps or (isinstance(operation, ops.RunPython) and operation.code.__name__ in FILLS)
            assert keeps, (
                f"{key}: {operation.describe()}; say it with DialectSQL, `state=[...]` and statements for both"
            )


# What the database refuses


CHECKS: dict[str, tuple[str, dict[str, Any]]] = {
    "ck_allocation_amount": ("payment_allocation", {"amount_minor": -1}),
    "ck_appointment_canceled": ("appointment", {"canceled_at": now()}),
    "ck_appointment_status": ("appointment", {"status": "OTHER"}),
    "ck_appointment_times": ("appointment", {"ends_at": datetime(2026, 11, 23, 16, tzinfo=UTC)}),
    "ck_appointment_version": ("appointment", {"version": 0}),
    "ck_appointment_with": ("appointment", {"group_id": None}),
    "ck_attendance_absent": ("attendance", {"outcome": "ABSENT"}),
    "ck_attendance_confirmation": ("attendance", {"confirmation": "OTHER"}),
    "ck_attendance_fee": ("attendance", {"fee_minor": -1}),
    "ck_attendance_outcome": ("attendance", {"outcome": "OTHER"}),
    "ck_attendance_set": ("attendance", {"outcome": None}),
    "ck_attendance_version": ("attendance", {"version": 0}),
    "ck_client_name": ("client", {"last_name": ""}),
    "ck_client_preferred_name": ("client", {"preferred_name": ""}),
    "ck_client_version": ("client", {"version": 0}),
    "ck_event_counter": ("event_counter", {"seq": 0}),
    "ck_event_kind": ("event", {"kind": "OTHER"}),
    "ck_group_name": ("therapy_group", {"initials": ""}),
    "ck_group_version": ("therapy_group", {"version": 0}),
    "ck_membership_times": ("group_membership", {"left_at": now() - timedelta(days=1)}),
    "ck_payment_amount": ("payment", {"amount_minor": 0}),
    "ck_payment_method": ("payment", {"method": "OTHER"}),
    "ck_payment_refunded": ("payment", {"refunded_minor": 101}),
    "ck_payment_status": ("payment", {"status": "OTHER"}),
    "ck_practice_currency": ("practice", {"currency": "US"}),
    "ck_practice_group_size": ("practice", {"group_size_limit": 201}),
    "ck_practice_name": ("practice", {"name": ""}),
    "ck_provider_name": ("provider", {"name": ""}),
    "ck_service_code_code": ("service_code", {"code": ""}),
    "ck_service_code_duration": ("service_code", {"duration_minutes": 1441}),
    "ck_service_code_fee": ("service_code", {"fee_minor": -1}),
    "ck_service_code_kind": ("service_code", {"kind": "OTHER"}),
    "ck_service_code_label": ("service_code", {"label": ""}),
    "ck_user_email": ("user_account", {"email_key": ""}),
    "ck_user_name": ("user_account", {"name": ""}),
    "ck_user_roles": ("user_account", {"roles": " "}),
    **CHECKS_OF_AUDIT,
}
COMING = tuple(f"{kind}_{table}" for kind in ("wall", "stays") for table in coming.TABLES)
_HELD = catalog.rules(EXPECTED["sqlite"].read_text())
WALLS = sorted(rule for rule in _HELD if rule.startswith("wall_") and not rule.startswith(COMING))
STAYS = sorted(rule for rule in _HELD if rule.startswith("stays_") and not rule.startswith(COMING))


@pytest.fixture
async def rows(database: str) -> dict[str, dict[str, UUID]]:
    """One row in every table, in each of two practices: by practice, its columns' values that are ids."""
    return {name: await _furnish(name) for name in ("mine", "theirs")}


async def _furnish(name: str) -> dict[str, UUID]:
    practice = await Practice.create(name=name, time_zone="UTC", currency="USD")
    ids = {"practice_id": practice.id}

    async def make(model: type[Row], **given: Any) -> UUID:
        row = model(practice_id=practice.id, **given)
        if isinstance(row, Client | Group):
            row.spell()
        await row.save()
        return row.id

    ids["provider_id"] = provider = await make(Provider, name="Amara", sort_name="amara")
    ids["client_id"] = client = await make(Client, first_name="Ada", last_name="Stone")
    ids["default_service_code_id"] = code = await make(
        ServiceCode, code="90853", label="Group", kind="STANDARD", fee_minor=0, duration_minutes=60
    )
    ids["group_id"] = group = await make(
        Group, name="Grief", initials="G", default_service_code_id=code, provider_id=provider
    )
    account = {"name": name, "email": name, "email_key": name, "password_hash": "", "roles": "OWNER"}
    ids["user_id"] = user = await make(User, **account, provider_id=provider, client_id=client)
    await make(ClientProvider, client_id=client, provider_id=provider)
    await make(GroupShare, group_id=group, provider_id=provider)
    await make(GroupMembership, group_id=group, client_id=client)
    await make(SignIn, user_id=user, token_hash=name, expires_at=now())
    await make(IdempotencyKey, user_id=user, operation="x", key="y", input_hash="z", answer="{}")
    await _furnish_a_session(ids, make)
    await furnish_audit(ids)
    await keep_client_access([client])
    return ids


async def _furnish_a_session(ids: dict[str, UUID], make: Callable[..., Awaitable[UUID]]) -> None:
    starts = datetime(2026, 11, 23, 16, tzinfo=UTC)
    ids["appointment_id"] = session = await make(
        Appointment,
        kind="GROUP",
        provider_id=ids["provider_id"],
        group_id=ids["group_id"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    ids["service_code_id"] = ids["default_service_code_id"]
    ids["attendance_id"] = line = await make(
        Attendance,
        appointment_id=session,
        client_id=ids["client_id"],
        outcome="ATTENDED",
        service_code_id=ids["service_code_id"],
        fee_minor=100,
    )
    ids["payment_id"] = paid = await make(
        Payment, client_id=ids["client_id"], amount_minor=100, method="CASH", received_on=starts.date()
    )
    await make(PaymentAllocation, payment_id=paid, attendance_id=line, amount_minor=100)
    await Event.create(practice_id=ids["practice_id"], seq=1, kind="CREATED", appointment_id=session)
    await fetch("INSERT INTO event_counter (practice_id, seq) VALUES ($1, 1)", [ids["practice_id"]])


async def _update(table: str, given: Mapping[str, Any], practice: UUID) -> None:
    if table in FROZEN:
        # Nothing of it changes at all; what is tried here is what would be next in the way.
        ids = ", ".join(f"{column} = '{value}'" for column, value in given.items())
        await thawed(f"UPDATE {table} SET {ids} WHERE practice_id = '{practice}';")
        return
    changed = ", ".join(f"{column} = ${n}" for n, column in enumerate(given, 2))
    whose = "id" if table == "practice" else "practice_id"
    await fetch(f"UPDATE {table} SET {changed} WHERE {whose} = $1", [practice, *given.values()])


# What a copy must not have in common with the row that it is made of.
FRESH: dict[str, dict[str, Any]] = {
    "idempotency_key": {"key": "new"},
    "sign_in": {"token_hash": "new"},
    "user_account": {"email_key": "new", "provider_id": None, "client_id": None},
    **FRESH_IN_AUDIT,
}


async def _copy(table: str, given: Mapping[str, Any], practice: UUID) -> None:
    columns = await catalog.columns(table)
    new = {**FRESH.get(table, {}), **given, **({"id": uuid7()} if "id" in columns else {})}
    values = [f"${list(new).index(column) + 2}" if column in new else column for column in columns]
    whose = "id" if table == "practice" else "practice_id"
    copied = f"SELECT {', '.join(values)} FROM {table} WHERE {whose} = $1"
    await fetch(f"INSERT INTO {table} ({', '.join(columns)}) {copied}", [practice, *new.values()])


def _refuser(refused: pytest.ExceptionInfo[IntegrityError]) -> str:
    cause = refused.value.__cause__
    return str(getattr(cause, "constraint_name", None) or refused.value)


async def test_every_table_has_a_row_here(rows: dict[str, dict[str, UUID]]) -> None:
    empty = {table for table in await tables() if len(await fetch(f"SELECT 1 AS it FROM {table}")) != len(rows)}
    assert empty == {"sign_in_throttle"} | coming.TABLES, (
        "give _furnish() a row for each new table, or its walls are not tried"
    )


def test_every_check_is_tried_here() -> None:
    assert CHECKS.keys() == {rule for rule in _HELD if rule.startswith("ck_") and not rule.startswith(coming.CHECKS)}


@pytest.mark.parametrize("write", [_update, _copy])
@pytest.mark.parametrize("rule", CHECKS)
async def test_the_database_refuses_what_no_row_may_hold(
    rule: str, write: Any, rows: dict[str, dict[str, UUID]]
) -> None:
    table, given = CHECKS[rule]
    with pytest.raises(IntegrityError) as refused:
        await write(table, given, rows["mine"]["practice_id"])
    assert _refuser(refused) == rule


# What must change too, so that no other rule is the first to refuse it.
BESIDE: dict[str, dict[str, Any]] = {"wall_appointment_client_id": {"kind": "INDIVIDUAL", "group_id": None}}
# A second line of the same client in the same session is refused as such.
NOT_COPIED = {"wall_attendance_service_code_id"}
WRITTEN = [(rule, write) for rule in WALLS for write in (_update, _copy) if write is _update or rule not in NOT_COPIED]


@pytest.mark.parametrize("rule, write", WRITTEN)
async def test_no_row_points_into_another_practice(rule: str, write: Any, rows: dict[str, dict[str, UUID]]) -> None:
    [key] = [key for key in await catalog.foreign_keys() if rule == f"wall_{key.table}_{key.columns[-1]}"]
    given = {key.columns[-1]: rows["theirs"][key.columns[-1]], **BESIDE.get(rule, {})}
    with pytest.raises(IntegrityError) as refused:
        await write(key.table, given, rows["mine"]["practice_id"])
    assert _refuser(refused) == rule


@pytest.mark.parametrize("rule", STAYS)
async def test_no_row_goes_to_another_practice(rule: str, rows: dict[str, dict[str, UUID]]) -> None:
    table = rule.removeprefix("stays_")
    with pytest.raises(IntegrityError) as refused:
        await _update(table, {"practice_id": rows["theirs"]["practice_id"]}, rows["mine"]["practice_id"])
    # SQLite says in no order which of several triggers comes first.
    assert _refuser(refused) == rule or (dialect() == "sqlite" and _refuser(refused).startswith(f"wall_{table}"))


async def test_ignoring_conflicts_ignores_no_rule(rows: dict[str, dict[str, UUID]]) -> None:
    mine, theirs = rows["mine"], rows["theirs"]
    with pytest.raises(IntegrityError):
        await fetch(
            "INSERT INTO client_access (practice_id, provider_id, client_id) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            [mine["practice_id"], mine["provider_id"], theirs["client_id"]],
        )


async def test_a_client_belongs_once_at_a_time(rows: dict[str, dict[str, UUID]]) -> None:
    mine = rows["mine"]["practice_id"]
    with pytest.raises(IntegrityError):
        await _copy("group_membership", {}, mine)
    await GroupMembership.filter(practice_id=mine).update(left_at=now())
    await _copy("group_membership", {"left_at": None}, mine)


@pytest.mark.parametrize(
    "table",
    [
        "service_code",
        "client_provider",
        "group_share",
        "idempotency_key",
        "attendance",
        "payment_allocation",
        "event",
        "event_counter",
        "audit_client",
        "audit_entry",
        "audit_head",
    ],
)
async def test_what_is_there_once_is_there_once_in_each_practice(table: str, rows: dict[str, dict[str, UUID]]) -> None:
    assert len(await fetch(f"SELECT practice_id FROM {table}")) == 2
    same = {"key": "y"} if table == "idempotency_key" else {"seq": 1} if table in FRESH_IN_AUDIT else {}
    with pytest.raises(IntegrityError):
        await _copy(table, same, rows["mine"]["practice_id"])


@pytest.mark.parametrize("column", ["email_key", "provider_id", "client_id"])
async def test_nobody_has_two_accounts(column: str, rows: dict[str, dict[str, UUID]]) -> None:
    mine = rows["mine"]
    await _copy("user_account", {}, mine["practice_id"])
    taken = {**mine, "email_key": "theirs"}[column]
    with pytest.raises(IntegrityError):
        await _copy("user_account", {"email_key": "newer", column: taken}, mine["practice_id"])


async def test_what_is_pointed_to_is_not_deleted(rows: dict[str, dict[str, UUID]]) -> None:
    pointed_to = ("practice", "provider", "client", "service_code", "therapy_group", "user_account")
    for table in (*pointed_to, "appointment", "attendance", "payment"):
        with pytest.raises(IntegrityError):
            await fetch(f"DELETE FROM {table}")
