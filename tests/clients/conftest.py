"""What somebody has who makes a client: the document, a Scrip to talk to, and the generators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openapi import typescript
from tests.aws import Deployment
from tests.clients.gateway import serving
from tests.clients.package import built
from tests.clients.project import Project


@pytest.fixture(scope="module")
def url(deployment: Deployment) -> Iterator[str]:
    """Serves Scrip over HTTP."""
    with serving(deployment) as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, deployment: Deployment, url: str) -> Project:
    """Makes a directory with the document, whose environment has the URL and an admin key of an empty Scrip."""
    deployment.make_tables()
    deployment.cold()
    made = deployment.post("/v1/keys", {"scope": "admin"})
    assert made.status == 201, made.text
    return Project.new(tmp_path, {"SCRIP_URL": url, "SCRIP_API_KEY": made.body["key"]})


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What the client in TypeScript is made with."""
    if program := typescript.missing():
        pytest.skip(f"{program} is not installed: the client in TypeScript is not tried")
    return typescript.node_modules()


@pytest.fixture(scope="session")
def package(node_modules: Path) -> Path:
    """The client in TypeScript, built and packed: see ``tests.clients.package``."""
    return built()
