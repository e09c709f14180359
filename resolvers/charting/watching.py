"""Which session a stream watches: everything that happens to a chart or a run happens to its session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models.ids import row_id
from models.problems import NotFound
from resolvers import access
from resolvers.viewer import Viewer


async def watched_appointment(viewer: Viewer, stream: str, arguments: dict[str, Any]) -> UUID:
    """Give the session whose events a board, a chart's stream or a progress bar follows, or NOT_FOUND."""
    if stream == "attendanceBoard":
        session = row_id("apt", arguments["appointmentId"])
        if session is None:
            raise NotFound
        return session
    if stream == "chartChanges":
        return (await access.chart(viewer, arguments["chartId"])).appointment_id
    run = await access.chart_run(viewer, arguments["runId"])
    return await access.session_id_of_run(run)
