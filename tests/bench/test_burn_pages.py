"""Pages and settlements: what they work, and the budgets of what one wallet takes."""

from __future__ import annotations

from collections.abc import Mapping

from bench import budgets, burn_pages
from bench.gateway import HOLDS, PAGES, RELEASE, SETTLE

MS: Mapping[str, float] = {
    "small page": 2.0,
    "page": 4.0,
    "page, beaten once": 6.0,
    "small settlement": 2.0,
    "settlement": 4.0,
    "lease": 1.5,
}


def test_work_is_a_straight_line_at_a_functions_share() -> None:
    """2 ms of 100 records and 4 ms of 500 are 1.5 ms and 0.005 ms each; 512 MB of 1 769 have 0.2894 of a processor:
    4 ms take 13.8. Beaten once is half as much again."""
    found = burn_pages.work(MS)
    assert round(found[PAGES].first(500) * 1000, 1) == 13.8
    assert round(found[PAGES].first(0) * 1000, 2) == 5.18
    assert round(found[SETTLE].further(500) * 1000, 1) == 6.9
    assert found[HOLDS] == found[RELEASE]


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
