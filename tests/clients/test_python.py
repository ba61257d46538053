"""The client that openapi-python-client makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.aws import Deployment
from tests.clients import page
from tests.clients.page import ROOT
from tests.clients.project import OPERATIONS, Project


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes the package as the page says."""
    project = Project.new(tmp_path_factory.mktemp("python"), {})
    generate, _ = page.section("Python").commands
    said = project.run("sh", "-c", generate)
    assert said.strip() == "Generating scrip_client"  # nothing is left out, and nothing is warned of
    return project.directory / "scrip_client"


@pytest.fixture
def client(project: Project, generated: Path) -> Project:
    """Has the package beside the page's program."""
    project.write(page.section("Python"))
    (project.directory / "scrip_client").symlink_to(generated)
    return project


def test_its_program_runs_as_the_page_says(client: Project, generated: Path) -> None:
    """And every operation is a function."""
    _, call = page.section("Python").commands
    assert client.run("sh", "-c", call) == page.printed()
    made = [path for path in generated.glob("api/*/*.py") if path.name != "__init__.py"]
    assert len(made) == OPERATIONS


def test_it_reads_who_may_not_and_who_is_nobody(client: Project, deployment: Deployment) -> None:
    """A key that may only read, and one that is not known."""
    key = deployment.post("/v1/keys", {"scope": "read"}).body["key"]
    reader = replace(client, environment={**client.environment, "SCRIP_API_KEY": key})
    assert reader.run("python", "call.py").splitlines() == [*["403 forbidden"] * 3, "401 unauthenticated"]


def test_its_types_are_right(client: Project) -> None:
    """Those of the program: the generator's own part is not strict."""
    cache = str(ROOT / ".mypy_cache" / "clients")
    client.run("mypy", "--strict", "--follow-imports", "silent", "--cache-dir", cache, "call.py")


def test_the_page_names_the_version_that_is_tried() -> None:
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{name}=={version}" for name, version in page.installed("pip").items()]
    assert all(f"{name}=={version}" in locked for name, version in page.installed("pip").items())
