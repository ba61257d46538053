"""Clients in TypeScript: they compile strictly, and do as the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.clients import page
from tests.clients.conftest import HERE
from tests.clients.project import OPERATIONS, Project

MADE: Final = {
    "openapi-typescript and openapi-fetch": ("scrip.ts", r"^    \w+: \{\n        parameters: \{"),
    "@hey-api/openapi-ts": ("scrip/sdk.gen.ts", r"^export const \w+ = <ThrowOnError"),
    "orval": ("scrip.ts", r"^export const \w+ = async "),
}
"""By heading of the page: the file that was made, and what an operation begins with in it."""


@pytest.mark.parametrize("heading", MADE)
def test_a_client_does_as_the_page_says(heading: str, project: Project, node_modules: Path) -> None:
    (project.directory / "node_modules").symlink_to(node_modules)
    project.write(page.section("TypeScript"))
    section = page.section(heading)
    project.write(section)
    *makes, call = section.commands
    for command in makes:
        project.run("sh", "-c", command)
    assert project.run("sh", "-c", call) == page.printed()
    name, operation = MADE[heading]
    made = (project.directory / name).read_text(encoding="utf-8")
    assert len(re.findall(operation, made, re.MULTILINE)) == OPERATIONS


def test_the_page_names_the_versions_that_are_tried() -> None:
    declared = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert page.installed("npm") == {
        name: version for name, version in declared.items() if "redocly" not in name
    }


def test_the_lock_names_no_registry() -> None:
    """The one that is set up is used. ``make lock`` writes the lock so."""
    assert "://" not in (HERE / "package-lock.json").read_text(encoding="utf-8")
