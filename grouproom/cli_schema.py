"""`grouproom schema`: what the code says, and whether the snapshot says the same."""

from __future__ import annotations

import argparse
from pathlib import Path

import schema
from grouproom.commands import Failed

SNAPSHOT = Path(schema.__file__ or "").parent / "schema.graphql"


def print_schema(options: argparse.Namespace) -> int:
    """Print the schema, or compare it with the snapshot."""
    built, _ = schema.build_schema()
    text = built.as_str().rstrip() + "\n"
    if not options.check:
        print(text, end="")
        return 0
    if SNAPSHOT.is_file() and SNAPSHOT.read_text(encoding="utf-8") == text:
        return 0
    raise Failed("schema/schema.graphql is not what the code says: run `make schema`, and look at the difference.")
