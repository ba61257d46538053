"""The numbers that modules name: how much at once, for how long, how often."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


def bounds(package: ModuleType) -> dict[str, dict[str, Any]]:
    """The numbers of each module of a package, by the module's name within it and by theirs."""
    found: dict[str, dict[str, Any]] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith(".__main__"):
            continue  # it would run
        if numbers := dict(numbers_of(importlib.import_module(module.name))):
            found[module.name.removeprefix(f"{package.__name__}.")] = numbers
    return found


def numbers_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yields the numbers that a module names itself."""
    for name in _named(Path(str(module.__file__)).read_text(encoding="utf-8")):
        if _is_number(value := getattr(module, name)):
            yield name, value


def _named(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        for target in [statement.target] if isinstance(statement, ast.AnnAssign) else targets:
            if isinstance(target, ast.Name) and target.id.isupper():
                yield target.id


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, tuple) and all(map(_is_number, value)))
