"""Pages with the client in Python: their programs, and what they do with curl. test_typescript.py has TypeScript's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scrip_client import Scrip
from tests.aws import ROOT
from tests.clients.curl import CURL, followed
from tests.clients.programs import Program, programs
from tests.clients.project import Project
from tests.clients.python.relay import relaying


@pytest.mark.parametrize("program", programs("python"), ids=lambda program: program.name)
def test_a_program_prints_what_the_page_says(program: Program, project: Project) -> None:
    (project.directory / "call.py").write_text(program.text, encoding="utf-8")
    client = {**project.environment, "PYTHONPATH": str(ROOT / "clients" / "python")}
    assert replace(project, environment=client).run("python", "call.py") == program.printed


@pytest.mark.parametrize("page", CURL, ids=CURL)
def test_the_client_does_what_a_page_does_with_curl(page: str, project: Project, tmp_path: Path) -> None:
    """Every section's requests, each by its operation's method; what is answered is what the page shows."""
    known = project.environment
    with Scrip(known["SCRIP_URL"], known["SCRIP_API_KEY"]) as scrip, relaying(scrip) as relay:
        assert followed(page, relay, tmp_path) == []
