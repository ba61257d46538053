"""Runs of tests as forks of one process: each begins as the first did, and says how it went."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutation.warm import TOLD, Warm

PART = "MADE = []\n"
TESTS = """\
import time

import part


def test_that_nothing_was_made_before():
    assert part.MADE == []
    part.MADE.append(1)


def test_of_something_else():
    assert 1 == 2


def test_that_takes_long():
    time.sleep(20)
"""


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[Warm]:
    """Returns the process, in a folder with a module and three tests."""
    (tmp_path / "part.py").write_text(PART, encoding="utf-8")
    (tmp_path / "test_part.py").write_text(TESTS, encoding="utf-8")
    places = (str(tmp_path), str(Path(__file__).parents[2]))
    process = Warm(tmp_path, {**os.environ, "PYTHONPATH": os.pathsep.join(places)})
    yield process
    process.end()


def test_a_run_says_how_it_went_and_leaves_nothing_to_the_next(warm: Warm, tmp_path: Path) -> None:
    first = ["-q", "test_part.py::test_that_nothing_was_made_before"]
    assert [warm.run(first, 60) for _ in range(2)] == [0, 0]
    assert "1 passed" in (tmp_path / TOLD).read_text(encoding="utf-8")
    assert warm.run(["-q", "test_part.py::test_of_something_else"], 60) == 1
    assert warm.run(["-q", "test_part.py::test_nothing"], 60) == 4, (
        "what pytest says of a test it does not find"
    )
    (tmp_path / "part.py").write_text("MADE = [7]\n\n", encoding="utf-8")
    assert warm.run(first, 60) == 1, "the project's own modules are imported by each run"


def test_a_run_that_takes_too_long_is_ended(warm: Warm) -> None:
    first = ["-q", "test_part.py::test_that_nothing_was_made_before"]
    assert warm.run(["-q", "test_part.py::test_that_takes_long"], 1.5) is None
    assert warm.run(first, 60) == 0


def test_when_nobody_asks_any_more_a_run_is_ended_with_the_process(warm: Warm, tmp_path: Path) -> None:
    """A run of `make mutate` that is cut leaves nothing running: the test, of 20 seconds, never comes to its end."""
    (tmp_path / "test_part.py").write_text(
        "import pathlib, time\n\n\ndef test_that_takes_long():\n    pathlib.Path('begun').touch()\n    time.sleep(20)\n"
    )
    process = warm._process
    assert process.stdin
    process.stdin.write('{"arguments": ["-q", "test_part.py"], "seconds": 60}\n')
    process.stdin.flush()
    began = time.monotonic()
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    warm.end()
    assert time.monotonic() - began < 15
