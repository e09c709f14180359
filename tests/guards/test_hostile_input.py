"""Whatever is put anywhere, the answer is an answer or says what is wrong: never a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest

from models.practice import Role
from models.problems import Coded, Refused
from models.unit_of_work import unit_of_work
from resolvers.practice.set_up import create_practice, create_user
from resolvers.viewer import OPERATOR
from tests.charting.scene import work
from tests.guards.places import Place, places
from tests.week import Week
from tests.world import PASSWORD, PRACTICE, in_days

TEXTS = {
    "nothing": "",
    "space": " \t\u00a0\u2003 ",
    "U+0000": "\0",
    "U+0000 within": "a\0b",
    "a control character": "a\x07b",
    "U+007F": "\x7f",
    "line ends": "a\r\nb\u2028c",
    "a lone surrogate": "\ud800",
    "a lone surrogate within": "a\udfffb",
    "a hundred thousand letters": "x" * 100_000,
    "a hundred thousand wide letters": "\U0001d54f" * 100_000,
    "a hundred thousand spaces": " " * 100_000,
    "an emoji of many": "👩‍👩‍👧‍👦",
    "right to left": "\u202eabc\u202c",
    "zero width": "\u200b\u200d\ufeff",
    "a character that is none": "\uffff\U0010ffff",
    "private use": "\ue000",
    "accents upon accents": "e" + "\u0301" * 5000,
    "accents that want to change places": "e" + "\u0301" * 50_000 + "\u0316" * 50_000,
    "a letter that folds into eighteen": "ﷺ" * 50,
    "letters that grow in capitals": "ß" * 20 + "ŉ" * 60,
    "a dotted capital": "İI",
    "quotes": "'\"`\u00b4",
    "a comment": "'; DROP TABLE client; --",
    "wildcards": "%_*?\\",
    "a format": "{0} %s ${x} {{x}} $1 ?1",
    "markup": "<script>alert(1)</script>&amp;",
    "markup nested deep": "<ul><li>" * 12_000,
    "markup that does not begin": "</p>" * 20_000,
    "markup that does not end": "<" * 90_000,
    "markup of many attributes": "<p " + "class=indent-1 " * 6000 + ">x",
    "entities": "&#0;&#xd800;&#x110000;&#8203;&amp;lt;&nosuch;&lt" * 100,
    "JSON": '{"a": [1, "]"}',
    "an id": "clt_" + "0" * 32,
    "a long id": "grp_" + "f" * 100_000,
    "a cursor": "5b22225d",
    "a long cursor": "5b" * 50_000,
    "a cursor with U+0000": b'["\\u0000","\\u0000"]'.hex(),
    "a cursor of a number that no column holds": b'["9223372036854775808"]'.hex(),
    "a cursor of a huge number": f'["{"9" * 3000}"]'.encode().hex(),
    "a cursor of digits of other scripts": '["\u0661\u0662"]'.encode().hex(),
    "a cursor of a number with a sign": b'["-1"]'.hex(),
    "a cursor with a lone surrogate": b'["\\ud800","x"]'.hex(),
    "a cursor nested deep": (b"[" * 2000).hex(),
    "a day": "2026-11-23",
    "a day that is none": "2026-02-30",
    "a year that is none": "0000-01-01",
    "a year far away": "9999-12-31",
    "a moment": "2026-11-23T16:00:00Z",
    "the first moment": "0001-01-01T00:00:00Z",
    "the last moment": "9999-12-31T23:59:59.999999Z",
    "a moment before the first": "0001-01-01T00:00:00+14:00",
    "a moment after the last": "9999-12-31T23:59:59-12:00",
    "digits of other scripts": "\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0663",
    "a mail address": "x@example.com",
    "a long mail address": "x" * 60_000 + "@" + "example." * 5000 + "com",
    "a mail address of nowhere": "x@[127.0.0.1]",
    "a mail address in quotes": '"a\0b"@example.com',
}
OTHERS: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "minus one": -1,
    "the largest": 2**31 - 1,
    "the smallest": -(2**31),
    "larger": 2**31,
    "huge": 10**400,
    "a fraction": 1.5,
    "a huge fraction": 1e308,
    "infinity": float("inf"),
    "no number": float("nan"),
    "a list": ["x"],
    "an empty list": [],
    "a list of null": [None],
    "a list in a list": [["x"]],
    "a list of all kinds": [1, "x", None, {}, True],
    "a hundred and one": ["x"] * 101,
    "ten thousand": ["x"] * 10_000,
    "an object": {"x": 1},
    "an empty object": {},
    "a word of an enum": "MINE",
}
VERSIONS = "query ($id: ID!) { chart(id: $id) { version clientEntries { version client { id } } } }"
ALL = list(places())
KEYED = [place for place in ALL if not place.is_query and place.root != "signIn" and place.name != "idempotencyKey"]
FINE = {None, "NOT_FOUND", "BAD_USER_INPUT", "FORBIDDEN", "RATE_LIMITED"}


async def faults(week: Week, place: Place, values: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    """Put each value there, and say which are answered with anything but an answer."""
    found = {}
    for what, value in values.items():
        answer = await place.answer(week, value, **more)
        if not set(answer.codes) <= FINE:
            found[what] = answer.codes + [repr(cause)[:300] for cause in answer.causes]
    return found


async def is_whole(week: Week) -> None:
    """Ask for everything that may have been stored, with names and with initials."""
    for asking in (week.owner, week.carol, week.amara):
        await asking.ask(
            "query ($from: DateTime!, $to: DateTime!) {"
            " groups(first: 100, archived: null) { edges { cursor node { name initials } } }"
            " clients(first: 100, active: null) { edges { cursor node {"
            "  name initials email phone dateOfBirth balance { formatted }"
            "  payments { edges { cursor node { memo statementMemo reference receivedOn } } } } } }"
            " auditLog(first: 100) { edges { cursor node { document address outcome objectIds fieldsRead } } }"
            " emergencyAccesses(first: 100) { edges { cursor node { by reason } } }"
            " viewer { practice {"
            "  serviceCodes(active: null) { code label } chartTemplates(active: null) { name body } } }"
            " calendar(from: $from, to: $to, includeCanceled: true) { appointments {"
            "  title shortTitle cancelReason startsAt endsAt attendances { outcome lastChangedBy }"
            "  chart { templateBody groupNotes lastChangedBy clientEntries { clientNotes lastChangedBy }"
            "   notes { body verified signatures { signedAs } addenda { body authoredAs } }"
            "   warnings { message } run { steps { reason } } } } } }",
            **{"from": in_days(-21), "to": in_days(28)},
        )


@pytest.mark.thorough
@pytest.mark.parametrize("place", ALL, ids=str)
async def test_no_text_is_a_fault_of_ours(week: Week, place: Place) -> None:
    values = {what: [text] for what, text in TEXTS.items()} if place.is_list else TEXTS
    assert await faults(week, place, values) == {}
    await is_whole(week)


@pytest.mark.parametrize("place", ALL, ids=str)
async def test_nothing_else_is_a_fault_of_ours(week: Week, place: Place) -> None:
    assert await faults(week, place, OTHERS) == {}


@pytest.mark.parametrize("place", KEYED, ids=str)
async def test_no_text_is_a_fault_of_ours_under_an_idempotency_key(week: Week, place: Place) -> None:
    texts = {what: TEXTS[what] for what in ("U+0000 within", "a lone surrogate", "an emoji of many", "a comment")}
    values = {what: [text] for what, text in texts.items()} if place.is_list else texts
    found: dict[str, list[str]] = {}
    for n, (what, value) in enumerate(values.items()):
        found |= await faults(week, place, {what: value}, idempotencyKey=f"key {n}")
    assert found == {}


@pytest.mark.thorough
async def test_whatever_can_be_written_in_a_chart_is_assembled_and_warned_of(week: Week) -> None:
    written = 0
    for text in TEXTS.values():
        await week.amara.do("reopenChart", chartId=week.drafted.chart)
        now = (await week.amara.ask(VERSIONS, id=week.drafted.chart))["chart"]
        ada = {"clientId": week.client_ada, "clientNotes": text}
        [ada["expectedVersion"]] = [e["version"] for e in now["clientEntries"] if e["client"]["id"] == week.client_ada]
        given = {"chartId": week.drafted.chart, "expectedVersion": now["version"], "clientEntries": [ada]}
        saved = await week.amara.result("saveChart", **given, groupNotes=text)
        written += saved["__typename"] == "SaveChartPayload"
        run = (await week.amara.do("completeChart", "run { id }", chartId=week.drafted.chart))["run"]["id"]
        await work()
        done = await week.amara.ask("query ($id: ID!) { chartRun(id: $id) { state chart { state } } }", id=run)
        assert done["chartRun"] == {"state": "SUCCEEDED", "chart": {"state": "IN_REVIEW"}}, text[:50]
    assert written > len(TEXTS) / 2


async def test_the_operator_is_told_what_is_wrong_too(week: Week) -> None:
    for text in TEXTS.values():
        for practice in (
            {"name": text, "time_zone": "UTC", "currency": "USD"},
            {"name": "P", "time_zone": text, "currency": "USD"},
            {"name": "P", "time_zone": "UTC", "currency": text},
        ):
            await refused_or_done(lambda given=practice: create_practice(OPERATOR, **given))
        for user in (
            {"practice": text},
            {"email": text},
            {"password": text},
            {"name": text},
            {"credentials": text},
            {"client_id": text, "roles": [Role.CLIENT]},
        ):
            usual: dict[str, Any] = {
                "practice": PRACTICE,
                "email": "new@lakeside.example",
                "password": PASSWORD,
                "roles": [Role.PROVIDER],
                "name": "New",
            }
            await refused_or_done(lambda given=usual | user: create_user(OPERATOR, **given))


async def refused_or_done(change: Any) -> None:
    try:
        await unit_of_work(change)
    except (Refused, Coded):
        return
