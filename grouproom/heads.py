"""The last entry of each practice's log of audit, kept in a file that whoever has the database does not have."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from models.ids import row_id, wire_id

# As many digits as every number in the database has.
LONGEST_SEQ = 18


class Head(NamedTuple):
    """The number and the hash of a log's last entry."""

    seq: int
    hash: str


class HeadsError(Exception):
    """The file cannot be used; the text says why."""


def read_heads(path: Path) -> dict[UUID, Head]:
    """Give what was kept the last time; nothing where there is no file yet."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise HeadsError(f"The file {path} is not one that this command wrote.") from error
    except OSError as error:
        raise HeadsError(f"The file {path} cannot be used: {error.strerror}.") from error
    heads: dict[UUID, Head] = {}
    for line in lines:
        practice, seq, written = ([*line.split(" "), "", "", ""])[:3]
        row = row_id("prc", practice)
        if row is None or not seq.isdecimal() or len(seq) > LONGEST_SEQ or not written:
            raise HeadsError(f"The file {path} is not one that this command wrote.")
        heads[row] = Head(int(seq), written)
    return heads


def keep_heads(path: Path, heads: Mapping[UUID, Head]) -> None:
    """Write them for the next time: all of them, or what was there stays."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    text = "".join(f"{wire_id('prc', practice)} {head.seq} {head.hash}\n" for practice, head in heads.items())
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise HeadsError(f"The file {path} cannot be used: {error.strerror}.") from error
