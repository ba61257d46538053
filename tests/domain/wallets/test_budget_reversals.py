"""What reversals take off the counters of budgets (laws 1 and 3)."""

from __future__ import annotations

from fractions import Fraction

from tests.domain.spending import DAY, MIDNIGHT, daily, purse


def test_a_reversal_gives_back_in_the_day_of_the_burn_alone() -> None:
    made = purse()
    made.budget(daily(100))
    entry = made.burn(40)
    other = made.burn(20)
    assert made.counted(made.reverse(entry, 15)) == -15
    assert made.spent() == 45
    made.now = MIDNIGHT + DAY
    made.burn(7)
    assert made.counted(made.reverse(other)) is None
    assert made.spent() == 7


def test_a_reversal_of_items_gives_back_to_the_meters_whose_draws_come_back() -> None:
    """`gpu` 5 after `api` 8: of 7 reversed, 5 are `gpu`'s and 2 `api`'s."""
    made = purse()
    made.budget(daily(100, meter="api"), "api")
    made.budget(daily(100), "all")
    entry = made.items(("api", 8), ("gpu", 5))
    made.reverse(entry, 7)
    assert (made.spent("api"), made.spent("all")) == (6, 6)
    made.reverse(entry)
    assert (made.spent("api"), made.spent("all")) == (0, 0)


def test_what_was_owed_comes_back_first_and_is_no_longer_spent() -> None:
    made = purse("10", overdraft_limit=100)
    made.budget(daily(100))
    entry = made.burn(25)
    made.reverse(entry, 20)
    assert (made.look().owed, made.spent()) == (0, 5)


def test_a_step_that_fractions_had_completed_comes_back_to_the_budget() -> None:
    """1.6 of a step: the first event burns 1, the second 2; undone, the first takes the step it had completed."""
    made = purse()
    made.budget(daily(100, meter="api"))
    first = made.use(Fraction(8, 5))
    made.use(Fraction(8, 5))
    assert made.spent() == 3
    made.reverse(first)
    assert made.spent() == -sum(entry.amount for entry in made.entries if entry.kind != "grant") == 1


def test_what_a_capture_took_of_another_meter_comes_back_with_what_it_burned_beyond_the_hold() -> None:
    """Held 10 and 10. 14 for `gpu` take 4 of `api`'s, so 10 for `api` burn 4 beyond: 0 more are counted for `api`."""
    made = purse()
    for name, meter in (("api", "api"), ("gpu", "gpu"), ("all", None)):
        made.budget(daily(100, meter=meter), name)
    hold = made.hold_for(("api", 10), ("gpu", 10), over="burn_extra")
    entry = made.capture_for(hold, ("gpu", 14), ("api", 10))
    told = entry.extra["budgets"]["api"]
    assert (told["counted"], told["back"], told["held"]) == ("0", "4", "6")
    assert [made.spent(name) for name in ("api", "gpu", "all")] == [10, 14, 24]
    made.reverse(entry)
    assert [made.spent(name) for name in ("api", "gpu", "all")] == [0, 0, 0]
