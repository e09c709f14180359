"""What was done in a practice and by whom, and whose notes were opened in an emergency: drawn by chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import models
from models.audit.entries import Asked, AuditAction, AuditChannel, Entry, append, mark
from models.base import now
from models.unit_of_work import unit_of_work
from tests.guards.reading.planter import Planter
from tests.guards.reading.planter_of_sessions import SPRING, UNTOLD

MANY = 60
FIELDS = ("Client.name", "Client.email", "Group.members", "ChartNote.body", "Query.search")
COLUMNS = ("attendance.outcome", "client.email", "payment created", "chart_warning deleted")
OUTCOMES = ("OK", "OK", "OK", "FORBIDDEN", "VersionConflict")
OFTEN: tuple[type[models.base.Row], ...] = (
    models.Client,
    models.Group,
    models.Appointment,
    models.ChartNote,
    # It has no name in the graph.
    models.GroupShare,
)


class AuditPlanter:
    """Fills the log of audit of a practice, and opens notes to some of those who may break the glass."""

    def __init__(self, planter: Planter) -> None:
        self.p, self.rng = planter, planter.rng
        self.users = [row for row in planter.rows[models.User] if isinstance(row, models.User)]
        self.clients = [row for row in planter.rows[models.Client] if isinstance(row, models.Client)]

    def open(self, breaker: str, clients: list[models.Client], *, over: bool) -> None:
        """Let somebody have opened these clients' notes: a while ago, or just now for four hours."""
        viewer = self.p.viewers[breaker]
        for n, client in enumerate(clients):
            begun = SPRING + timedelta(days=n, microseconds=120_000) if over else now() - timedelta(minutes=n)
            self.p.add(
                models.EmergencyAccess(
                    id=self.p.new(),
                    practice_id=self.p.practice.id,
                    client_id=client.id,
                    user_id=viewer.user_id,
                    reason=f"She called “at night”\\{self.p.mark}",
                    begun_at=begun,
                    expires_at=begun + timedelta(hours=4),
                )
            )

    async def write(self) -> None:
        """Write entries as the product does: some about nobody, some about several clients at once."""
        entries = list[Entry]()
        while len(entries) < MANY:
            entries += self._alike(self._entry(len(entries)))
        # In batches of one and of several, as they are written.
        for start, end in ((0, 1), (1, 20), (20, 21), (21, len(entries))):
            await unit_of_work(partial(append, self.p.practice.id, entries[start:end]))
        for row in await models.AuditEntry.filter(practice_id=self.p.practice.id).order_by("seq"):
            self.p.add(row)

    def _entry(self, n: int) -> Entry:
        user = None if n % 12 == 0 else self.rng.choice(self.users)
        # Where a client is told of an entry, this stands in it and is not for them.
        staffs = "" if user is None or user.client_id else UNTOLD
        asked = Asked(
            practice_id=self.p.practice.id,
            user_id=user.id if user else None,
            roles=user.roles if user else "",
            operation=self.rng.choice(("client", "search", "setAttendance", "breakGlass")),
            channel=self.rng.choice(list(AuditChannel)),
            document=self.rng.choice((None, f"Asked {staffs}{self.p.mark}")),
            sign_in_id=self.p.new() if self.p.chance(0.8) else None,
            address=f"2001:db8::{n:x} {staffs}",
            fields_read=tuple(sorted(self.rng.sample(FIELDS, self.rng.randrange(4)))),
        )
        rows = [mark(row._meta.db_table, row.pk) for row in self._some_rows()]
        clients = {str(client.id) for client in self._some_clients()}
        return Entry(
            asked,
            self.rng.choice(list(AuditAction)),
            outcome=self.rng.choice(OUTCOMES),
            rows=rows,
            clients=clients,
            columns=tuple(self.rng.sample(COLUMNS, self.rng.randrange(3))),
            times=self.rng.choice((1, 1, 7)),
            at=SPRING + timedelta(days=self.rng.randrange(45), microseconds=self.rng.choice((0, 120_000))),
        )

    def _alike(self, entry: Entry) -> list[Entry]:
        """Let the same be done again and again, about some of the same clients, now and then within an hour."""
        return [
            entry,
            *(
                replace(entry, clients=entry.clients | {str(c.id) for c in self._some_clients()}, at=entry.at + later)
                for later in (timedelta(minutes=self.rng.randrange(90)) for _ in range(self.rng.choice((0, 0, 3))))
            ),
        ]

    def _some_rows(self) -> list[models.base.Row]:
        found: list[models.base.Row] = []
        for model in self.rng.sample(OFTEN, self.rng.randrange(4)):
            rows = [row for row in self.p.rows.get(model, []) if isinstance(row, models.base.Row)]
            found += self.rng.sample(rows, min(len(rows), self.rng.randrange(3)))
        return found

    def _some_clients(self) -> list[models.Client]:
        if self.p.chance(0.2):
            return []
        # The one who looks at it in the portal is the first.
        first = self.clients[:1] if self.p.chance(0.3) else []
        return [*first, *self.rng.sample(self.clients[1:], self.rng.randrange(4))]
