"""Pages: what of a connection is asked for, out of the rows it is cut from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.problems import BadInput
from resolvers.reading.asking import Asking, Row, Run, columns_of
from resolvers.reading.cursors import parse_cursor
from resolvers.reading.marks import UNMARKED, mark_of
from resolvers.reading.shapes import Field, Pick, Shape, joined
from resolvers.reading.text import Text

if TYPE_CHECKING:
    from resolvers.reading.compile import Compiler

MOST_PER_PAGE = 100
USUAL_PER_PAGE = 20


def page_size(ask: Asking, pick: Pick) -> str:
    """Give the placeholder of `first`; out of bounds it is BAD_USER_INPUT."""
    asked = pick.asks.get("first")
    if asked is None:
        return str(USUAL_PER_PAGE)
    slot = asked.slot

    def size(run: Run) -> int:
        first: int = run.args[slot]["first"]
        if not 1 <= first <= MOST_PER_PAGE:
            raise BadInput(f"`first` is between 1 and {MOST_PER_PAGE}.", field="first")
        return first

    # A document that does not look at the page, but at `totalCount` alone, is refused all the same.
    ask.checks.append(size)
    return ask.param(("first", slot), "int", size)


class Page:
    """One page of a connection: the rows it is cut from, and what is asked of them."""

    def __init__(self, compiler: Compiler, field: Field, pick: Pick, parent: Row | None, shape: Shape) -> None:
        """Prepare the rows; nothing is written that is not asked for."""
        self.c = compiler
        self.field, self.pick, self.parent, self.shape = field, pick, parent, shape
        self.row = compiler.new_row(shape)
        self.order = compiler.order_of(field, pick, self.row)
        self.keys = self.order.keys
        self.where = compiler.conditions(field, pick, self.row, parent)
        self.size = page_size(compiler.ask, pick)
        self.after = self._after()
        self.edges: list[str] = []
        self.paged = False
        self.marked = False

    def _kinds(self) -> tuple[str, ...]:
        if self.order.kinds:
            return self.order.kinds
        kinds = columns_of(self.shape.model) if self.shape.model else {}
        plain = [key.rpartition(".")[2] for key in self.keys]
        return tuple(kinds.get(name, "text") if name.isidentifier() else "text" for name in plain)

    def _after(self) -> tuple[str, ...] | None:
        asked = self.pick.asks.get("after")
        if asked is None:
            return None
        slot, kinds = asked.slot, self._kinds()

        def key(n: int) -> Any:
            return lambda run: parse_cursor(run.args[slot]["after"], kinds)[n]

        self.c.ask.checks.append(key(0))
        return tuple(self.c.ask.param(("after", slot, n), kind, key(n)) for n, kind in enumerate(kinds))

    def _cursor(self) -> str:
        d = self.c.dialect
        writers = {"uuid": lambda e: d.text(f"CAST({e} AS TEXT)"), "timestamptz": d.moment, "date": d.day}
        text = Text().say("[")
        for n, (key, kind) in enumerate(zip(self.keys, self._kinds(), strict=True)):
            text.say("," if n else "").put(writers.get(kind, d.text)(key))
        return d.hexed(text.say("]").sql())

    def _rows(self, select: str, *, whole: bool = False, before: bool = False) -> str:
        where = list(self.where)
        if self.after is not None and not whole:
            beyond = "<" if self.order.descending else ">"
            back = ">=" if self.order.descending else "<="
            compared = f"({','.join(self.keys)}) {back if before else beyond} ({','.join(self.after)})"
            where.append(compared)
        source = self.c.source_of if whole or before else self.c.joined_to
        return f"SELECT {select} FROM {source(self.shape, self.row)} WHERE {joined(where)}"

    def piece(self, pick: Pick) -> str:
        """Give the expression for one of `edges`, `pageInfo` and `totalCount`."""
        if pick.name == "totalCount":
            return f"({self._rows('CAST(count(*) AS TEXT)', whole=True)})"
        self.paged = True
        if pick.name == "pageInfo":
            return self._page_info(pick)
        edge = Text().say("{")
        for n, part in enumerate(p for p in pick.below[f"{self.shape.name}Edge"] if p.name != "__typename"):
            edge.say(("," if n else "") + f'"{part.key}":')
            if part.name == "cursor":
                # A cursor holds what the rows are sorted by, such as a name.
                edge.say('"').put(self._cursor()).say('"')
                if mark := mark_of(self.shape, self.row, self.c.ask):
                    edge.say(",").add(mark)
            else:
                edge.put(self.c.members(self.shape, part.below[self.shape.name], self.row))
        self.edges.append(edge.say("}").sql())
        column = f"p.e{len(self.edges) - 1}"
        strung = self.c.dialect.strung(column, ("p.rn",))
        return f"'['||coalesce({strung} FILTER (WHERE p.rn<={self.size}),'')||']'"

    def _page_info(self, pick: Pick) -> str:
        d = self.c.dialect
        last = f"CASE WHEN p.n>{self.size} THEN {self.size} ELSE p.n END"
        earlier = f"EXISTS ({self._rows('1', before=True)})" if self.after is not None else "false"
        places = {"startCursor": "1", "endCursor": last}
        pieces = {
            "hasNextPage": d.boolean(f"(count(*)>{self.size})"),
            "hasPreviousPage": d.boolean(earlier),
            "startCursor": "coalesce('\"'||max(CASE WHEN p.rn=1 THEN p.cur END)||'\"','null')",
            "endCursor": f"coalesce('\"'||max(CASE WHEN p.rn={last} THEN p.cur END)||'\"','null')",
        }
        text = Text().say("{")
        for n, part in enumerate(p for p in pick.below["PageInfo"] if p.name != "__typename"):
            text.say(("," if n else "") + f'"{part.key}":').put(pieces[part.name])
            if part.name in places and self.shape.phi:
                self.marked = True
                shown = f"max(CASE WHEN p.rn={places[part.name]} THEN p.mark END)"
                text.say(",").put(f"coalesce({shown},'{UNMARKED}')")
        return text.say("}").sql()

    def select(self, text: Text) -> str:
        """Give the whole connection: one row, whatever is asked of it."""
        if not self.paged:
            return f"({'SELECT ' + text.sql()})"
        # Constants alone would give a row for each row, or none: an empty piece of count(*) makes it one.
        text.put("substr(CAST(count(*) AS TEXT),1,0)")
        keys = ",".join(f"{key} AS k{n}" for n, key in enumerate(self.keys))
        order = ",".join(f"k{n}{' DESC' if self.order.descending else ''}" for n in range(len(self.keys)))
        edges = "".join(f",{sql} AS e{n}" for n, sql in enumerate(self.edges))
        mark = mark_of(self.shape, self.row, self.c.ask) if self.marked else None
        marks = f",{mark.sql()} AS mark" if mark else ""
        rows = self._rows(f"{keys},{self._cursor()} AS cur{marks}{edges}") + f" ORDER BY {order} LIMIT {self.size}+1"
        numbered = f"SELECT r.*,row_number() OVER (ORDER BY {order}) AS rn,count(*) OVER () AS n FROM r"
        ordered = f"{numbered} ORDER BY rn LIMIT {self.c.dialect.unlimited}"
        # Named first, the rows stand less deep: SQLite's parser holds 100 symbols, and most of them are spent on them.
        return f"(WITH r AS ({rows}) SELECT {text.sql()} FROM ({ordered}) p)"
