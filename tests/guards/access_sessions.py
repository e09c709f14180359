"""The sessions of the scene that the access matrix speaks of, what was paid for them and what is written of them."""

from __future__ import annotations

from uuid import UUID

from models.charting.steps import fail_step
from models.database import fetch
from models.ids import row_id, wire_id
from models.unit_of_work import unit_of_work
from tests.client import Data, Person
from tests.runs.workers import claimed, step
from tests.world import World, a_payment, an_appointment, in_days, lines_of

Ids = dict[str, str]
WORKER = "matrix"

_CHART = (
    "query ($id: ID!) { chart(id: $id) { version clientEntries { id client { id } } notes { id client { id } }"
    " warnings { id client { id } } } }"
)


async def build_sessions(world: World, chidi: Person, ids: Ids) -> Ids:
    """Hold the sessions, take the payments and write the charts; give the ids of all rows by their names."""
    made: Ids = {}
    names = {ids[f"client {name}"]: name for name in ("Ada", "Ben", "Chloe", "Dora")}
    made |= await _sessions(world, chidi, ids, names)
    made |= await _payments(world, made)
    made |= await _templates(world)
    for session, by, words in (
        ("Monday", world.amara, ["Ada", "Chloe"]),
        ("Thursday", world.bjorn, []),
        ("Ada", world.amara, ["Ada"]),
        ("Ben", chidi, ["Ben"]),
    ):
        template = made["template Custom"] if session == "Monday" else None
        made[f"chart {session}"] = await _draft(
            made[f"session {session}"], by, template, [ids[f"client {one}"] for one in words]
        )
    await _finish(world, chidi, made, names)
    return made


async def _sessions(world: World, chidi: Person, ids: Ids, names: Ids) -> Ids:
    shared = await an_appointment(
        by=world.amara,
        group=world.monday,
        provider=ids["provider Chidi"],
        starts_at=in_days(7),
        confirm_sharing=True,
    )
    made = {
        "session Shared": shared,
        "session Monday": await an_appointment(by=world.amara, group=world.monday, starts_at=in_days(-7)),
        "session Thursday": await an_appointment(by=world.bjorn, group=world.thursday, starts_at=in_days(-5)),
        "session Ada": await an_appointment(by=world.amara, client=world.client_ada, starts_at=in_days(-4)),
        "session Ben": await an_appointment(by=chidi, client=world.client_ben, starts_at=in_days(-3)),
        "session Dora": await an_appointment(by=world.bjorn, client=world.client_dora, starts_at=in_days(8)),
    }
    for session, id_ in list(made.items()):
        for client, line in (await lines_of(id_, by=world.owner)).items():
            made[f"line {session.partition(' ')[2]}/{names[client]}"] = line
    await world.bjorn.do("cancelAppointment", id=made["session Dora"], reason="Snow")
    await world.ada.do("recordConfirmation", attendanceId=made["line Shared/Ada"], status="CONFIRMED")
    for line, outcome in (
        ("Monday/Ada", "ATTENDED"),
        ("Monday/Ben", "NO_SHOW"),
        ("Monday/Chloe", "ATTENDED"),
        ("Thursday/Dora", "ATTENDED"),
        ("Ada/Ada", "ATTENDED"),
        ("Ben/Ben", "ATTENDED"),
    ):
        # Whoever sees all calendars sets what came of them.
        await world.scheduler.do("setAttendance", attendanceId=made[f"line {line}"], outcome=outcome, feeMinor=6000)
    return made


async def _payments(world: World, made: Ids) -> Ids:
    parts = {"Monday": ("line Monday/Ada", 5000), "Ada": ("line Ada/Ada", 2000)}
    both = await a_payment(
        by=world.owner,
        client=world.client_ada,
        amount=9000,
        memo="By her sister",
        statementMemo="Thank you",
        allocations=[{"attendanceId": made[line], "amountMinor": minor} for line, minor in parts.values()],
    )
    own = await a_payment(by=world.amara, client=world.client_ada, amount=1000, line=made["line Ada/Ada"])
    paid = {
        "payment Both": both,
        "payment Own": own,
        "payment Dora": await a_payment(by=world.bjorn, client=world.client_dora, amount=500, allocations=[]),
    }
    await world.carol.do("refundPayment", paymentId=paid["payment Dora"], amountMinor=100, idempotencyKey="scene")
    asked = "query ($id: ID!) { node(id: $id) { ... on Payment { allocations { id attendance { id } } } } }"
    for name in ("Both", "Own", "Dora"):
        for part in (await world.owner.ask(asked, id=paid[f"payment {name}"]))["node"]["allocations"]:
            [line] = [row for row, id_ in made.items() if id_ == part["attendance"]["id"]]
            paid[f"part {name}/{line.partition(' ')[2].partition('/')[0]}"] = part["id"]
    return paid


async def _templates(world: World) -> Ids:
    await world.manager.do("createChartTemplate", name="Grief work", body="<p>Who was named today</p>")
    asked = "{ viewer { practice { chartTemplates { id kind } } } }"
    found = (await world.owner.ask(asked))["viewer"]["practice"]["chartTemplates"]
    names = {"CUSTOM": "Custom", "HIPAA": "HIPAA", "SOAP": "SOAP"}
    return {f"template {names[one['kind']]}": one["id"] for one in found}


async def _draft(session: str, by: Person, template: str | None, with_words: list[str]) -> str:
    started = await by.do("startChart", "chart { id }", appointmentId=session, templateId=template)
    chart: str = started["chart"]["id"]
    words = [
        {"clientId": client, "clientNotes": f"<p>Own words for {client}.</p>", "expectedVersion": 1}
        for client in with_words
    ]
    given = {"groupNotes": "<p>We spoke of anniversaries.</p>", "clientEntries": words}
    await by.do("saveChart", chartId=chart, expectedVersion=1, **given)
    return chart


async def _finish(world: World, chidi: Person, made: Ids, names: Ids) -> None:
    for session, by in (("Monday", world.amara), ("Thursday", world.bjorn), ("Ben", chidi)):
        started = await by.do("completeChart", "run { id }", chartId=made[f"chart {session}"])
        made[f"run {session}/complete"] = started["run"]["id"]
        await _work(fails=session == "Ben")
    reviewed = (await world.amara.ask(_CHART, id=made["chart Monday"]))["chart"]["version"]
    started = await world.amara.do("lockChart", "run { id }", chartId=made["chart Monday"], expectedVersion=reviewed)
    made["run Monday/lock"] = started["run"]["id"]
    await _work()
    for session, by in (("Monday", world.amara), ("Thursday", world.bjorn), ("Ada", world.amara), ("Ben", chidi)):
        chart = (await by.ask(_CHART, id=made[f"chart {session}"]))["chart"]
        for kind, field in (("entry", "clientEntries"), ("note", "notes"), ("warning", "warnings")):
            for one in chart[field]:
                made[f"{kind} {session}/{names[one['client']['id']]}"] = one["id"]
    added = await world.amara.do(
        "addAddendum", "addenda { id }", noteId=made["note Monday/Ada"], body="<p>She wrote afterwards.</p>"
    )
    made["addendum Monday/Ada"] = added["addenda"][0]["id"]
    for run in [name for name in made if name.startswith("run ")]:
        for one in await _below("chart_run_step", "run_id", made[run]):
            made[f"step {run.partition(' ')[2]}/{names[wire_id('clt', UUID(str(one['client_id'])))]}"] = one["wire"]
    for client in ("Ada", "Chloe"):
        [one] = await _below("signature", "note_id", made[f"note Monday/{client}"])
        made[f"signature Monday/{client}"] = one["wire"]


async def _work(*, fails: bool = False) -> None:
    run, attempt = await claimed(WORKER)
    if fails:
        await unit_of_work(lambda: fail_step(run, WORKER, attempt))
    while await step(WORKER, run, attempt):
        pass


async def _below(table: str, column: str, above: str) -> list[Data]:
    # These have no id on the wire; here they get one all the same, to be called by.
    rows = await fetch(f'SELECT * FROM "{table}" WHERE {column}=$1', [row_id(above[:3], above)])
    return [{**row, "wire": wire_id(table[:3], UUID(str(row["id"])))} for row in rows]
