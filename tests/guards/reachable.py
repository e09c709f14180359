"""What an object holds, and what that holds, to the end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any


def reachable(start: Any) -> Iterator[Any]:
    """Give everything that is held by `start`, closures too, but for the globals that code is written over."""
    seen, waiting = set[int](), [start]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, (type, ModuleType, BuiltinFunctionType)):
            continue
        seen.add(id(thing))
        yield thing
        waiting += _held(thing)


def _held(thing: Any) -> list[Any]:
    held: list[Any] = []
    if isinstance(thing, dict):
        held += [*thing.keys(), *thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset)):
        held += thing
    if isinstance(thing, FunctionType):
        # A cell that nothing was put into yet has no contents.
        cells = thing.__closure__ or ()
        held += [cell.cell_contents for cell in cells if cell != type(cell)()]
        held += [thing.__defaults__, thing.__kwdefaults__]
    elif isinstance(thing, MethodType):
        held += [thing.__self__, thing.__func__]
    elif isinstance(thing, partial):
        held += [thing.func, thing.args, thing.keywords]
    held += list(getattr(thing, "__dict__", {}).values())
    slots = [name for cls in type(thing).__mro__ for name in vars(cls).get("__slots__", ())]
    held += [getattr(thing, name) for name in slots if not name.startswith("__") and hasattr(thing, name)]
    return held
