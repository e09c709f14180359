"""Breaking the glass: who keeps the practice reads one client's notes for a while, and it is told to who wrote them."""

from __future__ import annotations

from collections.abc import Iterator

from models import Client, EmergencyAccess, User
from models.charting.closings import tell_readers
from models.charting.emergency import LONGEST_MINUTES, LONGEST_REASON
from models.problems import InvalidInput
from models.text import line
from resolvers import access
from resolvers.acting import Given
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means
from resolvers.viewer import Viewer


async def break_glass(viewer: Viewer, *, client_id: str, reason: str, minutes: int) -> Given:
    """Let the viewer read a client's notes for so many minutes."""
    access.may_break_glass(viewer)
    client = await access.client(viewer, client_id)
    problems: dict[str, str] = {}
    why = line(problems, "input.reason", reason, LONGEST_REASON)
    if not 1 <= minutes <= LONGEST_MINUTES:
        problems["input.minutes"] = f"For 1 to {LONGEST_MINUTES} minutes."
    if problems:
        raise InvalidInput(problems)
    opened = EmergencyAccess.for_minutes(
        minutes, practice_id=viewer.practice_id, client_id=client.id, user_id=viewer.user_id, reason=why
    )
    await opened.save()
    await tell_readers(client.practice_id, client.id)
    return Given("BreakGlassPayload", {"access": opened.id})


@means(
    "Query.emergencyAccesses",
    order=lambda a, _: Keys((a.begun_at, a.id), descending=True),
)
def emergency_accesses(row: Row, q: Asking, client_id: Arg | None = None, active: Arg | None = None) -> Iterator[str]:
    """Find when notes were opened, of whom, and whether they still are."""
    if client_id is not None:
        q.must_see(Client, f"{client_id:clt}")
        yield f"{row.client_id}={client_id:clt}"
    if active is not None:
        yield f"({row.expires_at}>{q.dialect.this_moment})={active}"


@means("EmergencyAccess.by")
def by(row: Row, q: Asking) -> str:
    """Give who opened them, by the name that they have now."""
    return f"(SELECT u.name FROM {q.all(User)} u WHERE u.id={row.user_id})"


@means("EmergencyAccess.active")
def active(row: Row, q: Asking) -> str:
    """Whether they can still be read."""
    return f"({row.expires_at}>{q.dialect.this_moment})"
