"""The client that openapi-python-client makes."""

from __future__ import annotations

import pytest

from tests.clients import page
from tests.clients.page import ROOT
from tests.clients.project import OPERATIONS, Project


@pytest.fixture
def client(project: Project) -> Project:
    """Makes the client as the page says, without running its program."""
    section = page.section("Python")
    project.write(section)
    generate, _ = section.commands
    said = project.run("sh", "-c", generate)
    assert said.strip() == "Generating scrip_client"  # nothing is left out, and nothing is warned of
    return project


def test_its_program_runs_as_the_page_says(client: Project) -> None:
    """And every operation is a function."""
    _, call = page.section("Python").commands
    assert client.run("sh", "-c", call) == page.printed()
    made = [path for path in client.directory.glob("scrip_client/api/*/*.py") if path.name != "__init__.py"]
    assert len(made) == OPERATIONS


def test_its_types_are_right(client: Project) -> None:
    """Those of the program: the generator's own part is not strict."""
    cache = str(ROOT / ".mypy_cache" / "clients")
    client.run("mypy", "--strict", "--follow-imports", "silent", "--cache-dir", cache, "call.py")


def test_the_page_names_the_version_that_is_tried() -> None:
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{name}=={version}" for name, version in page.installed("pip").items()]
    assert all(f"{name}=={version}" in locked for name, version in page.installed("pip").items())
