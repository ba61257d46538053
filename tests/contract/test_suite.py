"""What holds for the tests themselves: every run is the same run, in whatever order."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from tests.conftest import _shuffle

TESTS = Path(__file__).resolve().parents[1]


def test_properties_are_the_same_examples_in_every_run_and_none_is_late() -> None:
    assert settings.get_current_profile_name() == "ci"
    assert (settings().derandomize, settings().database, settings().deadline) == (True, None, None)


def test_no_test_makes_a_property_random_again() -> None:
    """By ``derandomize=False``, or by another profile."""
    files = sorted(TESTS.rglob("*.py"))
    assert len(files) > 200
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "derandomize":
                assert ast.unparse(node.value) == "True", file
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("register_profile", "load_profile"), file


def test_a_shuffle_keeps_every_test_and_the_tests_of_a_file_together() -> None:
    """Four files of five tests: with one seed always the same other order, with another seed another."""
    written: list[Any] = [
        SimpleNamespace(path=Path(f"test_{file}.py"), name=number) for file in "abcd" for number in range(5)
    ]

    def shuffled(seed: int) -> list[Any]:
        items = list(written)
        _shuffle(items, random.Random(seed))
        return items

    first = shuffled(7)
    assert first == shuffled(7) != written
    assert first != shuffled(8)
    assert sorted(map(id, first)) == sorted(map(id, written))
    assert [len({one.path for one in first[at : at + 5]}) for at in range(0, 20, 5)] == [1] * 4
    assert [one.path.name for one in first[::5]] != sorted(one.path.name for one in first[::5])


def test_a_test_that_does_not_end_is_ended(pytestconfig: pytest.Config) -> None:
    """A loop that a mistake made endless is a failure, and names the test."""
    assert float(pytestconfig.getini("timeout")) == 300
