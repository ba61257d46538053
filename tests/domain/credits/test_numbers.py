"""Whole numbers as bytes: LEB128, whose oracle is its definition, seven bits to a byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.numbers import get_number, put_number
from tests.domain.builders import steady


def packed(number: int) -> bytes:
    out = bytearray()
    put_number(number, out)
    return bytes(out)


@pytest.mark.parametrize(
    ("number", "data"), [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (624_485, "e58e26")]
)
def test_a_number_has_these_bytes(number: int, data: str) -> None:
    assert packed(number).hex() == data


@steady
@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_what_is_put_is_got_and_the_next_follows(first: int, second: int) -> None:
    data = packed(first) + packed(second)
    found, at = get_number(data, 0)
    assert (found, get_number(data, at)) == (first, (second, len(data)))


def test_a_number_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="byte must be in range"):
        packed(-1)


def test_bytes_that_end_within_a_number_are_refused() -> None:
    with pytest.raises(IndexError):
        get_number(b"\x80", 0)
