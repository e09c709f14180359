"""`grouproom serve`: migrates, says where it is, and serves."""

from __future__ import annotations

import argparse
import ipaddress
import socket
import sys

import uvicorn

from grouproom.banner import banner
from grouproom.commands import Failed, bring_up, with_database
from grouproom.demo import demo_token, plant_demo
from grouproom.settings import read_settings


def serve(options: argparse.Namespace) -> int:
    """Serve until it is stopped."""
    settings = read_settings()
    if options.demo and not _is_loopback(options.host):
        raise Failed(f"--demo has passwords that everybody knows: it serves on loopback only, not on {options.host}.")
    _refuse_taken(options.host, options.port)

    bring_up(settings, plant_demo if options.demo else None)
    # Opened in any case: what keeps it from serving is said here in a sentence.
    token = with_database(settings, demo_token if options.demo else _nothing)
    print(banner(options.host, options.port, token), flush=True)
    uvicorn.run(
        "grouproom.app:app_from_environment",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=2**20,
        # A line for each request would hold what a GET asks for.
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    return 0


async def _nothing() -> None:
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_taken(host: str, port: int) -> None:
    # Uvicorn would find out as well, but after the banner.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Failed(
            f"{host}:{port} cannot be served: {error.strerror}. Choose another with --host or --port."
        ) from error
