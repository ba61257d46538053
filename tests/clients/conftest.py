"""What somebody has who makes a client: the document, a Scrip to talk to, and the generators."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.aws import ROOT, Deployment
from tests.clients.gateway import serving
from tests.clients.project import Project

HERE: Final = Path(__file__).parent
PACKAGES: Final = ("package.json", "package-lock.json", ".npmrc")


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
    """Installs the packages of package-lock.json, once for each lock, and gives their directory."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: clients in TypeScript are not tried")
    lock = (HERE / "package-lock.json").read_bytes()
    there = ROOT / ".local" / "clients" / hashlib.sha256(lock).hexdigest()[:16]
    there.parent.mkdir(parents=True, exist_ok=True)
    with (there.parent / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another worker may want the same
        if not there.exists():
            fresh = there.with_suffix(f".{os.getpid()}")
            fresh.mkdir()
            for name in PACKAGES:
                shutil.copy(HERE / name, fresh)
            Project.new(fresh, {}).run("npm", "ci")
            fresh.rename(there)
    return there / "node_modules"
