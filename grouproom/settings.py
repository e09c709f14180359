"""What a deployment may set: `GROUPROOM_*` variables, read once, with every mistake reported together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_EXAMPLES = {
    "database_url": "sqlite://grouproom.db or postgres://user:password@host:5432/grouproom",
    "broadcast_url": "memory://, redis://host:6379 or postgres://user:password@host:5432/grouproom",
    "event_hours": "24",
    "secret_file": "/var/lib/grouproom/secret",
    "idle_minutes": "15",
    "allowed_origins": "https://practice.example,https://portal.example",
}


def _one_of(url: str, *schemes: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in schemes:
        raise ValueError("it begins with none of " + ", ".join(f"{s}://" for s in schemes))
    if not rest and scheme != "memory":
        raise ValueError("it ends after ://")
    if scheme not in {"sqlite", "memory"} and not _has_an_address(url):
        raise ValueError("its host and port cannot be read; in a password, / # ? @ are %2F %23 %3F %40")
    return url


def _has_an_address(url: str) -> bool:
    # What urllib says about a port that is none would show a part of the password.
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _database(url: str) -> str:
    return _one_of(url, "sqlite", "postgres", "postgresql")


def _broadcast(url: str | None) -> str | None:
    return None if not url else _one_of(url, "memory", "redis", "rediss", "postgres", "postgresql")


def _file(value: Any) -> Any:
    return value or None


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origin(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise ValueError(f"{origin} is not an origin: scheme and host, and nothing after them")
    return origin


class Settings(BaseSettings):
    """All of them, frozen."""

    model_config = SettingsConfigDict(env_prefix="GROUPROOM_", frozen=True)

    database_url: Annotated[str, AfterValidator(_database)] = "sqlite://grouproom.db"
    """Where everything is kept."""
    broadcast_url: Annotated[str | None, AfterValidator(_broadcast)] = None
    """What wakes the other processes; left out, memory on SQLite and the database itself on PostgreSQL."""
    event_hours: Annotated[int, Field(ge=24, le=24 * 90)] = 24
    """For how long a stream may be away and still go on where it was."""
    secret_file: Annotated[Path | None, BeforeValidator(_file)] = None
    """What signs the log of audit; left out, a file beside the SQLite database, or in the data folder of the user."""
    idle_minutes: Annotated[int, Field(ge=1, le=720)] = 15
    """After how long without a request a browser is signed out."""
    allowed_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    """Pages of which other origins may use this server, over HTTP and sockets."""


class SettingsError(Exception):
    """Some settings cannot be used; the text names each, and gives an example."""


def read_settings() -> Settings:
    """Read the environment, or say everything that is wrong with it."""
    known = [f"GROUPROOM_{name.upper()}" for name in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.startswith("GROUPROOM_") and name not in known)
    lines = [f"{name}: there is no such setting. There are {', '.join(known)}." for name in unknown]
    try:
        settings = Settings()
    except ValidationError as error:
        lines[:0] = [
            f"GROUPROOM_{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}."
            f" For example: {_EXAMPLES[str(fault['loc'][0])]}"
            for fault in error.errors()
        ]
        raise SettingsError("\n".join(dict.fromkeys(lines))) from None
    if lines:
        raise SettingsError("\n".join(lines))
    return settings
