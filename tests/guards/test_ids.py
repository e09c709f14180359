"""An id of another type, of another practice, of nobody or out of sight: all look the same, wherever it is put."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

import pytest
from graphql import GraphQLInterfaceType

from models.ids import wire_id
from tests.guards.places import CORE, Place, places
from tests.rows import changed, everything
from tests.week import Charted, Week
from tests.world import a_client, a_group

NULLS = {"node", "nodes", "group", "client", "appointment", "chart", "chartRun"}
"""These answer null and no error; any other place is NOT_FOUND."""

EMPTY = {"auditLog.actorId"}
"""These cut a list to what somebody did: an id of nobody leaves nothing of it, and tells nothing of the id."""

TAKES = [place for place in places() if place.scalar == "ID"]
OF = {
    "defaultServiceCodeId": "service_code",
    "providerId": "provider",
    "providerIds": "provider",
    "clientId": "client",
    "clientIds": "client",
    "groupId": "group",
    "notInGroup": "group",
    "serviceCodeId": "service_code",
    "appointmentId": "appointment",
    "attendanceId": "attendance",
    "allocations.attendanceId": "attendance",
    "paymentId": "payment",
    "templateId": "chart_template",
    "chartId": "chart",
    "runId": "chart_run",
    "noteId": "chart_note",
    "acknowledgedWarningIds": "chart_warning",
    "clientEntries.clientId": "client",
    "actorId": "user",
}
"""What an id in a place of this name is of; `id` is of what the field or the mutation is called after."""


def kind_of(place: Place) -> str:
    if place.name in OF:
        return OF[place.name]
    spelled = place.root.lower()
    kinds = ("chart_template", "chart_run", "chart", "client", "group", "service_code", "appointment")
    return next((kind for kind in kinds if kind.replace("_", "") in spelled), "any")


def hidden(week: Week, place: Place) -> dict[str, str]:
    """Give ids of things that are not Amara's to see; of a mutation by the office there is none in its own practice."""
    own_practice = {
        "client": week.client_dora,
        "group": week.thursday,
        "attendance": week.bjorns_line,
        **_charted(week.bjorns_locked),
    }
    theirs = {
        "client": week.elsewhere.client,
        "group": week.elsewhere.group,
        "service_code": week.elsewhere.service_code,
        "provider": week.elsewhere.provider,
        "appointment": week.elsewhere_session,
        "attendance": week.elsewhere_line,
        "payment": week.elsewhere_payment,
        "any": week.elsewhere.membership,
        "chart_template": week.elsewhere_template,
        **_charted(week.elsewhere_locked),
    }
    kind = kind_of(place)
    if kind not in theirs:
        return {}
    found = {"another practice's": theirs[kind]}
    if kind in own_practice and place.root not in {"addGroupMember", "breakGlass"}:
        found["a colleague's"] = own_practice[kind]
    return found


def _charted(of: Charted) -> dict[str, str]:
    [note], [warning] = of.notes.values(), of.warnings
    return {"chart": of.chart, "chart_run": of.run, "chart_note": note, "chart_warning": warning}


async def others(week: Week, place: Place) -> dict[str, str]:
    """Give ids that only who they are of is told."""
    if kind_of(place) != "user":
        return {}
    people = {"another practice's": week.elsewhere.eve, "a colleague's": week.bjorn}
    return {what: (await one.ask("{ viewer { id } }"))["viewer"]["id"] for what, one in people.items()}


def wrong(week: Week, place: Place) -> dict[str, str]:
    """Give ids that are none of what belongs in this place."""
    right = {
        "client": "clt",
        "group": "grp",
        "service_code": "svc",
        "provider": "prv",
        "appointment": "apt",
        "attendance": "att",
        "payment": "pay",
        "chart_template": "tpl",
        "chart": "cht",
        "chart_run": "run",
        "chart_note": "not",
        "chart_warning": "wrn",
        "user": "usr",
        "any": "mem",
    }[kind_of(place)]
    other = week.client_ada if right != "clt" else week.monday
    uuid = other.partition("_")[2]
    ids = {
        "nobody's": f"{right}_{'0' * 32}",
        "nobody's, well formed": wire_id(right, uuid5(NAMESPACE_OID, week.monday)),
        "empty": "",
        "no id": "x",
        "a bare row id": uuid,
        "in capitals": f"{right}_{uuid.upper()}",
        "with a space": f" {right}_{uuid}",
        "of a type that is none": f"zzz_{uuid}",
        "too long": f"{right}_{uuid}0",
    }
    if kind_of(place) != "any":
        ids |= {"another type's": other, "another type's row under this type": f"{right}_{uuid}"}
    return ids


def test_every_place_that_takes_an_id_is_tried() -> None:
    assert {str(place) for place in TAKES} >= {"node.id", "nodes.ids", "clients.notInGroup", "search.providerId"}
    assert all(kind_of(place) != "any" for place in TAKES if place.root not in {"node", "nodes"})


@pytest.mark.parametrize("place", TAKES, ids=str)
async def test_an_id_that_is_not_the_viewers_is_an_id_of_nobody(week: Week, place: Place) -> None:
    before = await everything()
    answers = {}
    for what, id_ in (wrong(week, place) | hidden(week, place) | await others(week, place)).items():
        answer = await place.answer(week, [id_] if place.is_list else id_)
        answers[what] = (answer.data, answer.errors)
    expected = answers["nobody's"]
    assert {what: answer for what, answer in answers.items() if answer != expected} == {}
    data, errors = expected
    if str(place) in EMPTY:
        nothing = {"totalCount": 0, "edges": [], "pageInfo": {"endCursor": None}}
        assert (data, errors) == ({place.root: nothing}, [])
        return
    assert [error["extensions"] for error in errors] == ([] if place.root in NULLS else [{"code": "NOT_FOUND"}])
    assert data == {place.root: [None] if place.root == "nodes" else None}
    assert changed(before, await everything()) == []


@pytest.mark.parametrize("place", [place for place in TAKES if place.is_list and place.root != "nodes"], ids=str)
async def test_one_wrong_id_in_a_list_spoils_the_whole(week: Week, place: Place) -> None:
    good = {
        "client": week.client_ada,
        "provider": week.amaras,
        "chart_warning": week.reviewed.warnings[0],
    }[kind_of(place)]
    before = await everything()
    for id_ in (wrong(week, place) | hidden(week, place)).values():
        answer = await place.answer(week, [good, id_])
        assert answer.codes == ["NOT_FOUND"]
    assert changed(before, await everything()) == []


async def test_nodes_come_in_the_order_asked_with_nothing_where_there_is_nothing(week: Week) -> None:
    ids = [week.client_ben, "x", week.monday, week.client_dora, week.monday, week.elsewhere.client, week.amaras]
    asked = await week.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert asked["nodes"] == [
        {"__typename": "Client", "id": week.client_ben},
        None,
        {"__typename": "Group", "id": week.monday},
        None,
        {"__typename": "Group", "id": week.monday},
        None,
        {"__typename": "Provider", "id": week.amaras},
    ]


async def test_no_more_than_a_hundred_nodes_at_once(week: Week) -> None:
    asked = await week.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[week.monday] * 100)
    assert asked["nodes"] == [{"id": week.monday}] * 100
    for ids in ([week.monday] * 101, ["x"] * 101):
        await week.amara.error("BAD_USER_INPUT", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert await week.amara.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[]) == {"nodes": []}


async def test_ids_tell_their_type_and_nothing_that_can_be_counted(week: Week) -> None:
    made = [await a_client(by=week.amara) for _ in range(3)] + [await a_group(by=week.amara)]
    assert [id_[:4] for id_ in made] == ["clt_"] * 3 + ["grp_"]
    # Of a version 7 UUID the first 12 digits are the moment; of the rest no two are near one another.
    guessable = [int(id_[-16:], 16) for id_ in made]
    assert all(abs(a - b) > 2**32 for a in guessable for b in guessable if a != b)


async def test_whatever_has_an_id_is_found_again_by_it(week: Week) -> None:
    memberships = await week.owner.ask("query ($id: ID!) { group(id: $id) { members { id } } }", id=week.monday)
    # Who has the office's rights sees no note, and who has a clinician's no other clinician's client.
    charted = {
        "Chart": week.locked.chart,
        "ChartEntry": week.locked.entries[week.client_ada],
        "ChartNote": week.locked.notes[week.client_ada],
        "ChartRun": week.locked.run,
        "ChartWarning": week.reviewed.warnings[0],
        "Addendum": week.locked.addendum,
    }
    opened = await week.owner.do("breakGlass", "access { id }", clientId=week.client_ada, reason="Urgent")
    logged = await week.owner.ask("{ auditLog(first: 1) { edges { node { id } } } }")
    everyone = {
        "EmergencyAccess": opened["access"]["id"],
        "AuditEntry": logged["auditLog"]["edges"][0]["node"]["id"],
        "Practice": week.practice,
        "Provider": week.amaras,
        "ServiceCode": week.individual,
        "Client": week.client_ada,
        "Group": week.monday,
        "GroupMembership": memberships["group"]["members"][0]["id"],
        "Appointment": week.coming,
        "Attendance": week.coming_ada,
        "Payment": week.payment,
        "PaymentAllocation": week.allocation,
        "ChartTemplate": week.template,
        **charted,
    }
    node = CORE.get_type("Node")
    assert isinstance(node, GraphQLInterfaceType)
    assert everyone.keys() == {one.name for one in CORE.get_possible_types(node)}
    for type_name, id_ in everyone.items():
        asking = week.amara if type_name in charted else week.owner
        asked = await asking.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=id_)
        assert asked["node"] == {"__typename": type_name, "id": id_}


async def test_a_user_is_no_node(week: Week) -> None:
    viewer = (await week.amara.ask("{ viewer { id } }"))["viewer"]
    assert await week.amara.ask("query ($id: ID!) { node(id: $id) { id } }", id=viewer["id"]) == {"node": None}
