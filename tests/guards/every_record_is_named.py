"""Take away why the log of audit names a row or a client, and a test of the log notices: each reason is under test."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from tests.guards.mutants_of_the_log import MUTANTS, VARIABLE

TESTS = (
    *(f"tests/audit/test_{what}.py" for what in ("readings", "changes", "who_reads_the_log")),
    "tests/streams/test_what_is_noted.py",
    "tests/charting/test_break_glass.py",
)


@pytest.mark.mutant
@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_record_that_is_not_named_is_missed(mutant: str) -> None:
    asked = ("-p", "tests.guards.mutants_of_the_log", "-n", "0", "-x", "-q", "-m", "not mutant")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", *asked, *TESTS),
        env=os.environ | {VARIABLE: mutant},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == pytest.ExitCode.TESTS_FAILED, said.decode()[-2000:]
