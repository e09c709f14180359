"""The log of audit, as it is read."""

from __future__ import annotations

from collections.abc import Iterator

from models import Client, User
from resolvers import access
from resolvers.reading.asking import Asking, Row
from resolvers.reading.shapes import Arg, Keys, means


def _newest_first(entry: Row, _q: Asking) -> Keys:
    return Keys((entry.recorded_at, entry.id), descending=True)


@means("Query.auditLog", order=_newest_first)
def audit_log(
    entry: Row,
    q: Asking,
    client_id: Arg | None = None,
    actor_id: Arg | None = None,
    from_: Arg | None = None,
    to: Arg | None = None,
) -> Iterator[str]:
    """Find what was done with a client's record, by somebody, or within a time."""
    if client_id is not None:
        q.must_see(Client, f"{client_id:clt}")
        yield access.about_client(entry, f"{client_id:clt}", q)
    if actor_id is not None:
        yield f"{entry.user_id}={actor_id:usr}"
    if from_ is not None:
        yield f"{entry.recorded_at}>={from_}"
    if to is not None:
        yield f"{entry.recorded_at}<{to}"


@means("AuditEntry.sequence")
def sequence(entry: Row, q: Asking) -> str:
    """Give its number to who keeps the practice: from numbers others would learn how much happens there."""
    return entry.seq if q.scope.admin else f"CASE WHEN false THEN {entry.seq} END"


@means("AuditEntry.actorName")
def actor_name(entry: Row, q: Asking) -> str:
    """Give who it was, by the name that they have now."""
    return f"(SELECT u.name FROM {q.all(User)} u WHERE u.id={entry.user_id})"


@means("AuditEntry.clients", order=lambda client, _: (client.sort_name, client.id))
def clients(row: Row, entry: Row, q: Asking) -> Iterator[str]:
    """Find in whose records it was, as far as the viewer may see them."""
    yield access.named_by(entry, row, q)


@means("AuditEntry.document")
def document(entry: Row, q: Asking) -> str:
    """Give what the caller calls the operation."""
    return _detail(entry.document, entry, q)


@means("AuditEntry.address")
def address(entry: Row, q: Asking) -> str:
    """Give from where it came."""
    return _detail(entry.address, entry, q)


@means("AuditEntry.times")
def times(entry: Row, q: Asking) -> str:
    """Give how often a stream told it within a moment."""
    return _detail(entry.times, entry, q)


@means("AuditEntry.signInId")
def sign_in_id(entry: Row, q: Asking) -> str:
    """Give under which sign-in it was."""
    return _detail(entry.sign_in_id, entry, q)


@means("AuditEntry.columnsChanged")
def columns_changed(entry: Row, q: Asking) -> dict[str, str]:
    """Give what was written, as it is kept: some of it may be in another's record."""
    return {"written": q.dialect.text(_detail(entry.columns, entry, q))}


@means("AuditEntry.objectIds")
def object_ids(entry: Row, q: Asking) -> dict[str, str]:
    """Give the rows that it was about, packed as they are kept."""
    return {"packed": q.dialect.text(_detail(entry.objects, entry, q))}


def _detail(column: str, entry: Row, q: Asking) -> str:
    known = access.in_detail(entry, q)
    return column if known == "true" else f"CASE WHEN {known} THEN {column} END"
