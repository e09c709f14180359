"""Compare the models with the migrations, or write the next migration: for developers, beside no database.

`--check` fails and shows what is missing; `--new NAME` writes it, or an empty step to be filled by hand.
"""

import argparse
import asyncio
import sys

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from models.database import APPS, config


async def missing() -> MigrationWriter:
    """Give the step that would bring the migrations to the models: without operations, when none is missing."""
    async with TortoiseContext() as context:
        await context.init(config=config("sqlite://:memory:"), init_connections=False)
        assert context.apps is not None  # noqa: S101 - as init() has just made them
        for model in context.apps["models"].values():
            # Tortoise copies the docstring into the table, and would migrate when its wording changes.
            model._meta.table_description = ""  # noqa: SLF001 - it has no public name
        detector = MigrationAutodetector(context.apps, APPS)
        changes = await detector.changes()
        if changes:
            return changes[0]
        leaves = [(key.app_label, key.name) for key in detector.loader.graph.leaf_nodes("models")]
        number = max(int(name[:4]) for _, name in leaves) + 1
        return MigrationWriter(
            f"{number:04d}", "models", [], dependencies=leaves, migrations_module="models.migrations"
        )


def main() -> int:
    """Do what the command line asks, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.migrations", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--check", action="store_true", help="fail when the models and the migrations differ")
    wanted.add_argument("--new", metavar="NAME", help="write the next migration")
    asked = parser.parse_args()
    step = asyncio.run(missing())
    if asked.check:
        if step.operations:
            sys.stderr.write("The models say what no migration does. Missing is:\n\n" + step.as_string())
            sys.stderr.write("\nmake migration NAME=what_changed writes it.\n")
            return 1
        return 0
    step.name = format_migration_name(int(step.name[:4]), asked.new)
    sys.stdout.write(f"{step.write()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
