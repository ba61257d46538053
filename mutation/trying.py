"""One change, tried: the tests that run it, in a copy of the project, until one fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutation.changes import Change
from mutation.recording import PLACE, PROFILE
from mutation.warm import TOLD, Warm

SHARES: Final = (40, 400)
"""Tests of the first tries. Most changes fail there; the others are tried against all the rest."""
SECONDS: Final = 60
"""For one test: a change may make a loop endless."""
SLOWER: Final = 4
"""How much slower than measured the tests of a share may be, beside the seconds of one."""

_WITHOUT: Final = (
    ".venv",
    ".git",
    ".local",
    ".aws-sam",
    "*_cache",
    "__pycache__",
    "node_modules",
    ".hypothesis",
)
_OWN: Final = Path(__file__).resolve().parent.parent
_NOT_FOUND: Final = (4, 5)
_UNREAD: Final = re.compile(r"^(ERROR \S+\.py - |ImportError while loading conftest )", re.MULTILINE)
"""What pytest tells of a file that could not be imported: its tests, or those beside it, are not found then either."""
_LOST: Final = re.compile(r"^ERROR: not found: (\S+)$", re.MULTILINE)
"""What it tells of a test that its file has not, by the name of the function."""
RECORD: Final = "record.jsonl"
"""How the tests of the last run went, in the copy."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a change went.

    Attributes:
        noticed: the test that failed first; ``None`` where none did.
        tests: how many ran, or were to run, in the shares that were begun.
        seconds: how long it took.
    """

    noticed: str | None
    tests: int
    seconds: float


class Copy:
    """A copy of the project, which changes are tried in."""

    def __init__(self, root: Path) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="scrip-mutation-"))
        self._writes = 0
        self._sound: set[str] = set()
        """Tests that passed here without any change: they are not asked again."""
        left_out = shutil.ignore_patterns(*_WITHOUT)
        shutil.copytree(root, self.place, dirs_exist_ok=True, ignore=left_out, symlinks=True)
        (self.place / ".venv").symlink_to((root / ".venv").resolve())
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        places = (self.place, self.place / "layers" / "scrip", _OWN)
        environment["PYTHONPATH"] = os.pathsep.join(map(str, places))
        environment[PLACE] = str(self.place / RECORD)
        self._warm = Warm(self.place, environment)

    def delete(self) -> None:
        """Deletes the copy."""
        self._warm.end()
        shutil.rmtree(self.place, ignore_errors=True)

    def tried(self, change: Change, tests: Sequence[str], took: float = 0.0) -> Tried:
        """Returns how a change goes. A test that takes too long has noticed it; so has a file that cannot be read.

        ``took`` is how many seconds the tests take without it.
        """
        file = self.place / change.path
        source = file.read_bytes()
        began, run, noticed, seconds = time.monotonic(), 0, None, SECONDS + SLOWER * took
        for share in _shares(tests):
            run += len(share)
            while share:
                self._write(file, change.applied(source))
                try:
                    noticed = self._failing(share, seconds)
                finally:
                    self._write(file, source)
                if noticed is None or not self._fails_anyway(noticed, share):
                    break
                share, noticed = [test for test in share if test != noticed], None
            if noticed:
                break
        return Tried(noticed, run, round(time.monotonic() - began, 1))

    def _fails_anyway(self, test: str, tests: Sequence[str]) -> bool:
        """Tells whether a test fails without the change too: by chance, or by what is wrong elsewhere."""
        if test in self._sound or test not in tests:
            return False
        if self._failing([test], SECONDS) is not None:
            return True
        self._sound.add(test)
        return False

    def _write(self, file: Path, source: bytes) -> None:
        """Writes a file so that its byte code is made anew: this goes by seconds and length, which may be the same."""
        file.write_bytes(source)
        self._writes += 1
        moment = int(time.time()) + self._writes
        os.utime(file, (moment, moment))

    def _failing(self, tests: Sequence[str], seconds: float) -> str | None:
        """Returns the first test that fails; ``None`` where all pass."""
        listed, record = (self.place / name for name in ("tests.txt", RECORD))
        listed.write_text("\n".join(tests), encoding="utf-8")
        record.unlink(missing_ok=True)
        command = ["-x", "-q", "--no-header", "--tb=no", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        command += ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "mutation.recording"]
        command += [f"--hypothesis-profile={PROFILE}", f"--timeout={SECONDS}", f"@{listed}"]
        status = self._warm.run(command, seconds)
        if status is None:
            return "the time that all of them have together"
        if status == 0:
            return None
        if status in _NOT_FOUND:
            said = (self.place / TOLD).read_text()
            if _UNREAD.search(said):
                return "the reading of a file of tests"
            if (whole := self._whole(tests, said)) == [*tests]:
                raise RuntimeError(f"the tests of this change were not found:\n{said}")
            return self._failing(whole, seconds)
        failed = [line for line in map(json.loads, _read(record)) if line["failed"]]
        return failed[0]["test"] if failed else "the end of the whole run"

    def _whole(self, tests: Sequence[str], said: str) -> list[str]:
        """Returns the tests, and those that were not found without the values that they are named by.

        A change may be of what a test is asked with, and so of its name.
        """
        lost = {name.removeprefix(f"{self.place}/") for name in _LOST.findall(said)}
        functions = {test: test.partition("[")[0] for test in tests}
        return [*dict.fromkeys(name if name in lost else test for test, name in functions.items())]


def _shares(tests: Sequence[str]) -> Iterator[list[str]]:
    """Yields the tests in shares, and in each those of one file together: what a file sets up is set up once."""
    done = 0
    for size in (*SHARES, len(tests)):
        if share := tests[done : done + size]:
            files = {test.partition("::")[0]: place for place, test in reversed(list(enumerate(share)))}
            yield sorted(share, key=lambda test: files[test.partition("::")[0]])
        done += size


def _read(record: Path) -> list[str]:
    return record.read_text(encoding="utf-8").splitlines() if record.exists() else []
