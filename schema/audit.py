"""The log of audit: who saw and did what."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import orjson
import strawberry

import models
from models.audit import AuditAction as Actions
from models.audit import AuditChannel as Channels
from models.audit.packed import unpack
from models.ids import wire_id
from schema.clients import Client
from schema.fields import TABLES, column, computed, connection, derived, fact, id_of, many, shape
from schema.nodes import Node
from schema.paging import Connection
from schema.practice import Role, roles


@strawberry.enum(description="What was done.")
class AuditAction(Enum):
    """What was done."""

    CREATE = strawberry.enum_value(Actions.CREATE.value, description="Something new was written.")
    READ = strawberry.enum_value(Actions.READ.value, description="Something was shown.")
    UPDATE = strawberry.enum_value(Actions.UPDATE.value, description="Something was changed.")
    DELETE = strawberry.enum_value(Actions.DELETE.value, description="Something was taken away.")
    EXECUTE = strawberry.enum_value(
        Actions.EXECUTE.value, description="Nothing of these: a sign-in, or what was refused or changed nothing."
    )


@strawberry.enum(description="Which way it came.")
class AuditChannel(Enum):
    """Which way it came."""

    HTTP = strawberry.enum_value(Channels.HTTP.value, description="A request, from GraphiQL too.")
    SOCKET = strawberry.enum_value(Channels.SOCKET.value, description="A query or mutation over a socket.")
    STREAM = strawberry.enum_value(Channels.STREAM.value, description="What a subscription delivered within a moment.")
    RUN = strawberry.enum_value(Channels.RUN.value, description="Work of the server for whoever began it.")
    COMMAND_LINE = strawberry.enum_value(Channels.COMMAND_LINE.value, description="The operator's command line.")


def _texts(written: str | None) -> list[str] | None:
    """Give texts that are kept as one."""
    return None if written is None else orjson.loads(written)


def _ids(packed: str | None) -> list[str] | None:
    """Give rows as the graph names them, and by their table where it does not."""
    if packed is None:
        return None
    prefixes = {model._meta.db_table: prefix for model, prefix in TABLES.values() if model and prefix}  # noqa: SLF001 - Tortoise's description
    return [wire_id(prefixes.get(table, table), row) for table, rows in unpack(packed).items() for row in rows]


@shape(models.AuditEntry, "aud")
class AuditEntry(Node):
    """One reading or writing of protected health information. It holds names of fields, and never a value."""

    sequence: int | None = fact("Its number in the practice's log, which has no gaps. Only for the practice.")
    recorded_at: datetime = column("recorded_at", "When it was.")
    actor_id: strawberry.ID | None = id_of("usr", "user_id", "Who it was; null for the operator's command line.")
    actor_name: str | None = fact("The name of who it was.")
    roles: list[Role] = computed(roles, "roles", description="All that they were then.")
    action: AuditAction = column("action", "What was done.")
    operation: str = column("operation", "The field of the graph that was asked for, such as `setAttendance`.")
    document: str | None = fact("What the caller calls the operation. Only for the practice and for who it was.")
    channel: AuditChannel = column("channel", "Which way it came.")
    outcome: str = column("outcome", "OK, or the type or code of the refusal.")
    times: int | None = fact(
        "How often: a stream's deliveries within a moment are one entry. Only for the practice and for who it was."
    )
    fields_read: list[str] = computed(_texts, "fields_read", description="What was shown, as `Type.field`.")
    columns_changed: list[str] | None = derived(
        _texts,
        "What was written, as `table.column`, `table created` or `table deleted`."
        " Only for the practice and for who it was.",
    )
    object_ids: list[strawberry.ID] | None = derived(
        _ids, "The rows that were shown or written. Only for the practice and for who it was."
    )
    sign_in_id: strawberry.ID | None = fact(
        "Under which sign-in. Only for the practice and for who it was.", prefix="sin"
    )
    address: str | None = fact("From where. Only for the practice and for who it was.")
    hash: str = column("hash", "HMAC-SHA256 over the entry and the one before it, in hex.")

    @many
    def clients(self) -> list[Client]:
        """In whose records, as far as the viewer sees them."""
        raise NotImplementedError


@strawberry.type
class AuditQuery:
    """What may be asked of the log of audit."""

    @connection
    def audit_log(
        self,
        client_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what is about this client's record.")
        ] = strawberry.UNSET,
        actor_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what this person did.")
        ] = strawberry.UNSET,
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="Only from here on.")
        ] = strawberry.UNSET,
        to: Annotated[datetime | None, strawberry.argument(description="Only before this.")] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[AuditEntry] | None:
        """Who saw and did what, newest first.

        Owners and managers read all of the practice's, a provider what they did, a client who saw their record.
        """
        raise NotImplementedError
