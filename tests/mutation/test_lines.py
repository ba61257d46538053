"""Which tests run which line, measured in a small project, and found again after the code changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mutation.lines import Kept

CODE = """\
def larger(one, other):
    if one > other:
        return one
    return other
"""
TEST = """\
from scrip.part import larger


def test_the_first():
    assert larger(2, 1) == 2


def test_the_second():
    assert larger(1, 2) == 2
"""
FIRST, SECOND = (f"tests/test_part.py::test_the_{name}" for name in ("first", "second"))
PART = "layers/scrip/scrip/part.py"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the root of a project of one module and one file of tests."""
    for path, text in (
        (PART, CODE),
        ("tests/test_part.py", TEST),
        ("layers/scrip/scrip/__init__.py", ""),
        ("functions/none.py", ""),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    own = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'layers' / 'scrip'}:{own}")
    return tmp_path


def measured(project: Path) -> Kept:
    """Measures what is new or changed."""
    kept = Kept.of(project, project / ".local")
    kept.measure(1)
    return kept


def test_each_line_has_the_tests_that_run_it_and_keeps_them_when_it_moves(project: Path) -> None:
    kept = measured(project)
    assert [set(kept.running(PART, line, line)) for line in (2, 3, 4)] == [{FIRST, SECOND}, {FIRST}, {SECOND}]
    assert set(kept.running(PART, 1, 1)) == {FIRST, SECOND}, "no test runs it, so all do"

    (project / PART).write_text(f"# A line\n\n{CODE}", encoding="utf-8")
    again = Kept.of(project, project / ".local")
    assert [set(again.running(PART, line, line)) for line in (4, 5, 6)] == [
        {FIRST, SECOND},
        {FIRST},
        {SECOND},
    ]


def test_only_the_changed_file_of_tests_is_measured_again_and_one_that_fails_says_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(project)
    capsys.readouterr()
    measured(project)
    assert capsys.readouterr().out == ""

    (project / "tests" / "test_part.py").write_text(
        TEST.replace("(1, 2) == 2", "(1, 2) == 1"), encoding="utf-8"
    )
    kept = measured(project)
    assert f"left out: {SECOND}" in capsys.readouterr().out
    assert [set(kept.running(PART, line, line)) for line in (2, 3)] == [{FIRST}, {FIRST}]
    assert list(kept.seconds) == [FIRST]


def test_who_asks_while_another_is_still_reading_is_told_all(project: Path) -> None:
    """Two changes of one file are tried side by side: one is half through what was measured as the other begins."""
    kept = measured(project)
    ((name, of),) = kept.files.items()
    told: list[set[str]] = []

    class Asked(dict[str, str]):
        def get(self, path: str, default: str | None = None) -> str | None:  # type: ignore[override]
            if not told:
                told.append(set())
                with ThreadPoolExecutor(1) as pool:
                    told[0] = set(pool.submit(kept.running, PART, 2, 2).result())
            return super().get(path, default)

    kept.files[name] = {**of, "code": Asked(of["code"])}
    assert set(kept.running(PART, 2, 2)) == told[0] == {FIRST, SECOND}
