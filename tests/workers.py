"""How the suite is shared by two worker processes, each with a database of its own."""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it ships no types

# More were never tried: a worker has up to ten connections to PostgreSQL, and so has each server that it starts.
MOST = 2

# These mind the time, with servers and writers at once: one worker does them, one after the other, before all else.
_DELICATE = (
    "tests/streams/",
    "tests/runs/",
    "tests/guards/test_two_writers.py",
    "tests/guards/test_client_access.py",
    "tests/guards/test_unit_of_work.py",
)
# One story, and one demo for all: whoever begins them goes through with them.
_WHOLE = ("tests/walk/", "tests/command_line/")
# What takes long is begun early, lest one worker end long before the other.
_ORDER = ("delicate", "tests/guards/reading/", *_WHOLE, "tests/guards/")


def _unit(test: str) -> str:
    """Name what one worker does in one go: a file, unless there is a reason for more or less."""
    if test.startswith(_DELICATE):
        return "delicate"
    path, _, name = test.partition("::")
    if path.endswith("test_reader_against_oracle.py"):
        return f"{path}::{name.partition('[')[0]}"
    return next((folder for folder in _WHOLE if path.startswith(folder)), path)


def _place(test: str) -> int:
    unit = _unit(test)
    return next((n for n, begin in enumerate(_ORDER) if unit.startswith(begin)), len(_ORDER))


class _ByUnit(LoadScopeScheduling):  # type: ignore[misc] # so mypy takes it for anything
    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share the whole suite alone: for a few tests a second worker costs more than it gives."""
    some = config.args_source is pytest.Config.ArgsSource.ARGS
    return 0 if some or config.getoption("accept") else min(MOST, os.cpu_count() or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByUnit:
    """Hand out units in the order in which the workers found them."""
    config.option.loadscopereorder = False
    return _ByUnit(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let a worker find the tests in the order in which they are begun."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(item.nodeid))
