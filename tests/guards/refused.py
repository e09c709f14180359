"""Everything that is refused, one line each: who asks for what, and how the answer is no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tests.guards.deeds import DEEDS, Input
from tests.world import World


@dataclass(frozen=True, slots=True)
class No:
    """`says` is the problem's type, with the fields that it names; or an error's code."""

    mutation: str
    because: str
    by: str
    given: Input
    says: str
    after: Callable[[World], Awaitable[object]] | None = None
    """What has happened before, where the cast's own state is no reason."""

    def __str__(self) -> str:
        """Say it as a sentence."""
        return f"{self.mutation}: {self.because}"


def _changed(mutation: str, **changes: object) -> Input:
    """Give the input of the mutation's deed with these fields changed; a callable is asked with the world."""
    deed = next(deed for deed in DEEDS if deed.mutation == mutation)

    def given(world: World) -> dict[str, object]:
        return deed.given(world) | {
            name: change(world) if callable(change) else change for name, change in changes.items()
        }

    return given


def _invalid() -> Iterator[No]:
    cases: dict[str, list[tuple[str, str, dict[str, object]]]] = {
        "createServiceCode": [
            ("an empty code", "code", {"code": " "}),
            ("a code that is too long", "code", {"code": "x" * 21}),
            ("a code that exists", "code", {"code": "90853"}),
            ("a code that exists, in other letters", "code", {"code": "no_show"}),
            ("a claim's code of no such form", "code", {"kind": "STANDARD"}),
            ("an add-on of no such form", "code", {"kind": "ADD_ON"}),
            ("a code with a control character", "code", {"code": "A\0B"}),
            ("an empty label", "label", {"label": ""}),
            ("a label that is too long", "label", {"label": "x" * 121}),
            ("a label with a control character", "label", {"label": "A\x07B"}),
            ("a negative fee", "feeMinor", {"feeMinor": -1}),
            ("a fee of a million", "feeMinor", {"feeMinor": 10_000_001}),
            ("a session of no length", "durationMinutes", {"durationMinutes": 0}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
        ],
        "updateServiceCode": [
            ("no label", "label", {"label": None}),
            ("an empty label", "label", {"label": " "}),
            ("no fee", "feeMinor", {"feeMinor": None}),
            ("a negative fee", "feeMinor", {"feeMinor": -1}),
            ("no length", "durationMinutes", {"durationMinutes": None}),
            ("a session longer than a day", "durationMinutes", {"durationMinutes": 1441}),
            ("neither in use nor not", "active", {"active": None}),
        ],
        "createClient": [
            ("no first name", "firstName", {"firstName": " "}),
            ("no last name", "lastName", {"lastName": ""}),
            ("a name that is too long", "lastName", {"lastName": "x" * 101}),
            ("a name with a control character", "firstName", {"firstName": "A\0"}),
            ("a preferred name with a lone surrogate", "preferredName", {"preferredName": "\ud800"}),
            ("what is no mail address", "email", {"email": "ada at home"}),
            ("what is no phone number", "phone", {"phone": "none"}),
            ("a birthday long ago", "dateOfBirth", {"dateOfBirth": "1879-12-31"}),
            ("a birthday to come", "dateOfBirth", {"dateOfBirth": "2999-01-01"}),
            ("nobody to see the client", "providerIds", {"providerIds": []}),
            ("only a colleague to see the client", "providerIds", {"providerIds": lambda w: [w.bjorns]}),
            ("too many providers", "providerIds", {"providerIds": lambda w: [w.amaras] * 101}),
        ],
        "updateClient": [
            ("no first name", "firstName", {"firstName": None}),
            ("an empty last name", "lastName", {"lastName": ""}),
            ("what is no mail address", "email", {"email": "ada at home"}),
            ("what is no phone number", "phone", {"phone": "none"}),
            ("a birthday to come", "dateOfBirth", {"dateOfBirth": "2999-01-01"}),
            ("neither in care nor not", "active", {"active": None}),
            ("nobody to see the client", "providerIds", {"providerIds": None}),
            ("only a colleague to see the client", "providerIds", {"providerIds": lambda w: [w.bjorns]}),
            ("too many providers", "providerIds", {"providerIds": lambda w: [w.amaras] * 101}),
        ],
        "createGroup": [
            ("no name", "name", {"name": " "}),
            ("a name that is too long", "name", {"name": "x" * 201}),
            ("no initials", "initials", {"initials": ""}),
            ("initials that are too long", "initials", {"initials": "x" * 13}),
            ("a name with a control character", "name", {"name": "A\0"}),
            ("a code for who did not come", "defaultServiceCodeId", {"defaultServiceCodeId": lambda w: w.no_show}),
            ("too many members", "clientIds", {"clientIds": lambda w: [w.client_ada] * 101}),
        ],
        "updateGroup": [
            ("no name", "name", {"name": None}),
            ("empty initials", "initials", {"initials": " "}),
            ("a name that is too long", "name", {"name": "x" * 201}),
            ("no code", "defaultServiceCodeId", {"defaultServiceCodeId": None}),
            ("a code for who did not come", "defaultServiceCodeId", {"defaultServiceCodeId": lambda w: w.no_show}),
            ("no provider", "providerId", {"providerId": None}),
        ],
    }
    for mutation, lines in cases.items():
        deed = next(deed for deed in DEEDS if deed.mutation == mutation)
        for because, field, changes in lines:
            yield No(mutation, because, deed.by, _changed(mutation, **changes), f"InvalidInput input.{field}")
    yield No(
        "createGroup", "the office names no provider", "owner", _changed("createGroup"), "InvalidInput input.providerId"
    )


def _states() -> Iterator[No]:
    def archived(world: World) -> Awaitable[object]:
        return world.owner.do("archiveGroup", id=world.monday)

    def inactive(world: World) -> Awaitable[object]:
        return world.owner.do("updateClient", id=world.client_dora, active=False)

    def inactive_ada(world: World) -> Awaitable[object]:
        return world.owner.do("updateClient", id=world.client_ada, active=False)

    join = _changed("addGroupMember")
    yield No("addGroupMember", "an archived group", "scheduler", join, "InvalidInput input.groupId", archived)
    yield No("addGroupMember", "nobody in care", "scheduler", join, "InvalidInput input.clientId", inactive)
    change, first = _changed("updateClient"), _changed("createGroup")
    yield No("updateClient", "nobody in care", "amara", change, "InvalidInput input.active", inactive_ada)
    yield No("createGroup", "a member not in care", "amara", first, "InvalidInput input.clientIds", inactive_ada)


def _conflicts() -> Iterator[No]:
    for mutation, by in (("updateClient", "amara"), ("updateGroup", "amara")):
        for version in (0, 2, -1, 2**31 - 1):
            stale = _changed(mutation, expectedVersion=version)
            yield No(mutation, f"the version is not {version}", by, stale, "VersionConflict")


def _keys() -> Iterator[No]:
    for deed in DEEDS:
        for key in ("", " ", "x" * 201, "a\0b", "\ud800", "a\nb"):
            keyed = _changed(deed.mutation, idempotencyKey=key)
            yield No(deed.mutation, f"the key {key[:3]!r} is none", deed.by, keyed, "BAD_USER_INPUT")


def _denied() -> Iterator[No]:
    # Whom each mutation is not for although they see what it is about, and who does not even see that.
    forbidden = {
        "createServiceCode": "amara bjorn scheduler carol ada",
        "updateServiceCode": "amara bjorn scheduler carol",
        "createClient": "ada",
        "updateClient": "ada",
        "createGroup": "carol ada",
        "updateGroup": "carol ada",
        "archiveGroup": "carol ada",
        "addGroupMember": "carol ada",
        "removeGroupMember": "carol ada",
    }
    unseen = {
        "updateServiceCode": "ada eve",
        "updateClient": "bjorn eve",
        "updateGroup": "bjorn eve",
        "archiveGroup": "bjorn eve",
        "addGroupMember": "bjorn eve",
        "removeGroupMember": "bjorn eve",
    }
    for deed in DEEDS:
        for by in forbidden[deed.mutation].split():
            yield No(deed.mutation, f"it is not for {by}", by, deed.given, "FORBIDDEN")
        for by in unseen.get(deed.mutation, "").split():
            yield No(deed.mutation, f"{by} does not see it", by, deed.given, "NOT_FOUND")
        yield No(deed.mutation, "nobody is signed in", "nobody", deed.given, "UNAUTHENTICATED")


REFUSALS = [*_invalid(), *_states(), *_conflicts(), *_keys(), *_denied()]
