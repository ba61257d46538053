"""When credits run out, by what was used of them: a window of 28 days, or since the first use, and at least a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.entries import Entry, EntryKind, Totals
from scrip.domain.events.run_outs import DAY_MS, RunOut, Spending, first_of
from tests.domain.memory import vault

NOON = 20_000 * DAY_MS + DAY_MS // 2
"""Of day 20 000."""


def used(spending: Spending, amount: int, at: int, kind: EntryKind = "burn") -> Spending:
    """The spending with an entry more, which takes so much of what is available; a grant gives it."""
    (entry,) = vault("10").entries
    after = spending.available - amount
    one: Entry = replace(
        entry,
        seq=spending.seq + 1,
        kind=kind,
        at=at,
        amount=-amount,
        before=Totals(spending.available),
        after=Totals(after),
    )
    return spending.with_entry(one)


def granted(amount: int, at: int) -> Spending:
    return used(Spending(), -amount, at, "grant")


def test_what_was_never_used_never_runs_out() -> None:
    spending = granted(100, NOON)
    assert (spending.rate(NOON), spending.run_out_at(NOON), spending.within(365, NOON)) == (
        (0, DAY_MS),
        None,
        False,
    )


def test_a_first_use_counts_as_a_days() -> None:
    """30 of 100 within an hour are 30 a day: the other 70 last 56 hours."""
    spending = used(granted(100, NOON), 30, NOON)
    now = NOON + 3_600_000
    assert spending.rate(now) == (30, DAY_MS)
    assert spending.run_out_at(now) == now + 56 * 3_600_000
    assert [spending.within(days, now) for days in (2, 3)] == [False, True]


def test_later_it_is_since_the_first_use() -> None:
    """10 a day in five days, 50 are left: five days more."""
    spending = granted(100, NOON)
    for day in range(5):
        spending = used(spending, 10, NOON + day * DAY_MS, "capture" if day % 2 else "burn")
    now = NOON + 5 * DAY_MS
    assert spending.rate(now) == (50, 5 * DAY_MS)
    assert spending.run_out_at(now) == now + 5 * DAY_MS


def test_what_is_longer_ago_than_28_days_counts_no_more() -> None:
    """The present day and the 27 before it: of one use each noon, at the last noon it is 28 in 27.5 days."""
    spending = granted(1_000, NOON)
    for day in range(40):
        spending = used(spending, 1, NOON + day * DAY_MS)
    now = NOON + 39 * DAY_MS
    assert spending.rate(now) == (28, 27 * DAY_MS + DAY_MS // 2)
    assert first_of(now) == (20_000 + 12) * DAY_MS
    kept = Spending.from_json(spending.to_json(now))
    assert len(kept.used) == 28
    assert (kept.rate(now), kept.first, kept.available) == (spending.rate(now), NOON, 960)


@pytest.mark.parametrize("kind", ["hold", "expiry", "void", "adjustment", "transfer_out", "freeze"])
def test_what_goes_otherwise_is_not_used(kind: EntryKind) -> None:
    spending = used(granted(100, NOON), 30, NOON, kind)
    assert (spending.rate(NOON)[0], spending.available) == (0, 70)


def test_a_number_of_days_is_told_once_until_the_run_out_is_further_off() -> None:
    """90 of 100 in a day: 10 last 2 h 40 min. Nine days later, unused, 10 more last a day."""
    spending = used(granted(100, NOON), 90, NOON)
    assert spending.to_tell((30, 7, 1), NOON) == [30, 7, 1]
    spending = spending.told([30, 7, 1])
    assert spending.near == (30, 7, 1)
    assert spending.to_tell((30, 7, 1), NOON) == []
    later = NOON + 27 * DAY_MS
    assert spending.further(later).near == (30, 7), "at 90 in 27 days, 10 last three days"
    assert used(spending.further(later), 8, later).to_tell((30, 7, 1), later) == [1]
    assert spending.further(NOON + 60 * DAY_MS).near == (), "unused for 28 days, it does not run out"


def test_of_a_wallet_that_has_nothing_nothing_is_told_and_nothing_forgotten() -> None:
    spending = used(granted(100, NOON), 99, NOON).told([7])
    empty = used(spending, 1, NOON)
    assert (empty.to_tell((30, 7), NOON), empty.further(NOON + 90 * DAY_MS).near) == ([], (7,))


def test_a_run_out_says_how_fast_credits_are_used() -> None:
    fact = RunOut("acme", "credits", 7, 3, NOON, NOON + 1, 100, 3 * DAY_MS - 1)
    assert (fact.per_day, fact.of_days) == (33, 3)
