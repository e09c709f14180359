"""Selections, meanings and access become one statement, in which the database writes the answer's text.

One form serves both databases: a text is put together with `||`, so that no function's limit of arguments is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.problems import BadInput
from resolvers.reading.asking import Asking, Parts, Row, Run
from resolvers.reading.dialects import id_pairs
from resolvers.reading.marks import mark_of, names_a_client
from resolvers.reading.pages import MOST_PER_PAGE, Page, page_size
from resolvers.reading.shapes import (
    Column,
    Computed,
    Connection,
    Derived,
    Events,
    Fact,
    Field,
    FindNode,
    FindNodes,
    Given,
    Keys,
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
from resolvers.reading.text import Text

TYPE_TAG = " t"


class Compiler:
    """Writes one statement."""

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        ask: Asking,
        *,
        strict: bool = False,
        given_types: Mapping[str, str] | None = None,
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

    def events(self, field: Field, pick: Pick) -> str:
        """Give the statement for a batch of events: each row's number, and its text where this viewer is told of it."""
        assert field.meaning is not None  # noqa: S101 - checked at start-up
        source, told, parts = field.meaning(self.ask, **self._arguments(pick))
        text = self.members(self.shapes[field.type_name], pick.below[field.type_name], Parts(parts))
        return f"SELECT CASE WHEN {told} THEN {text} END AS body,{source}"

    def state(self, field: Field, pick: Pick, seq: str, over: str) -> str:
        """Give the statement for one row as it is now, how far the log reached at that moment, and if it is over."""
        return f"SELECT {self._value(field, pick, None)} AS body,{seq} AS seq,{over} AS over"

    def admission(self) -> str | None:
        """Give the statement whose row is null unless all that a stream's arguments name may be seen."""
        guard = " AND ".join(self.ask.required)
        return f"SELECT CASE WHEN {guard} THEN 'true' END AS body" if guard else None

    def payload(self, shape: Shape, picks: tuple[Pick, ...]) -> str:
        """Give the statement for the rows of a mutation's payload."""
        return f"SELECT {self.members(shape, picks, None)} AS body"

    # objects

    def members(
        self, shape: Shape, picks: tuple[Pick, ...], row: Row | None, *, tagged: bool = False, marked: bool = False
    ) -> str:
        """Give the text of an object: what is picked of it, and where its type is open, which it is.

        What the row above has `marked` with itself needs no mark of its own.
        """
        text = Text().say("{")
        first = True
        if tagged:
            text.say(f'"{TYPE_TAG}":"{shape.name}"')
            first = False
        to_client = row is not None and not marked and names_a_client(shape, row, self.ask)
        with_client = False
        for pick in picks:
            if pick.name == "__typename":
                continue
            field = shape.fields[pick.name]
            told = to_client and field.source == One("client_id")
            with_client = with_client or told
            value = self._value(field, pick, row, marked=told)
            text.say(("" if first else ",") + f'"{pick.key}":').put(value)
            first = False
        # Last, as each piece that is added copies all before it.
        if row is not None and not marked and (mark := mark_of(shape, row, self.ask, with_client=with_client)):
            text.say("" if first else ",").add(mark)
        return text.say("}").sql()

    def _value(self, field: Field, pick: Pick, row: Row | None, *, marked: bool = False) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each source
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
                inner = self.members(self.shapes[field.type_name], pick.below[field.type_name], Parts(parts))
                gone = next(iter(parts.values()))
                return f"CASE WHEN {gone} IS NOT NULL THEN {inner} ELSE {self._null(required=field.required)} END"
            case One(column):
                return self._one(field, pick, getattr(row, column), row, marked=marked)
            case Derived():
                given: dict[str, str] = self._meaning(field, pick, row)
                text = Text().say("{")
                for n, (name, expression) in enumerate(given.items()):
                    text.say(("," if n else "") + f'"{name}":').put(self._whole(expression, required=False))
                return text.say("}").sql()
            case Sole():
                return self._sole(field, pick, row)
            case FindNode():
                return self._node(field, pick)
            case FindNodes():
                return self._nodes(pick)
            case Many():
                return self._many(field, pick, row)
            case Connection():
                return self._connection(field, pick, row)
            case Rows():
                return self._rows(field, pick, row)
            case OneOf(kind, columns):
                branches = "".join(
                    f" WHEN '{name}' THEN {self._row_text(self.shapes[name], pick, getattr(row, column), tagged=True)}"
                    for name, column in columns.items()
                )
                return self._whole(f"CASE {getattr(row, kind)}{branches} END", required=field.required)
            case Given():
                return self._given(field, pick)
            case Events():
                raise TypeError("A stream is read by `events`.")

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
            case "ID":
                text = d.identifier(expression, field.type_name)
            case "Enum":
                text = d.word(expression)
            case _:
                text = d.text(expression)
        return text if always else self._whole(text, required=field.required)

    def _whole(self, text: str, *, required: bool) -> str:
        return f"coalesce({text},{self._null(required=required)})"

    def _null(self, *, required: bool) -> str:
        return self.dialect.missing if required and self.strict else "'null'"

    # rows

    def new_row(self, shape: Shape) -> Row:
        """Give a new row of a shape's table."""
        if shape.model is None:
            raise TypeError(f"{shape.name} is read from no table.")
        return self.ask.row(shape.model).from_here([])

    def source_of(self, shape: Shape, row: Row) -> str:
        """Give what to select the row from: of its table, what the viewer may see."""
        assert shape.model is not None  # noqa: S101 - new_row has refused it
        return f"{self.ask.see(shape.model)} {row}"

    def joined_to(self, shape: Shape, row: Row) -> str:
        """Give what to select the row from, with all that was joined to it; to be asked last."""
        return self.source_of(shape, row) + "".join(row.joins or ())

    def _row_text(
        self, shape: Shape, pick: Pick, identifier: str, *, tagged: bool = False, marked: bool = False
    ) -> str:
        row = self.new_row(shape)
        inner = self.members(shape, pick.below[shape.name], row, tagged=tagged, marked=marked)
        return f"(SELECT {inner} FROM {self.joined_to(shape, row)} WHERE {row.id}={identifier})"

    def _one(self, field: Field, pick: Pick, identifier: str, near: Row | None = None, *, marked: bool = False) -> str:
        shape = self.shapes[field.type_name]
        joins = near.joins if near is not None else None
        if joins is None or shape.model is None:
            return self._whole(self._row_text(shape, pick, identifier, marked=marked), required=field.required)
        # Joined, and not nested: SQLite's parser up to 3.45 gives up on deep nesting.
        row = self.ask.row(shape.model).from_here(joins)
        joins.append(f" LEFT JOIN {self.source_of(shape, row)} ON {row.id}={identifier}")
        inner = self.members(shape, pick.below[shape.name], row, marked=marked)
        return f"CASE WHEN {row.id} IS NULL THEN {self._null(required=field.required)} ELSE {inner} END"

    def _sole(self, field: Field, pick: Pick, parent: Row | None) -> str:
        shape = self.shapes[field.type_name]
        row = self.new_row(shape)
        where = joined(self.conditions(field, pick, row, parent))
        inner = self.members(shape, pick.below[shape.name], row)
        return self._whole(f"(SELECT {inner} FROM {self.joined_to(shape, row)} WHERE {where})", required=field.required)

    def _node(self, field: Field, pick: Pick) -> str:
        asked = self._asked(pick, "id")
        shape = next(
            (s for s in self.shapes.values() if s.prefix and s.prefix == asked.known and s.name in pick.below), None
        )
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
        row = self.new_row(shape)
        order = self.order_of(field, pick, row)
        keys = order.keys
        conditions = self.conditions(field, pick, row, parent)
        inner = self.members(shape, pick.below[shape.name], row)
        named = ",".join(f"{key} AS k{n}" for n, key in enumerate(keys))
        rows = self._array(
            f"SELECT {inner} AS j,{named} FROM {self.joined_to(shape, row)} WHERE {joined(conditions)}",
            len(keys),
            descending=order.descending,
        )
        if field.shown is None:
            return rows
        return f"CASE WHEN {field.shown(parent, self.ask)} THEN {rows} ELSE 'null' END"

    def _rows(self, field: Field, pick: Pick, parent: Row | None) -> str:
        shape = self.shapes[field.type_name]
        assert field.meaning is not None  # noqa: S101 - checked at start-up
        above = () if parent is None else (parent,)
        select, keys, columns = field.meaning(*above, self.ask, **self._arguments(pick))
        source = self.ask.alias()
        row = Row(source, dict.fromkeys(columns, "text"))
        inner = self.members(shape, pick.below[shape.name], row)
        named = ",".join(f"{source}.{key} AS k{n}" for n, key in enumerate(keys))
        return self._array(
            f"SELECT {inner} AS j,{named} FROM ({select}) {source}", len(keys), page_size(self.ask, pick)
        )

    def _array(self, select: str, keys: int, limit: str = "", *, descending: bool = False) -> str:
        source = self.ask.alias()
        order = ",".join(f"k{n} DESC" if descending else f"k{n}" for n in range(keys))
        select += f" ORDER BY {order} LIMIT {limit or self.dialect.unlimited}"
        named = tuple(f"{source}.k{n}" for n in range(keys))
        strung = self.dialect.strung(f"{source}.j", named, descending=descending)
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

    # meanings

    def _asked(self, pick: Pick, name: str) -> Any:
        return pick.asks[name]

    def _arguments(self, pick: Pick) -> dict[str, Any]:
        return {
            name: None if asked is None else self.ask.arg(asked)
            for name, asked in pick.asks.items()
            if name not in {"first", "after", "order"}
        }

    def _meaning(self, field: Field, pick: Pick, row: Row | None) -> Any:
        assert field.meaning is not None  # noqa: S101 - checked at start-up
        above = () if row is None else (row,)
        return field.meaning(*above, self.ask, **self._arguments(pick))

    def conditions(self, field: Field, pick: Pick, row: Row, parent: Row | None) -> list[str]:
        """Give the conditions that a field's meaning sets, by its arguments."""
        assert field.meaning is not None  # noqa: S101
        if parent is None:
            return list(field.meaning(row, self.ask, **self._arguments(pick)))
        return list(field.meaning(row, parent, self.ask, **self._arguments(pick)))

    def order_of(self, field: Field, pick: Pick, row: Row) -> Keys:
        """Give what a field's rows are ordered by."""
        assert field.order is not None  # noqa: S101
        asked = pick.asks.get("order")
        order = field.order(row, self.ask) if asked is None else field.order(row, self.ask, self.ask.arg(asked))
        return order if isinstance(order, Keys) else Keys(order)

    def _given(self, field: Field, pick: Pick) -> str:
        name = field.name
        if field.listed:
            shape = self.shapes[field.type_name]
            source = self.ask.alias()
            values = self.dialect.unpacked(
                self.ask.param(("given", name), "text", lambda run: id_pairs([f"row_{i.hex}" for i in run.given[name]]))
            )
            text = self._row_text(shape, pick, f"{source}.id")
            if not (isinstance(field.source, Given) and field.source.only_visible):
                text = self._whole(text, required=True)
            return self._array(f"SELECT {text} AS j,{source}.ord AS k0 FROM {values} {source}", 1)
        identifier = self.ask.param(("given", name), "uuid", lambda run: run.given[name])
        if name in self.given_types:
            shape = self.shapes[self.given_types[name]]
            return self._whole(self._row_text(shape, pick, identifier, tagged=True), required=field.required)
        return self._one(field, pick, identifier)
