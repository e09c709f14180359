"""The secret that signs the log of audit: a file beside the database and not in it, made on the first start."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from grouproom.settings import Settings

SHORTEST = 32


class SecretError(Exception):
    """The secret cannot be used; the text says why."""


def read_secret(settings: Settings) -> bytes:
    """Give the secret. Where no file is named, it is made if need be: of two processes that start at once, one does."""
    path = settings.secret_file or _usual(settings.database_url)
    try:
        if not path.exists():
            if settings.secret_file is not None:
                raise SecretError(f"The secret file {path} is not there. How to make one stands in docs/operations.md.")
            _make(path)
        if path.stat().st_mode & stat.S_IRWXO:
            raise SecretError(f"The secret file {path} is everybody's to read or write: chmod o= {path}")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SecretError(f"The secret file {path} cannot be used: {error.strerror}.") from error
    if len(secret) < SHORTEST:
        raise SecretError(f"The secret file {path} holds fewer than {SHORTEST} bytes.")
    return secret


def _usual(database_url: str) -> Path:
    if database_url.startswith("sqlite://"):
        path = Path(database_url.removeprefix("sqlite://"))
        return path.with_name(f"{path.name}.secret")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "grouproom" / "secret"


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whole from the first moment that it is there under its name.
        os.link(made, path)
    except FileExistsError:
        return
    finally:
        made.unlink()
