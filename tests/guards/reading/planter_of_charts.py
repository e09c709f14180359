"""Charts of a practice's sessions, drawn by chance: drafts, in review, locked in chains, some altered afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import models
from models.base import wire_moment
from models.charting.notes import ATTESTATION, hash_of
from tests.guards.reading.planter import Planter
from tests.guards.reading.planter_of_sessions import SessionPlanter

CONFIDED = "confided"
"""Part of all that is for clinicians, and once it is locked for its client."""
STATES = ("DRAFT", "DRAFT", "ASSEMBLING", "IN_REVIEW", "LOCKING", "LOCKED", "LOCKED", "LOCKED")
WARNINGS = ("NAMES_ANOTHER_MEMBER", "NOT_INDIVIDUALIZED", "GROUP_TOO_LARGE")


class ChartPlanter:
    """Charts the sessions of a practice."""

    def __init__(self, planter: Planter, providers: list[models.Provider]) -> None:
        self.p, self.rng, self.providers = planter, planter.rng, providers
        self.chains: dict[UUID, list[models.ChartNote]] = {}
        self.altered: set[UUID] = set()
        self.locked_at = planter.moment()

    def sow(self, sessions: SessionPlanter) -> None:
        """Draw all of it."""
        templates = [self._template(kind) for kind in ("CUSTOM", "CUSTOM", "CUSTOM", "HIPAA", "SOAP")]
        for session, lines in sessions.sessions:
            state = self.rng.choice(STATES)
            if session.id in sessions.attended:
                state = ("IN_REVIEW", "LOCKED", "LOCKED")[sessions.attended.index(session.id)]
            elif self.p.chance(0.2):
                continue
            self._chart(session, lines, templates, state)

    def _text(self, odds: float = 0.8) -> str:
        many = self.rng.randrange(1, 4)
        return f"<p>{CONFIDED} {many} &lt; “ü”\\{self.p.mark}</p>" * many if self.p.chance(odds) else ""

    def _template(self, kind: str) -> models.ChartTemplate:
        template = models.ChartTemplate(
            id=self.p.new(),
            practice_id=self.p.practice.id,
            name=self.rng.choice(("plain", "Plain", "Ärger", "Zest", "_")) + self.p.mark,
            kind=kind,
            body=self.rng.choice(("", f"<h3>Part</h3><p>“ü”{self.p.mark}</p>")),
            active=self.p.chance(0.7),
            version=self.rng.randrange(1, 9),
        )
        self.p.add(template)
        return template

    def _chart(
        self,
        session: models.Appointment,
        lines: list[models.Attendance],
        templates: list[models.ChartTemplate],
        state: str,
    ) -> None:
        set_ = all(line.outcome for line in lines) and not session.canceled_at
        allowed = [t for t in templates if session.client_id is not None or t.kind == "CUSTOM"]
        template = self.rng.choice([None, *allowed])
        chart = models.Chart(
            id=self.p.new(),
            practice_id=self.p.practice.id,
            appointment_id=session.id,
            state=state if set_ else "DRAFT",
            template_id=template.id if template else None,
            template_body=template.body if template else "",
            group_notes=self._text(),
            last_changed_by=self.rng.choice((None, f"Bo Ek {CONFIDED}{self.p.mark}")),
            version=self.rng.randrange(1, 9),
        )
        self.p.add(chart)
        for line in lines:
            self.p.add(
                models.ChartEntry(
                    id=self.p.new(),
                    practice_id=self.p.practice.id,
                    chart_id=chart.id,
                    client_id=line.client_id,
                    attendance_id=line.id,
                    client_notes=self._text(0.5),
                    last_changed_by=self.rng.choice((None, f"Cy Oz {CONFIDED}{self.p.mark}")),
                    version=self.rng.randrange(1, 9),
                )
            )
        came = [line.client_id for line in lines if line.outcome == "ATTENDED"]
        self._runs(chart, came)
        if chart.state != "DRAFT":
            self._notes(chart, came)
            self._warnings(chart, [line.client_id for line in lines])

    # runs

    def _runs(self, chart: models.Chart, came: list[UUID]) -> None:
        kinds = {"DRAFT": [], "ASSEMBLING": ["COMPLETE"], "IN_REVIEW": ["COMPLETE"]}.get(
            chart.state, ["COMPLETE", "LOCK"]
        )
        if self.p.chance(0.3):
            kinds = ["COMPLETE", *kinds]
        begun = self.p.moment()
        for n, kind in enumerate(kinds):
            over = n < len(kinds) - 1 or chart.state in {"DRAFT", "IN_REVIEW", "LOCKED"}
            self._run(chart, kind, came, begun + timedelta(microseconds=n), over=over)

    def _run(self, chart: models.Chart, kind: str, came: list[UUID], begun: datetime, *, over: bool) -> None:
        state = "SUCCEEDED" if over else self.rng.choice(("QUEUED", "RUNNING", "FAILED"))
        steps = ["DONE" if over else self.rng.choice(("WAITING", "DONE", "FAILED")) for _ in came]
        run = models.ChartRun(
            id=self.p.new(),
            practice_id=self.p.practice.id,
            chart_id=chart.id,
            kind=kind,
            state=state,
            provider_id=self.rng.choice(self.providers).id,
            signed_as=f"Dr. Who {CONFIDED}{self.p.mark}",
            attestation=ATTESTATION,
            total=len(came),
            done=steps.count("DONE"),
            failed=steps.count("FAILED"),
            created_at=begun,
            started_at=None if state == "QUEUED" else begun,
            finished_at=begun + timedelta(seconds=1) if state in {"SUCCEEDED", "FAILED"} else None,
        )
        self.p.add(run)
        for client, step in zip(came, steps, strict=True):
            self.p.add(
                models.ChartRunStep(
                    id=self.p.new(),
                    practice_id=self.p.practice.id,
                    run_id=run.id,
                    client_id=client,
                    state=step,
                    reason=f"Not now. {CONFIDED}{self.p.mark}" if step == "FAILED" else None,
                )
            )

    # notes

    def _notes(self, chart: models.Chart, came: list[UUID]) -> None:
        for client in came:
            if chart.state == "ASSEMBLING" and self.p.chance(0.5):
                continue
            note = models.ChartNote(
                id=self.p.new(),
                practice_id=self.p.practice.id,
                chart_id=chart.id,
                client_id=client,
                appointment_id=chart.appointment_id,
                provider_id=self.rng.choice(self.providers).id,
                body=self._text(),
            )
            self.p.add(note)
            if chart.state == "LOCKED" or (chart.state == "LOCKING" and self.p.chance(0.5)):
                self._lock(note)

    def _lock(self, note: models.ChartNote) -> None:
        chain = self.chains.setdefault(note.client_id, [])
        self.locked_at += timedelta(minutes=1)
        signed_as = f"Dr. Who, LCSW{self.p.mark}"
        note.locked_at, note.chain_no = self.locked_at, len(chain) + 1
        note.previous_hash = chain[-1].content_hash if chain else None
        note.content_hash = hash_of(
            note=note.id,
            client=note.client_id,
            appointment=note.appointment_id,
            provider=note.provider_id,
            body=note.body,
            locked_at=wire_moment(note.locked_at),
            signed_as=signed_as,
            attestation=ATTESTATION,
            previous=note.previous_hash,
        )
        note.seal = note.sealed()
        chain.append(note)
        luck = self.rng.random()
        if luck < 0.1:
            note.body += "<p>And more.</p>"
        elif luck < 0.2:
            signed_as = f"Somebody else{self.p.mark}"
        if luck < 0.2:
            self.altered.add(note.id)
        self._sign(note, signed_as, 0)
        if self.p.chance(0.2):
            self._sign(note, f"Second Reader{self.p.mark}", 1)
            self.altered.add(note.id)
        last = note.content_hash
        for _ in range(self.rng.choice((0, 1, 2))):
            addendum = models.Addendum.hashed(
                id=self.p.new(),
                practice_id=self.p.practice.id,
                note_id=note.id,
                provider_id=self.rng.choice(self.providers).id,
                authored_as=f"Late, MD{self.p.mark}",
                body=self._text(1),
                created_at=self.p.moment(),
                previous_hash=last,
            )
            self.p.add(addendum)
            last = addendum.content_hash

    def _sign(self, note: models.ChartNote, signed_as: str, later: int) -> None:
        signer = note.provider_id
        if later:
            signer = self.rng.choice([p.id for p in self.providers if p.id != note.provider_id])
        assert note.locked_at is not None
        self.p.add(
            models.Signature(
                id=self.p.new(),
                practice_id=self.p.practice.id,
                note_id=note.id,
                provider_id=signer,
                signed_as=signed_as,
                signed_at=note.locked_at + timedelta(seconds=later),
                attestation=ATTESTATION,
            )
        )

    def break_links(self) -> None:
        """Give some notes another hash, which breaks them and the note after them."""
        for chain in self.chains.values():
            for n, note in enumerate(chain):
                if self.p.chance(0.08):
                    note.content_hash = f"{self.rng.getrandbits(256):064x}"
                    self.altered.update(after.id for after in chain[n : n + 2])

    def _warnings(self, chart: models.Chart, roster: list[UUID]) -> None:
        for position in range(self.rng.choice((0, 0, 1, 3))):
            kind = self.rng.choice(WARNINGS)
            self.p.add(
                models.ChartWarning(
                    id=self.p.new(),
                    practice_id=self.p.practice.id,
                    chart_id=chart.id,
                    kind=kind,
                    message=f"Look {CONFIDED} here.{self.p.mark}",
                    client_id=self.rng.choice(roster) if roster and kind != "GROUP_TOO_LARGE" else None,
                    position=position,
                )
            )
