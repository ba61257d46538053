"""One change, tried: the tests that run it, in a copy of the project, until one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mutation.changes import Change

SHARE: Final = 150
"""Tests of the first try. Most changes fail there; the others are tried against all the rest."""
SECONDS: Final = 60
"""For one test: a change may make a loop endless."""

_WITHOUT: Final = (".venv", ".git", ".local", ".aws-sam", "*_cache", "__pycache__", "node_modules")


class Copy:
    """A copy of the project, which changes are tried in."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._place = Path(tempfile.mkdtemp(prefix="scrip-mutation-"))
        left_out = shutil.ignore_patterns(
            ".venv", ".git", ".local", ".aws-sam", "*_cache", "__pycache__", "node_modules"
        )
        shutil.copytree(root, self._place, dirs_exist_ok=True, ignore=left_out, symlinks=True)
        (self._place / ".venv").symlink_to((root / ".venv").resolve())

    def delete(self) -> None:
        """Deletes the copy."""
        shutil.rmtree(self._place, ignore_errors=True)

    def noticed(self, change: Change, tests: Sequence[str]) -> bool:
        """Tells whether a test fails with the change; also one that takes too long, and a file that cannot be read."""
        file = self._place / change.path
        source = file.read_bytes()
        file.write_bytes(change.applied(source))
        try:
            shares = (tests[:SHARE], tests[SHARE:])
            return any(share and self._fails(share) for share in shares)
        finally:
            file.write_bytes(source)

    def _fails(self, tests: Sequence[str]) -> bool:
        listed = self._place / "tests.txt"
        listed.write_text("\n".join(tests), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "--no-header",
            "--tb=no",
            "-p",
            "no:cacheprovider",
        ]
        command += ["-p", "no:randomly", "-p", "no:xdist", f"--timeout={SECONDS}", f"@{listed}"]
        paths = f"{self._place}{os.pathsep}{self._place / 'layers' / 'scrip'}"
        done = subprocess.run(
            command,
            cwd=self._place,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return False
        if done.returncode in (4, 5):
            raise RuntimeError(f"the tests of this change were not found:\n{done.stdout}{done.stderr}")
        return True
