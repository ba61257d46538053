"""A project of somebody who makes a client: a directory in which commands run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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

    @classmethod
    def new(cls, directory: Path, more: dict[str, str]) -> Project:
        """Puts the document into a directory. Its commands are those of these tests, with ``more`` to know."""
        shutil.copy(FILE, directory / "openapi.json")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SCRIP_"))}
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
        return cls(directory, {**own, **quiet, "NO_PROXY": "127.0.0.1", "PATH": path, **more})

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
