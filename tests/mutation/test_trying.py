"""A change that a test notices, and one that none does: tried in a small project of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutation.changes import changes
from mutation.trying import Copy

CODE = "def larger(one, other):\n    return one if one > other else other\n"
TEST = """\
from part import larger


def test_the_larger_of_two():
    assert larger(1, 2) == 2
    assert larger(3, 2) == 3
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Returns the root of a project of one module and one test. Of two that are the same it takes the other."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "part.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "test_part.py").write_text(TEST, encoding="utf-8")
    return tmp_path


def test_what_a_test_notices_is_told_from_what_none_does(project: Path) -> None:
    copy = Copy(project)
    try:
        noticed = {
            change.text: copy.tried(change, ["test_part.py::test_the_larger_of_two"]).noticed
            for change in changes(project / "part.py", project)
        }
    finally:
        copy.delete()

    test = "test_part.py::test_the_larger_of_two"
    assert noticed == {">=": None, "True": test, "False": test}
    assert (project / "part.py").read_text(encoding="utf-8") == CODE, "only the copy is changed"


def test_a_test_that_fails_anyway_has_noticed_nothing(project: Path) -> None:
    broken = "test_part.py::test_of_something_else"
    file = project / "test_part.py"
    file.write_text(f"def test_of_something_else():\n    assert 1 == 2\n\n\n{TEST}", encoding="utf-8")
    tests = [broken, "test_part.py::test_the_larger_of_two"]
    copy = Copy(project)
    try:
        noticed = {
            change.text: copy.tried(change, tests).noticed for change in changes(project / "part.py", project)
        }
    finally:
        copy.delete()

    assert noticed == {">=": None, "True": tests[1], "False": tests[1]}


def test_a_test_that_is_not_there_is_no_failure_of_the_change(project: Path) -> None:
    copy = Copy(project)
    change = next(iter(changes(project / "part.py", project)))
    try:
        with pytest.raises(RuntimeError, match="not found"):
            copy.tried(change, ["test_part.py::test_nothing"])
    finally:
        copy.delete()


@pytest.mark.parametrize("reader", ["test_part.py", "conftest.py"])
def test_a_change_that_no_file_of_tests_can_be_read_with_is_noticed(project: Path, reader: str) -> None:
    """The file, or the fixtures beside it, takes the name that is another with the change; then none of its tests is
    found."""
    (project / "part.py").write_text('NAMES = {"one": 1}\n', encoding="utf-8")
    taken = 'from part import NAMES\n\nONE = NAMES["one"]\n'
    for name, text in (("conftest.py", ""), ("test_part.py", "\n\ndef test_one():\n    assert True\n")):
        (project / name).write_text((taken if name == reader else "") + text, encoding="utf-8")
    copy = Copy(project)
    try:
        (change,) = [one for one in changes(project / "part.py", project) if one.what == "text"]
        assert copy.tried(change, ["test_part.py::test_one"]).noticed == "the reading of a file of tests"
    finally:
        copy.delete()


def test_a_test_whose_name_is_of_what_is_changed_is_asked_by_its_functions(project: Path) -> None:
    (project / "part.py").write_text("def number():\n    return 1 + 1\n", encoding="utf-8")
    text = """\
import pytest
from part import number


@pytest.mark.parametrize("one", [number()])
def test_it(one):
    assert one == 2
"""
    (project / "test_part.py").write_text(text, encoding="utf-8")
    copy = Copy(project)
    try:
        change = next(one for one in changes(project / "part.py", project) if one.what == "arithmetic")
        assert copy.tried(change, ["test_part.py::test_it[2]"]).noticed == "test_part.py::test_it[0]"
    finally:
        copy.delete()
