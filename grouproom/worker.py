"""Durable work: goes on with chart runs, whoever began them, until each has ended."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from uuid import UUID

from grouproom.graphql.errors import trace
from models.charting.runs import WAITING, any_due, claim, put_off, release
from models.charting.steps import fail_step, take_step
from models.problems import Unavailable
from models.unit_of_work import unit_of_work

POLL_SECONDS = 0.5
BREATH_SECONDS = 0.02
"""Between two steps: whoever watches the bar sees each, and whoever else writes gets a turn."""

_log = logging.getLogger("grouproom.worker")


class Worker:
    """One of the tasks, in one of the processes, that take up runs."""

    def __init__(self) -> None:
        """Prepare, under a name that no other worker has."""
        self._name = secrets.token_hex(16)
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for work: at once, when a run was queued here, and twice a second."""
        WAITING.append(self._something.set)
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """End after the step that is being done; another process goes on with the rest at once."""
        WAITING.remove(self._something.set)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await unit_of_work(lambda: release(self._name))
        except Exception as error:  # noqa: BLE001 - the process ends all the same
            _log.warning("A run was not let go (%s): others go on when its lease is over.", type(error).__name__)

    async def _work(self) -> None:
        while True:
            self._something.clear()
            try:
                while await any_due() and (taken := await unit_of_work(lambda: claim(self._name))) is not None:
                    await self._go_on(*taken)
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                _log.warning("Runs wait: %s", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._something.wait()

    async def _go_on(self, run: UUID, attempt: int) -> None:
        more = True
        while more:
            try:
                more = await unit_of_work(lambda: take_step(run, self._name, attempt))
                await asyncio.sleep(BREATH_SECONDS if more else 0)
            except Unavailable:
                # The database is away; or somebody keeps what this run needs, and the others go first.
                with suppress(Exception):
                    await self._put_off(run, attempt)
                raise
            except Exception as error:  # noqa: BLE001 - one client's note must not keep the others from theirs
                _log.error("A step of run %s failed.\n%s", run, trace(error))
                more = await self._is_noted(run, attempt) or await self._put_off(run, attempt)

    async def _is_noted(self, run: UUID, attempt: int) -> bool:
        try:
            return await unit_of_work(lambda: fail_step(run, self._name, attempt))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be noted is tried again, as an end is
            _log.error("The failure could not be noted.\n%s", trace(error))
            return False

    async def _put_off(self, run: UUID, attempt: int) -> bool:
        pause = await unit_of_work(lambda: put_off(run, self._name, attempt))
        if pause is not None:
            _log.error("Run %s cannot go on now; it is tried again in %d seconds.", run, pause)
        return False
