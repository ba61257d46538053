"""Imports point inward: functions → api → operations → store and payments → domain."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "scrip" / "scrip"

MAY_IMPORT = {
    "domain": {"domain"},
    "payments": {"payments"},
    "store": {"store", "domain"},
    "operations": {"operations", "store", "payments", "domain"},
    "api": {"api", "operations", "domain", "runtime"},
    "runtime": {"operations", "payments", "store", "domain"},
    "cli": {"runtime", "api", "operations", "domain"},
    "functions": {"runtime", "api", "operations", "payments", "domain"},
}
"""Room to the rooms it may take from."""


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    """Which room a file is in."""
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "functions"


FILES = sorted(
    path
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("app.py"))
    if path != PACKAGE / "__init__.py"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_takes_only_from_the_rooms_inside_it(path: Path) -> None:
    taken = {name.split(".")[1] for name in imports(path) if name.startswith("scrip.")}
    assert taken <= MAY_IMPORT[room(path)]


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "domain").glob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_domain_is_standard_library_only(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports(path)} - {"scrip"}
    assert outside <= set(sys.stdlib_module_names)


def test_only_the_store_knows_botocore_and_an_attribute_of_a_table() -> None:
    knows = {
        room(path)
        for path in FILES
        if any(name.startswith(("botocore.exceptions", "mypy_boto3_dynamodb")) for name in imports(path))
    }
    assert knows == {"store"}
