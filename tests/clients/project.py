"""A project of somebody who makes a client: a directory in which commands run."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openapi.document import FILE
from tests.clients.page import Section

SECONDS: Final = 300
"""What a command may take: installing packages is the longest, with an empty cache."""
OPERATIONS: Final = sum(
    len(methods) for methods in json.loads(FILE.read_text(encoding="utf-8"))["paths"].values()
)
"""How many functions a whole client has."""


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with the document in it, and the environment of its commands."""

    directory: Path
    environment: dict[str, str]

    def write(self, section: Section) -> None:
        """Writes the files of a section of the page."""
        for name, content in section.files.items():
            (self.directory / name).write_text(content, encoding="utf-8")

    def run(self, *command: str) -> str:
        """Runs a command here; gives what it printed.

        Raises:
            AssertionError: it failed. The message is all that it said.
        """
        done = subprocess.run(
            command, cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr
