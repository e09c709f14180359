"""Signing in and out: the two mutations that speak to the transport too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import strawberry

from models.audit.buffer import note, room
from models.audit.entries import AuditAction, Entry
from models.audit.tracing import trace
from models.problems import BadInput, Refused
from models.unit_of_work import unit_of_work
from resolvers.acting import Answer, Given
from resolvers.practice import sign_in as signing
from resolvers.viewer import OPERATOR, Viewer
from schema.auditing import asked_by
from schema.context import Context, Info
from schema.fields import mutation
from schema.practice import SignInInput, SignInResult


class ReadPayload(Protocol):
    """Answers with a member of the union that is being executed."""

    def __call__(self, info: Info, given: Given, viewer: Viewer | None, *, strict: bool) -> Awaitable[Answer]:
        """Read."""


@strawberry.type
class SigningMutation:
    """Signing in and out."""

    @mutation(signing.sign_in)
    def sign_in(self, input: SignInInput) -> SignInResult | None:
        """Signs a person in. After repeated failures it answers RATE_LIMITED for a while."""
        raise NotImplementedError

    @mutation(signing.sign_out)
    def sign_out(self) -> bool | None:
        """Ends the viewer's sign-in. False when nobody was signed in."""
        raise NotImplementedError


def resolve_sign_in(read: ReadPayload) -> Callable[..., Awaitable[Any]]:
    """Give the resolver of `signIn`: the token goes into the payload, or with `cookieOnly` into a cookie."""

    async def resolve(_: Any, info: Info, input: dict[str, Any]) -> Any:
        context: Context = info.context
        cookie_only = input["cookieOnly"]
        document = info.operation.name.value if info.operation.name else None
        if cookie_only and not context.can_set_cookie:
            raise BadInput(
                "A cookie cannot be set over a socket or for a page of another origin.", field="input.cookieOnly"
            )
        await room(None)
        try:
            given, token = await signing.sign_in(
                OPERATOR,
                email=input["email"],
                password=input["password"],
                address=context.address,
                channel=context.channel,
                document=document,
                idle_seconds=context.idle_seconds if cookie_only else None,
            )
        except Refused as refusal:
            return (await read(info, Given(refusal.name, facts=refusal.facts), OPERATOR, strict=False)).tree
        facts = given.facts | ({"token": None} if cookie_only else {})
        answer = await read(info, Given(given.type_name, given.nodes, facts), given.viewer, strict=True)
        if given.viewer is not None and answer.shown:
            asked = asked_by(given.viewer, context, "signIn", document, context.channel, answer.fields_read)
            note(Entry(asked, AuditAction.READ, rows=answer.shown))
        if cookie_only:
            context.set_cookie = token
        return answer.tree

    return resolve


async def resolve_sign_out(_: Any, info: Info) -> bool:
    """End the viewer's sign-in, and take the cookie back."""
    context: Context = info.context
    context.forget_cookie = True
    viewer = context.viewer
    if viewer is None:
        return False
    asked = asked_by(viewer, context, "signOut", None, context.channel)
    await room(asked.practice_id)

    async def end() -> bool:
        ended = await signing.sign_out(viewer)
        trace(asked, [])
        return ended

    return await unit_of_work(end)
