"""How much of it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--documents", type=int, default=400, help="how many random documents the reader is held to its oracle on"
    )
    parser.addoption("--marked", type=int, default=10_000, help="how many are asked of what is marked")


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> int:
    """How many random documents are asked."""
    return int(request.config.getoption("--documents"))


@pytest.fixture
def marked(request: pytest.FixtureRequest) -> int:
    """How many random documents are asked of what is marked."""
    return int(request.config.getoption("--marked"))
