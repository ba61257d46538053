"""What a small change of Python code is, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutation.changes import changes


def changed(tmp_path: Path, text: str) -> list[str]:
    """Returns the text after each change."""
    file = tmp_path / "part.py"
    file.write_text(text, encoding="utf-8")
    return [change.applied(file.read_bytes()).decode() for change in changes(file, tmp_path)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a < b", {"a <= b"}, id="a bound"),
        pytest.param("a not in b", {"a in b"}, id="a membership"),
        pytest.param("a == b != c", {"a != b != c", "a == b == c"}, id="a chain"),
        pytest.param("a and b or c", {"a or b or c", "a and b and c"}, id="logic"),
        pytest.param("a - b", {"a + b"}, id="a sign between"),
        pytest.param("'ä' + b", set(), id="a text is not a sum"),
        pytest.param("not a", {"a"}, id="a not"),
        pytest.param("a[3]", {"a[4]"}, id="a number"),
        pytest.param("a = True", {"a = False"}, id="a truth"),
        pytest.param("a['lot']", {"a['lotx']"}, id="a key"),
        pytest.param("a = 'Say this to people.'", set(), id="a text for people"),
        pytest.param("'''What it does.'''", set(), id="a docstring"),
        pytest.param("a: Lot | None", set(), id="an annotation"),
        pytest.param("Kind = Literal['lot']", set(), id="a type"),
        pytest.param("from a import b", set(), id="an import"),
        pytest.param("log.info('lot')", set(), id="a log line"),
        pytest.param("print(a)", {"pass"}, id="what is printed"),
        pytest.param("f(a, b=c, d=e)", {"f(a, d=e)", "f(a, b=c, )", "pass"}, id="a call"),
        pytest.param("a = zip(b, c, strict=True)", set(), id="a zip's strictness"),
        pytest.param("a = min(b)", {"a = max(b)"}, id="an opposite"),
        pytest.param("a.b = c", {"pass"}, id="an effect"),
        pytest.param("a += b", {"pass"}, id="a sum kept"),
        pytest.param("raise A", {"pass"}, id="a refusal"),
        pytest.param("if a:\n    b", {"if True:\n    b", "if False:\n    b"}, id="a branch"),
        pytest.param("if TYPE_CHECKING:\n    a = 1", set(), id="types alone"),
        pytest.param(
            "a = [b for b in c if d]",
            {"a = [b for b in c if True]", "a = [b for b in c if False]"},
            id="a filter",
        ),
        pytest.param("ä = 'lot' < b", {"ä = 'lot' <= b", "ä = 'lotx' < b"}, id="letters of two bytes"),
    ],
)
def test_a_change_is_small_and_of_what_decides(tmp_path: Path, text: str, expected: set[str]) -> None:
    assert set(changed(tmp_path, text)) == expected


def test_every_change_of_the_project_is_python_again() -> None:
    """A change that cannot be read is noticed by everything and tells nothing."""
    root = Path(__file__).resolve().parents[2]
    file = root / "layers" / "scrip" / "scrip" / "domain" / "wallets" / "draws.py"
    source = file.read_bytes()
    seen = [compile(change.applied(source), change.path, "exec") for change in changes(file, root)]
    assert len(seen) > 50
