"""Usage: quantities that are counted together cost what they would at once, however they come."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.rates import RateVersion, cost
from scrip.domain.credits.usage import COUNTED, Tally, Usage, meters_of, written
from tests.domain.builders import steady

FREE_FIVE = RateVersion(
    3,
    "credits",
    0,
    "0",
    {"model": "graduated", "tiers": [{"up_to": 5, "credits": "0"}, {"up_to": None, "credits": "0.25"}]},
)


def used(quantity: int, **dimensions: str) -> Usage:
    return Usage("calls", Fraction(quantity), dimensions)


@steady
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_what_comes_in_parts_costs_what_comes_at_once(quantities: list[int]) -> None:
    tally = Tally()
    apart = []
    for quantity in quantities:
        tally = Tally.from_json(tally.to_json())
        apart.append(tally.add(used(quantity), FREE_FIVE, 2))
    assert sum(apart) == cost(FREE_FIVE, Fraction(sum(quantities)), {}, 2)


def test_other_dimensions_are_counted_apart_and_cost_together() -> None:
    """5 are free of each: 5 of a, 5 of b, then one of a: 0.25."""
    tally = Tally()
    found = [tally.add(used(5, k="a"), FREE_FIVE, 2), tally.add(used(5, k="b"), FREE_FIVE, 2)]
    assert [*found, tally.add(used(1, k="a"), FREE_FIVE, 2)] == [0, 0, 25]


def test_a_minimum_is_of_all_that_is_counted_together() -> None:
    rate = RateVersion(1, "credits", 0, "3", {"model": "per_unit", "credits": "1"})
    tally = Tally()
    assert [tally.add(used(2), rate, 0) for _ in range(3)] == [3, 1, 2]


def test_a_hold_counts_a_hundred_kinds_of_events_and_no_more() -> None:
    tally = Tally()
    for number in range(COUNTED):
        tally.add(used(1, k=str(number)), FREE_FIVE, 0)
    with pytest.raises(PolicyViolation) as refused:
        tally.add(used(1, k="one more"), FREE_FIVE, 0)
    assert refused.value.facts["policy"] == "max_hold_prices"


def test_usage_is_kept_with_its_quantity_as_a_decimal() -> None:
    usage = Usage("calls", Fraction(5, 4), {"k": "a"})
    assert usage.kept(3) == {
        "meter": "calls",
        "quantity": "1.25",
        "dimensions": {"k": "a"},
        "rate_version": 3,
    }
    assert written(Fraction(10)) == "10"
    assert meters_of([usage, Usage("tiles", Fraction(1)), usage]) == ["calls", "tiles"]
