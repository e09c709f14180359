"""How much of it."""

from __future__ import annotations

import pytest
from strawberry import Schema

from schema import build_schema
from schema.reads import Reader


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--documents", type=int, default=400, help="how many random documents the reader is held to its oracle on"
    )
    parser.addoption("--marked", type=int, default=7_500, help="how many are asked of what is marked")
    parser.addoption("--circles", type=int, default=2, help="how many circles of members are told nothing of others")
    parser.addoption("--done", type=int, default=1_600, help="how much is done and listened to of what is marked")


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> int:
    """How many random documents are asked."""
    return int(request.config.getoption("--documents"))


@pytest.fixture
def marked(request: pytest.FixtureRequest) -> int:
    """How many random documents are asked of what is marked."""
    return int(request.config.getoption("--marked"))


@pytest.fixture
def done(request: pytest.FixtureRequest) -> int:
    """How many random mutations and streams there are of what is marked."""
    return int(request.config.getoption("--done"))


@pytest.fixture
def circles(request: pytest.FixtureRequest) -> int:
    """How many circles of members there are."""
    return int(request.config.getoption("--circles"))


@pytest.fixture(scope="module")
def built() -> tuple[Schema, Reader]:
    """The schema, and the reader that its streams share with it."""
    return build_schema()


@pytest.fixture(scope="module")
def schema(built: tuple[Schema, Reader]) -> Schema:
    """The schema alone."""
    return built[0]


@pytest.fixture(scope="module")
def reader(built: tuple[Schema, Reader]) -> Reader:
    """Its reader alone."""
    return built[1]
