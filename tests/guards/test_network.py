"""Tests reach this machine only."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
async def test_no_test_reaches_out(host: str) -> None:
    with pytest.raises(RuntimeError, match=re.escape(f"reaches out to {host}")):
        await asyncio.open_connection(host, 443)


def test_no_test_asks_for_a_name() -> None:
    with pytest.raises(RuntimeError, match=r"reaches out to example\.org"):
        socket.gethostbyname("example.org")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_there(host: str) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), host, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
