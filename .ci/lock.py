"""The lock files hold what pyproject.toml asks for, in versions it allows, and no address to fetch it from."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN: list[str] = PROJECT["build-system"]["requires"] + PROJECT["project"]["dependencies"]
DEV: list[str] = RUN + PROJECT["project"]["optional-dependencies"]["dev"]


def pins(lock: str) -> dict[str, Requirement]:
    """Give each package of a lock file with the version it is held at."""
    lines = (ROOT / lock).read_text().splitlines()
    found = [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]
    return {canonicalize_name(pin.name): pin for pin in found}


def mistakes(lock: str, asked: list[str]) -> list[str]:
    """Say what a lock file lacks, holds in a version that is not allowed, or should not hold."""
    held = pins(lock)
    wrong = [f"{lock} holds an address" for line in (ROOT / lock).read_text().splitlines() if "://" in line]
    for requirement in map(Requirement, asked):
        pin = held.get(canonicalize_name(requirement.name))
        if pin is None or not all(requirement.specifier.contains(exact.version) for exact in pin.specifier):
            wrong.append(f"{lock} holds {pin or 'nothing'} for {requirement}")
    return wrong


def main() -> int:
    """Say what is wrong, and fail if anything is."""
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    wrong = mistakes("requirements.lock", RUN) + mistakes("requirements-dev.lock", DEV)
    wrong += [f"requirements-dev.lock does not hold {pin}" for name, pin in run.items() if dev.get(name) != pin]
    print(*wrong, "Run `make lock`." if wrong else "The lock files hold what pyproject.toml asks for.", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
