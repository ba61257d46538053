"""Docstrings of members: what stands under ``name: type`` in a class.

Owns the reading of them from source, so that deployed code pays nothing for them. Does not own what must have one.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from functools import cache
from pathlib import Path


def members(kind: type) -> dict[str, str]:
    """Returns the docstrings of the members that a class declares and inherits, by name; those of the nearest class
    count. A member without one is left out, and so is a class that no source was written for."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        found |= _declared(one.__module__).get(one.__qualname__, {})
    return found


@cache
def _declared(module: str) -> dict[str, dict[str, str]]:
    """Returns the docstrings of members in a module, by the qualified name of their class."""
    file = getattr(sys.modules[module], "__file__", None)
    found: dict[str, dict[str, str]] = {}
    if file:
        _read(ast.parse(Path(file).read_text(encoding="utf-8")).body, "", found)
    return found


def _read(body: list[ast.stmt], inside: str, found: dict[str, dict[str, str]]) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef):
            found[inside + node.name] = dict(_under_members(node.body))
            _read(node.body, f"{inside}{node.name}.", found)
        elif isinstance(node, ast.If):
            _read([*node.body, *node.orelse], inside, found)


def _under_members(body: list[ast.stmt]) -> list[tuple[str, str]]:
    pairs = itertools.pairwise(body)
    return [
        (member.target.id, inspect.cleandoc(text.value.value).replace("\n", " "))
        for member, text in pairs
        if isinstance(member, ast.AnnAssign)
        and isinstance(member.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    ]
