"""The client in TypeScript against the running stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import seed
from openapi import typescript
from tests.clients.package import built
from tests.clients.programs import Program, programs
from tests.clients.project import OPERATIONS, Project
from tests.stack.conftest import App


@pytest.fixture(scope="module")
def package() -> Path:
    """The client in TypeScript, built and packed: see ``tests.clients.package``."""
    if program := typescript.missing():
        pytest.skip(f"{program} is not installed: the client in TypeScript is not tried")
    return built()


def test_every_operation_is_called_and_does_what_it_says(stack: App, package: Path) -> None:
    """From the catalogue over credits, holds, corrections and keys to a purchase that is paid: test/walk.ts."""
    project = Project.new(package, {"SCRIP_URL": stack.url, "SCRIP_API_KEY": stack.key})
    assert project.run("node", "dist-test/walk.js") == f"{OPERATIONS}\n"


@pytest.mark.parametrize(
    "program", [one for one in programs("ts") if "recipes" in one.page], ids=lambda one: one.name
)
def test_a_recipe_prints_what_it_says(program: Program, stack: App, package: Path) -> None:
    seed.seed(stack.stack)
    project = Project.new(package, {"SCRIP_URL": stack.url, "SCRIP_API_KEY": stack.key})
    assert project.run("node", f"user/pages/{program.name}.mjs") == program.printed
