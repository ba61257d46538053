"""What is kept of budgets is held against what the entries say: whatever is changed, lost or left out is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.verification.budget_checks import check_budgets
from tests.domain.spending import DAY, MIDNIGHT, Purse, daily, purse


def spent() -> Purse:
    """A wallet with budgets of which some was spent, held, given back and reversed."""
    made = purse()
    made.budget(daily(100), "all")
    made.budget(daily(50, member="*"), "each")
    made.budget(daily(70, meter="api"), "api")
    made.member = "ann"
    burned = made.burn(30)
    made.items(("api", 5), ("gpu", 6))
    hold = made.hold(8)
    made.member = None
    made.capture(hold.seq, 5)
    made.reverse(burned, 4)
    made.now = MIDNIGHT + DAY
    made.burn(3)
    return made


def found(made: Purse) -> list[str]:
    return [one.what for one in check_budgets(made.wallet, made.entries, made.sidecars)]


def test_what_the_entries_say_is_what_is_kept() -> None:
    made = spent()
    assert found(made) == []
    made.unbudget("api")
    made.budget(replace(daily(100), every="P1W"), "all")
    made.burn(3)
    assert found(made) == []


def counter(made: Purse, name: str, budget: str, **change: Any) -> None:
    kept = dict(made.sidecars["spent", name])
    since, start, end, steps = kept[budget]
    kept[budget] = [since, change.get("start", start), end, change.get("steps", steps)]
    made.sidecars["spent", name] = kept


def lost(made: Purse) -> None:
    del made.sidecars["spent", "by.ann"]


def unread(made: Purse) -> None:
    made.sidecars["spent", "all"] = {"all": "x"}


def forgotten(made: Purse) -> None:
    made.wallet = replace(made.wallet, budgeted=False)


def raised(made: Purse) -> None:
    kept = {name: dict(one) for name, one in made.sidecars["budgets", "all"].items()}
    kept["all"]["limit"] = "1000"
    made.sidecars["budgets", "all"] = kept


def entry(made: Purse, seq: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes what an entry says of budgets, as somebody would who writes all hashes anew."""
    old = made.entries[seq - 1]
    told = {name: dict(one) for name, one in old.extra.get("budgets", {}).items()}
    change(told)
    made.entries[seq - 1] = replace(old, extra={**old.extra, "budgets": told})


def of(kind: str) -> Callable[[Purse], int]:
    def seq(made: Purse) -> int:
        return next(one.seq for one in made.entries if one.kind == kind)

    return seq


CHANGES: list[tuple[str, Callable[[Purse], None], str]] = [
    (
        "a counter is lower",
        lambda made: counter(made, "all", "all", steps="2"),
        "2 are kept as spent of the budget all",
    ),
    ("a member's is", lambda made: counter(made, "by.ann", "each", steps="1"), "1 are kept as spent by ann"),
    ("it is of another period", lambda made: counter(made, "all", "all", start=MIDNIGHT), "3 are kept"),
    ("a member's are lost", lost, "0 are kept as spent by ann of the budget each"),
    ("they cannot be read", unread, "cannot be read"),
    ("the wallet forgot that it has budgets", forgotten, "the wallet says that it has budgets"),
    ("a limit was raised without an entry", raised, "not those that the entries put"),
    (
        "a burn did not count",
        lambda made: entry(made, 5, lambda told: told.pop("all")),
        "counts 0 in the budget all, and spends 30 of it",
    ),
    (
        "a hold did not",
        lambda made: entry(made, of("hold")(made), lambda told: told.pop("each")),
        "counts 0 in the budget each, and spends 8 of it",
    ),
    (
        "more was given back than was spent",
        lambda made: entry(made, of("reversal")(made), lambda told: told["all"].update(counted="-400")),
        "gives more back to the budget all than was spent of it",
    ),
    (
        "a release gave back more than its hold had",
        lambda made: entry(made, of("release")(made), lambda told: told["all"].update(counted="-9")),
        "more than its hold had counted",
    ),
    (
        "a new day counts in the old one",
        lambda made: entry(
            made, len(made.entries), lambda told: told["all"].update({"from": MIDNIGHT - DAY})
        ),
        "counts in another period of the budget all",
    ),
    (
        "it counts in a budget that there is not",
        lambda made: entry(made, 5, lambda told: told["all"].update({"of": 99})),
        "counts in a budget all that there is not",
    ),
    (
        "it spends more than there was",
        lambda made: entry(made, 5, lambda told: told["all"].update(counted="101")),
        "spends 101 of the budget all, whose limit is 100",
    ),
    (
        "it cannot be read",
        lambda made: entry(made, 5, lambda told: told["all"].update(counted="many")),
        "says of budgets what cannot be read",
    ),
]


@pytest.mark.parametrize(("what", "change", "said"), CHANGES, ids=[what for what, _, _ in CHANGES])
def test_what_is_not_so_is_found(what: str, change: Callable[[Purse], None], said: str) -> None:
    made = spent()
    change(made)
    assert any(said in one for one in found(made)), found(made)


def test_counters_of_budgets_that_are_no_more_are_not_missed() -> None:
    made = spent()
    made.unbudget("all")
    made.use(Fraction(1))
    assert "all" not in made.sidecars["spent", "all"]
    assert found(made) == []


def test_entries_of_before_budgets_say_nothing_and_are_not_asked() -> None:
    made = purse()
    made.burn(1)
    entries: list[Entry] = made.entries
    assert [one for one in entries if "budgets" in one.extra] == []
    assert found(made) == []


def test_what_was_spent_in_the_last_millisecond_of_a_period_is_of_that_period() -> None:
    """30 before midnight and 3 at midnight: each day has its own, and a clock that changes may make a day longer."""
    made = purse()
    made.budget(daily(100))
    made.now = MIDNIGHT + DAY - 1
    made.burn(30)
    assert (made.spent(), found(made)) == (30, [])
    made.now = MIDNIGHT + DAY
    made.burn(3)
    assert (made.spent(), found(made)) == (3, [])
