"""Root fields read: from what is executed to the reader, and back to graphql-core as a tree keyed by response keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.audit.buffer import note, room
from models.audit.entries import AuditAction, Entry
from models.database import dialect
from models.problems import NotFound, Unauthenticated, code_of
from resolvers.acting import Answer, Given
from resolvers.reading.asking import Asking, Run
from resolvers.reading.compile import TYPE_TAG, Compiler
from resolvers.reading.dialects import DIALECTS
from resolvers.reading.plans import Plans
from resolvers.reading.run import Plan
from resolvers.reading.shapes import Derived, Pick, Shape
from resolvers.viewer import Viewer
from schema.auditing import asked_by, names_read
from schema.context import Info
from schema.selection import Selector, Slot

Kept = tuple[Plan, tuple[Slot, ...], tuple[str, ...]]
"""A statement, where its values are found in the document, and the fields that it reads."""
LONGEST_KEPT = 20_000


class Reader:
    """Reads root fields and payloads, with the plans of all viewers."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        """Begin with no plan."""
        self.shapes = shapes
        self.prefixes = frozenset(shape.prefix for shape in shapes.values() if shape.prefix)
        self.plans: Plans[Kept] = Plans(weigh=lambda kept: len(kept[0].sql))

    async def root(self, _: Any, info: Info, **_arguments: Any) -> Any:
        """Answer a root field of the query."""
        viewer: Viewer | None = info.context.viewer
        if viewer is None:
            if info.field_name == "viewer":
                return None
            raise Unauthenticated
        selector = Selector.of(info, self.prefixes)
        key = (*self._key(info, viewer, selector), None)

        def make() -> Kept:
            pick = selector.root(info)
            ask = Asking(DIALECTS[dialect()], viewer.scope)
            sql = Compiler(self.shapes, ask).root(self.shapes["Query"].fields[info.field_name], pick)
            return self.plan(ask, sql, strict=False), tuple(selector.slots), names_read("Query", [pick])

        plan, slots, names = self._kept(key, make)
        return await self._noted(plan, Run(viewer, selector.values(slots)), info, names)

    async def payload(self, info: Info, given: Given, viewer: Viewer | None, *, strict: bool) -> Answer:
        """Answer a mutation with a member of its union: rows from the database, plain values as they are."""
        shape = self.shapes[given.type_name]
        selector = Selector.of(info, self.prefixes)
        scope_of = viewer or _NOBODY
        key = (*self._key(info, scope_of, selector), given.type_name, tuple(given.types.items()), strict)
        picks = selector.below(info, given.type_name)
        stored = tuple(p for p in picks if p.name != "__typename" and shape.fields[p.name].name in given.nodes)

        def make() -> Kept:
            ask = Asking(DIALECTS[dialect()], scope_of.scope)
            sql = Compiler(self.shapes, ask, strict=strict, given_types=given.types).payload(shape, stored)
            return self.plan(ask, sql, strict=strict), tuple(selector.slots), names_read(given.type_name, picks)

        tree: dict[str, Any] = {TYPE_TAG: given.type_name}
        shown, names = [], tuple[str, ...]()
        if stored:
            plan, slots, names = self._kept(key, make)
            run = Run(scope_of, selector.values(slots), given.nodes)
            tree |= await plan.read(run)
            shown = run.shown
        kept = {p.key for p in stored}
        for pick in picks:
            if pick.key not in kept and pick.name != "__typename":
                tree[pick.key] = self.plain(pick, given.facts[shape.fields[pick.name].name])
        return Answer(tree, shown, names)

    async def _noted(self, plan: Plan, run: Run, info: Info, names: tuple[str, ...]) -> Any:
        """Read, and note it: what was shown, or that nothing was."""
        name = info.operation.name
        context = info.context
        asked = asked_by(run.viewer, context, info.field_name, name.value if name else None, context.channel, names)
        await room(asked.practice_id)
        try:
            tree = await plan.read(run)
        except Exception as error:
            note(Entry(asked, AuditAction.READ, code_of(error)))
            raise
        # A count, or a search that finds nobody, tells something as well; who is signed in does not.
        if run.shown or info.field_name != "viewer":
            note(Entry(asked, AuditAction.READ, NotFound.code if tree is None else "OK", run.shown))
        return tree

    def plain(self, pick: Pick, value: Any) -> Any:
        """Give a plain value under the keys that the document asks for."""
        if isinstance(value, list):
            return [self.plain(pick, v) for v in value]
        if not isinstance(value, dict):
            return value
        [(type_name, picks)] = pick.below.items()
        fields = self.shapes[type_name].fields
        return {
            p.key: given if isinstance(fields[p.name].source, Derived) else self.plain(p, given)
            for p in picks
            if p.name != "__typename"
            for given in [value[fields[p.name].name]]
        }

    def _kept(self, key: tuple[Any, ...], make: Callable[[], Kept]) -> Kept:
        # Plans are bounded in number: a few huge documents must not make them large all the same.
        return make() if len(key[1]) > LONGEST_KEPT else self.plans.get(key, make)

    def _key(self, info: Info, viewer: Viewer, selector: Selector) -> tuple[Any, ...]:
        source = info.operation.loc.source.body if info.operation.loc else ""
        name = info.operation.name.value if info.operation.name else ""
        return dialect(), source, name, info.path.key, viewer.scope, selector.shape_of_variables(info)

    @staticmethod
    def plan(ask: Asking, sql: str, *, strict: bool) -> Plan:
        """Give a statement that was written, ready to run."""
        text, binds = ask.finish(sql)
        return Plan(text, tuple(binds), tuple(ask.checks), ask.dialect, strict)


_NOBODY = Viewer(practice_id=None, user_id=None, roles=frozenset())
