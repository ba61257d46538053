"""Programs in Python that stand on the pages. test_typescript.py has those in TypeScript."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.aws import ROOT
from tests.clients.programs import Program, programs
from tests.clients.project import Project


@pytest.mark.parametrize("program", programs("python"), ids=lambda program: program.name)
def test_a_program_prints_what_the_page_says(program: Program, project: Project) -> None:
    (project.directory / "call.py").write_text(program.text, encoding="utf-8")
    client = {**project.environment, "PYTHONPATH": str(ROOT / "clients" / "python")}
    assert replace(project, environment=client).run("python", "call.py") == program.printed
