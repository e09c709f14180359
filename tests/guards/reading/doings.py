"""Random mutations: whatever the schema lets people ask for, with ids of what is theirs and of what is not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    get_named_type,
    is_list_type,
    is_required_input_field,
)
from graphql.type import get_nullable_type

from tests.guards.deeds import SIGNING
from tests.guards.reading.documents import Document
from tests.guards.reading.marks import MARKED, mark_of
from tests.guards.reading.sight import Sight
from tests.guards.reading.tellers import Teller
from tests.guards.reading.truth import PREFIXES

Given = dict[str, Any]
# By the name of the input's field; `id` is of what the mutation's name ends in.
KIND_OF_ID = {
    "acknowledgedWarningIds": "wrn",
    "appointmentId": "apt",
    "attendanceId": "att",
    "chartId": "cht",
    "clientId": "clt",
    "clientIds": "clt",
    "defaultServiceCodeId": "svc",
    "groupId": "grp",
    "noteId": "not",
    "paymentId": "pay",
    "providerId": "prv",
    "providerIds": "prv",
    "runId": "run",
    "serviceCodeId": "svc",
    "templateId": "tpl",
}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
# Good ones, and in the second list what no mutation takes.
MOMENTS = (("2024-03-12T15:00:00Z", "2190-03-12T15:00:00Z", "2190-04-01T16:30:00Z"), ("1800-01-01T00:00:00Z",))
DAYS = (("1990-02-03", "2024-03-04"), ("2999-01-01",))
NUMBERS = {
    "expectedVersion": ((1, 2, 5), (-1,)),
    "durationMinutes": ((45, 60), (0,)),
    "minutes": ((30, 240), (999,)),
}
MONEY = ((1, 500, 2_500), (-1, 1_000_000_000))
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Deed:
    """A mutation, and the document that asks for it."""

    name: str
    document: Document
    input: GraphQLInputObjectType


class Doings:
    """Draws mutations, and for whoever carries them out the input."""

    def __init__(self, author: Teller) -> None:
        """Hold who writes the documents."""
        self.author, self.rng = author, author.rng
        mutation = author.schema.mutation_type
        assert mutation is not None
        self.fields = {name: field for name, field in mutation.fields.items() if name not in SIGNING}

    def deed(self, name: str | None = None) -> Deed:
        """Draw a mutation, and what is asked of its payload and problems."""
        name = name or self.rng.choice(sorted(self.fields))
        field = self.fields[name]
        taken = cast("GraphQLInputObjectType", get_named_type(field.args["input"].type))
        document = self.author.around("mutation", name, {"input": f"{taken.name}!"}, get_named_type(field.type))
        return Deed(name, document, taken)

    def values(self, deed: Deed, sight: Sight) -> Given:
        """Draw the variables for somebody who sees this."""
        return {"input": self._given(deed.input, deed.name, sight, {}), **self.author.values(deed.document)}

    def _given(self, of: GraphQLInputObjectType, mutation: str, sight: Sight, around: Given) -> Given:
        given: Given = {}
        for name, field in of.fields.items():
            if name == "clientId" and "groupId" in given and not is_required_input_field(field):
                continue
            if is_required_input_field(field) or self.author.chance(0.4):
                listed = is_list_type(get_nullable_type(field.type))
                many = self.rng.randrange(3) if listed else 1
                values = [self._value(name, field, mutation, sight, {**around, **given}) for _ in range(many)]
                given[name] = values if listed else values[0]
        if "acknowledgedWarningIds" in given and self.author.chance(0.8):
            warnings = sight.truth.all("ChartWarning")
            given["acknowledgedWarningIds"] = [
                f"wrn_{one.id.hex}" for one in warnings if one.chart_id.hex == given["chartId"][4:]
            ]
        return given

    def _value(self, name: str, field: GraphQLInputField, mutation: str, sight: Sight, given: Given) -> Any:  # noqa: PLR0911 - one return for each kind of value
        named = get_named_type(field.type)
        match named.name:
            case _ if isinstance(named, GraphQLInputObjectType):
                return self._given(named, mutation, sight, given)
            case _ if isinstance(named, GraphQLEnumType):
                return self.rng.choice(sorted(named.values))
            case "ID":
                return self._id(name, mutation, sight, given)
            case "Int":
                if name == "expectedVersion" and self.author.chance(0.85):
                    return _version(sight, given)
                return self._one(NUMBERS.get(name, MONEY))
            case "Boolean":
                return self.author.chance(0.7)
            case "DateTime":
                return self._one(MOMENTS)
            case "Date":
                return self._one(DAYS)
            case _:
                return self._text(name, mutation, sight, given)

    def _one(self, values: tuple[tuple[Any, ...], tuple[Any, ...]]) -> Any:
        return self.rng.choice(values[self.author.chance(0.06)])

    def _id(self, name: str, mutation: str, sight: Sight, given: Given) -> str:
        """Mostly of what they see, else of anything that is there, or not."""
        prefix = KIND_OF_ID[name] if name != "id" else next(p for k, p in PREFIXES.items() if mutation.endswith(k))
        if "chartId" in given and name == "clientId":
            entries = [e for e in sight.truth.all("ChartEntry") if e.chart_id.hex == given["chartId"][4:]]
            if entries and self.author.chance(0.9):
                return f"clt_{self.rng.choice(entries).client_id.hex}"
        known = sight.all(KINDS[prefix])
        if mutation in {"setAttendance", "recordConfirmation"} and self.author.chance(0.7):
            # Most lines are set already, and take neither.
            known = [seen for seen in known if seen.row.outcome is None] if prefix == "att" else known
        if known and self.author.chance(0.85):
            return self.rng.choice(known).id
        return self.author.pool.id(self.rng, prefix)

    def _text(self, name: str, mutation: str, sight: Sight, given: Given) -> str:
        number = next(_numbers)
        texts = {
            "idempotencyKey": lambda: f"key {self.rng.randrange(40)}",
            "email": lambda: f"{mark_of('Client', given['id']) if 'id' in given else f'new{number}'}@mail.example",
            "phone": lambda: f"+1 312 555 {number % 10_000:04}",
            "initials": lambda: f"N{number}",
            "code": lambda: f"N{number}",
            "groupNotes": lambda: f"<p>Of all {mark_of('Chart', given['chartId'])}</p>",
            "clientNotes": lambda: f"<p>Of one {self._entry(sight, given)}</p>",
            "body": lambda: f"<p>Words {number}</p>",
            "templateBody": lambda: f"<p>Words {number}</p>",
        }
        if name in texts:
            return texts[name]()
        kind = next((kind for kind in MARKED if mutation.endswith(kind) and "id" in given), None)
        # What is called by a mark, or called off for one, keeps it.
        return f"Word {number} {mark_of(kind, given['id']) if kind and name in {'name', 'reason'} else ''}".strip()

    def _entry(self, sight: Sight, given: Given) -> str:
        """Give the mark of a client's part of a chart, where they have one."""
        part = (given["chartId"][4:], given["clientId"][4:])
        found = [e.id.hex for e in sight.truth.all("ChartEntry") if (e.chart_id.hex, e.client_id.hex) == part]
        return mark_of("ChartEntry", f"ent_{found[0]}") if found else ""


def _version(sight: Sight, given: Given) -> int:
    """Give the version of the row that is asked to be changed, as it is now."""
    if "clientNotes" in given:
        part = (given["chartId"][4:], given["clientId"][4:])
        parts = sight.truth.all("ChartEntry")
        return next((e.version for e in parts if (e.chart_id.hex, e.client_id.hex) == part), 1)
    wire = given.get("id") or given.get("chartId") or given.get("attendanceId") or ""
    rows = sight.truth.all(KINDS[wire[:3]]) if wire[:3] in KINDS else ()
    return next((getattr(row, "version", 1) for row in rows if row.id.hex == wire[4:]), 1)
