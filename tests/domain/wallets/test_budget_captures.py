"""What captures count of budgets beside what their holds counted (law 6)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import BudgetExceeded
from tests.domain.spending import DAY, MIDNIGHT, daily, purse


def test_a_capture_beyond_the_hold_counts_the_excess_and_is_refused_past_the_budget() -> None:
    made = purse()
    made.budget(daily(100))
    hold = made.hold(60, over="burn_extra")
    with pytest.raises(BudgetExceeded) as refused:
        made.capture(hold.seq, 101)
    assert refused.value.facts["spent"] == 60
    made.capture(hold.seq, 100)
    assert made.spent() == 100


def test_the_excess_of_a_capture_counts_in_its_own_day_and_comes_back_first() -> None:
    """60 held on the first day, 75 captured on the second: 15 count then, and these come back first."""
    made = purse()
    made.budget(daily(100))
    made.now = MIDNIGHT + DAY - 60_000
    hold = made.hold(60, over="burn_extra")
    made.now = MIDNIGHT + DAY
    capture = made.capture(hold.seq, 75)
    assert (made.counted(capture), made.spent()) == (15, 15)
    made.reverse(capture, 10)
    assert made.spent() == 5
    made.reverse(capture, 10)
    assert made.spent() == 0
    made.reverse(capture)
    assert made.spent() == 0


def test_a_hold_of_several_meters_counts_for_another_what_is_captured_for_it() -> None:
    """Held 10 for `api` and 10 for `gpu`: 14 captured for `gpu` are 4 of `api`'s, and count for `gpu`."""
    made = purse()
    made.budget(daily(100, meter="api"), "api")
    made.budget(daily(13, meter="gpu"), "gpu")
    made.budget(daily(100), "all")
    hold = made.hold_for(("api", 10), ("gpu", 10))
    with pytest.raises(BudgetExceeded) as refused:
        made.capture_for(hold, ("gpu", 14), final=False)
    assert refused.value.facts["budget_id"] == "gpu"
    entry = made.capture_for(hold, ("gpu", 13), final=False)
    assert (made.spent("api"), made.spent("gpu"), made.spent("all")) == (7, 13, 20)
    made.release(hold.seq)
    assert (made.spent("api"), made.spent("gpu"), made.spent("all")) == (0, 13, 13)
    made.reverse(entry)
    assert (made.spent("api"), made.spent("gpu"), made.spent("all")) == (0, 0, 0)


def test_a_capture_whose_rest_makes_room_is_not_refused() -> None:
    """20 in all, 20 held for two meters; 15 for `api`, whose lots are its own, leave 10 of the others to go back."""
    made = purse("15 scope=api; 10 scope=gpu")
    made.budget(daily(20))
    hold = made.hold_for(("api", 10), ("gpu", 10), over="burn_extra")
    made.capture_for(hold, ("api", 15))
    assert made.spent() == 15


@pytest.mark.parametrize("ends", ["release", "timeout"])
def test_a_hold_that_outlives_all_budgets_gives_back_to_none(ends: str) -> None:
    """It had counted 60 of a budget that there is no more; a new one of that name begins with nothing."""
    made = purse()
    made.budget(daily(100))
    hold = made.hold(60)
    made.unbudget()
    if ends == "release":
        made.release(hold.seq)
    else:
        made.wait("1h")
        made.sweep()
    assert made.entries[-1].kind == "release"
    assert "budgets" not in made.entries[-1].extra
    made.budget(daily(100))
    assert made.spent() == 0
    made.check()


def test_a_lease_that_outlives_all_budgets_is_captured_for_none() -> None:
    made = purse(lease_timeout="capture")
    made.budget(daily(100))
    made.lease(60)
    made.unbudget()
    made.wait("2h")
    made.sweep()
    last = made.entries[-1]
    assert (last.kind, last.amount, "budgets" in last.extra) == ("capture", -60, False)
    made.check()
