"""The one order of everything that takes credits, and those of the peers; no ties are left."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.lots import Lot, Money, order_key
from scrip.domain.credits.units import BurnOrder
from tests.domain.builders import lot, lots, moment, steady
from tests.domain.memory import vault
from tests.domain.test_history import ORDERS

MIXED = (
    "1; 2 prio=0; 3 exp=+7d; 4 exp=+1d; 5 exp=+1d cost=10USD; 6 exp=+1d cost=6USD; 7 prio=100 exp=+1d;"
    "8 exp=+1d kind=compensation; 9 exp=+1d+1ms kind=paid"
)
# In the order in which the lots are taken, each by its sequence. 5 costs 2.00 a credit, 6 costs 1.00.
TAKEN: list[tuple[BurnOrder, list[int]]] = [
    # priority, expiry (never last), those that cost nothing first, lower cost, effective_at, age
    ("priority_expiry_cost", [2, 4, 8, 6, 5, 9, 3, 1, 7]),
    # priority, expiry, promotional before paid, effective_at, age
    ("stripe", [2, 4, 8, 5, 6, 9, 3, 1, 7]),
    # priority, expiry in whole seconds, age: the millisecond of lot 9 does not count
    ("openmeter", [2, 4, 5, 6, 8, 9, 3, 1, 7]),
    # priority, lots that are not paid first, age: lots 5 and 6 are paid as lot 9 is
    ("lago", [2, 1, 3, 4, 8, 5, 6, 9, 7]),
    # priority, expiry, larger grant first, age
    ("flexprice", [2, 8, 6, 5, 4, 9, 3, 1, 7]),
]


def sorted_seqs(found: list[Lot], order: BurnOrder) -> list[int]:
    return [lot.seq for lot in sorted(found, key=lambda lot: order_key(lot, order))]


@pytest.mark.parametrize(("order", "seqs"), TAKEN, ids=[order for order, _ in TAKEN])
def test_lots_are_taken_in_the_units_order(order: BurnOrder, seqs: list[int]) -> None:
    assert sorted_seqs(lots(MIXED), order) == seqs


@pytest.mark.parametrize(("order", "seqs"), TAKEN, ids=[order for order, _ in TAKEN])
def test_a_burn_of_everything_draws_in_that_order(order: BurnOrder, seqs: list[int]) -> None:
    assert [draw.lot for draw in vault(MIXED, order=order).burn(45).draws] == seqs


def test_a_lot_that_never_expires_comes_after_the_last_instant_there_is() -> None:
    never, last = lot("1", 1), lot("1", 2, expires_at=MAX_INSTANT + 1)
    for order in ORDERS:
        if order != "lago":
            assert sorted_seqs([never, last], order) == [2, 1]


def test_openmeter_takes_the_older_of_two_that_expire_in_the_same_second() -> None:
    assert sorted_seqs(lots("1 exp=+1s+999ms; 1 exp=+1s; 1 exp=+2s"), "openmeter") == [1, 2, 3]
    assert sorted_seqs(lots("1 exp=+2s; 1 exp=+1s+999ms"), "openmeter") == [2, 1]


def test_an_earlier_start_comes_before_an_earlier_grant() -> None:
    late, early = lot("1", 1, effective_at=moment("+2h")), lot("1", 2, effective_at=moment("+1h"))
    assert sorted_seqs([late, early], "priority_expiry_cost") == [2, 1]
    assert sorted_seqs([late, early], "stripe") == [2, 1]
    assert sorted_seqs([late, early], "flexprice") == [1, 2]


@pytest.mark.parametrize("order", ORDERS)
def test_the_grant_sequence_decides_between_equals(order: BurnOrder) -> None:
    twins = [lot("5 cost=10USD", seq) for seq in (1, 9, 10, 255, 256, 10**9, 10**12 - 1)]
    assert sorted_seqs(twins[::-1], order) == [twin.seq for twin in twins]


# Costs per credit that floats cannot tell apart, the cheaper first.
CLOSE = [
    (Fraction(1, 10**27), Fraction(1, 10**27 - 1)),
    (Fraction(10**15 - 1, 10**27), Fraction(10**15, 10**27)),
    (Fraction(333_333_333_333_333, 10**15), Fraction(1, 3)),
    (Fraction(10**15 - 1, 10**15), Fraction(1, 1)),
    (Fraction(9_007_199_254_740_992, 1), Fraction(9_007_199_254_740_993, 1)),
    (Fraction(99_999_999_999_999, 10**27 - 1), Fraction(99_999_999_999_999, 10**27 - 2)),
    (Fraction(0, 1), Fraction(1, 10**27)),
]


@pytest.mark.parametrize(("cheap", "dear"), CLOSE)
def test_cost_per_credit_is_compared_exactly(cheap: Fraction, dear: Fraction) -> None:
    assert sorted_seqs([priced(dear, 1), priced(cheap, 2)], "priority_expiry_cost") == [2, 1]


def test_equal_cost_per_credit_is_equal_however_it_is_written() -> None:
    third = [lot("3 cost=1USD", 3), lot("9 cost=3USD", 2), lot(f"{3 * 10**26} cost={10**26}USD", 1)]
    assert sorted_seqs(third, "priority_expiry_cost") == [1, 2, 3]


def test_a_lot_that_cost_zero_comes_after_one_without_cost() -> None:
    assert sorted_seqs(lots("1 cost=0USD; 1"), "priority_expiry_cost") == [2, 1]


def priced(cost: Fraction, seq: int) -> Lot:
    return lot("1", seq, granted=cost.denominator, cost=Money(cost.numerator, "USD"))


@steady
@given(
    *[st.tuples(st.integers(0, 10**15), st.integers(1, 10**27)) for _ in range(2)],
)
def test_any_two_costs_are_in_the_order_of_their_fractions(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = (
        order_key(lot("1", 1, granted=granted, cost=Money(cost, "USD")), "priority_expiry_cost")
        for cost, granted in (one, other)
    )
    if Fraction(*one) != Fraction(*other):
        assert (first < second) == (Fraction(*one) < Fraction(*other))
    else:
        assert first == second


@pytest.mark.parametrize("order", ORDERS)
def test_a_key_is_plain_text_that_fits_in_a_sort_key(order: BurnOrder) -> None:
    longest = order_key(
        lot("1", 10**12 - 1, expires_at=MAX_INSTANT + 1, effective_at=MAX_INSTANT, cost=Money(10**15, "USD")),
        order,
    )
    assert longest.isascii()
    assert longest.isalnum()
    assert len(longest) <= 100
