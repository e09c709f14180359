"""How much of it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--documents", type=int, default=400, help="how many random documents the reader is held to its oracle on"
    )


FIGURES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines that are shown when all tests are done."""
    return request.config.stash.setdefault(FIGURES, [])


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> int:
    """How many random documents are asked."""
    return int(request.config.getoption("--documents"))
