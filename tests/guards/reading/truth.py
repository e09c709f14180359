"""All rows of both practices, in memory, and what holds of them whoever looks."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tortoise.models import Model

import models
from models.database import fetch

PREFIXES = {
    "Practice": "prc",
    "Provider": "prv",
    "ServiceCode": "svc",
    "Client": "clt",
    "Group": "grp",
    "GroupMembership": "mem",
    "Viewer": "usr",
    "Appointment": "apt",
    "Attendance": "att",
    "Payment": "pay",
    "PaymentAllocation": "alo",
    "ChartTemplate": "tpl",
    "Chart": "cht",
    "ChartEntry": "ent",
    "ChartWarning": "wrn",
    "ChartNote": "not",
    "Addendum": "add",
    "ChartRun": "run",
    "EmergencyAccess": "ema",
    "AuditEntry": "aud",
}
TABLES: dict[str, type[Model]] = {
    "Practice": models.Practice,
    "Viewer": models.User,
    "Provider": models.Provider,
    "ServiceCode": models.ServiceCode,
    "Client": models.Client,
    "Group": models.Group,
    "GroupMembership": models.GroupMembership,
    "Appointment": models.Appointment,
    "Attendance": models.Attendance,
    "Payment": models.Payment,
    "PaymentAllocation": models.PaymentAllocation,
    "ChartTemplate": models.ChartTemplate,
    "Chart": models.Chart,
    "ChartEntry": models.ChartEntry,
    "ChartWarning": models.ChartWarning,
    "ChartNote": models.ChartNote,
    "Signature": models.Signature,
    "Addendum": models.Addendum,
    "ChartRun": models.ChartRun,
    "ChartRunStep": models.ChartRunStep,
    "EmergencyAccess": models.EmergencyAccess,
    "AuditEntry": models.AuditEntry,
}


def plain(text: str) -> str:
    """Give how a name is found and sorted: no case, no accents, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Cc"} or c.isspace())
    for written, typed in (("ł", "l"), ("đ", "d"), ("þ", "th"), ("æ", "ae"), ("ı", "i"), ("’", "'")):
        letters = letters.replace(written, typed)
    return " ".join(letters.split())


@dataclass(frozen=True)
class Seen:
    """A row, and of which type of the graph it is."""

    kind: str
    row: Any

    @property
    def id(self) -> str:
        return f"{PREFIXES[self.kind]}_{self.row.id.hex}"


@dataclass
class Truth:
    """All rows of both practices; `altered` are the notes that somebody changed after they were locked."""

    tables: dict[str, dict[UUID, Any]]
    altered: frozenset[UUID]
    shares: set[tuple[UUID, UUID]]
    usual: set[tuple[UUID, UUID]]
    log: dict[UUID, int]
    touched: dict[UUID, set[UUID]]
    """The clients whom each entry of the log of audit is about."""
    paid: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    parts: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    owed: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    roster: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    states: dict[UUID, str] = field(default_factory=dict)
    once_in: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    async def load(cls, altered: Iterable[UUID] = ()) -> Truth:
        tables: dict[str, dict[UUID, Any]] = {}
        for kind, model in TABLES.items():
            tables[kind] = {row.pk: row for row in await model.all()}
        truth = cls(
            tables,
            frozenset(altered),
            {(share.group_id, share.provider_id) for share in await models.GroupShare.all()},
            {(link.client_id, link.provider_id) for link in await models.ClientProvider.all()},
            {UUID(str(row["practice_id"])): row["seq"] for row in await fetch("SELECT * FROM event_counter")},
            await _touched(),
        )
        truth._sum()
        return truth

    def _sum(self) -> None:
        for part in self.all("PaymentAllocation"):
            self.paid[part.attendance_id] += part.amount_minor
            self.parts[part.payment_id].append(part)
        for line in self.all("Attendance"):
            self.roster[line.appointment_id].add(line.client_id)
            self.owed[line.client_id] += line.fee_minor or 0
        for payment in self.all("Payment"):
            self.owed[payment.client_id] -= payment.amount_minor - payment.refunded_minor
        for chart in self.all("Chart"):
            self.states[chart.appointment_id] = chart.state
        for membership in self.all("GroupMembership"):
            self.once_in[membership.group_id].add(membership.client_id)

    def all(self, kind: str) -> Iterable[Any]:
        return self.tables[kind].values()

    def row(self, kind: str, identifier: UUID) -> Any:
        return self.tables[kind][identifier]

    def charted(self, session: UUID) -> str | None:
        """Say how far the chart of a session is; None where there is none."""
        return self.states.get(session)

    def holds(self, provider: UUID | None, group: Any) -> bool:
        """A provider holds the groups they own and those shared with them."""
        return provider is not None and (group.provider_id == provider or (group.id, provider) in self.shares)

    def holds_id(self, provider: UUID | None, group: UUID | None) -> bool:
        return group is not None and self.holds(provider, self.row("Group", group))


async def _touched() -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await fetch(
        "SELECT e.id,k.client_id FROM audit_entry e JOIN audit_client k ON k.practice_id=e.practice_id"
        " AND k.batch=e.batch AND ','||k.seqs||',' LIKE '%,'||CAST(e.seq AS text)||',%'"
    ):
        found[UUID(str(row["id"]))].add(UUID(str(row["client_id"])))
    return found
