"""A small GraphQL client: it speaks as one person, and says in full what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
from strawberry import Schema

from grouproom.graphql import Limits
from grouproom.graphql.documents import Documents, spoken
from grouproom.graphql.errors import Refusal, tell
from resolvers.practice.sign_in import holder
from schema import build_schema
from schema.context import Context

Data = dict[str, Any]

PROBLEM = (
    "... on Problem { message"
    " ... on InvalidInput { fields { path message } }"
    " ... on VersionConflict { current { id } }"
    " ... on NotUsuallySeen { match { ... on Node { id } } provider { id } }"
    " ... on AttendanceAlreadySet { attendance { id } }"
    " ... on AttendancePaid { attendance { id } }"
    " ... on ServiceCodeNotAllowed { serviceCode { id } } }"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered to one operation."""

    data: Data | None
    errors: list[Data] = field(default_factory=list)
    cookie: str | None = None
    causes: tuple[BaseException, ...] = ()

    @property
    def codes(self) -> list[str]:
        """Give the code of each error."""
        return [error["extensions"]["code"] for error in self.errors]


class Send(Protocol):
    """Carries an operation to a server, in this process or over a wire, and brings the answer."""

    async def __call__(self, document: str, variables: Mapping[str, Any], token: str | None) -> Answer: ...


class Failed(AssertionError):
    """The answer holds errors that the test did not expect."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(orjson.dumps(answer.errors, default=str).decode("utf-8", "replace"))
        self.answer = answer


class Refused(AssertionError):
    """The mutation was answered with a problem that the test did not expect."""

    def __init__(self, problem: Data) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with this client at hand; without a token they are signed out."""

    send: Send
    token: str | None = None
    must_never_see: str = ""
    """What stands in every name of another practice: in no answer to this person."""

    async def answer(self, document: str, /, **variables: Any) -> Answer:
        """Send the document and give the whole answer."""
        answer = await self.send(document, variables, self.token)
        assert not self.must_never_see or self.must_never_see not in f"{answer.data}{answer.errors}"
        return answer

    async def ask(self, document: str, /, **variables: Any) -> Data:
        """Give the data; there must be no error."""
        answer = await self.answer(document, **variables)
        if answer.errors:
            raise Failed(answer) from next(iter(answer.causes), None)
        assert answer.data is not None
        return answer.data

    async def error(self, code: str, document: str, /, **variables: Any) -> Data:
        """Expect exactly one error, of this code, and give it."""
        answer = await self.answer(document, **variables)
        if answer.codes != [code]:
            raise Failed(answer) from next(iter(answer.causes), None)
        return answer.errors[0]

    async def result(self, mutation: str, select: str = "__typename", /, **given: Any) -> Data:
        """Carry out a mutation with this input and give whichever member of its union came back."""
        data = await self.ask(document_of(mutation, select), input=given)
        result: Data = data[mutation]
        return result

    async def do(self, mutation: str, select: str = "__typename", /, **given: Any) -> Data:
        """Carry out a mutation with this input and give its payload; it must not be refused."""
        result = await self.result(mutation, select, **given)
        if result["__typename"] != payload_of(mutation):
            raise Refused(result)
        return result

    async def refused(self, problem: str, mutation: str, /, **given: Any) -> Data:
        """Expect the mutation to be refused with this type of problem, and give it."""
        result = await self.result(mutation, **given)
        assert result["__typename"] == problem, result
        return result

    async def invalid(self, paths: str, mutation: str, /, **given: Any) -> list[str]:
        """Expect InvalidInput for exactly these fields, such as "input.name input.initials"; give its sentences."""
        problem = await self.refused("InvalidInput", mutation, **given)
        assert [one["path"] for one in problem["fields"]] == paths.split()
        return [one["message"] for one in problem["fields"]]

    async def denied(self, code: str, mutation: str, /, **given: Any) -> Data:
        """Expect the mutation to end in one top-level error of this code, and give it."""
        return await self.error(code, document_of(mutation), input=given)


def payload_of(mutation: str) -> str:
    """Give the name of a mutation's payload."""
    return f"{mutation[0].upper()}{mutation[1:]}Payload"


def document_of(mutation: str, select: str = "__typename") -> str:
    """Write the document for a mutation with one input; `select` is what is asked of its payload."""
    name = f"{mutation[0].upper()}{mutation[1:]}"
    asked = f"__typename ... on {name}Payload {{ {select} }} {PROBLEM}"
    return f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {asked} }} }}"


@dataclass(frozen=True, slots=True)
class InProcess:
    """Executes operations in this process, behind the door: what is asked is weighed and validated as there."""

    schema: Schema
    documents: Documents
    address: str = "192.0.2.1"
    can_set_cookie: bool = True
    idle_seconds: int | None = None

    async def __call__(self, document: str, variables: Mapping[str, Any], token: str | None) -> Answer:
        try:
            self.documents.prepare(document)
        except Refusal as refusal:
            return Answer(None, refusal.errors)
        viewer = await holder(None, token) if token is not None else None
        context = Context(
            viewer, self.address, secure=False, idle_seconds=self.idle_seconds, can_set_cookie=self.can_set_cookie
        )
        result = await self.schema.execute(document, variable_values=dict(variables), context_value=context)
        errors = result.errors or []
        told = [tell(error) for error in errors]
        causes = tuple(error.original_error for error in errors if error.original_error is not None)
        return Answer(result.data, told, context.set_cookie, causes)

    def at(self, **different: Any) -> InProcess:
        """Give the same under other circumstances, such as another address."""
        return replace(self, **different)


def in_process() -> InProcess:
    """Build the schema, and give the way to it."""
    schema, _ = build_schema()
    documents = Documents(schema, Limits())
    return InProcess(spoken(schema, documents), documents)
