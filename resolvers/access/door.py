"""The one door to rows that are to be changed: from an id that came from outside to a row, or to a refusal."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from tortoise.models import Model

from models import Client, Group
from models.database import connection, dialect
from models.ids import row_id
from models.problems import Forbidden, NotFound
from resolvers.access.rules import CHANGEABLE
from resolvers.reading.asking import Asking, Run, table_of
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.plans import Plans
from resolvers.viewer import Viewer

M = TypeVar("M", bound=Model)


_statements: Plans[tuple[str, list[Any]]] = Plans(200)

# Who holds one of these can give it to others, and to themselves.
_GIVEN: set[type[Model]] = {Client, Group}


async def rows(viewer: Viewer, model: type[M], ids: list[UUID], *, change: bool, lock: bool) -> list[M]:
    """Give these rows, all of which the viewer sees, or NOT_FOUND; with `change`, FORBIDDEN where one is not theirs."""
    written = DIALECTS[dialect()]
    scope = viewer.scope

    def write() -> tuple[str, list[Any]]:
        ask = Asking(written, scope)
        row = ask.row(model)
        wanted = written.id_among(row.id, ask.param("ids", written.ids_kind, lambda run: run.given["ids"]))
        may = CHANGEABLE[model](row, ask) if change else "true"
        # Identifiers stay as they are, so rows that only come to point here, as each part of a chart to its client,
        # need not wait: who wrote one and waits for another row would stop who has that one and waits for this.
        locked = f" FOR NO KEY UPDATE OF {row}" if lock and written.name == "postgres" else ""
        sql = (
            f"SELECT {row}.*,({may}) AS may_change FROM {table_of(model)} {row}"
            f" WHERE {wanted} AND ({ask.visible(model, row)}) ORDER BY {row.id}{locked}"
        )
        return ask.finish(sql)

    sql, binds = _statements.get((written.name, model, scope, change, lock), write)
    run = Run(viewer, given={"ids": ids})
    found = await connection().execute_query_dict(sql, [written.bind(bind(run), kind) for kind, bind in binds])
    if len(found) < len(ids):
        raise NotFound
    if not all(row.pop("may_change") for row in found):
        raise Forbidden
    if lock and model in _GIVEN and written.name == "postgres":
        # A right that ended while this waited for the lock is missed only by a statement that begins after it.
        return await rows(viewer, model, ids, change=change, lock=False)
    return [model._init_from_db(**row) for row in found]  # noqa: SLF001 - what Tortoise makes of its own rows


async def by_wire(
    viewer: Viewer, model: type[M], prefix: str, wire: str, *, change: bool = False, lock: bool = False
) -> M:
    """Give the row with this id, or NOT_FOUND; with `change`, FORBIDDEN where it is not theirs to change."""
    wanted = row_id(prefix, wire)
    if wanted is None:
        raise NotFound
    return await by_id(viewer, model, wanted, change=change, lock=lock)


async def by_id(viewer: Viewer, model: type[M], wanted: UUID, *, change: bool, lock: bool) -> M:
    """Give the row of this identifier, as `by_wire` does."""
    return (await rows(viewer, model, [wanted], change=change, lock=lock))[0]
