"""One practice full of people, drawn by chance."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tortoise.models import Model

import models
from models.client_access import keep_client_access
from models.database import fetch
from models.practice import Role, ServiceCodeKind
from models.text import fold
from resolvers.viewer import Viewer
from tests.guards.reading.truth import PREFIXES, TABLES

FIRST = ("Ada", "Ben", "Chloé", "Łukasz", "ÅSA", "Ænna", "Ben", "İpek", "Zoe", "Seán", "Đorđe", "Þór", "Mary Ann")
LAST = (
    "Ångström",
    "bäcker",
    "Çelik",
    "O’Brien",
    "Straße",
    "Ng",
    "Ng An",
    "Müller",
    "MULLER",
    "de la Cruz",
    "D'Arc",
    "Nuñez-Ortiz",
    'Quo"te\\',
    "東",
)
CALLED = (None, None, None, "Benny", "Mäxchen", "Jo")
TOPICS = ("Grief", "Anxiété", "Sober", "Überleben", "grief", "Men’s", "100% Me", "Under_score")
DAYS = ("Monday", "Tuesday", "MONDAY", "Freitag")
# In an order in which each finds what it points to.
PLANTED: tuple[type[Model], ...] = (
    models.Provider,
    models.ServiceCode,
    models.Client,
    models.Group,
    models.GroupMembership,
    models.GroupShare,
    models.ClientProvider,
    models.User,
    models.Appointment,
    models.Attendance,
    models.Payment,
    models.PaymentAllocation,
    models.ChartTemplate,
    models.Chart,
    models.ChartEntry,
    models.ChartWarning,
    models.ChartNote,
    models.Signature,
    models.Addendum,
    models.ChartRun,
    models.ChartRunStep,
    models.EmergencyAccess,
)
EPOCH = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Planter:
    """Makes the rows of one practice."""

    def __init__(self, rng: random.Random, *, name: str, currency: str, mark: str) -> None:
        self.rng = rng
        self.mark = mark
        self.practice = models.Practice(id=self.new(), name=name, time_zone="America/Chicago", currency=currency)
        self.rows: dict[type[Model], list[Model]] = {}
        self.viewers: dict[str, Viewer] = {}
        self.paired: set[tuple[UUID, UUID]] = set()
        self.log = 0

    def new(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def add(self, row: Model) -> None:
        self.rows.setdefault(type(row), []).append(row)

    def chance(self, odds: float) -> bool:
        return self.rng.random() < odds

    def moment(self) -> datetime:
        micros = self.rng.choice((0, 0, 120_000, 123_456, 1))
        return EPOCH + timedelta(days=self.rng.randrange(60), minutes=self.rng.randrange(600), microseconds=micros)

    def providers(self, count: int) -> list[models.Provider]:
        made = []
        for n in range(count):
            name = f"{self.rng.choice(FIRST)} {self.rng.choice(LAST)}{self.mark}"
            made.append(
                models.Provider(
                    id=self.new(),
                    practice_id=self.practice.id,
                    name=name,
                    sort_name=fold(name),
                    credentials=self.rng.choice((None, "LCSW", "Ph.D., “Dr”")),
                    active=n == 0 or self.chance(0.8),
                )
            )
        for provider in made:
            self.add(provider)
        return made

    def codes(self) -> list[models.ServiceCode]:
        kinds = ServiceCodeKind
        wanted = (
            ("90853", kinds.STANDARD),
            ("90837", kinds.STANDARD),
            ("90785", kinds.ADD_ON),
            ("a-1", kinds.CUSTOM),
            ("B 2", kinds.CUSTOM),
            ("_x", kinds.CUSTOM),
            ("NO_SHOW", kinds.SYSTEM),
            ("LATE_CANCEL", kinds.SYSTEM),
            ("SICK", kinds.SYSTEM),
        )
        made = [
            models.ServiceCode(
                id=self.new(),
                practice_id=self.practice.id,
                code=code,
                label=f"Session «{code}»{self.mark}",
                kind=kind,
                fee_minor=self.rng.choice((0, 1, 12_500, 99, 10_000_000, 123_456)),
                duration_minutes=self.rng.choice((45, 60, 90)),
                active=self.chance(0.75),
            )
            for code, kind in wanted
        ]
        for code in made:
            self.add(code)
        return made

    def clients(self, count: int) -> list[models.Client]:
        made = []
        for _ in range(count):
            client = models.Client(id=self.new(), practice_id=self.practice.id)
            client.take(
                {
                    "first_name": self.rng.choice(FIRST),
                    "last_name": self.rng.choice(LAST) + self.mark,
                    "preferred_name": self.rng.choice(CALLED),
                    "date_of_birth": self.rng.choice((None, date(1990, 2, 3), date(2004, 12, 31))),
                    "email": self.rng.choice((None, "ada@mail.example")),
                    "phone": self.rng.choice((None, "+1 (312) 555-0100")),
                }
            )
            client.active = self.chance(0.75)
            client.version = self.rng.randrange(1, 9)
            self.add(client)
            made.append(client)
        return made

    def groups(self, count: int, owners: list[models.Provider], codes: list[models.ServiceCode]) -> list[models.Group]:
        made = []
        for n in range(count):
            group = models.Group(id=self.new(), practice_id=self.practice.id)
            group.take(
                {
                    "name": f"{self.rng.choice(DAYS)} {self.rng.choice(TOPICS)} unspoken{self.mark}",
                    "initials": self.rng.choice(("MGG", "ßa", "ÄÖ", "mgg", "T")) + self.rng.choice(("", f" {n}")),
                }
            )
            group.default_service_code_id = self.rng.choice(codes[:6]).id
            group.provider_id = self.rng.choice(owners).id
            group.archived_at = self.moment() if self.chance(0.25) else None
            group.version = self.rng.randrange(1, 9)
            self.add(group)
            made.append(group)
        return made

    def memberships(self, groups: list[models.Group], clients: list[models.Client], most: int) -> None:
        for group in groups:
            for client in self.rng.sample(clients, self.rng.randrange(most + 1)):
                self.belong(group, client)

    def belong(self, group: models.Group, client: models.Client) -> None:
        """Let the client be in the group now, or once, or once and again."""
        past, now = self.rng.choice(((False, True), (False, True), (True, False), (True, True)))
        if (group.id, client.id) in self.paired:
            return
        self.paired.add((group.id, client.id))
        for ended in [True] * past + [False] * now:
            joined = self.moment()
            left = joined + timedelta(days=self.rng.randrange(30)) if ended else None
            self.add(
                models.GroupMembership(
                    id=self.new(),
                    practice_id=self.practice.id,
                    group_id=group.id,
                    client_id=client.id,
                    joined_at=joined,
                    left_at=left,
                )
            )

    def links(
        self, clients: list[models.Client], groups: list[models.Group], providers: list[models.Provider], odds: float
    ) -> None:
        """Let providers usually see some clients, and share some groups."""
        for provider in providers:
            for client in clients:
                if self.chance(odds):
                    self.add(
                        models.ClientProvider(
                            id=self.new(),
                            practice_id=self.practice.id,
                            client_id=client.id,
                            provider_id=provider.id,
                        )
                    )
            for group in groups:
                if group.provider_id != provider.id and self.chance(odds):
                    self.add(
                        models.GroupShare(
                            id=self.new(), practice_id=self.practice.id, group_id=group.id, provider_id=provider.id
                        )
                    )

    def user(
        self,
        label: str,
        roles: tuple[Role, ...],
        provider: models.Provider | None = None,
        client: models.Client | None = None,
    ) -> None:
        """Let somebody sign in."""
        email = f"{label.replace(' ', '-')}@{self.practice.currency.lower()}.example"
        user = models.User(
            id=self.new(),
            practice_id=self.practice.id,
            name=f"{label}{self.mark}",
            email=email,
            email_key=email,
            password_hash="-",
            roles=" ".join(roles),
            provider_id=provider.id if provider else None,
            client_id=client.id if client else None,
        )
        self.add(user)
        self.viewers[label] = Viewer(
            practice_id=self.practice.id,
            user_id=user.id,
            roles=frozenset(roles),
            provider_id=user.provider_id,
            client_id=user.client_id,
            currency=self.practice.currency,
            time_zone=self.practice.time_zone,
        )

    async def plant(self) -> None:
        await self.practice.save(force_create=True)
        for model in PLANTED:
            await model.bulk_create(self.rows.get(model, []))
        if self.log:
            await fetch("INSERT INTO event_counter (practice_id,seq) VALUES ($1,$2)", [self.practice.id, self.log])
        await keep_client_access(row.pk for row in self.rows[models.Client])

    def ids(self) -> dict[str, list[UUID]]:
        found = {"prc": [self.practice.id]}
        for kind, prefix in PREFIXES.items():
            if rows := self.rows.get(TABLES[kind]):
                found[prefix] = [row.pk for row in rows]
        return found
