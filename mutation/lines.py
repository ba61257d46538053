"""Which tests run which line, and how long each takes.

It is measured by running the tests once, and kept in ``.local/mutation``. Of a later run only those files of tests are
measured again that changed. Where the code changed since, the lines are found again by comparing both texts.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypedDict

import coverage

from mutation.recording import PLACE

LEFT_OUT: Final = (
    *("tests/stack", "tests/clients", "tests/peers", "tests/bench", "tests/mutation", "tests/template"),
    "tests/simulation/test_bugs.py",
)
"""Tests that run in other processes, that read no code of a measured room, or that run all of it at length."""
WHOLE_FILE: Final = 120.0
"""Seconds of what was not measured: a file of tests of the template."""
AT_ONCE: Final = 60
"""Files of tests in one measurement: what is measured is kept when the run is cut."""


class Measured(TypedDict):
    """What one file of tests ran.

    Attributes:
        digest: of the file of tests.
        code: by path, the digest of each file of code that it ran.
        tests: by name, its seconds and, by path, its lines: bit ``n`` of a hexadecimal number is line ``n``.
    """

    digest: str
    code: dict[str, str]
    tests: dict[str, tuple[float, dict[str, str]]]


@dataclass(frozen=True)
class Kept:
    """What is kept of measurements, in a folder of its own."""

    root: Path
    folder: Path
    files: dict[str, Measured] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, folder: Path) -> Kept:
        """Reads what is kept; nothing where nothing is."""
        (folder / "code").mkdir(parents=True, exist_ok=True)
        kept = folder / "measured.json"
        return cls(root, folder, json.loads(kept.read_bytes()) if kept.exists() else {})

    def measure(self, workers: int, *, again: bool = False) -> None:
        """Measures the files of tests that are new or changed, or all ``again``, and forgets those that are gone."""
        present = {str(path.relative_to(self.root)): _digest(path) for path in self._tests()}
        for gone in self.files.keys() - present.keys():
            del self.files[gone]
        due = [
            name
            for name, digest in present.items()
            if again or name not in self.files or self.files[name]["digest"] != digest
        ]
        for place in range(0, len(due), AT_ONCE):
            print(
                f"measuring {place} to {min(place + AT_ONCE, len(due))} of {len(due)} files of tests",
                flush=True,
            )
            self._run(due[place : place + AT_ONCE], present, workers)
            new = self.folder / "new.json"
            new.write_text(json.dumps(self.files), encoding="utf-8")
            new.rename(self.folder / "measured.json")

    def running(self, path: str, first: int, last: int) -> list[str]:
        """Returns the tests that run one of the lines, those of the module's own file first, then the quickest first.

        A line outside of functions is run on import, by whichever test comes first: then those that run anything of the
        file are returned.
        """
        lines = self._of(path)
        found = set[str]().union(*(lines.get(line, set()) for line in range(first, last + 1)))
        if not found or first not in _in_functions((self.root / path).read_text(encoding="utf-8")):
            found = found.union(*lines.values())
        own = f"/test_{Path(path).stem}.py::"
        return sorted(found, key=lambda test: (own not in test, self.seconds[test], test))

    def took(self, tests: Iterable[str]) -> float:
        """Returns the seconds that tests took together."""
        return sum(self.seconds.get(test, WHOLE_FILE) for test in tests)

    @cached_property
    def seconds(self) -> dict[str, float]:
        """How long each test took."""
        return {test: took for of in self.files.values() for test, (took, _) in of["tests"].items()}

    def _of(self, path: str) -> dict[int, set[str]]:
        """Returns, for each line that a file of code has now, the tests that run it."""
        if path not in self._lines:
            lines = defaultdict[int, set[str]](set)
            moved: dict[str, dict[int, Sequence[int]]] = {}
            for measured in self.files.values():
                if digest := measured["code"].get(path):
                    now = moved.get(digest) or moved.setdefault(digest, self._moved(path, digest))
                    for test, (_, ran) in measured["tests"].items():
                        for line in _ones(int(ran.get(path, "0"), 16)):
                            for place in now.get(line, ()):
                                lines[place].add(test)
            # Changes are tried side by side: what another thread finds here is whole.
            self._lines[path] = lines
        return self._lines[path]

    @cached_property
    def _lines(self) -> dict[str, defaultdict[int, set[str]]]:
        return {}

    def _moved(self, path: str, digest: str) -> dict[int, Sequence[int]]:
        """Returns where each line of a measured file is now. What is written anew is run by what ran it before."""
        file = self.root / path
        if not file.exists():
            return {}
        old = (self.folder / "code" / digest).read_text(encoding="utf-8").splitlines()
        new = file.read_text(encoding="utf-8").splitlines()
        moved: dict[int, Sequence[int]] = {}
        for kind, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(
            None, old, new, autojunk=False
        ).get_opcodes():
            if kind == "equal":
                moved |= {old_start + n + 1: (new_start + n + 1,) for n in range(old_end - old_start)}
            elif kind == "replace":
                written = range(new_start + 1, new_end + 1)
                moved |= dict.fromkeys(range(old_start + 1, old_end + 1), written)
            elif kind == "insert" and old_start:
                moved[old_start] = (*moved.get(old_start, ()), *range(new_start + 1, new_end + 1))
        return moved

    def _tests(self) -> Iterator[Path]:
        for path in sorted((self.root / "tests").rglob("test_*.py")):
            if not str(path.relative_to(self.root)).startswith(LEFT_OUT):
                yield path

    def _run(self, files: Sequence[str], present: dict[str, str], workers: int) -> None:
        with TemporaryDirectory() as place:
            self._read(files, present, *self._recorded(files, Path(place), workers))

    def _recorded(self, files: Sequence[str], place: Path, workers: int) -> tuple[Path, Path]:
        """Runs the tests. Returns where it is written what they ran, and how they went."""
        # Whatever begins with the data's own name is deleted with it: settings are not called so.
        data, record, settings = (place / name for name in ("ran", "record.jsonl", "settings.ini"))
        settings.write_text(
            f"[run]\ndata_file = {data}\nrelative_files = True\n"
            "source = layers/scrip/scrip\n    functions\n    command_line\n"
        )
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", "-m", "not long"]
        command += [
            "-n",
            str(workers),
            "--dist",
            "loadgroup",
            "-p",
            "mutation.recording",
            f"--rootdir={self.root}",
        ]
        # Workers tell how long it took to set up a test only where that is asked for.
        command += ["--durations=1"]
        command += ["--cov", "--cov-config", str(settings), "--cov-context=test", "--cov-report="]
        done = subprocess.run(
            [*command, *files],
            cwd=self.root,
            env={**os.environ, PLACE: str(record)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1, 5):
            raise RuntimeError(
                f"what the tests run could not be measured:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
            )
        return data, record

    def _read(self, files: Sequence[str], present: dict[str, str], data: Path, record: Path) -> None:
        ran: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        digests: dict[str, str] = {}
        stored = coverage.CoverageData(str(data))
        stored.read()
        for file in stored.measured_files():
            path = str(Path(file).relative_to(self.root)) if Path(file).is_absolute() else file
            digests[path] = self._keep(path)
            for line, contexts in stored.contexts_by_lineno(file).items():
                for test in {context.partition("|")[0] for context in contexts if context}:
                    ran[test][path] |= 1 << line
        for file in files:
            self.files[file] = {"digest": present[file], "code": digests, "tests": {}}
        for text in record.read_text(encoding="utf-8").splitlines():
            told = json.loads(text)
            if told["failed"]:
                print(f"  fails without any change, so it is left out: {told['test']}", flush=True)
                ran[told["test"]].clear()
            elif lines := ran[told["test"]]:
                of = self.files[told["test"].partition("::")[0]]
                of["tests"][told["test"]] = (
                    told["seconds"],
                    {path: f"{bits:x}" for path, bits in lines.items()},
                )

    def _keep(self, path: str) -> str:
        """Keeps a file of code as it is now, under its digest."""
        digest = _digest(self.root / path)
        (self.folder / "code" / digest).write_bytes((self.root / path).read_bytes())
        return digest


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]


def _in_functions(source: str) -> set[int]:
    """Returns the lines of the bodies of functions."""
    inner = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {
        line for node in inner for line in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    }


def _ones(bits: int) -> Iterator[int]:
    """Yields the places of the ones."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
