"""The document as a linter of others reads it."""

from __future__ import annotations

from pathlib import Path

from tests.aws import ROOT
from tests.clients.project import Project


def test_redocly_has_nothing_to_say(project: Project, node_modules: Path) -> None:
    """With its recommended rules. redocly.yaml says what differs, and why."""
    linter, settings = node_modules / ".bin" / "redocly", ROOT / "redocly.yaml"
    said = project.run(str(linter), "lint", "--config", str(settings), "openapi.json")
    assert "Your API description is valid" in said
    assert "You have" not in said  # so many warnings
