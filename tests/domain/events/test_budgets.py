"""What an entry passes of budgets follows from the entry alone."""

from __future__ import annotations

from scrip.domain.events.budgets import crossings
from tests.domain.spending import DAY, MIDNIGHT, daily, purse


def test_an_entry_says_which_marks_it_passed_and_of_whose_budget() -> None:
    """Of 40 half are 20 and an eighth 5: a burn of 20 passes both, one of 20 more the limit."""
    made = purse()
    made.budget(daily(40, member="*", warn_at=("12.5%", "50%")))
    made.member = "ann"
    first, second = made.burn(20), made.burn(20)
    told = [(one.mark, one.spent, one.member, one.whole) for one in crossings(first)]
    assert told == [("12.5%", 20, "ann", False), ("50%", 20, "ann", False)]
    (one,) = crossings(second)
    assert (one.budget, one.mark, one.whole, one.limit) == ("day", "100%", True, 40)
    assert (one.start, one.end) == (MIDNIGHT, MIDNIGHT + DAY)
    assert list(crossings(made.entries[0])) == []


def test_what_comes_back_passes_nothing_and_a_limit_of_nothing_is_never_reached() -> None:
    made = purse()
    made.budget(daily(40))
    entry = made.burn(40)
    assert list(crossings(made.reverse(entry))) == []
    made.budget(daily(0, action="notify"))
    assert list(crossings(made.burn(1))) == []
