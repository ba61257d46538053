"""Law 8: recognised + deferred + refunded + breakage = paid, to the minor unit, at every moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.draws import moved
from tests.domain.builders import lot, steady


def taken(found: Lot, *steps: int) -> list[int]:
    """The money that leaves with each of these takings, one after the other."""
    values = []
    for amount in steps:
        found, value = found.less(amount)
        values.append(value)
    return values


def test_money_follows_the_credits_that_leave() -> None:
    assert taken(lot("10000 cost=100000USD"), 10, 990, 9000) == [100, 9900, 90000]


def test_a_split_never_loses_or_makes_a_minor_unit() -> None:
    assert taken(lot("3 cost=100USD"), 1, 1, 1) == [33, 33, 34]
    assert taken(lot("7 cost=3USD"), 1, 1, 1, 1, 1, 1, 1) == [0, 0, 1, 0, 1, 0, 1]
    assert taken(lot("7 cost=3USD"), 2, 5) == [0, 3]


def test_a_lot_with_more_credits_than_money_gives_all_its_money_once() -> None:
    assert taken(lot("1000 cost=1USD"), 999, 1) == [0, 1]


def test_the_largest_lot_is_exact() -> None:
    assert taken(lot(f"{10**27} cost=999999999999999USD"), 10**27 // 3, 10**27 - 10**27 // 3) == [
        333333333333332,
        666666666666667,
    ]


def test_credits_that_cost_nothing_carry_no_money() -> None:
    assert taken(lot("10"), 4, 6) == [0, 0]


def test_a_lot_that_cost_zero_has_cost_basis_and_no_money() -> None:
    free = lot("10 cost=0USD")
    assert taken(free, 4, 6) == [0, 0]
    assert free.deferred == 0


def test_what_is_deferred_falls_as_credits_leave() -> None:
    found = lot("10 cost=1000USD")
    assert found.deferred == 1000
    found, _ = found.less(4)
    assert found.deferred == 600


def test_held_credits_have_not_left() -> None:
    held = lot("10 cost=1000USD", remaining=6, held=4)
    assert held.deferred == 1000
    assert held.less(6)[1] == 600


def test_an_emptied_lot_is_depleted_and_one_with_something_held_is_not() -> None:
    assert lot("10").less(10)[0].fate == "depleted"
    assert lot("10").less(10, "expired")[0].fate == "expired"
    assert lot("10", remaining=6, held=4).less(6)[0].fate == ""


@pytest.mark.parametrize("steps", [-1, 11])
def test_no_lot_gives_what_it_does_not_have(steps: int) -> None:
    with pytest.raises(ValueError, match="lot 1 has 10"):
        lot("10").less(steps)


def test_a_refund_comes_off_what_is_deferred() -> None:
    # 10 credits for 10.00; 4 burned: 4.00 earned, 6.00 deferred. 3 credits and 3.00 go back.
    found, recognised, _ = lot("10 cost=1000USD").less(4)[0].refunded(3, 300)
    assert recognised == 0
    assert (found.remaining, found.deferred) == (3, 300)
    assert taken(found, 1, 1, 1) == [100, 100, 100]


def test_after_a_refund_the_rest_of_the_money_is_spread_over_the_rest_of_the_credits() -> None:
    # 3 credits for 1.00; one burned (0.33); a refund of 0.50 takes one: the last waits for 0.17.
    found, _, _ = lot("3 cost=100USD").less(1)[0].refunded(1, 50)
    assert (found.basis, found.n) == (17, 1)
    assert taken(found, 1) == [17]


def test_what_a_refund_takes_beyond_the_deferred_comes_off_recognised_revenue() -> None:
    # 9 of 10 credits burned: 9.00 earned, 1.00 deferred. 3.00 and the last credit go back: 2.00 of it was earned.
    found, recognised, _ = lot("10 cost=1000USD").less(9)[0].refunded(1, 300)
    assert recognised == -200
    assert (found.deferred, found.remaining, found.fate) == (0, 0, "voided")


def test_money_left_without_credits_is_earned_at_once() -> None:
    # All ten credits go back, 4.00 of 10.00 with them (a fee was kept): 6.00 has nothing left to wait for.
    found, recognised, _ = lot("10 cost=1000USD").refunded(10, 400)
    assert recognised == 600
    assert found.deferred == 0


def test_a_refund_of_held_credits_waits_for_them() -> None:
    # Four of ten are held: six go back with 6.00, and 4.00 stays with the held ones.
    found, recognised, _ = lot("10 cost=1000USD", remaining=6, held=4).refunded(6, 600)
    assert (found.remaining, found.held, found.deferred, found.fate, recognised) == (0, 4, 400, "", 0)


def test_a_refund_that_failed_after_all_gives_the_money_back_to_the_lot() -> None:
    found, recognised, _ = lot("10 cost=1000USD").refunded(10, 1000)
    assert recognised == 0
    found, recognised, _ = found.refunded(-10, -1000)
    assert (found.remaining, found.deferred, found.fate, recognised) == (10, 1000, "", 0)


@steady
@given(
    face=st.integers(1, 400),
    cost=st.integers(0, 10_000),
    moves=st.lists(st.tuples(st.booleans(), st.integers(0, 100), st.integers(0, 2_000)), max_size=12),
)
def test_the_four_always_add_up_to_what_was_paid(
    face: int, cost: int, moves: list[tuple[bool, int, int]]
) -> None:
    found, recognised, refunded = lot(f"{face} cost={cost}USD"), 0, 0
    for is_refund, share, back in moves:
        steps = found.remaining * share // 100
        if is_refund:
            money = min(back, cost - refunded)
            found, change, _ = found.refunded(steps, money)
            refunded += money
        else:
            found, change = found.less(steps)
        recognised += change
        assert recognised + found.deferred + refunded == cost
        assert found.deferred >= 0
    found, value = found.less(found.remaining)
    assert found.deferred == 0 or not found.n
    assert recognised + value + refunded + found.deferred == cost


def test_tax_of_credits_that_moved_is_not_divided_a_second_time() -> None:
    """23 credits with 10.24 of tax: 22 are burned, the last moves with 0.45, the 22 come back: 9.79 are left, not 9.80.

    Law 7. Then 5 of the 22 are burned and come back, without a loss.
    """
    found = lot("23 cost=2300USD")._replace(tax=1024)
    burned, value = found.less(22)
    gone, draw = moved(burned, 1)
    assert (value, draw.tax, gone.deferred_tax) == (2200, 45, 0)
    back = gone.restored(22, 2200)
    assert (back.deferred, back.deferred_tax) == (2200, 979)
    spent, value = back.less(5)
    again = spent.restored(5, value)
    assert (again.deferred, again.deferred_tax) == (2200, 979)
