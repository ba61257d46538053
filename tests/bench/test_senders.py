"""The model of one wallet at any rate: exact, and as fast as its parts let it be."""

from __future__ import annotations

from typing import Any, Final, cast

import pytest

from bench import senders
from bench.gateway import HOLDS, PAGES, RELEASE, SETTLE, Work
from bench.stage import Stage

PAGE_WORK: Final = Work(base=0.0052, record=0.0000173, again=0.5)
"""13.8 ms of 500 records."""
WORK: Final = {PAGES: PAGE_WORK, SETTLE: PAGE_WORK, HOLDS: Work(0.005), RELEASE: Work(0.005)}


@pytest.fixture
def stage() -> Stage:
    """Functions alone: the model's tables are the simulator's."""
    return Stage(cast(Any, None))


def test_one_sender_is_as_fast_as_a_page_takes(stage: Stage) -> None:
    """13.8 ms of work and a transaction of three items, 10.5 ms by a third more or less: 500 in some 24.3 ms are 20 600
    a second, less the sender's own pauses."""
    row = senders.one_sender(stage, WORK, 0.5, None)
    assert row["exact"]
    assert 14_000 < row["burns_a_second"] <= 22_000
    assert row["records_a_request"] > 400
    assert 0.04 < row["units_a_burn"] < 0.1


def test_a_function_that_is_slower_serves_fewer(stage: Stage) -> None:
    """100 ms of work: 500 in some 110 ms are 4 500 a second; of 10 000 that come, the last wait for seconds."""
    slow = dict.fromkeys((PAGES, SETTLE, HOLDS, RELEASE), Work(0.1))
    row = senders.one_sender(stage, slow, 0.5, 10_000)
    assert row["exact"]
    assert row["burns_a_second"] < 5_000
    assert row["p99_ms"] > 100


def test_holders_burn_what_comes_and_none_is_starved(stage: Stage) -> None:
    row = senders.holders_of_leases(stage, WORK, 1.0, 4, 2_000)
    assert row["exact"]
    assert 1_800 < row["burns_a_second"] < 2_200
    assert row["least_to_mean"] > 0.7
