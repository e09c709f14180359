from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import pytest

from models import unit_of_work as module


@pytest.fixture
def no_deadlock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where two wait for each other, PostgreSQL gives one up after a second: it is tried again, and late."""
    causes: list[BaseException | None] = []
    known = module.is_transient

    def is_transient(error: BaseException) -> bool:
        causes.extend((error, error.__cause__))
        return known(error)

    monkeypatch.setattr(module, "is_transient", is_transient)
    yield
    assert [cause for cause in causes if isinstance(cause, asyncpg.DeadlockDetectedError)] == []
