"""The log of audit: who reads of it what.

From how often their record was shown together with others', a client could count who else is there: of what is alike
within an hour they are told the first.
"""

from __future__ import annotations

from models import AuditEntry
from models.audit import AuditChannel
from resolvers.access.rules import in_practice, visible
from resolvers.reading.asking import Asking, Row


@visible(AuditEntry)
def _entry(entry: Row, q: Asking) -> str:
    """Who keeps the practice reads all of it, a provider what they did themselves, a client who saw their record."""
    if q.scope.admin:
        return in_practice(entry, q, "true")
    rules = []
    if q.scope.provider:
        rules.append(_own(entry, q))
    if q.scope.client:
        rules.append(_first_about_me(entry, q))
    return in_practice(entry, q, *rules)


def _own(entry: Row, q: Asking) -> str:
    return f"{entry.user_id}={q.viewer('user_id')}"


_ALIKE = ("user_id", "roles", "action", "operation", "channel", "outcome", "fields_read")


def _first_about_me(entry: Row, q: Asking) -> str:
    alike = q.row(AuditEntry)
    mine = in_practice(alike, q, about_client(alike, q.viewer("client_id"), q))
    # How long the server's work takes for all who came says how many they are; who had it done is noted before.
    mine += f" AND {alike.channel}<>'{AuditChannel.RUN}'"
    what = ",".join(f"{getattr(alike, column)}" for column in _ALIKE)
    firsts = f"SELECT min({alike.seq}) FROM {q.all(AuditEntry)} {alike} WHERE {mine}"
    return f"{entry.seq} IN ({firsts} GROUP BY {what},{q.dialect.hour(alike.recorded_at)})"


def about_client(entry: Row, client_id: str, q: Asking) -> str:
    """Whether the entry is about something in a client's record."""
    mine = f"k.practice_id={q.viewer('practice_id')} AND k.client_id={client_id}"
    return f"{entry.seq} IN ({q.dialect.numbers('k.seqs', 'audit_client k')} WHERE {mine})"


def _numbered(entry: Row, q: Asking) -> str:
    return q.dialect.contains("','||k.seqs||','", f"','||CAST({entry.seq} AS TEXT)||','")


def in_detail(entry: Row, q: Asking) -> str:
    """Whether the viewer may know which rows it was about and from where it came; a client would learn of others."""
    return "true" if q.scope.admin else f"coalesce({_own(entry, q)},false)"


def named_by(entry: Row, client: Row, q: Asking) -> str:
    """Whether the entry names the client."""
    named = f"k.practice_id={entry.practice_id} AND k.batch={entry.batch} AND {_numbered(entry, q)}"
    return f"{client.id} IN (SELECT k.client_id FROM audit_client k WHERE {named})"
