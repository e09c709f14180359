"""What is asked of each mutation for the access matrix, and otherwise to be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from tests.client import Data
from tests.guards.access_scene import POINTS, Scene
from tests.world import in_days


def _schedule(scene: Scene, rows: list[str]) -> Data:
    whom = {f"{rows[0].partition(' ')[0]}Id": scene.ids[rows[0]]}
    return {**whom, "providerId": scene.ids[rows[1]], "startsAt": in_days(9), "confirmSharing": True}


def _pay(scene: Scene, rows: list[str]) -> Data:
    line = {"attendanceId": scene.ids[rows[1]]} if len(rows) > 1 else {}
    return {"clientId": scene.ids[rows[0]], "amountMinor": 100, "method": "CASH", "idempotencyKey": "matrix", **line}


def _rewrite(scene: Scene, rows: list[str]) -> Data:
    chart = scene.ids[rows[0]]
    return {"chartId": chart, "groupNotes": "<p>Other words.</p>", "expectedVersion": scene.stored[rows[0]]["version"]}


def _lock(scene: Scene, rows: list[str]) -> Data:
    read = [scene.ids[one] for one in cast("list[str]", POINTS[rows[0]]["warnings"])]
    version = scene.stored[rows[0]]["version"]
    return {"chartId": scene.ids[rows[0]], "expectedVersion": version, "acknowledgedWarningIds": read}


GIVEN: dict[str, Callable[[Scene, list[str]], Data]] = {
    "createServiceCode": lambda _, __: {"code": "SKILLS", "label": "Skills workshop", "feeMinor": 4000},
    "updateServiceCode": lambda s, rows: {"id": s.ids[rows[0]], "feeMinor": 12300},
    "createClient": lambda _, __: {"firstName": "Nora", "lastName": "Berg"},
    "updateClient": lambda s, rows: {"id": s.ids[rows[0]], "phone": "110"},
    "createGroup": lambda s, _: {"name": "Evening", "initials": "EC", "providerId": s.ids["provider Amara"]},
    "updateGroup": lambda s, rows: {"id": s.ids[rows[0]], "name": "Renamed Circle", "initials": "RC"},
    "archiveGroup": lambda s, rows: {"id": s.ids[rows[0]]},
    "addGroupMember": lambda s, rows: {"groupId": s.ids[rows[0]], "clientId": s.ids[rows[1]]},
    "removeGroupMember": lambda s, rows: {"groupId": s.ids[rows[0]], "clientId": s.ids[rows[1]]},
    "unshareGroup": lambda s, rows: {"groupId": s.ids[rows[0]], "providerId": s.ids[rows[1]]},
    "scheduleAppointment": _schedule,
    "rescheduleAppointment": lambda s, rows: {"id": s.ids[rows[0]], "startsAt": in_days(9)},
    "cancelAppointment": lambda s, rows: {"id": s.ids[rows[0]], "reason": "Snow"},
    "setAttendance": lambda s, rows: {"attendanceId": s.ids[rows[0]], "outcome": "ATTENDED"},
    "clearAttendance": lambda s, rows: {"attendanceId": s.ids[rows[0]]},
    "markAllAttended": lambda s, rows: {"appointmentId": s.ids[rows[0]]},
    "recordConfirmation": lambda s, rows: {"attendanceId": s.ids[rows[0]], "status": "DECLINED"},
    "acceptPayment": _pay,
    "refundPayment": lambda s, rows: {"paymentId": s.ids[rows[0]], "amountMinor": 100, "idempotencyKey": "matrix"},
    "createChartTemplate": lambda _, __: {"name": "Skills", "body": "<p>Which skill</p>"},
    "updateChartTemplate": lambda s, rows: {"id": s.ids[rows[0]], "name": "Loss"},
    "startChart": lambda s, rows: {"appointmentId": s.ids[rows[0]]},
    "saveChart": _rewrite,
    "completeChart": lambda s, rows: {"chartId": s.ids[rows[0]]},
    "reopenChart": lambda s, rows: {"chartId": s.ids[rows[0]]},
    "lockChart": _lock,
    "retryChartRun": lambda s, rows: {"runId": s.ids[rows[0]]},
    "addAddendum": lambda s, rows: {
        f"{rows[0].partition(' ')[0]}Id": s.ids[rows[0]],
        "body": "<p>And this.</p>",
    },
    "breakGlass": lambda s, rows: {"clientId": s.ids[rows[0]], "reason": "She does not answer"},
}
WRONG: dict[str, Callable[[Scene, list[str]], Data]] = {
    "VersionConflict": lambda _, __: {"expectedVersion": 9},
    "NotUsuallySeen": lambda _, __: {"confirmSharing": False},
    "ServiceCodeNotAllowed": lambda s, _: {"outcome": "NO_SHOW", "serviceCodeId": s.ids["code 90853"]},
    "TemplateNotAllowedForGroup": lambda s, _: {"templateId": s.ids["template SOAP"]},
    "WarningsNotAcknowledged": lambda _, __: {"acknowledgedWarningIds": []},
}
"""What is asked otherwise than in the action, so that it is refused like this."""
SHOWS: dict[str, Callable[[str], list[str]]] = {
    "NotUsuallySeen": lambda row: [row, "provider Amara"],
    "ServiceCodeNotAllowed": lambda _: ["code 90853"],
    "ChartLocked": lambda row: [f"chart {row.partition(' ')[2].partition('/')[0]}"],
    "TemplateNotAllowedForGroup": lambda _: ["template SOAP"],
    "AttendanceNotSet": lambda _: ["line Thursday/Dora"],
    "WarningsNotAcknowledged": lambda _: ["warning Thursday/Dora"],
}
"""Which rows a problem shows, where it is not the one that the mutation is about."""
