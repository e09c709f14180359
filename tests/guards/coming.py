"""What these guards do not try yet, by name: the room charting, which has tests of its own in `charting` and `runs`.

Whoever gives it a deed, a refusal or a row takes it off; nothing else may be put on.
"""

from __future__ import annotations

MUTATIONS = {
    "createChartTemplate",
    "updateChartTemplate",
    "startChart",
    "saveChart",
    "completeChart",
    "reopenChart",
    "lockChart",
    "retryChartRun",
    "addAddendum",
}
ROOTS = MUTATIONS | {"chart", "chartRun"}
TABLES = {
    "addendum",
    "chart",
    "chart_entry",
    "chart_note",
    "chart_run",
    "chart_run_step",
    "chart_template",
    "chart_warning",
    "signature",
}
CHECKS = ("ck_template_", "ck_chart_", "ck_entry_", "ck_note_", "ck_warning_", "ck_run_", "ck_step_")
