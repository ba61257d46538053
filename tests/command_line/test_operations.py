"""The operator's commands find tables and queues where ``--stack`` says they are."""

from __future__ import annotations

import pytest

from command_line import operations
from command_line.mistakes import Mistake


@pytest.mark.parametrize(
    ("text", "segment"), [("1/1", (0, 1)), ("3/8", (2, 8)), ("8/8", (7, 8)), ("1000/1000", (999, 1000))]
)
def test_a_share_is_counted_from_one(text: str, segment: tuple[int, int]) -> None:
    assert operations._segment(text) == segment


@pytest.mark.parametrize("text", ["", "1", "0/8", "9/8", "1/1001", "a/b", "1/0", "-1/8", "²/8"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="like 1/8"):
        operations._segment(text)
