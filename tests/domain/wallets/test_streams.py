"""Offsets of a stream: each is used once for ever (law 3)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import InvalidRequest, OffsetGap
from scrip.domain.wallets.streams import LAST_OFFSET, fresh_from


@pytest.mark.parametrize(
    ("there", "first", "count", "known"),
    [(0, 0, 3, 0), (3, 0, 3, 3), (3, 1, 3, 2), (3, 3, 3, 0), (9, 1, 3, 3), (5, 0, 0, 0)],
)
def test_what_lies_below_the_next_offset_is_known(there: int, first: int, count: int, known: int) -> None:
    assert fresh_from(there, first, count) == known


def test_offsets_in_between_are_refused_or_given_up() -> None:
    with pytest.raises(OffsetGap) as refusal:
        fresh_from(3, 5, 1)
    assert refusal.value.facts["next"] == 3
    assert fresh_from(3, 5, 1, skips=True) == 0


def test_the_last_offset_is_the_largest_that_an_id_can_write() -> None:
    assert fresh_from(LAST_OFFSET, LAST_OFFSET, 1) == 0
    with pytest.raises(InvalidRequest):
        fresh_from(LAST_OFFSET, LAST_OFFSET, 2)
