"""An accepted change is one of the code as it is, and that one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutation.accepted import ACCEPTED, reason
from mutation.changes import changes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("path", "line"), ACCEPTED, ids=str)
def test_an_accepted_change_is_one_that_there_is(path: str, line: str) -> None:
    """Where the line was written anew, its entry goes, or is judged again."""
    source = (ROOT / path).read_bytes()
    found = [
        change for change in changes(ROOT / path, ROOT) if reason(change, source) == ACCEPTED[path, line]
    ]
    assert len(found) == 1
    assert line in found[0].applied(source).decode()
