"""Each requirement has a test that proves it, or is marked as to come; and the page that says so is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "requirements.md"
ALL = [f"R{n}" for n in range(1, 51)] + [f"N{n}" for n in range(1, 16)]

_LINE = re.compile(r"\*\*([A-Z]\d+)\*\* ")
_PROVES = re.compile(r"((?:[RN]\d+(?:, )?)+)[:.]")
_TO_COME = re.compile(r"- to come(: .+)?")


def proofs() -> dict[str, list[str]]:
    """Give the tests that say of themselves which requirement they prove."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                said = _PROVES.match(ast.get_docstring(node) or "")
                for requirement in said[1].split(", ") if said else ():
                    found.setdefault(requirement, []).append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def sections() -> list[tuple[str, list[str]]]:
    """Give each requirement of the page with its bullets, in the page's order."""
    found: list[tuple[str, list[str]]] = []
    for line in PAGE.read_text().splitlines():
        if named := _LINE.match(line):
            found.append((named[1], []))
        elif line.startswith("- "):
            found[-1][1].append(line)
    return found


def written(proved: dict[str, list[str]]) -> str:
    """Give the page with the tests as they are now."""
    lines: list[str] = []
    for line in PAGE.read_text().splitlines():
        if line.startswith("- `tests/"):
            continue
        lines.append(line)
        if named := _LINE.match(line):
            lines += [f"- `{test}`" for test in proved.get(named[1], [])]
    return "\n".join([*lines, ""])


def test_every_requirement_stands_on_the_page_once() -> None:
    assert sorted(name for name, _ in sections()) == sorted(ALL)


def test_every_requirement_is_proved_by_a_test_or_marked_as_to_come() -> None:
    assert [name for name, bullets in sections() if not bullets] == []


def test_the_page_names_the_tests_that_name_the_requirement_and_no_others(*, accept: bool) -> None:
    proved = proofs()
    if accept:
        PAGE.write_text(written(proved))
    named = {name: [bullet[3:-1] for bullet in bullets if bullet.startswith("- `")] for name, bullets in sections()}
    assert {name: tests for name, tests in named.items() if tests} == proved


def test_a_bullet_is_a_test_or_says_what_is_to_come() -> None:
    for name, bullets in sections():
        for bullet in bullets:
            assert bullet.startswith("- `tests/") or _TO_COME.fullmatch(bullet), (name, bullet)


def test_what_is_built_is_not_marked_as_to_come_as_a_whole() -> None:
    proved = proofs()
    both = [name for name, bullets in sections() if "- to come" in bullets and name in proved]
    assert both == []
