"""Crossings by threshold and sequence: the last before an entry and the first after it, of this threshold alone."""

from __future__ import annotations

import pytest

from scrip.store import crossings
from scrip.store.crossings import CrossingRow
from scrip.store.tables import Tables
from tests.aws import InMemory


@pytest.fixture
def tables() -> Tables:
    made = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    for threshold in ("20%", "2", "20"):
        for seq in (5, 10, 999_999_999_999):
            crossings.put(made, "acme", "credits", threshold, CrossingRow(seq, {"of": threshold}))
    crossings.put(made, "acme", "credits", "20%", CrossingRow(10, {"of": "20%"}))
    return made


@pytest.mark.parametrize("threshold", ["20%", "2", "20"])
def test_the_neighbours_of_an_entry(tables: Tables, threshold: str) -> None:
    def near(seq: int) -> list[int | None]:
        before = crossings.before(tables, "acme", "credits", threshold, seq)
        after = crossings.after(tables, "acme", "credits", threshold, seq)
        assert {one.body["of"] for one in (before, after) if one} == {threshold}
        return [one.seq if one else None for one in (before, after)]

    assert near(4) == [None, 5]
    assert near(5) == [None, 10]
    assert near(6) == [5, 10]
    assert near(10) == [5, 999_999_999_999]
    assert near(11) == [10, 999_999_999_999]
    assert near(999_999_999_998) == [10, 999_999_999_999]


def test_another_wallet_or_threshold_has_none(tables: Tables) -> None:
    assert crossings.before(tables, "acme", "images", "20%", 99) is None
    assert crossings.before(tables, "other", "credits", "20%", 99) is None
    assert crossings.after(tables, "acme", "credits", "20.5%", 1) is None
