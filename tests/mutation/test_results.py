"""What came of a change is not lost, and not believed of another file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mutation.results import Result, Results

NOTICED = Result(7, "domain", "part.py:2: comparison: > -> >=", "d1", "test_part.py::test_a", 3, 1.5)


def test_what_was_noticed_is_known_in_another_run_of_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    Results(file).add(NOTICED)
    Results(file).add(replace(NOTICED, change="other", noticed=None))

    known = Results(file)
    assert known.noticed(NOTICED.change, "d1") == NOTICED
    assert known.noticed(NOTICED.change, "d2") is None
    assert known.noticed("other", "d1") is None, "tests may have come since"


def test_tests_that_noticed_changes_of_a_file_are_named_the_last_first(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    for test, change in (
        ("a", "part.py:2: x"),
        ("b", "part.py:3: y"),
        ("c", "other.py:1: z"),
        ("a", "part.py:9: z"),
    ):
        results.add(replace(NOTICED, change=change, noticed=test))
    results.add(replace(NOTICED, noticed=None))

    assert results.noticing("part.py") == ["a", "b"]
    assert Results(tmp_path / "results.jsonl").noticing("part.py") == ["a", "b"], "as it was written"
    assert results.noticing("part") == []
