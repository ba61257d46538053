"""Steps become the one decimal that says them, which reads as the same steps again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.steps import format_amount
from tests.domain.builders import steady


@pytest.mark.parametrize(
    ("steps", "precision", "text"),
    [
        (10_000_000, 6, "10"),
        (12_500_000, 6, "12.5"),
        (1, 6, "0.000001"),
        (-1, 6, "-0.000001"),
        (-500_000, 6, "-0.5"),
        (-30_000_000, 6, "-30"),
        (0, 6, "0"),
        (0, 0, "0"),
        (100, 0, "100"),
        (-100, 0, "-100"),
        (10**27, 9, "1000000000000000000"),
        (10**27 - 1, 9, "999999999999999999.999999999"),
    ],
)
def test_an_answer_is_canonical(steps: int, precision: int, text: str) -> None:
    assert format_amount(steps, precision) == text


@steady
@given(st.integers(1, 10**27), st.integers(0, 9))
def test_what_is_written_reads_the_same(steps: int, precision: int) -> None:
    assert parse_amount(format_amount(steps, precision), precision) == steps
