"""`grouproom audit`: whether the log, and the notes, are still as they were written."""

from __future__ import annotations

import argparse

from grouproom.commands import with_database
from grouproom.settings import read_settings
from models.audit.verify import altered
from models.charting.verify import altered_notes
from resolvers import access


def verify(options: argparse.Namespace) -> int:
    """Print what is so, and give 1 where something is not as it was written."""
    lines, good = with_database(read_settings(), lambda: verified(notes=options.notes))
    print("\n".join(lines))
    return 0 if good else 1


async def verified(*, notes: bool) -> tuple[list[str], bool]:
    """Give a line for each practice, and whether all is as it was written."""
    lines, good = [], True
    for practice in await access.practices():
        if notes:
            count, wrong = await altered_notes(practice.id)
            lines += [f"{practice.name}: {sentence}." for sentence in wrong]
            if not wrong:
                lines.append(f"{practice.name}: {count} locked notes are as they were signed.")
            good = good and not wrong
        else:
            count, fault = await altered(practice.id)
            said = f"{count} entries are as they were written" if fault is None else f"{fault}; all before it are"
            lines.append(f"{practice.name}: {said}.")
            good = good and fault is None
    return lines or ["There is no practice yet."], good
