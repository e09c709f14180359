"""What the database itself refuses, whoever writes: the rules that migrations have put into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError

from models import ChartNote, ChartRun, GroupMembership
from models.base import now
from models.database import dialect, fetch
from models.ids import uuid7
from tests.databases import tables, thawed
from tests.guards import catalog
from tests.guards.furniture import furnish
from tests.guards.furniture_of_audit import CHECKS_OF_AUDIT, FRESH_IN_AUDIT, FROZEN, SAME_IN_AUDIT
from tests.guards.test_database_objects import EXPECTED

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
    "ck_chart_state": ("chart", {"state": "OTHER"}),
    "ck_chart_version": ("chart", {"version": 0}),
    "ck_client_name": ("client", {"last_name": ""}),
    "ck_client_preferred_name": ("client", {"preferred_name": ""}),
    "ck_client_version": ("client", {"version": 0}),
    "ck_entry_version": ("chart_entry", {"version": 0}),
    "ck_event_counter": ("event_counter", {"seq": 0}),
    "ck_event_kind": ("event", {"kind": "OTHER"}),
    "ck_event_hearers": ("event", {"hearers": "OTHER"}),
    "ck_group_name": ("therapy_group", {"initials": ""}),
    "ck_group_version": ("therapy_group", {"version": 0}),
    "ck_membership_times": ("group_membership", {"left_at": now() - timedelta(days=1)}),
    "ck_note_locked": ("chart_note", {"locked_at": now(), "seal": ""}),
    "ck_note_sealed": ("chart_note", {"seal": ""}),
    "ck_payment_amount": ("payment", {"amount_minor": 0}),
    "ck_payment_method": ("payment", {"method": "OTHER"}),
    "ck_payment_refunded": ("payment", {"refunded_minor": 101}),
    "ck_payment_status": ("payment", {"status": "OTHER"}),
    "ck_practice_currency": ("practice", {"currency": "US"}),
    "ck_practice_group_size": ("practice", {"group_size_limit": 201}),
    "ck_practice_name": ("practice", {"name": ""}),
    "ck_provider_name": ("provider", {"name": ""}),
    "ck_run_counts": ("chart_run", {"done": 1, "failed": 1}),
    "ck_run_kind": ("chart_run", {"kind": "OTHER"}),
    "ck_run_state": ("chart_run", {"state": "OTHER"}),
    "ck_service_code_code": ("service_code", {"code": ""}),
    "ck_service_code_duration": ("service_code", {"duration_minutes": 1441}),
    "ck_service_code_fee": ("service_code", {"fee_minor": -1}),
    "ck_service_code_kind": ("service_code", {"kind": "OTHER"}),
    "ck_service_code_label": ("service_code", {"label": ""}),
    "ck_step_state": ("chart_run_step", {"state": "OTHER"}),
    "ck_template_kind": ("chart_template", {"kind": "OTHER"}),
    "ck_template_name": ("chart_template", {"name": ""}),
    "ck_template_version": ("chart_template", {"version": 0}),
    "ck_user_email": ("user_account", {"email_key": ""}),
    "ck_user_name": ("user_account", {"name": ""}),
    "ck_user_roles": ("user_account", {"roles": " "}),
    "ck_warning_kind": ("chart_warning", {"kind": "OTHER"}),
    **CHECKS_OF_AUDIT,
}
_HELD = catalog.rules(EXPECTED["sqlite"].read_text())
WALLS = sorted(rule for rule in _HELD if rule.startswith("wall_"))
STAYS = sorted(rule for rule in _HELD if rule.startswith("stays_"))


@pytest.fixture
async def rows(database: str) -> dict[str, dict[str, UUID]]:
    """One row in every table, in each of two practices: by practice, its columns' values that are ids."""
    return {name: await furnish(name) for name in ("mine", "theirs")}


async def _update(table: str, given: Mapping[str, Any], practice: UUID) -> None:
    if table in SIGNED:
        # Nothing of it changes at all; what is tried here is what would be next in the way.
        ids = ", ".join(f"{column} = '{value}'" for column, value in given.items())
        await thawed(f"UPDATE {table} SET {ids} WHERE practice_id = '{practice}';")
        return
    changed = ", ".join(f"{column} = ${n}" for n, column in enumerate(given, 2))
    whose = "id" if table == "practice" else "practice_id"
    await fetch(f"UPDATE {table} SET {changed} WHERE {whose} = $1", [practice, *given.values()])


SIGNED = {"addendum", "signature", *FROZEN}
"""Frozen from the moment that they are there, as `test_frozen.py` shows."""
# What a copy must not have in common with the row that it is made of.
FRESH: dict[str, dict[str, Any]] = {
    "idempotency_key": {"key": "new"},
    "sign_in": {"token_hash": "new"},
    "user_account": {"email_key": "new", "provider_id": None, "client_id": None},
    **FRESH_IN_AUDIT,
}


async def _copy(table: str, given: Mapping[str, Any], practice: UUID) -> None:
    columns = await catalog.columns(table)
    new = {**({"id": uuid7()} if "id" in columns else {}), **FRESH.get(table, {}), **given}
    values = [f"${list(new).index(column) + 2}" if column in new else column for column in columns]
    whose = "id" if table == "practice" else "practice_id"
    copied = f"SELECT {', '.join(values)} FROM {table} WHERE {whose} = $1"
    await fetch(f"INSERT INTO {table} ({', '.join(columns)}) {copied}", [practice, *new.values()])


def _refuser(refused: pytest.ExceptionInfo[IntegrityError]) -> str:
    cause = refused.value.__cause__
    return str(getattr(cause, "constraint_name", None) or refused.value)


async def test_every_table_has_a_row_here(rows: dict[str, dict[str, UUID]]) -> None:
    empty = {table for table in await tables() if len(await fetch(f"SELECT 1 AS it FROM {table}")) != len(rows)}
    assert empty == {"sign_in_throttle"}, "give furnish() a row for each new table, or its walls are not tried"


def test_every_check_is_tried_here() -> None:
    assert CHECKS.keys() == {rule for rule in _HELD if rule.startswith("ck_")}


@pytest.mark.parametrize("write", [_update, _copy])
@pytest.mark.parametrize("rule", CHECKS)
async def test_the_database_refuses_what_no_row_may_hold(
    rule: str, write: Any, rows: dict[str, dict[str, UUID]]
) -> None:
    table, given = CHECKS[rule]
    with pytest.raises(IntegrityError) as refused:
        await write(table, given, rows["mine"]["practice_id"])
    # A practice has one head: on SQLite a copy of it is also refused as one that would take its place.
    also = {"frozen_audit_head"} if dialect() == "sqlite" and write is _copy and table == "audit_head" else set()
    assert _refuser(refused) in {rule} | also


# What must change too, so that no other rule is the first to refuse it.
BESIDE: dict[str, dict[str, Any]] = {"wall_appointment_client_id": {"kind": "INDIVIDUAL", "group_id": None}}
# A second line of the same client in the same session is refused as such; so is a second chart, and the like.
NOT_COPIED = {
    "wall_attendance_service_code_id",
    "wall_chart_template_id",
    "wall_chart_entry_attendance_id",
    "wall_chart_entry_chart_id",
    "wall_chart_entry_client_id",
    "wall_chart_note_appointment_id",
    "wall_chart_note_provider_id",
}
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
        "chart",
        "chart_entry",
        "chart_note",
        "chart_run_step",
        "signature",
        "audit_client",
        "audit_entry",
        "audit_head",
    ],
)
async def test_what_is_there_once_is_there_once_in_each_practice(table: str, rows: dict[str, dict[str, UUID]]) -> None:
    assert len(await fetch(f"SELECT practice_id FROM {table}")) == 2
    same = {"idempotency_key": {"key": "y"}, **SAME_IN_AUDIT}.get(table, {})
    with pytest.raises(IntegrityError):
        await _copy(table, same, rows["mine"]["practice_id"])


@pytest.mark.parametrize(
    "rule, beside",
    [
        ("uq_entry_attendance", "chart_id"),
        ("uq_entry_client", "attendance_id"),
        ("uq_note_chain", "chart_id"),
        ("uq_note_client", "appointment_id"),
        ("uq_run_now", "chart_id"),
    ],
)
async def test_a_second_chart_changes_nothing_of_what_is_there_once(
    rule: str, beside: str, rows: dict[str, dict[str, UUID]]
) -> None:
    mine = rows["mine"]["practice_id"]
    if rule == "uq_note_chain":
        await ChartNote.filter(practice_id=mine).update(locked_at=now(), content_hash="0" * 64, seal="", chain_no=1)
    await ChartRun.filter(practice_id=mine).update(state="RUNNING")
    second = {column: uuid7() for column in ("appointment_id", "attendance_id", "chart_id")}
    await _copy("appointment", {"id": second["appointment_id"]}, mine)
    for table in ("attendance", "chart"):
        await _copy(table, {"id": second[f"{table}_id"], "appointment_id": second["appointment_id"]}, mine)
    [index] = [index for index in await catalog.indexes() if index.name == rule]
    # That is a run of the one chart; the second one has none that goes on.
    given = {} if rule == "uq_run_now" else {beside: second[beside]}
    with pytest.raises(IntegrityError) as refused:
        await _copy(index.table, given, mine)
    columns = ", ".join(f"{index.table}.{column}" for column in index.columns)
    # On SQLite what guards a locked note from being replaced sees it first.
    frozen = {"frozen_chart_note"} if rule == "uq_note_chain" and dialect() == "sqlite" else set()
    assert _refuser(refused) in {rule, f"UNIQUE constraint failed: {columns}"} | frozen


@pytest.mark.parametrize("column", ["email_key", "provider_id", "client_id"])
async def test_nobody_has_two_accounts(column: str, rows: dict[str, dict[str, UUID]]) -> None:
    mine = rows["mine"]
    await _copy("user_account", {}, mine["practice_id"])
    taken = {**mine, "email_key": "theirs"}[column]
    with pytest.raises(IntegrityError):
        await _copy("user_account", {"email_key": "newer", column: taken}, mine["practice_id"])


async def test_what_is_pointed_to_is_not_deleted(rows: dict[str, dict[str, UUID]]) -> None:
    pointed_to = ("practice", "provider", "client", "service_code", "therapy_group", "user_account")
    charting = ("chart", "chart_note", "chart_run", "chart_template")
    for table in (*pointed_to, "appointment", "attendance", "payment", *charting):
        with pytest.raises(IntegrityError):
            await fetch(f"DELETE FROM {table}")
