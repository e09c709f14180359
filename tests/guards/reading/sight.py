"""Who sees what, by the matrix, over rows in memory: plain Python that knows nothing of `resolvers/access/`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from resolvers.viewer import Viewer
from tests.guards.reading.truth import Seen, Truth, plain


def is_open(access: Any) -> bool:
    return bool(access.expires_at > datetime.now(UTC))


class Sight:
    """What one person sees of it, by the matrix."""

    def __init__(self, truth: Truth, viewer: Viewer, places: dict[str, str]) -> None:
        self.truth, self.viewer, self.places = truth, viewer, places
        self.me, self.client = viewer.provider_id, viewer.client_id
        self.runs_it = bool(viewer.roles & {"OWNER", "MANAGER"})
        self.books = self.runs_it or "SCHEDULER" in viewer.roles
        self.office = self.books or "BILLER" in viewer.roles
        self.held = {group.id for group in truth.all("Group") if truth.holds(self.me, group)}
        self.opened = {
            access.client_id
            for access in truth.all("EmergencyAccess")
            if self.runs_it and access.user_id == viewer.user_id and is_open(access)
        }
        self.rows: dict[str, dict[UUID, Seen]] = {}
        self._see("Practice", (p for p in truth.all("Practice") if p.id == viewer.practice_id))
        self._see("Viewer", (u for u in truth.all("Viewer") if u.id == viewer.user_id))
        for kind, may in (
            ("Group", self._group),
            ("GroupMembership", self._membership),
            ("Client", self._client),
            ("Provider", self._provider),
            ("ServiceCode", self._code),
            ("Appointment", self._appointment),
            ("Attendance", self._attendance),
            ("Payment", self._payment),
            ("PaymentAllocation", lambda part: self._payment(truth.row("Payment", part.payment_id))),
            ("ChartTemplate", lambda _: self.runs_it or self.me is not None),
            ("Chart", self._chart),
            ("ChartEntry", self._of_chart),
            ("ChartWarning", self._of_chart),
            ("ChartRun", self._of_chart),
            ("ChartRunStep", lambda step: self._of_chart(truth.row("ChartRun", step.run_id))),
            ("ChartNote", self._note),
            ("Signature", self._of_note),
            ("Addendum", self._of_note),
            ("EmergencyAccess", self._emergency),
            ("AuditEntry", self._entry),
        ):
            self._see(kind, (row for row in truth.all(kind) if row.practice_id == viewer.practice_id and may(row)))

    def _see(self, kind: str, rows: Iterable[Any]) -> None:
        self.rows[kind] = {row.id: Seen(kind, row) for row in rows}

    def _own(self, group: Any) -> bool:
        """A portal client's own groups are those they are in or were in."""
        return self.client in self.truth.once_in[group.id]

    def _group(self, group: Any) -> bool:
        return self.office or self.truth.holds(self.me, group) or self._own(group)

    def _membership(self, membership: Any) -> bool:
        """Rosters are for who books and for who holds the group; a client knows their own memberships."""
        return self.books or membership.group_id in self.held or membership.client_id == self.client

    def _client(self, client: Any) -> bool:
        """A provider's own clients: usually seen, with them alone, or in a group of theirs now or once."""
        return self.office or client.id == self.client or self._knows_client(client.id)

    def _knows_client(self, client: UUID) -> bool:
        return (
            (client, self.me) in self.truth.usual
            or any(client in self.truth.once_in[group] for group in self.held)
            or any(
                a.client_id == client and a.provider_id == self.me
                for a in self.truth.all("Appointment")
                if self.me is not None
            )
        )

    def _provider(self, provider: Any) -> bool:
        """The directory is for staff; a client knows who sees, saw or signed for them, and who leads their groups."""
        if self.client is None:
            return True
        truth = self.truth
        return (
            (self.client, provider.id) in truth.usual
            or any(self._own(g) and truth.holds(provider.id, g) for g in truth.all("Group"))
            or any(a.provider_id == provider.id and self._on_roster(a) for a in truth.all("Appointment"))
            or any(n.provider_id == provider.id and self._own_locked(n) for n in truth.all("ChartNote"))
        )

    def _code(self, code: Any) -> bool:
        """Codes are for staff; a client sees what they were charged, and what their groups cannot be seen without."""
        return (
            self.client is None
            or any(self._own(g) and g.default_service_code_id == code.id for g in self.truth.all("Group"))
            or any(
                line.client_id == self.client and line.service_code_id == code.id
                for line in self.truth.all("Attendance")
            )
        )

    # sessions, money and notes

    def _on_roster(self, session: Any) -> bool:
        return self.client is not None and self.client in self.truth.roster[session.id]

    def leads(self, session: Any) -> bool:
        """A provider's own sessions: with a client alone on their calendar, and those of groups that they hold."""
        if session.group_id is None:
            return self.me is not None and bool(session.provider_id == self.me)
        return session.group_id in self.held

    def in_full(self, session: Any) -> bool:
        """Whether it is more than taken time to this person."""
        return self.office or self.leads(session) or self._on_roster(session)

    def _appointment(self, session: Any) -> bool:
        """Staff see that a time is taken on every calendar; a client sees their own sessions."""
        return self.client is None or self._on_roster(session)

    def _leads_id(self, session: UUID) -> bool:
        return self.leads(self.truth.row("Appointment", session))

    def _attendance(self, line: Any) -> bool:
        return self.office or self._leads_id(line.appointment_id) or line.client_id == self.client

    def _payment(self, payment: Any) -> bool:
        """For the office, its client, who usually sees them, and who led a session that part of it went to."""
        if self.office or payment.client_id == self.client or (payment.client_id, self.me) in self.truth.usual:
            return True
        lines = (self.truth.row("Attendance", part.attendance_id) for part in self.truth.parts[payment.id])
        return any(self._leads_id(line.appointment_id) for line in lines)

    def _chart(self, chart: Any) -> bool:
        """Charts are for clinicians who lead the session; the office works without note text."""
        return self._leads_id(chart.appointment_id)

    def _of_chart(self, row: Any) -> bool:
        return self._chart(self.truth.row("Chart", row.chart_id))

    def _own_locked(self, note: Any) -> bool:
        return note.locked_at is not None and note.client_id == self.client

    def _note(self, note: Any) -> bool:
        """A client has the copy that is locked; nothing in draft or review. An owner who said why has all of one's."""
        return self._leads_id(note.appointment_id) or self._own_locked(note) or note.client_id in self.opened

    def _of_note(self, row: Any) -> bool:
        return self._note(self.truth.row("ChartNote", row.note_id))

    # what is opened in an emergency, and who did what

    def _emergency(self, access: Any) -> bool:
        """It is told to whoever runs the practice, to who wrote notes of theirs or sees them, and to whose they are."""
        notes = [note for note in self.truth.all("ChartNote") if note.client_id == access.client_id]
        added = {one.provider_id for one in self.truth.all("Addendum") if one.note_id in {note.id for note in notes}}
        wrote = self.me is not None and self.me in {note.provider_id for note in notes} | added
        return self.runs_it or wrote or self._knows_client(access.client_id) or access.client_id == self.client

    def did(self, entry: Any) -> bool:
        return bool(entry.user_id == self.viewer.user_id)

    def _entry(self, entry: Any) -> bool:
        """A provider reads what they did; a client who was in their record, once of what is alike within an hour."""
        if self.runs_it or (self.me is not None and self.did(entry)):
            return True
        return self.client is not None and entry.id in self._firsts

    @cached_property
    def _firsts(self) -> set[UUID]:
        touched = self.truth.touched
        mine = [e for e in self.truth.all("AuditEntry") if self.client in touched[e.id] and e.channel != "RUN"]
        alike: dict[tuple[object, ...], UUID] = {}
        for e in sorted(mine, key=lambda e: e.seq, reverse=True):
            what = (e.user_id, e.roles, e.action, e.operation, e.channel, e.outcome, e.fields_read)
            hour = e.recorded_at.replace(minute=0, second=0, microsecond=0)
            alike[(e.practice_id, *what, hour)] = e.id
        return set(alike.values())

    # what a row is called, and by what it is found

    def knows(self, group: Any) -> bool:
        """Whether a group's full name is for this person: it can reveal a diagnosis."""
        return self.books or group.id in self.held

    def called(self, group: Any) -> str:
        return str(group.name if self.knows(group) else group.initials)

    def group_found(self, group: Any, needle: str) -> bool:
        names = [group.initials, group.name] if self.knows(group) else [group.initials]
        return any(needle in plain(name) for name in names)

    @staticmethod
    def client_found(client: Any, needle: str) -> bool:
        called = client.preferred_name or client.first_name
        last = client.last_name
        spelled = (f"{called} {last}", f"{client.first_name} {last}", f"{last}, {called}")
        return any(needle in plain(name) for name in spelled)

    # in order

    def clients(self) -> list[Seen]:
        return sorted(self.rows["Client"].values(), key=self.client_key)

    def groups(self) -> list[Seen]:
        return sorted(self.rows["Group"].values(), key=self.group_key)

    def providers(self) -> list[Seen]:
        return sorted(self.rows["Provider"].values(), key=lambda s: (plain(s.row.name), s.row.id.hex))

    def all(self, kind: str) -> list[Seen]:
        return list(self.rows[kind].values())

    def by_last_name(self, kind: str) -> list[Seen]:
        """Rows about clients, by the name that the client list has them under."""

        def key(seen: Seen) -> tuple[str, str]:
            client = self.rows["Client"].get(seen.row.client_id)
            return (self.client_key(client)[0] if client else "", seen.row.id.hex)

        return sorted(self.rows[kind].values(), key=key)

    def memberships(self) -> list[Seen]:
        return list(self.rows["GroupMembership"].values())

    def group_key(self, seen: Seen) -> tuple[str, str]:
        return plain(self.called(seen.row)), seen.row.id.hex

    @staticmethod
    def client_key(seen: Seen) -> tuple[str, str]:
        """By last name, then by what they are called."""
        called = seen.row.preferred_name or seen.row.first_name
        return f"{plain(seen.row.last_name)}\n{plain(called)}", seen.row.id.hex

    def find(self, kind: str, wire: str) -> Seen | None:
        """Give the row with this id: of another type, of another practice and of nobody are all the same."""
        rows = self.rows[kind].values()
        return next((seen for seen in rows if seen.id == wire), None)

    def usually_sees_client(self, provider: UUID, client: Any) -> bool:
        """By what this person may know: of a roster out of sight nothing is told."""
        return (client.id, provider) in self.truth.usual or any(
            m.row.client_id == client.id
            and m.row.left_at is None
            and (group := self.rows["Group"].get(m.row.group_id)) is not None
            and group.row.archived_at is None
            and self.truth.holds(provider, group.row)
            for m in self.memberships()
        )
