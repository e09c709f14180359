"""What a function of the rules can raise, read from the source: whatever it calls, or hands on to be called, counts."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schema  # noqa: F401 - whose modules are read
from models.problems import Refused

Name = tuple[str, str]
"""A function's module and name; a method's is without its class, as nobody knows which object it is called on."""


@dataclass(slots=True)
class Function:
    """One function: the refusals it raises by type, and the functions it may lead to."""

    raises: set[str] = field(default_factory=set)
    leads_to: set[Name] = field(default_factory=set)


def modules() -> list[str]:
    """Name every module of the two floors that the schema is built with."""
    return sorted(name for name in sys.modules if name.partition(".")[0] in {"models", "resolvers"})


def refusals() -> dict[str, type[Refused]]:
    """Give every class of refusals by its name."""
    found: list[type[Refused]] = []
    waiting = [Refused]
    while waiting:
        waiting += (below := waiting.pop().__subclasses__())
        found += below
    return {cls.__name__: cls for cls in found if cls.__module__.partition(".")[0] in {"models", "resolvers"}}


def read_all() -> dict[Name, Function]:
    """Read every function of the two floors."""
    trees = {name: ast.parse(_source(name)) for name in modules()}
    methods: dict[str, set[Name]] = {}
    functions: dict[Name, ast.AST] = {}
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        methods.setdefault(method.name, set()).add((module, method.name))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                functions[module, node.name] = node
    known = refusals()
    return {
        name: _read(node, name[0], _imported(trees[name[0]], name[0]), functions, methods, known)
        for name, node in functions.items()
    }


def reached(start: Callable[..., Any], functions: dict[Name, Function]) -> set[str]:
    """Name the types of all refusals that may come out of this function."""
    seen: set[Name] = set()
    waiting = [(start.__module__, start.__name__)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += functions[name].leads_to
    return {refusal for name in seen for refusal in functions[name].raises}


def _source(module: str) -> str:
    return Path(str(sys.modules[module].__file__)).read_text()


def _imported(tree: ast.Module, module: str) -> dict[str, Name]:
    """Say what a name in this module stands for: (module, name), and (module, "") for a module."""
    found: dict[str, Name] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                is_module = f"{node.module}.{alias.name}" in sys.modules
                found[alias.asname or alias.name] = (
                    (f"{node.module}.{alias.name}", "") if is_module else (node.module, alias.name)
                )
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, (module, node.name))
    return found


def _read(
    node: ast.AST,
    module: str,
    imported: dict[str, Name],
    functions: dict[Name, ast.AST],
    methods: dict[str, set[Name]],
    known: dict[str, type[Refused]],
) -> Function:
    read = Function()
    for below in ast.walk(node):
        if isinstance(below, ast.Raise) and below.exc is not None:
            read.raises |= _refusals_in(below.exc, known)
        if isinstance(below, ast.Name):
            target = imported.get(below.id)
            if target in functions:
                read.leads_to.add(target)
        if isinstance(below, ast.Attribute):
            owner = imported.get(below.value.id) if isinstance(below.value, ast.Name) else None
            if owner is not None and owner[1] == "":
                if (owner[0], below.attr) in functions:
                    read.leads_to.add((owner[0], below.attr))
            else:
                read.leads_to |= methods.get(below.attr, set())
    return read


def _refusals_in(raised: ast.expr, known: dict[str, type[Refused]]) -> set[str]:
    """Name what this expression makes: a class of ours by its name, a plain Refused by the type it is told."""
    found: set[str] = set()
    for node in ast.walk(raised):
        named = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if named in known:
            found.add(named)
    if isinstance(raised, ast.Call) and getattr(raised.func, "id", "") == "Refused":
        told = raised.args[0]
        assert isinstance(told, ast.Constant), f"{ast.unparse(raised)} does not say its type in so many words"
        assert isinstance(told.value, str)
        found.add(told.value)
    return found
