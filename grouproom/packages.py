"""Whose packages these are: `schema` is also a name on PyPI."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


class WrongPackage(RuntimeError):
    """Another distribution's `schema` stands in front of ours."""


def refuse_foreign_packages() -> None:
    """Refuse to run when `schema` is not the package beside this one."""
    ours = Path(__file__).resolve().parent.parent
    spec = find_spec("schema")
    found = Path((spec and spec.origin) or "").resolve().parent.parent
    if found != ours:
        raise WrongPackage(
            f"The package `schema` is {found}, not the one of Grouproom."
            " Install Grouproom into an environment of its own, without the distribution `schema`."
        )
