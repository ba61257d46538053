"""Rows that a burn writes, and what a million burns come to: bounds that can be missed."""

from __future__ import annotations

import pytest

from bench import budgets, row_sizes
from bench.dollars import Measured, idle, parts
from bench.meter import Bill
from scrip.domain.credits.entries import Entry


@pytest.mark.parametrize("row", row_sizes.rows(), ids=lambda row: row["row"])
def test_what_a_burn_writes_is_under_one_kilobyte(row: dict[str, int]) -> None:
    """With a key and a reference of 36 characters, a meter with two dimensions, metadata and three draws, too."""
    assert 200 < row["bytes"] < budgets.ROW_BYTES


def test_a_row_says_what_the_timeline_adds_to_it() -> None:
    made = row_sizes.burned(3, 1).entries[-1]
    assert isinstance(made, Entry)
    assert row_sizes.timeline_bytes(made) == 125


def test_a_million_burns_come_to_the_sum_of_their_parts() -> None:
    """5 units $3.125; one request at the gateway 1.00, at Lambda 0.20; 10 ms and 2.9 ms of work at 0.289 of a
    processor, 20 ms, of half a GB 0.133; 1 000 bytes out 0.09; 270 + 330 bytes of lines 0.318; 900 bytes kept for a
    year 2.70 and 2.16."""
    bill = Bill(calls=["TransactWriteItems"], write_units=5, log_bytes=270)
    found = parts(Measured(bill, cpu_ms=2.9, answer_bytes=1000, stored_bytes=900))
    assert found["write units"] == 3.125
    assert found["Lambda time"] == 0.133
    assert found["egress"] == 0.09
    assert found["logs"] == 0.318
    assert found["authorizer"] == 0.016
    assert (found["storage, a year"], found["PITR, a year"]) == (2.7, 2.16)
    assert found["at once"] == 4.88
    assert found["together"] == 9.74


def test_what_is_too_dear_is_told() -> None:
    row = {"operation": "burn, warm", "calls": ["T"], "write_units": 5, "log_bytes": 1, "cpu_to_floor": 1}
    names = [f"burn, {name}" for name in ("warm", "replayed", "cold", "refused", "contended once")]
    names += ["burn of 2 items, warm", "burn, limited key", "burn, limited key, takes a block"]
    names += ["burn of tiers over a month, warm", "burn of 2 items at own prices, warm"]
    names += ["burn in 1 budget, warm", "burn in 8 budgets, warm"]
    rows = [{**row, "operation": name} for name in names]
    for at_once, together, missed in ((5.2, 10.0, 0), (5.21, 10.0, 1), (5.21, 10.01, 2)):
        dollars = [{"operation": "burn, warm", "at once": at_once, "together": together}]
        judged = budgets.judged({"operations": {"rows": rows, "dollars": dollars}})
        assert sum(not one.met for one in judged) == missed
    for name, calls, units, missed in (
        ("burn, limited key", 1, 5, 0),
        ("burn, limited key", 2, 6, 2),
        ("burn, limited key, takes a block", 2, 6, 0),
        ("burn, limited key, takes a block", 3, 7, 2),
    ):
        dear = {"operation": name, "calls": ["T"] * calls, "write_units": units}
        judged = budgets.judged(
            {"operations": {"rows": [{**one, **dear} if one["operation"] == name else one for one in rows]}}
        )
        assert sum(not one.met for one in judged) == missed
    lists = [
        {"list": "2000 lots in pages of 100", "read_units": 141, "calls": 60},
        {"list": "a filtered page of 10000 entries, last", "read_units": 41, "calls": 4},
        {"list": "explain, page 1 of 2500 entries", "read_units": 1101, "calls": 9},
    ]
    assert [one.met for one in budgets.judged({"lists": {"rows": lists}})] == [False] * 4
    hot = {"rows": [{"who": "redemptions of one code", "burns_a_second": 249, "exact": True}]}
    judged = budgets.judged({"hot": {**hot, "batches_to_singles": {}}})
    assert [one.met for one in judged] == [False, True]


def test_an_idle_month_costs_what_the_template_declares() -> None:
    """Alarms, secrets, a key, metrics and the sweep: what docs/operating.md says."""
    found = idle()
    dollars = found["dollars"]
    assert dollars["alarms"] == round(found["alarms"] * 0.10, 2)
    assert dollars["secrets"] == round(found["secrets"] * 0.40, 2)
    assert 8 < found["together"] < 18
