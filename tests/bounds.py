"""Numbers that modules go by, as they are declared: what tests hold against what was decided."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


def of(package: ModuleType) -> dict[str, dict[str, Any]]:
    """The numbers of each module of a package, by its name and theirs."""
    found: dict[str, dict[str, Any]] = {}
    prefix = f"{package.__name__}."
    for module in pkgutil.walk_packages(package.__path__, prefix):
        made = importlib.import_module(module.name)
        for name in _named(Path(str(made.__file__)).read_text(encoding="utf-8")):
            if _is_number(value := getattr(made, name)):
                found.setdefault(module.name.removeprefix(prefix), {})[name] = value
    return found


def _named(source: str) -> Iterator[str]:
    """Yields the constants that a module makes itself."""
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        for target in [statement.target] if isinstance(statement, ast.AnnAssign) else targets:
            if isinstance(target, ast.Name) and target.id.isupper():
                yield target.id


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, tuple) and all(map(_is_number, value)))
