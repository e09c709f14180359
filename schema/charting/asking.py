"""What may be asked of charts, and followed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from resolvers.reading.shapes import Sole
from schema.appointments import Appointment
from schema.charting.shapes import Chart, ChartRun
from schema.fields import connection, sole, stream
from schema.paging import Connection


@strawberry.type
class ChartingQuery:
    """What may be asked of charts."""

    @sole
    def chart(self, id: Annotated[strawberry.ID, strawberry.argument(description="The chart's id.")]) -> Chart | None:
        """A chart; null when there is none with this id that the viewer may see."""
        raise NotImplementedError

    @sole
    def chart_run(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")]
    ) -> ChartRun | None:
        """A run; null when there is none with this id that the viewer may see."""
        raise NotImplementedError

    @connection
    def uncharted_appointments(
        self,
        first: Annotated[int | None, strawberry.argument(description="1 to 100; null is 20.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor of this list.")] = strawberry.UNSET,
    ) -> Connection[Appointment] | None:
        """Sessions of the viewer that are over and whose notes are not locked, oldest first."""
        raise NotImplementedError


@strawberry.type
class ChartingSubscription:
    """What streams of charts there are."""

    @stream(Sole())
    def chart_changes(
        self, chart_id: Annotated[strawberry.ID, strawberry.argument(description="The chart.")]
    ) -> AsyncGenerator[Chart, None]:
        """A chart while people write it: as it is now, then again after each change."""
        raise NotImplementedError

    @stream(Sole())
    def chart_run_progress(
        self, run_id: Annotated[strawberry.ID, strawberry.argument(description="The run.")]
    ) -> AsyncGenerator[ChartRun, None]:
        """The progress bar of complete or lock: as it is now, then at each step. It ends when the run has."""
        raise NotImplementedError
