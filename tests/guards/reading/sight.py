"""Who sees what, by the matrix, over rows in memory: plain Python that knows nothing of `resolvers/access.py`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tortoise.models import Model

import models
from resolvers.viewer import Viewer

PREFIXES = {
    "Practice": "prc",
    "Provider": "prv",
    "ServiceCode": "svc",
    "Client": "clt",
    "Group": "grp",
    "GroupMembership": "mem",
    "Viewer": "usr",
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
    """All rows of both practices."""

    practices: list[Any] = field(default_factory=list)
    users: list[Any] = field(default_factory=list)
    providers: list[Any] = field(default_factory=list)
    codes: list[Any] = field(default_factory=list)
    clients: list[Any] = field(default_factory=list)
    groups: list[Any] = field(default_factory=list)
    memberships: list[Any] = field(default_factory=list)
    shares: set[tuple[UUID, UUID]] = field(default_factory=set)
    usual: set[tuple[UUID, UUID]] = field(default_factory=set)

    @classmethod
    async def load(cls) -> Truth:
        async def rows(model: type[Model]) -> list[Any]:
            return list(await model.all())

        return cls(
            await rows(models.Practice),
            await rows(models.User),
            await rows(models.Provider),
            await rows(models.ServiceCode),
            await rows(models.Client),
            await rows(models.Group),
            await rows(models.GroupMembership),
            {(share.group_id, share.provider_id) for share in await rows(models.GroupShare)},
            {(link.client_id, link.provider_id) for link in await rows(models.ClientProvider)},
        )

    def holds(self, provider: UUID | None, group: Any) -> bool:
        """A provider holds the groups they own and those shared with them."""
        return provider is not None and (group.provider_id == provider or (group.id, provider) in self.shares)


class Sight:
    """What one person sees of it, by the matrix."""

    def __init__(self, truth: Truth, viewer: Viewer, places: dict[str, str]) -> None:
        self.truth, self.viewer, self.places = truth, viewer, places
        self.me, self.client = viewer.provider_id, viewer.client_id
        self.runs_it = bool(viewer.roles & {"OWNER", "MANAGER"})
        self.books = self.runs_it or "SCHEDULER" in viewer.roles
        self.office = self.books or "BILLER" in viewer.roles
        groups_by_id = {group.id: group for group in truth.groups}
        self.once_in: dict[UUID, set[UUID]] = {}
        for membership in truth.memberships:
            self.once_in.setdefault(membership.group_id, set()).add(membership.client_id)
        self.rows: dict[str, dict[UUID, Seen]] = {}
        self._see("Practice", (p for p in truth.practices if p.id == viewer.practice_id))
        self._see("Viewer", (u for u in truth.users if u.id == viewer.user_id))
        for kind, rows, may in (
            ("Group", truth.groups, self._group),
            ("GroupMembership", truth.memberships, lambda m: self._membership(m, groups_by_id[m.group_id])),
            ("Client", truth.clients, self._client),
            ("Provider", truth.providers, self._provider),
            ("ServiceCode", truth.codes, self._code),
        ):
            self._see(kind, (row for row in rows if row.practice_id == viewer.practice_id and may(row)))

    def _see(self, kind: str, rows: Iterable[Any]) -> None:
        self.rows[kind] = {row.id: Seen(kind, row) for row in rows}

    def _own(self, group: Any) -> bool:
        """A portal client's own groups are those they are in or were in."""
        return self.client in self.once_in.get(group.id, set())

    def _group(self, group: Any) -> bool:
        return self.office or self.truth.holds(self.me, group) or self._own(group)

    def _membership(self, membership: Any, group: Any) -> bool:
        """Rosters are for who books and for who holds the group; a client knows their own memberships."""
        return self.books or self.truth.holds(self.me, group) or membership.client_id == self.client

    def _client(self, client: Any) -> bool:
        """A provider's own clients: those they usually see, and those who are or were in a group of theirs."""
        if self.office or client.id == self.client:
            return True
        held = (g for g in self.truth.groups if self.truth.holds(self.me, g))
        return (client.id, self.me) in self.truth.usual or any(client.id in self.once_in.get(g.id, ()) for g in held)

    def _provider(self, provider: Any) -> bool:
        """The directory is for staff; a client knows who usually sees them and who leads a group of theirs."""
        if self.client is None:
            return True
        leads = any(self._own(g) and self.truth.holds(provider.id, g) for g in self.truth.groups)
        return leads or (self.client, provider.id) in self.truth.usual

    def _code(self, code: Any) -> bool:
        """Codes are for staff; to a client only those of their own groups, which cannot be seen without."""
        return self.client is None or any(
            self._own(g) and g.default_service_code_id == code.id for g in self.truth.groups
        )

    # what a row is called, and by what it is found

    def knows(self, group: Any) -> bool:
        """Whether a group's full name is for this person: it can reveal a diagnosis."""
        return self.books or self.truth.holds(self.me, group)

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
