"""Groups drawn by chance, whose members each read in the portal, and what each of them could be known by."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, islice, product
from uuid import UUID

from models.database import fetch
from models.ids import row_id
from models.practice import Role
from resolvers.reading.asking import table_of
from resolvers.viewer import Viewer
from tests.charting.scene import COMING, Session, a_session
from tests.client import Data, Person, document_of
from tests.guards.access_shown import selection
from tests.guards.reading.documents import Document
from tests.guards.reading.listeners import Ears
from tests.guards.reading.tellers import Teller
from tests.guards.reading.truth import PREFIXES, TABLES
from tests.streams.follower import viewer_of
from tests.world import World, a_client, a_group, a_user

WORDS = ("grief", "“spring”", "a walk", "the sea &amp; sand", "anger", "<strong>sleep</strong>", "Überdruß", "work")
# Each row of these is about one client.
ABOUT_ONE = (
    "GroupMembership",
    "Attendance",
    "Payment",
    "ChartEntry",
    "ChartWarning",
    "ChartNote",
    "ChartRunStep",
    "EmergencyAccess",
)
# Round the day on which all of it is.
STRETCH: Data = {"from": "2025-12-20T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
OWN = (
    f"{{ viewer {{ {selection('Viewer')} client {{ {selection('Client')}"
    f" groups {{ {selection('Group')} }} memberships {{ {selection('GroupMembership')} }}"
    f" mine: appointments {{ edges {{ node {{ {selection('Appointment')} }} }} }}"
    f" lines: attendances {{ edges {{ node {{ {selection('Attendance')} }} }} }}"
    f" paid: payments {{ edges {{ node {{ {selection('Payment')} }} }} }}"
    f" notes: chartNotes {{ edges {{ node {{ {selection('ChartNote')}"
    f" added: addenda {{ {selection('Addendum')} }} signed: signatures {{ {selection('Signature')} }} }} }} }} }} }}"
    f" auditLog(first: 100) {{ edges {{ node {{ {selection('AuditEntry')} }} }} }}"
    f" emergencyAccesses {{ edges {{ node {{ {selection('EmergencyAccess')} }} }} }} }}"
)
BOARD = (
    "subscription Asked($appointmentId: ID!) { attendanceBoard(appointmentId: $appointmentId)"
    f" {{ {selection('Appointment')} }} }}"
)
OTHERS = (
    "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Client { name email } ... on Payment { reference memo }"
    " ... on ChartNote { body } ... on ChartEntry { clientNotes } ... on Attendance { outcome client { name } } } }"
)
CONFIRM, RENAME = document_of("recordConfirmation"), document_of("updateClient")
RANDOM_DOCUMENTS = 4
CHANGES = (
    "subscription Asked($from: DateTime!, $to: DateTime!) { calendarChanges(from: $from, to: $to)"
    f" {{ cursor kind appointmentId appointment {{ {selection('Appointment')} }} }} }}"
)


@dataclass
class Member:
    """A client in the portal, and all that they could be known by."""

    id: str
    word: str
    person: Person
    viewer: Viewer
    known_by: set[str]
    rows: set[str] = field(default_factory=set)
    """The ids of all that is about them alone."""


class Circle:
    """Some groups with members in common, and the sessions that they have."""

    def __init__(
        self, world: World, rng: random.Random, members: list[Member], groups: dict[str, list[Member]]
    ) -> None:
        """Hold who is in which group."""
        self.world, self.rng, self.members, self.groups = world, rng, members, groups
        self.sessions: list[Session] = []
        self.coming: list[Session] = []

    @classmethod
    async def draw(cls, world: World, rng: random.Random, many: int) -> Circle:
        """Make clients whose names, addresses and numbers are nobody else's, and groups of some of them."""
        members = []
        for n in range(many):
            word = "".join(rng.choices("bcdfghjklmnpqrstvwxz", k=9)).capitalize()
            phone, born = (
                f"+1 312 {rng.randrange(10**7):07}",
                f"19{n + 10}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}",
            )
            id_ = await a_client(
                by=world.amara,
                first_name=f"First{word}",
                last_name=f"Last{word}",
                preferred_name=rng.choice((None, f"Called{word}")),
                email=f"{word.lower()}@mail.example",
                phone=phone,
                date_of_birth=born,
            )
            person = await a_user(
                world.nobody,
                name=f"Portal{word}",
                roles=[Role.CLIENT],
                client=id_,
                email=f"portal.{word.lower()}@mail.example",
            )
            known_by = {word.lower(), phone, born, id_[4:]}
            members.append(Member(id_, word.lower(), person, await viewer_of(person), known_by))
        groups = {}
        for n in range(2):
            some = rng.sample(members, rng.randrange(2, many + 1))
            name = f"Circle {n}"
            groups[await a_group(by=world.amara, name=name, initials=f"C{n}", clients=[m.id for m in some])] = some
        return cls(world, rng, members, groups)

    async def meet(self) -> None:
        """Let each group hold a session and have one to come, and somebody one alone."""
        for group in self.groups:
            self.sessions.append(await a_session(by=self.world.amara, group=group))
            self.coming.append(await a_session(by=self.world.amara, group=group, starts_at=COMING))
        self.sessions.append(await a_session(by=self.world.amara, client=self.rng.choice(self.members).id))

    def text(self, word: str = "") -> str:
        """Give something to be written, in which a member's word stands where it is about them."""
        words = self.rng.choices(WORDS, k=self.rng.randrange(1, 9))
        return f"<p>{' '.join([*words, word])}</p>" * self.rng.randrange(1, 3)

    def of(self, session: Session) -> list[Member]:
        """Give who is on the roster."""
        return [member for member in self.members if member.id in session.lines]

    async def ids(self) -> dict[str, list[UUID]]:
        """Give the ids of all that is there, by their prefix, to ask with."""
        found = {}
        for kind, prefix in PREFIXES.items():
            rows = await fetch(f"SELECT id FROM {table_of(TABLES[kind])} ORDER BY id")
            found[prefix] = [UUID(str(row["id"])) for row in rows] or [UUID(int=0)]
        return found

    async def learn(self) -> None:
        """Know each member by the ids of all that is about them alone, too."""
        for kind in ABOUT_ONE:
            for row in await fetch(f"SELECT id,client_id FROM {table_of(TABLES[kind])} WHERE client_id IS NOT NULL"):
                for member in self.members:
                    if UUID(str(row["client_id"])) == row_id("clt", member.id):
                        known = UUID(str(row["id"])).hex
                        member.known_by.add(known)
                        if kind in PREFIXES:
                            member.rows.add(f"{PREFIXES[kind]}_{known}")

    def others_in(self, member: Member, text: str, asked: str = "") -> list[str]:
        """Say by what others could be known in what a member is told."""
        said = text.lower()
        return [
            f"{member.word} is told {known} of {other.word} in {text[:2000]}"
            for other in self.members
            if other is not member
            for known in other.known_by
            if known in said and known not in asked
        ]


class Members:
    """What the members of a circle ask and follow, and what they are told by it of one another."""

    def __init__(self, circle: Circle, author: Teller, ears: Ears, tally: Counter[str]) -> None:
        """Draw what is asked at random, by each with values of their own."""
        self.circle, self.author, self.ears, self.tally = circle, author, ears, tally
        drawn = (author.document(later=True) for _ in count())
        self.documents = list(islice((one for one in drawn if one.operation is None), RANDOM_DOCUMENTS))

    def listen(self) -> None:
        """Let each follow their calendar and the boards of all sessions, those of others too."""
        boards = [Document(BOARD, "Asked", (), 1), self.ears.document("attendanceBoard")]
        for member in self.circle.members:
            self._begin(member, "calendarChanges", Document(CHANGES, "Asked", (), 1), STRETCH)
            for session, document in product([*self.circle.sessions, *self.circle.coming], boards):
                self._begin(member, "attendanceBoard", document, {"appointmentId": session.id})

    def _begin(self, member: Member, name: str, document: Document, values: Data) -> None:
        self.tally["streams"] += 1
        self.ears.begin(member.word, member.viewer, name, document, values)

    async def heard(self) -> list[str]:
        """Say what their streams told them of one another since this was asked last."""
        listeners = list(self.ears.open)
        await self.ears.settle()
        found = []
        for listener in listeners:
            [member] = [one for one in self.circle.members if one.word == listener.label]
            for text in listener.heard():
                self.tally["texts"] += 1
                found += self.circle.others_in(member, text, str(listener.values))
        return found

    async def ask(self, member: Member) -> list[str]:
        """Let one ask for all of their own, for what is others', and at random."""
        circle = self.circle
        other = circle.rng.choice([one for one in circle.members if one is not member])
        lines = [session.lines[other.id] for session in circle.sessions if other.id in session.lines]
        asked: list[tuple[str, Data]] = [
            (OWN, {}),
            (OTHERS, {"ids": [other.id, *sorted(other.rows)][:50]}),
            (CONFIRM, {"input": {"attendanceId": (lines or [other.id])[0], "status": "CONFIRMED"}}),
            (RENAME, {"input": {"id": other.id, "lastName": "Other"}}),
            *((document.text, self.author.values(document)) for document in self.documents),
        ]
        found = []
        for text, variables in asked:
            answer = await member.person.answer(text, **variables)
            self.tally["answers"] += 1
            found += circle.others_in(member, f"{answer.data}{answer.errors}", f"{text}{variables}".lower())
        return found
