"""Selections, meanings and access become one statement, in which the database writes the answer's text.

One form serves both databases: a text is put together with `||`, so that no function's limit of arguments is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.problems import BadInput
from resolvers.reading.asking import Asking, Parts, Row, Run, columns_of, table_of
from resolvers.reading.cursors import parse_cursor
from resolvers.reading.dialects import id_pairs
from resolvers.reading.shapes import (
    Column,
    Computed,
    Connection,
    Fact,
    Field,
    FindNode,
    FindNodes,
    Given,
    Many,
    One,
    OneOf,
    Pick,
    Rows,
    Shape,
    Sole,
    Value,
    joined,
)

TYPE_TAG = " t"
MOST_PER_PAGE = 100
USUAL_PER_PAGE = 20
_MOST_PIECES = 120


class Text:
    """A text in the making: literals and expressions, put together with `||`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: list[tuple[bool, str]] = []

    def say(self, literal: str) -> Text:
        """Add a literal."""
        if self._pieces and self._pieces[-1][0]:
            literal = self._pieces.pop()[1] + literal
        self._pieces.append((True, literal))
        return self

    def put(self, expression: str) -> Text:
        """Add an expression."""
        self._pieces.append((False, expression))
        return self

    def sql(self) -> str:
        """Give the expression for the whole; in groups where it is long, as an expression may be 1,000 deep."""
        pieces = ["'" + said.replace("'", "''") + "'" if literal else said for literal, said in self._pieces]
        if len(pieces) <= _MOST_PIECES:
            return "||".join(pieces)
        groups = [pieces[n : n + _MOST_PIECES] for n in range(0, len(pieces), _MOST_PIECES)]
        return "||".join("(" + "||".join(group) + ")" for group in groups)


class Compiler:
    """Writes one statement."""

    def __init__(
        self, shapes: Mapping[str, Shape], ask: Asking, *, strict: bool = False, given_types: Mapping[str, str] | None = None
    ) -> None:
        """Begin; a strict text marks each required value that is missing, so that a mutation can be rolled back.

        `given_types` says what a given row is where the schema leaves it open.
        """
        self.shapes = shapes
        self.ask = ask
        self.strict = strict
        self.given_types = given_types or {}
        self.dialect = ask.dialect

    def root(self, field: Field, pick: Pick) -> str:
        """Give the statement for one root field; its row is null where something that must be seen is not."""
        body = self._value(field, pick, None)
        guard = " AND ".join(self.ask.required)
        return f"SELECT CASE WHEN {guard} THEN {body} END AS body" if guard else f"SELECT {body} AS body"

    def payload(self, shape: Shape, picks: tuple[Pick, ...]) -> str:
        """Give the statement for the rows of a mutation's payload."""
        return f"SELECT {self._members(shape, picks, None)} AS body"

    # objects

    def _members(self, shape: Shape, picks: tuple[Pick, ...], row: Row | None, *, tagged: bool = False) -> str:
        text = Text().say("{")
        first = True
        if tagged:
            text.say(f'"{TYPE_TAG}":"{shape.name}"')
            first = False
        for pick in picks:
            if pick.name == "__typename":
                continue
            text.say(("" if first else ",") + f'"{pick.key}":').put(self._value(shape.fields[pick.name], pick, row))
            first = False
        return text.say("}").sql()

    def _value(self, field: Field, pick: Pick, row: Row | None) -> str:  # noqa: PLR0911 - one return for each source
        source = field.source
        match source:
            case Column(name):
                return self._scalar(field, getattr(row, name), always=row is not None and row.always(name))
            case Fact():
                return self._scalar(field, f"({self._meaning(field, pick, row)})")
            case Computed(_, columns):
                text = Text().say("[")
                for n, name in enumerate(columns):
                    text.say("," if n else "").put(self._whole(self.dialect.text(getattr(row, name)), required=False))
                return text.say("]").sql()
            case Value():
                parts: dict[str, str] = self._meaning(field, pick, row)
                inner = self._members(self.shapes[field.type_name], pick.below[field.type_name], Parts(parts))
                gone = next(iter(parts.values()))
                return f"CASE WHEN {gone} IS NOT NULL THEN {inner} ELSE {self._null(required=field.required)} END"
            case One(column):
                return self._one(field, pick, getattr(row, column))
            case Sole():
                return self._sole(field, pick)
            case FindNode():
                return self._node(field, pick)
            case FindNodes():
                return self._nodes(pick)
            case Many():
                return self._many(field, pick, row)
            case Connection():
                return self._connection(field, pick, row)
            case Rows():
                return self._rows(field, pick)
            case OneOf(kind, columns):
                branches = "".join(
                    f" WHEN '{name}' THEN {self._row_text(self.shapes[name], pick, getattr(row, column), tagged=True)}"
                    for name, column in columns.items()
                )
                return self._whole(f"CASE {getattr(row, kind)}{branches} END", required=field.required)
            case Given():
                return self._given(field, pick)

    # scalars

    def _scalar(self, field: Field, expression: str, *, always: bool = False) -> str:
        d = self.dialect
        match field.scalar:
            case "Int":
                text = d.number(expression)
            case "Boolean":
                text = d.boolean(expression)
            case "DateTime":
                text = d.moment(expression)
            case "Date":
                text = d.day(expression)
            case "String":
                text = d.text(expression)
            case "ID":
                text = d.identifier(expression, field.type_name)
            case _:
                text = d.word(expression)
        return text if always else self._whole(text, required=field.required)

    def _whole(self, text: str, *, required: bool) -> str:
        return f"coalesce({text},{self._null(required=required)})"

    def _null(self, *, required: bool) -> str:
        return self.dialect.missing if required and self.strict else "'null'"

    # rows

    def _new(self, shape: Shape) -> Row:
        if shape.model is None:
            raise TypeError(f"{shape.name} is read from no table.")
        return self.ask.row(shape.model)

    def _from(self, shape: Shape, row: Row) -> str:
        assert shape.model is not None  # noqa: S101 - _new has refused it
        return f"{table_of(shape.model)} {row}"

    def _visible(self, shape: Shape, row: Row) -> str:
        assert shape.model is not None  # noqa: S101
        return f"({self.ask.visible(shape.model, row)})"

    def _row_text(self, shape: Shape, pick: Pick, identifier: str, *, tagged: bool = False) -> str:
        row = self._new(shape)
        inner = self._members(shape, pick.below[shape.name], row, tagged=tagged)
        return f"(SELECT {inner} FROM {self._from(shape, row)} WHERE {row.id}={identifier} AND {self._visible(shape, row)})"

    def _one(self, field: Field, pick: Pick, identifier: str) -> str:
        return self._whole(self._row_text(self.shapes[field.type_name], pick, identifier), required=field.required)

    def _sole(self, field: Field, pick: Pick) -> str:
        shape = self.shapes[field.type_name]
        row = self._new(shape)
        where = joined([self._visible(shape, row), *self._conditions(field, pick, row, None)])
        inner = self._members(shape, pick.below[shape.name], row)
        return self._whole(f"(SELECT {inner} FROM {self._from(shape, row)} WHERE {where})", required=field.required)

    def _node(self, field: Field, pick: Pick) -> str:
        asked = self._asked(pick, "id")
        shape = next((s for s in self.shapes.values() if s.prefix and s.prefix == asked.known and s.name in pick.below), None)
        if shape is None:
            return "'null'"
        text = self._row_text(shape, pick, format(self.ask.arg(asked), shape.prefix), tagged=True)
        return self._whole(text, required=field.required)

    def _nodes(self, pick: Pick) -> str:
        asked = self._asked(pick, "ids")
        prefixes = asked.known if isinstance(asked.known, frozenset) else frozenset()
        known = [s for s in self.shapes.values() if s.prefix in prefixes and s.name in pick.below]
        slot = asked.slot

        def pairs(run: Run) -> str:
            ids = run.args[slot]["ids"]
            if len(ids) > MOST_PER_PAGE:
                raise BadInput(f"At most {MOST_PER_PAGE} ids at once.", field="ids")
            return id_pairs(ids)

        source = self.ask.alias()
        branches = "".join(
            f" WHEN '{s.prefix}' THEN {self._row_text(s, pick, f'{source}.id', tagged=True)}" for s in known
        )
        text = f"coalesce(CASE {source}.kind{branches} END,'null')" if known else "'null'"
        values = self.dialect.unpacked(self.ask.param(("ids", slot), "text", pairs))
        return self._array(f"SELECT {text} AS j,{source}.ord AS k0 FROM {values} {source}", 1)

    def _many(self, field: Field, pick: Pick, parent: Row | None) -> str:
        shape = self.shapes[field.type_name]
        row = self._new(shape)
        keys = self._order(field, row)
        conditions = [self._visible(shape, row), *self._conditions(field, pick, row, parent)]
        inner = self._members(shape, pick.below[shape.name], row)
        named = ",".join(f"{key} AS k{n}" for n, key in enumerate(keys))
        return self._array(
            f"SELECT {inner} AS j,{named} FROM {self._from(shape, row)} WHERE {joined(conditions)}", len(keys)
        )

    def _rows(self, field: Field, pick: Pick) -> str:
        shape = self.shapes[field.type_name]
        assert field.meaning is not None  # noqa: S101 - checked at start-up
        select, keys, columns = field.meaning(self.ask, **self._arguments(pick))
        source = self.ask.alias()
        row = Row(source, dict.fromkeys(columns, "text"))
        inner = self._members(shape, pick.below[shape.name], row)
        named = ",".join(f"{source}.{key} AS k{n}" for n, key in enumerate(keys))
        return self._array(f"SELECT {inner} AS j,{named} FROM ({select}) {source}", len(keys), self._page_size(pick))

    def _array(self, select: str, keys: int, limit: str = "") -> str:
        source = self.ask.alias()
        order = ",".join(f"k{n}" for n in range(keys))
        select += f" ORDER BY {order} LIMIT {limit or self.dialect.unlimited}"
        strung = self.dialect.strung(f"{source}.j", tuple(f"{source}.k{n}" for n in range(keys)))
        return f"(SELECT '['||coalesce({strung},'')||']' FROM ({select}) {source})"

    # pages

    def _connection(self, field: Field, pick: Pick, parent: Row | None) -> str:
        shape = self.shapes[field.type_name]
        pieces = pick.below[self.connection_name(field)]
        text = Text().say("{")
        page = Page(self, field, pick, parent, shape)
        for n, piece in enumerate(p for p in pieces if p.name != "__typename"):
            text.say(("," if n else "") + f'"{piece.key}":').put(page.piece(piece))
        return page.select(text.say("}"))

    @staticmethod
    def connection_name(field: Field) -> str:
        """Give the name of the connection's type."""
        return f"{field.type_name}Connection"

    def _page_size(self, pick: Pick) -> str:
        asked = pick.asks.get("first")
        if asked is None:
            return str(USUAL_PER_PAGE)
        slot = asked.slot

        def size(run: Run) -> int:
            first: int = run.args[slot]["first"]
            if not 1 <= first <= MOST_PER_PAGE:
                raise BadInput(f"`first` is between 1 and {MOST_PER_PAGE}.", field="first")
            return first

        return self.ask.param(("first", slot), "int", size)

    # meanings

    def _asked(self, pick: Pick, name: str) -> Any:
        return pick.asks[name]

    def _arguments(self, pick: Pick) -> dict[str, Any]:
        return {
            name: None if asked is None else self.ask.arg(asked)
            for name, asked in pick.asks.items()
            if name not in {"first", "after"}
        }

    def _meaning(self, field: Field, pick: Pick, row: Row | None) -> Any:
        assert field.meaning is not None  # noqa: S101 - checked at start-up
        return field.meaning(row, self.ask, **self._arguments(pick))

    def _conditions(self, field: Field, pick: Pick, row: Row, parent: Row | None) -> list[str]:
        assert field.meaning is not None  # noqa: S101
        if parent is None:
            return list(field.meaning(row, self.ask, **self._arguments(pick)))
        return list(field.meaning(row, parent, self.ask, **self._arguments(pick)))

    def _order(self, field: Field, row: Row) -> tuple[str, ...]:
        assert field.order is not None  # noqa: S101
        return field.order(row, self.ask)

    def _given(self, field: Field, pick: Pick) -> str:
        name = field.name
        if field.listed:
            shape = self.shapes[field.type_name]
            source = self.ask.alias()
            values = self.dialect.unpacked(
                self.ask.param(("given", name), "text", lambda run: id_pairs([f"row_{i.hex}" for i in run.given[name]]))
            )
            text = self._whole(self._row_text(shape, pick, f"{source}.id"), required=True)
            return self._array(f"SELECT {text} AS j,{source}.ord AS k0 FROM {values} {source}", 1)
        identifier = self.ask.param(("given", name), "uuid", lambda run: run.given[name])
        if name in self.given_types:
            shape = self.shapes[self.given_types[name]]
            return self._whole(self._row_text(shape, pick, identifier, tagged=True), required=field.required)
        return self._one(field, pick, identifier)


class Page:
    """One page of a connection: the rows it is cut from, and what is asked of them."""

    def __init__(self, compiler: Compiler, field: Field, pick: Pick, parent: Row | None, shape: Shape) -> None:
        """Prepare the rows; nothing is written that is not asked for."""
        self.c = compiler
        self.field, self.pick, self.parent, self.shape = field, pick, parent, shape
        self.row = compiler._new(shape)  # noqa: SLF001 - two halves of one compiler
        self.keys = compiler._order(field, self.row)  # noqa: SLF001
        self.where = [
            compiler._visible(shape, self.row),  # noqa: SLF001
            *compiler._conditions(field, pick, self.row, parent),  # noqa: SLF001
        ]
        self.size = compiler._page_size(pick)  # noqa: SLF001
        self.after = self._after()
        self.edges: list[str] = []
        self.paged = False

    def _kinds(self) -> tuple[str, ...]:
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

        return tuple(self.c.ask.param(("after", slot, n), kind, key(n)) for n, kind in enumerate(kinds))

    def _cursor(self) -> str:
        d = self.c.dialect
        writers = {"uuid": lambda e: d.text(f"CAST({e} AS TEXT)"), "timestamptz": d.moment}
        text = Text().say("[")
        for n, (key, kind) in enumerate(zip(self.keys, self._kinds(), strict=True)):
            text.say("," if n else "").put(writers.get(kind, d.text)(key))
        return d.hexed(text.say("]").sql())

    def _rows(self, select: str, *, whole: bool = False, before: bool = False) -> str:
        where = list(self.where)
        if self.after is not None and not whole:
            compared = f"({','.join(self.keys)}) {'<=' if before else '>'} ({','.join(self.after)})"
            where.append(compared)
        return f"SELECT {select} FROM {self.c._from(self.shape, self.row)} WHERE {joined(where)}"  # noqa: SLF001

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
                edge.say('"').put(self._cursor()).say('"')
            else:
                edge.put(self.c._members(self.shape, part.below[self.shape.name], self.row))  # noqa: SLF001
        self.edges.append(edge.say("}").sql())
        column = f"p.e{len(self.edges) - 1}"
        strung = self.c.dialect.strung(column, ("p.rn",))
        return f"'['||coalesce({strung} FILTER (WHERE p.rn<={self.size}),'')||']'"

    def _page_info(self, pick: Pick) -> str:
        d = self.c.dialect
        last = f"CASE WHEN p.n>{self.size} THEN {self.size} ELSE p.n END"
        earlier = f"EXISTS ({self._rows('1', before=True)})" if self.after is not None else "false"
        pieces = {
            "hasNextPage": d.boolean(f"(count(*)>{self.size})"),
            "hasPreviousPage": d.boolean(earlier),
            "startCursor": "coalesce('\"'||max(CASE WHEN p.rn=1 THEN p.cur END)||'\"','null')",
            "endCursor": f"coalesce('\"'||max(CASE WHEN p.rn={last} THEN p.cur END)||'\"','null')",
        }
        text = Text().say("{")
        for n, part in enumerate(p for p in pick.below["PageInfo"] if p.name != "__typename"):
            text.say(("," if n else "") + f'"{part.key}":').put(pieces[part.name])
        return text.say("}").sql()

    def select(self, text: Text) -> str:
        """Give the whole connection: one row, whatever is asked of it."""
        if not self.paged:
            return f"({'SELECT ' + text.sql()})"
        # Only constants over an aggregate would give a row for each row, or none: an empty piece of count(*) makes it one.
        text.put("substr(CAST(count(*) AS TEXT),1,0)")
        keys = ",".join(f"{key} AS k{n}" for n, key in enumerate(self.keys))
        order = ",".join(f"k{n}" for n in range(len(self.keys)))
        edges = "".join(f",{sql} AS e{n}" for n, sql in enumerate(self.edges))
        rows = self._rows(f"{keys},{self._cursor()} AS cur{edges}") + f" ORDER BY {order} LIMIT {self.size}+1"
        numbered = f"SELECT r.*,row_number() OVER (ORDER BY {order}) AS rn,count(*) OVER () AS n FROM ({rows}) r"
        ordered = f"SELECT * FROM ({numbered}) q ORDER BY rn LIMIT {self.c.dialect.unlimited}"
        return f"(SELECT {text.sql()} FROM ({ordered}) p)"
