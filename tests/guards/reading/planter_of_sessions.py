"""Sessions of a practice, drawn by chance: rosters, what came of them, and what was paid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import models
from models.practice import ServiceCodeKind
from tests.guards.reading.planter import Planter

SPRING = datetime(2024, 3, 1, 15, tzinfo=UTC)
"""When all sessions are that are over; the clock is set forward within."""
LATER = datetime(2190, 3, 1, 15, tzinfo=UTC)
UNTOLD = "untold"
"""Part of all that is for staff only."""
OUTCOMES = ("ATTENDED", "ATTENDED", "ATTENDED", "NO_SHOW", "LATE_CANCEL", "ABSENT")
CONFIRMATIONS = ("NOT_ASKED", "PENDING", "CONFIRMED", "DECLINED")
NAMES = (None, "Zoë Quill", "Ng “Al” An")


class SessionPlanter:
    """Puts sessions on the calendars of a practice whose people are drawn already."""

    def __init__(self, planter: Planter) -> None:
        self.p, self.rng = planter, planter.rng
        self.sessions: list[tuple[models.Appointment, list[models.Attendance]]] = []
        self.attended: list[UUID] = []

    def sow(
        self,
        groups: list[models.Group],
        clients: list[models.Client],
        providers: list[models.Provider],
        codes: list[models.ServiceCode],
    ) -> None:
        """Draw all of it."""
        members: dict[UUID, list[UUID]] = {}
        for row in self.p.rows.get(models.GroupMembership, []):
            assert isinstance(row, models.GroupMembership)
            members.setdefault(row.group_id, []).append(row.client_id)
        for group in groups:
            once = sorted(set(members.get(group.id, [])))
            for _ in range(self.rng.choice((1, 2, 2, 3))):
                # Whose calendar it is may have nothing to do with it any more: shares end, and sessions stay.
                own = [p for p in providers if p.id == group.provider_id]
                whose = self.rng.choice(own if self.p.chance(0.6) else providers)
                self._session(whose, self.rng.sample(once, self.rng.randrange(len(once) + 1)), codes, group=group)
        for client in clients:
            if self.p.chance(0.6):
                self._session(self.rng.choice(providers), [client.id], codes)
        # One client knows notes in every state.
        for _ in range(3):
            self._session(self.rng.choice(providers), [clients[0].id], codes, attended=True)
        for client in clients:
            self._pay(client)
        self.p.log = self.rng.randrange(1, 1000)

    def _session(
        self,
        whose: models.Provider,
        roster: list[UUID],
        codes: list[models.ServiceCode],
        group: models.Group | None = None,
        *,
        attended: bool = False,
    ) -> None:
        coming, canceled = not attended and self.p.chance(0.15), not attended and self.p.chance(0.15)
        starts = (LATER if coming else SPRING) + timedelta(
            days=self.rng.randrange(40),
            minutes=self.rng.choice((0, 0, 30, 45)),
            microseconds=self.rng.choice((0, 0, 0, 120_000, 1)),
        )
        session = models.Appointment(
            id=self.p.new(),
            practice_id=self.p.practice.id,
            kind="GROUP" if group else "INDIVIDUAL",
            group_id=group.id if group else None,
            client_id=None if group else roster[0],
            provider_id=whose.id,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=self.rng.choice((30, 60, 90, 1440))),
            status="CANCELED" if canceled else "SCHEDULED",
            canceled_at=self.p.moment() if canceled else None,
            cancel_reason=self._word("reason") if canceled else None,
            version=self.rng.randrange(1, 9),
        )
        self.p.add(session)
        unset = canceled or (not attended and self.p.chance(0.2))
        lines = [self._line(session, client, codes, unset=unset and self.p.chance(0.6)) for client in roster]
        self.sessions.append((session, lines))
        if attended:
            self.attended.append(session.id)
            lines[0].outcome, lines[0].fee_minor, lines[0].service_code_id = "ATTENDED", 9_900, codes[0].id

    def _word(self, what: str) -> str | None:
        return self.rng.choice((None, f"{what} {UNTOLD} “ä\\”{self.p.mark}"))

    def _line(
        self, session: models.Appointment, client: UUID, codes: list[models.ServiceCode], *, unset: bool
    ) -> models.Attendance:
        outcome = None if session.canceled_at or unset else self.rng.choice(OUTCOMES)
        code = None
        if outcome == "ATTENDED" and self.p.chance(0.85):
            kinds: set[str] = {ServiceCodeKind.STANDARD, ServiceCodeKind.CUSTOM}
            code = self.rng.choice([c for c in codes if c.kind in kinds])
        elif outcome in {"NO_SHOW", "LATE_CANCEL"}:
            code = next(c for c in codes if c.code == outcome)
        fee = None if outcome is None else 0
        if code is not None:
            fee = self.rng.choice((code.fee_minor, 0, 1, 9_900))
        by = self.rng.choice(NAMES)
        line = models.Attendance(
            id=self.p.new(),
            practice_id=self.p.practice.id,
            appointment_id=session.id,
            client_id=client,
            confirmation=self.rng.choice(CONFIRMATIONS),
            outcome=outcome,
            service_code_id=code.id if code else None,
            fee_minor=fee,
            last_changed_by=by and f"{by} {UNTOLD}{self.p.mark}",
            version=self.rng.randrange(1, 9),
        )
        self.p.add(line)
        return line

    def _pay(self, client: models.Client) -> None:
        """Let the client pay some charges, in whole or in part, and take some of it back."""
        charges = [line for _, lines in self.sessions for line in lines if line.client_id == client.id]
        left = {line.id: line.fee_minor for line in charges if line.fee_minor}
        for _ in range(self.rng.choice((0, 1, 2, 3))):
            amount = self.rng.choice((1, 500, 9_900, 125_000))
            back = self.rng.choice((0, 0, 0, amount // 2, amount))
            status = "SUCCEEDED" if not back else "REFUNDED" if back == amount else "PARTIALLY_REFUNDED"
            payment = models.Payment(
                id=self.p.new(),
                practice_id=self.p.practice.id,
                client_id=client.id,
                amount_minor=amount,
                refunded_minor=back,
                method=self.rng.choice(("CASH", "CHECK", "EXTERNAL_CARD")),
                status=status,
                reference=self.rng.choice((None, f"№ 1\\2{self.p.mark}")),
                received_on=(SPRING + timedelta(days=self.rng.randrange(5))).date(),
                memo=self._word("memo"),
                statement_memo=self.rng.choice((None, f"Thank “you”{self.p.mark}")),
                refund_reason=self._word("refund") if back else None,
            )
            self.p.add(payment)
            rest = amount - back
            for line in self.rng.sample(sorted(left), min(len(left), self.rng.randrange(3))):
                # What was refunded altogether is kept, and is nothing.
                part = min(rest, left[line], self.rng.choice((0, 1, 1_000, 100_000)))
                rest -= part
                left[line] -= part
                self.p.add(
                    models.PaymentAllocation(
                        id=self.p.new(),
                        practice_id=self.p.practice.id,
                        payment_id=payment.id,
                        attendance_id=line,
                        amount_minor=part,
                        created_at=self.p.moment(),
                    )
                )
