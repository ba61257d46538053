"""What budgets leave to burns `up_to`, item by item (laws 1 and 2)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import BudgetExceeded
from tests.domain.spending import daily, purse


def test_up_to_takes_what_the_budget_leaves() -> None:
    """100 a day, 70 spent: 50 `up_to` are 30, and 20 are missing; after that nothing is."""
    made = purse()
    made.budget(daily(100))
    made.burn(70)
    entry = made.burn(50, "up_to")
    assert (entry.amount, entry.extra["missing"], made.counted(entry)) == (-30, "20", 30)
    entry = made.burn(50, "up_to")
    assert (entry.amount, entry.extra["missing"]) == (0, "50")
    assert made.spent() == 100


def test_up_to_counts_what_lots_gave_and_not_what_the_budget_would_have_left() -> None:
    made = purse("12")
    made.budget(daily(100))
    entry = made.burn(50, "up_to")
    assert (entry.amount, entry.extra["missing"], made.spent()) == (-12, "38", 12)


def test_a_budget_of_a_meter_counts_its_items_alone() -> None:
    made = purse()
    made.budget(daily(10, meter="api"))
    made.burn(100)
    made.burn(100, meter="gpu")
    made.items(("gpu", 100), ("api", 8))
    assert made.spent() == 8
    with pytest.raises(BudgetExceeded):
        made.items(("gpu", 1), ("api", 2), ("api", 1))
    entry = made.items(("api", 5), ("gpu", 7), mode="up_to")
    assert (entry.amount, entry.extra["missing"], made.spent()) == (-9, "3", 10)


def test_an_item_that_lots_cannot_pay_leaves_its_part_of_the_budget_to_the_next() -> None:
    """10 in all, of which 3 can be for the first item: the second has 7, not nothing."""
    made = purse("3 scope=api; 100 scope=gpu")
    made.budget(daily(10))
    entry = made.items(("api", 10), ("gpu", 10), mode="up_to")
    assert (entry.amount, entry.extra["missing"], made.spent()) == (-10, "10", 10)
