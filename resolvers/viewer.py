"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from models.practice import Role


class Scope(NamedTuple):
    """The kind of viewer: all that may change the text of a statement, so that plans are shared and hold nobody."""

    admin: bool = False
    scheduler: bool = False
    biller: bool = False
    provider: bool = False
    client: bool = False

    @property
    def office(self) -> bool:
        """Whether every client of the practice may be seen."""
        return self.admin or self.scheduler or self.biller

    @property
    def rosters(self) -> bool:
        """Whether every group may be seen in full: its name and who belongs to it."""
        return self.admin or self.scheduler


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person signed in, or with no user the operator at the command line, who sees no row."""

    practice_id: UUID | None
    user_id: UUID | None
    roles: frozenset[Role]
    provider_id: UUID | None = None
    client_id: UUID | None = None
    name: str = ""
    currency: str = ""
    time_zone: str = "UTC"
    sign_in_id: UUID | None = None

    @property
    def scope(self) -> Scope:
        """The kind of viewer this is."""
        roles = self.roles
        return Scope(
            admin=Role.OWNER in roles or Role.MANAGER in roles,
            scheduler=Role.SCHEDULER in roles,
            biller=Role.BILLER in roles,
            provider=self.provider_id is not None,
            client=self.client_id is not None,
        )


OPERATOR = Viewer(practice_id=None, user_id=None, roles=frozenset())
