"""Breakage by proportion: the worked numbers of a lot of 100.00 for 1 000 credits at a rate of 20 %, and what holds of
any lot."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.finance.breakage import recognised
from tests.lot_histories import LotStep, history

SOLD = LotStep(1000, 10_000, 0, 0, rebases=True)
RATE = Fraction(1, 5)


def used(steps: int, money: int) -> LotStep:
    return LotStep(-steps, -money, steps, 0, rebases=False)


def ended(steps: int, money: int) -> LotStep:
    return LotStep(-steps, -money, 0, money, rebases=False)


def after(*changes: LotStep, rate: Fraction = RATE) -> int:
    return recognised(history((SOLD, *changes)), rate)


def test_a_share_counts_as_earned_as_the_rest_is_used_and_at_the_end_it_is_what_ended() -> None:
    """400 used: half of the 800 that are expected, so half of 20.00. 900 used: no more than 10.00 can still end."""
    assert after() == 0
    assert after(used(400, 4000)) == 1000
    assert after(used(400, 4000), used(400, 4000)) == 2000
    assert after(used(800, 8000), used(100, 1000)) == 1000
    assert after(used(900, 9000), ended(100, 1000)) == 1000


def test_what_ends_early_is_all_of_it_breakage() -> None:
    assert after(used(400, 4000), ended(600, 6000)) == 6000


def test_what_is_given_back_takes_its_share_back() -> None:
    assert after(used(400, 4000), used(-200, -2000)) == 500
    assert after(used(400, 4000), used(-400, -4000)) == 0


def test_without_a_rate_it_is_what_ended() -> None:
    assert after(used(400, 4000), rate=Fraction(0)) == 0
    assert after(used(400, 4000), ended(100, 1000), rate=Fraction(0)) == 1000


def test_another_rate_is_caught_up_on() -> None:
    """Of 40 % 600 are expected to be used: 400 of them are two thirds of 40.00."""
    assert after(used(400, 4000), rate=Fraction(2, 5)) == 2666


def test_after_a_refund_it_goes_on_from_what_is_left_and_keeps_what_it_had() -> None:
    """Half of what is left after 400 is refunded: 300 credits and 30.00 stay. 240 of them are expected: 120 are half
    of 6.00, on top of the 10.00 of before."""
    refunded = LotStep(-300, -3000, 0, 0, rebases=True)
    assert after(used(400, 4000), refunded) == 1000
    assert after(used(400, 4000), refunded, used(120, 1200)) == 1000 + 300
    assert after(used(400, 4000), refunded, used(300, 3000)) == 0


def test_all_that_is_refunded_leaves_nothing() -> None:
    assert after(used(400, 4000), LotStep(-600, -6000, 0, 0, rebases=True)) == 0


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1, 5), Fraction(999, 1000)])
@given(parts=st.lists(st.tuples(st.sampled_from(["use", "end", "refund"]), st.integers(1, 400)), max_size=12))
def test_over_a_lots_life_it_is_what_ended_unspent(rate: Fraction, parts: list[tuple[str, int]]) -> None:
    """At each moment it lies between what has ended and what may still end; the sum of its changes is what ended."""
    changes, credits, money = [SOLD], 1000, 10_000
    total = before = 0
    for what, steps in [*parts, ("end", 1000)]:
        taken = min(steps, credits)
        value = money if taken == credits else money * taken // credits if credits else 0
        credits, money = credits - taken, money - value
        if what == "refund":
            changes.append(LotStep(-taken, -value, 0, 0, rebases=True))
        else:
            changes.append(used(taken, value) if what == "use" else ended(taken, value))
        known = history(changes)
        now = recognised(known, rate)
        assert known.broken <= now <= known.broken + known.left
        total, before = total + now - before, now
    assert total == history(changes).broken
