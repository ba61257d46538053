"""Captures: what a hold has set aside is spent, from the front, and never more than it may (law 6)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import InsufficientCredits, PolicyViolation
from tests.domain.builders import story
from tests.domain.memory import kinds, vault

# Captured. 25 held of 20 (lot 1) and 10 of priority 0 (lot 2): first all of lot 2, then 15 of lot 1.
CAPTURES: dict[str, tuple[list[tuple[int | None, bool]], list[str], str]] = {
    "all": ([(None, True)], ["capture -25 (10 of 2, 15 of 1)"], "captured"),
    "all, and not final": ([(None, False)], ["capture -25 (10 of 2, 15 of 1)"], "captured"),
    "one part, final": (
        [(4, True)],
        ["release +0 (15 of 1, 6 of 2)", "capture -4 (4 of 2)"],
        "captured",
    ),
    "two parts that lie in both lots": (
        [(8, False), (8, True)],
        ["capture -8 (8 of 2)", "release +0 (9 of 1)", "capture -8 (2 of 2, 6 of 1)"],
        "captured",
    ),
    "a part, and the rest stays held": ([(12, False)], ["capture -12 (10 of 2, 2 of 1)"], "open"),
    "parts to the end": (
        [(10, False), (10, False), (5, False)],
        ["capture -10 (10 of 2)", "capture -10 (10 of 1)", "capture -5 (5 of 1)"],
        "captured",
    ),
}


@pytest.mark.parametrize(("parts", "told", "status"), CAPTURES.values(), ids=CAPTURES.keys())
def test_captures_take_from_the_front_and_what_is_given_back_comes_off_the_end(
    parts: list[tuple[int | None, bool]], told: list[str], status: str
) -> None:
    made = vault("20; 10 prio=0")
    made.hold(25)
    for amount, final in parts:
        made.capture(3, amount, final)
    assert story(made.entries[3:]) == told
    found = made.found(3)
    assert found.status == status
    assert made.look().held == found.held
    assert made.look().total == 30 - found.captured


def test_money_is_recognised_when_held_credits_are_captured() -> None:
    """Law 8: three credits for 100 cents leave as 33, 33 and 34, in the order in which they leave."""
    made = vault("3 cost=100USD")
    made.hold(2)
    made.burn(1)
    made.capture(2, 1, final=False)
    made.capture(2)
    assert story(made.entries[2:]) == [
        "burn -1 (1 of 1 for 33USD)",
        "capture -1 (1 of 1 for 33USD)",
        "capture -1 (1 of 1 for 34USD)",
    ]


def test_a_capture_of_a_part_and_what_it_gives_back_are_one_commit() -> None:
    made = vault("100")
    made.hold(30)
    made.capture(2, 12)
    assert kinds(made.commits[-1].entries) == ["release", "capture"]
    assert made.look() == Totals(available=88)


# More than is held


def test_more_than_is_held_is_refused_by_default() -> None:
    made = vault("100")
    made.hold(30)
    made.capture(2, 20, final=False)
    with pytest.raises(PolicyViolation) as refusal:
        made.capture(2, 11)
    assert refusal.value.facts == {"policy": "over_capture", "held": 10}
    assert made.look() == Totals(available=70, held=10)


def test_more_than_is_held_is_burned_besides_where_the_hold_says_so() -> None:
    made = vault("40; 60")
    made.hold(30, over="burn_extra")
    assert story([made.capture(3, 45)]) == ["capture -45 (30 of 1, 10 of 1, 5 of 2)"]
    found = made.found(3)
    assert (found.captured, found.extra, found.released, found.status) == (30, 15, 0, "captured")


def test_more_than_there_is_moves_nothing() -> None:
    made = vault("100", overdraft_limit=5)
    made.hold(30, over="burn_extra")
    before = made.wallet
    with pytest.raises(InsufficientCredits) as refusal:
        made.capture(2, 106)
    assert refusal.value.facts == {"required": 76, "available": 70}
    assert made.wallet == before
    made.capture(2, 105)
    assert made.look() == Totals(owed=5)


def test_what_is_burned_besides_is_paid_by_lots_of_the_holds_meter() -> None:
    made = vault("10 scope=gpu; 10")
    made.hold(5, over="burn_extra", meter="gpu")
    made.hold(10, over="burn_extra")
    with pytest.raises(InsufficientCredits) as refusal:
        made.capture(4, 11)
    assert refusal.value.facts == {"required": 1, "available": 0, "out_of_scope": 5}
    assert story([made.capture(3, 9)]) == ["capture -9 (5 of 1, 4 of 1)"]
