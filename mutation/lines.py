"""Which tests run which line, and how long each takes: measured by one run of all tests that need no local AWS.

It is measured again where any file of the code or of the tests is newer than what was measured.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import coverage

LEFT_OUT: Final = ("tests/stack", "tests/clients", "tests/peers", "tests/simulation", "tests/bench")
"""Tests that run much of the code at once, or in other processes: they are slow, and say little of where a fault is."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What was measured.

    Attributes:
        tests: by file and line, the tests that run it.
        seconds: by test, how long it took.
    """

    tests: dict[str, dict[int, frozenset[str]]]
    seconds: dict[str, float]

    def running(self, path: str, first: int, last: int) -> list[str]:
        """Returns the tests that run one of the lines, those of the module's own file first, then the quickest first.

        A line that is run on import has no tests of its own: then those that run anything of the file are returned.
        """
        lines = self.tests.get(path, {})
        found = frozenset[str]().union(*(lines.get(line, frozenset()) for line in range(first, last + 1)))
        if not found:
            found = frozenset[str]().union(*lines.values())
        own = f"test_{Path(path).stem}.py"
        return sorted(found, key=lambda test: (own not in test, self.seconds.get(test, 0.0), test))


def measured(root: Path, kept: Path, workers: int) -> Lines:
    """Returns what is measured of the project in ``root``, from ``kept`` where nothing is newer."""
    data, times = kept / "coverage", kept / "times.xml"
    newest = max(
        path.stat().st_mtime
        for folder in ("layers/scrip/scrip", "functions", "tests")
        for path in (root / folder).rglob("*.py")
    )
    if not (data.exists() and times.exists()) or data.stat().st_mtime < newest:
        kept.mkdir(parents=True, exist_ok=True)
        _measure(root, data, times, workers)
    return _read(root, data, times)


def _measure(root: Path, data: Path, times: Path, workers: int) -> None:
    running = times.with_name("running.xml")  # of a run that failed nothing is taken for measured
    times.unlink(missing_ok=True)
    settings = data.with_name("settings.ini")  # whatever begins with the data's own name is deleted with it
    settings.write_text(
        f"[run]\ndata_file = {data}\nsource = layers/scrip/scrip\n    functions\nrelative_files = True\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "not long",
        "-n",
        str(workers),
        "--dist",
        "loadgroup",
    ]
    command += [
        "--cov",
        "--cov-config",
        str(settings),
        "--cov-context=test",
        "--cov-report=",
        f"--junitxml={running}",
    ]
    command += [f"--ignore={folder}" for folder in LEFT_OUT]
    subprocess.run([*command, "tests"], cwd=root, check=True, stdin=subprocess.DEVNULL)
    running.rename(times)


def _read(root: Path, data: Path, times: Path) -> Lines:
    stored = coverage.CoverageData(str(data))
    stored.read()
    tests: dict[str, dict[int, frozenset[str]]] = {}
    for file in stored.measured_files():
        path = Path(file)
        name = str(path.relative_to(root)) if path.is_absolute() else str(path)
        by_line: dict[int, set[str]] = defaultdict(set)
        for line, contexts in stored.contexts_by_lineno(file).items():
            by_line[line] |= {context.partition("|")[0] for context in contexts if context}
        tests[name] = {line: frozenset(found) for line, found in by_line.items()}
    seconds: dict[str, float] = {}
    for case in ElementTree.parse(times).getroot().iter("testcase"):
        file = case.get("classname", "").replace(".", "/") + ".py"
        seconds[f"{file}::{case.get('name')}"] = float(case.get("time", "0"))
    return Lines(tests, seconds)
