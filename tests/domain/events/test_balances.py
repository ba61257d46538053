"""What an entry crosses: thresholds in amounts and percentages, downwards and upwards, and nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry, EntryKind, Totals
from scrip.domain.credits.units import Threshold
from scrip.domain.events.alerts import Alerts
from scrip.domain.events.balances import Crossing, crossings
from tests.domain.memory import vault


def an_entry(before: int, after: int, **other: Any) -> Entry:
    (entry,) = vault("10").entries
    return replace(entry, before=Totals(before), after=Totals(after), amount=after - before, **other)


ALERTS = Alerts((100, 20, "50%", "10%"))


def crossed(
    before: int,
    after: int,
    bases: tuple[int | None, int | None] = (None, None),
    thresholds: Sequence[Threshold] = ALERTS.low_balance,
    seq: int = 7,
    kind: EntryKind = "burn",
) -> list[tuple[str, Threshold | None]]:
    entry = an_entry(before, after, seq=seq, kind=kind)
    return [(one.what, one.threshold) for one in crossings(entry, Alerts(tuple(thresholds)), *bases)]


def test_what_falls_past_several_thresholds_crosses_each() -> None:
    assert crossed(500, 101) == []
    assert crossed(500, 100) == [("low", 100)]
    assert crossed(100, 99) == [], "it was low before"
    assert crossed(101, 20) == [("low", 100), ("low", 20)]
    assert crossed(101, 0) == [("low", 100), ("low", 20), ("depleted", None)]
    assert crossed(20, 0) == [("depleted", None)]


def test_what_rises_past_several_thresholds_crosses_each() -> None:
    assert crossed(0, 20) == []
    assert crossed(20, 21) == [("recovered", 20)]
    assert crossed(0, 101) == [("recovered", 100), ("recovered", 20)]
    assert crossed(100, 100) == []


def test_a_percentage_is_one_of_the_base_and_no_base_crosses_none() -> None:
    """Of 200, 50% are 100 and 10% are 20."""
    shares: list[Threshold] = ["50%", "10%"]
    assert crossed(150, 15, (200, 200), shares) == [("low", "50%"), ("low", "10%")]
    assert crossed(150, 101, (200, 200), shares) == []
    assert crossed(15, 25, (200, 200), shares) == [("recovered", "10%")]
    assert crossed(150, 0, (None, None), shares) == [("depleted", None)]
    assert crossed(150, 0, (None, 200), shares) == [("depleted", None)]


def test_a_renewal_is_judged_by_the_base_before_it_and_the_one_after() -> None:
    """From 15, of 200, a grant of 5 leaves 20. That was at most 10% of 200, and is all of the new base."""
    assert crossed(15, 20, (200, 20), ["10%"], kind="grant") == [("recovered", "10%")]
    assert crossed(15, 20, (200, 200), ["10%"], kind="reversal") == []
    assert crossed(50, 60, (100, 60), ["20%"], kind="grant") == [], "it was not low"


@pytest.mark.parametrize(("before", "after"), [(0, 50), (0, 500), (500, 0)])
def test_a_wallets_first_entry_crosses_nothing(before: int, after: int) -> None:
    assert crossed(before, after, (200, 200), seq=1) == []


def test_a_crossing_says_of_which_entry_it_is_and_comes_back_as_it_was_kept() -> None:
    entry = an_entry(500, 100, seq=7)
    (found,) = crossings(entry, Alerts((100,)), None, None)
    assert found == Crossing(entry.account, entry.unit, "low", 100, 100, entry.id, 7, entry.at)
    assert Crossing.from_json(found.to_json(), entry.account, entry.unit, 100, 7) == found
