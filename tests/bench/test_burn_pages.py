"""The model of one wallet at any rate: exact, and as fast as its parts let it be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from bench import budgets, burn_pages
from bench.gateway import HOLDS, PAGES, RELEASE, SETTLE, Work
from bench.stage import Stage

MS: Mapping[str, float] = {
    "small page": 2.0,
    "page": 4.0,
    "page, beaten once": 6.0,
    "small settlement": 2.0,
    "settlement": 4.0,
    "lease": 1.5,
}


@pytest.fixture
def stage() -> Stage:
    """Functions alone: the model's tables are the simulator's."""
    return Stage(cast(Any, None))


def test_work_is_a_straight_line_at_a_functions_share() -> None:
    """2 ms of 100 records and 4 ms of 500 are 1.5 ms and 0.005 ms each; 512 MB of 1 769 have 0.2894 of a processor:
    4 ms take 13.8. Beaten once is half as much again."""
    found = burn_pages.work(MS)
    assert round(found[PAGES].first(500) * 1000, 1) == 13.8
    assert round(found[PAGES].first(0) * 1000, 2) == 5.18
    assert round(found[SETTLE].further(500) * 1000, 1) == 6.9
    assert found[HOLDS] == found[RELEASE]


def test_one_sender_is_as_fast_as_a_page_takes(stage: Stage) -> None:
    """13.8 ms of work and a transaction of three items, 10.5 ms by a third more or less: 500 in some 24.3 ms are 20 600
    a second, less the sender's own pauses."""
    row = burn_pages.one_sender(stage, burn_pages.work(MS), 0.5, None)
    assert row["exact"]
    assert 14_000 < row["burns_a_second"] <= 22_000
    assert row["records_a_request"] > 400
    assert 0.04 < row["units_a_burn"] < 0.1


def test_a_function_that_is_slower_serves_fewer(stage: Stage) -> None:
    """100 ms of work: 500 in some 110 ms are 4 500 a second; of 10 000 that come, the last wait for seconds."""
    slow = dict.fromkeys((PAGES, SETTLE, HOLDS, RELEASE), Work(0.1))
    row = burn_pages.one_sender(stage, slow, 0.5, burn_pages.OPEN_RATE)
    assert row["exact"]
    assert row["burns_a_second"] < 5_000
    assert row["p99_ms"] > budgets.PAGED_MS


def test_holders_burn_what_comes_and_none_is_starved(stage: Stage) -> None:
    row = burn_pages.holders_of_leases(stage, burn_pages.work(MS), 1.0, 4, 2_000)
    assert row["exact"]
    assert 1_800 < row["burns_a_second"] < 2_200
    assert row["least_to_mean"] > 0.7


def test_what_misses_its_budget_is_told() -> None:
    page = {"request": "page", "write_units_a_burn": 0.07, "bytes_a_burn": 40, "dollars_per_million": 0.06}
    row = {"who": "who", "burns_a_second": 10_000, "p99_ms": 100, "units_a_burn": 0.12, "exact": True}
    row |= {"dollars_per_million": 0.12, "least_to_mean": 0.5}
    good = {"rows": [page], "modelled": [row, row, row, row]}
    assert all(one.met for one in budgets.judged({"pages": good}))
    page = {"request": "page", "write_units_a_burn": 0.071, "bytes_a_burn": 41, "dollars_per_million": 0.061}
    row = {"who": "who", "burns_a_second": 4_999, "p99_ms": 101, "units_a_burn": 0.121, "exact": False}
    row |= {"dollars_per_million": 0.121, "least_to_mean": 0.49}
    bad = {"rows": [page], "modelled": [row, row, row, row]}
    assert not any(one.met for one in budgets.judged({"pages": bad}))
