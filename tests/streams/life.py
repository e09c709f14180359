"""What may happen in a practice, by chance: every mutation that exists, by people who may do it and others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from models.database import fetch
from models.ids import parse_id, wire_id
from tests.charting.scene import work
from tests.client import Data, Person, document_of, payload_of
from tests.world import World, in_days

_TABLES = {
    "clt": "client",
    "grp": "therapy_group",
    "prv": "provider",
    "svc": "service_code",
    "apt": "appointment",
    "att": "attendance",
    "pay": "payment",
    "tpl": "chart_template",
    "cht": "chart",
    "run": "chart_run",
    "not": "chart_note",
}
_CLINICAL = {"startChart", "saveChart", "completeChart", "reopenChart", "lockChart", "retryChartRun", "addAddendum"}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Happened:
    """What was tried, and whether it was done."""

    mutation: str
    by: str
    done: bool


@dataclass
class Life:
    """Goes on in the practice Lakeside."""

    world: World
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _ids: dict[str, list[str]] = field(default_factory=dict)
    _charts: dict[str, dict[str, list[Data]]] = field(default_factory=dict)
    """What there is of each chart, by table."""

    @property
    def deeds(self) -> dict[str, Callable[[], Data]]:
        """Give for each mutation how its input is drawn."""
        return {
            "createClient": self._create_client,
            "updateClient": self._update_client,
            "createGroup": self._create_group,
            "updateGroup": self._update_group,
            "archiveGroup": lambda: {"id": self._one("grp"), "archived": self.rng.random() < 0.3},
            "addGroupMember": lambda: {"groupId": self._one("grp"), "clientId": self._one("clt")},
            "removeGroupMember": lambda: {"groupId": self._one("grp"), "clientId": self._one("clt")},
            "unshareGroup": lambda: {"groupId": self._one("grp"), "providerId": self._one("prv")},
            "createServiceCode": lambda: {"code": f"C{next(_numbers)}", "label": "Circle", "feeMinor": 4000},
            "updateServiceCode": lambda: {"id": self._one("svc"), "feeMinor": self.rng.randrange(9000)},
            "scheduleAppointment": self._schedule,
            "rescheduleAppointment": self._reschedule,
            "cancelAppointment": lambda: {"id": self._one("apt"), "reason": "Snow"},
            "setAttendance": self._set_attendance,
            "clearAttendance": lambda: {"attendanceId": self._one("att")},
            "markAllAttended": lambda: {"appointmentId": self._one("apt")},
            "recordConfirmation": lambda: {
                "attendanceId": self._one("att"),
                "status": self.rng.choice(("PENDING", "CONFIRMED", "DECLINED")),
            },
            "acceptPayment": self._accept_payment,
            "refundPayment": self._refund_payment,
            "createChartTemplate": lambda: {"name": f"Form {next(_numbers)}", "body": "<h2>Theme</h2>"},
            "updateChartTemplate": lambda: {"id": self._one("tpl"), "body": f"<p>{next(_numbers)}</p>"},
            "startChart": lambda: {"appointmentId": self._one("apt"), **self._maybe("templateId", "tpl")},
            "saveChart": self._save_chart,
            "completeChart": lambda: {"chartId": self._one("cht")},
            "reopenChart": lambda: {"chartId": self._one("cht")},
            "lockChart": self._lock_chart,
            "retryChartRun": lambda: {"runId": self._one("run")},
            "addAddendum": lambda: {"noteId": self._one("not"), "body": f"<p>{next(_numbers)}</p>"},
            "breakGlass": lambda: {"clientId": self._one("clt"), "reason": f"Reason {next(_numbers)}"},
        }

    async def happens(self) -> Happened:
        """Let somebody try something; what runs by itself after it has its time as well."""
        await self._look()
        deeds = self.deeds
        # Sessions, and what is done with them, most of the time: the rest is tried as well.
        often = [*deeds][10:]
        name = self.rng.choice(often if self.rng.random() < 0.6 else [*deeds])
        given = deeds[name]()
        by = self.rng.choice(("owner", "amara", "bjorn", "scheduler", "manager", "carol", "ada"))
        if name in _CLINICAL and self.rng.random() < 0.8:
            by = self.rng.choice(("amara", "amara", "bjorn"))
        person: Person = getattr(self.world, by)
        answer = await person.answer(document_of(name), input=given)
        assert {*answer.codes} <= {"NOT_FOUND", "FORBIDDEN", "BAD_USER_INPUT"}, answer.errors
        done = bool(answer.data and (answer.data[name] or {}).get("__typename") == payload_of(name))
        (self.done if done else self.refused)[name] += 1
        if done and name in {"completeChart", "lockChart", "retryChartRun"} and self.rng.random() < 0.8:
            await work()
        return Happened(name, by, done)

    async def _look(self) -> None:
        found = parse_id(self.world.practice)
        assert found
        for table, of in (("chart", "id"), ("chart_entry", "chart_id"), ("chart_warning", "chart_id")):
            rows = await fetch(f"SELECT * FROM {table} WHERE practice_id=$1 ORDER BY id", [found[1]])
            self._charts[table] = {}
            for row in rows:
                self._charts[table].setdefault(wire_id("cht", UUID(str(row[of]))), []).append(row)
        for prefix, table in _TABLES.items():
            rows = await fetch(f"SELECT id FROM {table} WHERE practice_id=$1 ORDER BY id", [found[1]])
            self._ids[prefix] = [wire_id(prefix, UUID(str(row["id"]))) for row in rows]

    def _one(self, prefix: str) -> str:
        return self.rng.choice(self._ids[prefix] or [f"{prefix}_{'0' * 32}"])

    def _maybe(self, name: str, prefix: str) -> Data:
        return {name: self._one(prefix)} if self.rng.random() < 0.5 else {}

    def _some(self, prefix: str) -> list[str]:
        return self.rng.sample(self._ids[prefix], min(len(self._ids[prefix]), self.rng.randrange(1, 4)))

    def _create_client(self) -> Data:
        providers = {"providerIds": self._some("prv")} if self.rng.random() < 0.5 else {}
        return {"firstName": "New", "lastName": f"Client {next(_numbers)}", **providers}

    def _update_client(self) -> Data:
        changes: Data = self.rng.choice(
            (
                {"lastName": f"Renamed {next(_numbers)}"},
                {"preferredName": self.rng.choice((None, "Pat", "Kim"))},
                {"phone": f"11{next(_numbers)}"},
                {"providerIds": self._some("prv")},
                {"active": self.rng.random() < 0.8},
            )
        )
        return {"id": self._one("clt"), **changes}

    def _create_group(self) -> Data:
        return {
            "name": f"Circle {next(_numbers)}",
            "initials": f"C{next(_numbers) % 1000}",
            "providerId": self._one("prv"),
            "clientIds": self._some("clt"),
        }

    def _update_group(self) -> Data:
        changes: Data = self.rng.choice(
            (
                {"name": f"Renamed {next(_numbers)}"},
                {"initials": f"R{next(_numbers) % 1000}"},
                {"providerId": self._one("prv")},
            )
        )
        return {"id": self._one("grp"), **changes}

    def _moment(self) -> str:
        return in_days(self.rng.randrange(-25, 36), self.rng.randrange(24))

    def _schedule(self) -> Data:
        whom = {"groupId": self._one("grp")} if self.rng.random() < 0.7 else {"clientId": self._one("clt")}
        return {
            **whom,
            "providerId": self._one("prv"),
            "startsAt": self._moment(),
            "confirmSharing": self.rng.random() < 0.8,
        }

    def _reschedule(self) -> Data:
        onto = {"providerId": self._one("prv"), "confirmSharing": True} if self.rng.random() < 0.4 else {}
        return {"id": self._one("apt"), "startsAt": self._moment(), **onto}

    def _set_attendance(self) -> Data:
        outcome = self.rng.choice(("ATTENDED", "ATTENDED", "NO_SHOW", "LATE_CANCEL", "ABSENT"))
        fee = {} if outcome == "ABSENT" else {"feeMinor": self.rng.randrange(100, 9000)}
        return {"attendanceId": self._one("att"), "outcome": outcome, **fee}

    def _accept_payment(self) -> Data:
        return {
            "clientId": self._one("clt"),
            "amountMinor": self.rng.randrange(1, 9000),
            "method": self.rng.choice(("CASH", "EXTERNAL_CARD")),
            "idempotencyKey": f"life {next(_numbers)}",
        }

    def _refund_payment(self) -> Data:
        return {"paymentId": self._one("pay"), "idempotencyKey": f"life {next(_numbers)}"}

    def _chart(self) -> Data:
        """Name a chart, mostly with the version that it has."""
        chart = self._one("cht")
        known = self._charts["chart"].get(chart, [{"version": 1}])
        return {"chartId": chart, "expectedVersion": known[0]["version"] - (self.rng.random() < 0.1)}

    def _save_chart(self) -> Data:
        given = self._chart()
        text = f"<p>{next(_numbers)}</p>"
        entries = [
            {
                "clientId": wire_id("clt", UUID(str(entry["client_id"]))),
                "clientNotes": text,
                "expectedVersion": entry["version"],
            }
            for entry in self._charts["chart_entry"].get(given["chartId"], [])[:1]
        ]
        parts = ({"groupNotes": text}, {"clientEntries": entries}, {"templateId": self._one("tpl")})
        return given | self.rng.choice(parts)

    def _lock_chart(self) -> Data:
        given = self._chart()
        warnings = self._charts["chart_warning"].get(given["chartId"], [])
        return given | {"acknowledgedWarningIds": [wire_id("wrn", UUID(str(one["id"]))) for one in warnings]}
