"""What the tests of the wire start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from grouproom.graphql import GraphQLApp
from tests.wire.toy import Desk, browser, make_app, new_desk, serving


@pytest.fixture(autouse=True)
def desk() -> Desk:
    return new_desk()


@pytest.fixture(scope="session")
def app() -> GraphQLApp:
    return make_app(allowed_origins=["https://friend.example"])


@pytest.fixture
async def http(app: GraphQLApp) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


@pytest.fixture(scope="session")
async def served(app: GraphQLApp) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address
