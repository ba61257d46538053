"""Credits as whole numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip_client import Unsendable
from scrip_client.amounts import parse, parse_more_than_zero, text


@given(st.decimals(min_value=0, max_value=10**20, places=9, allow_nan=False))
def test_an_amount_is_written_as_it_was_read(amount: Decimal) -> None:
    """As many decimals as a unit may have; nothing is rounded."""
    assert Decimal(text(parse(f"{amount:f}"))) == amount


@pytest.mark.parametrize(
    ("said", "written"), [("2", "2"), ("0.250", "0.25"), ("10.000000001", "10.000000001"), ("007", "7")]
)
def test_an_amount_has_no_zeros_at_its_ends(said: str, written: str) -> None:
    assert text(parse(said)) == written


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert parse("0.1") + parse("0.2") == parse("0.3")


@pytest.mark.parametrize("said", ["", "-1", "+1", "1e3", "1.", ".5", " 1", "1\n", "½", "٣", 2, None, 0.5])
def test_what_is_no_amount_is_not_sent(said: object) -> None:
    with pytest.raises(Unsendable):
        parse(said)


def test_nothing_is_nothing_to_spend() -> None:
    with pytest.raises(Unsendable, match=r"^amount: must be more than zero$"):
        parse_more_than_zero("0.0")


@pytest.mark.parametrize("said", ["abc", "0", "-5"])
def test_what_a_lease_is_to_have_is_called_by_its_name(said: str) -> None:
    with pytest.raises(Unsendable, match=r"^renew: "):
        parse_more_than_zero(said, "renew")
