"""The benchmark's budgets that can be counted, and the one that is a ratio of processor times: through the functions'
own handlers, against the local AWS. Cold starts are in tests/template/test_cold_start.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import budgets, hot, operations, sizes, sweep
from bench.meter import Bill
from bench.stage import Stage, environment
from scrip import runtime
from tests.stack.conftest import App


@pytest.fixture
def stage(stack: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name, value in environment(stack.stack).items():
        monkeypatch.setenv(name, value)
    caches = (
        runtime.client,
        runtime.tables,
        runtime.executor,
        runtime.settings,
        runtime.api_keys,
        runtime.rate_limits,
    )
    for cached in caches:
        cached.cache_clear()
    yield Stage(stack.stack)
    for cached in caches:
        cached.cache_clear()


def test_a_burn_is_one_call_and_five_units_warm_and_replayed_and_two_calls_cold_refused_or_beaten(
    stage: Stage,
) -> None:
    """Four units on the tables and one on the index; a replay's cancelled transaction costs the four. A key limited
    to 1 000 a second costs a call and a unit more once in 100 burns, and nothing in between. A line of at most 310
    bytes is all that a burn logs; one that is refused has its code beside it."""
    bills = operations.bills(operations.Operations(stage))

    def calls(name: str) -> list[str]:
        return bills[name].calls

    assert calls("burn, warm") == calls("burn, replayed") == ["TransactWriteItems"]
    assert [bills[name].billed_write_units for name in ("burn, warm", "burn, replayed")] == [5, 4]
    assert calls("burn, cold") == ["BatchGetItem", "TransactWriteItems"]
    assert calls("burn, refused") == ["GetItem", "GetItem"]
    assert calls("burn, contended once") == ["TransactWriteItems", "TransactWriteItems"]
    assert calls("burn, limited key") == ["TransactWriteItems"]
    priced = [bills[f"burn of {name}, warm"] for name in ("tiers over a month", "2 items at own prices")]
    assert [bill.calls for bill in priced] == [["TransactWriteItems"]] * 2
    assert [bill.billed_write_units for bill in priced] == [budgets.MONTHLY_UNITS, budgets.WARM_UNITS]
    budgeted = [bills[f"burn in {name}, warm"] for name in ("1 budget", "8 budgets")]
    assert [bill.calls for bill in budgeted] == [["TransactWriteItems"]] * 2
    assert [bill.billed_write_units for bill in budgeted] == [budgets.BUDGETED_UNITS, budgets.BUDGETS_UNITS]
    assert calls("burn, limited key, takes a block") == ["UpdateItem", "TransactWriteItems"]
    limited = [bills[f"burn, limited key{more}"].billed_write_units for more in ("", ", takes a block")]
    assert limited == [5, 6]
    refused = bills.pop("burn, refused").log_bytes
    assert all(
        0 < bill.log_bytes <= budgets.LOG_BYTES for name, bill in bills.items() if name.startswith("burn")
    )
    assert refused <= budgets.LOG_BYTES + len('"code":"insufficient_credits",')
    assert 800 < bills["burn, warm"].bytes_written < 1000


def test_ten_thousand_lots_a_million_entries_and_a_thousand_holds_cost_a_burn_nothing(stage: Stage) -> None:
    """Still one call and five units, replayed too, of a wallet item of at most 1 KB."""
    rows = sizes.run(stage, rounds=1)["rows"]
    assert [(row["what"], row["count"]) for row in rows] == [
        *[("lots", count) for count in (1, 16, 100, 10_000)],
        *[("entries", count) for count in (1, 1_000_000)],
        *[("open holds", count) for count in (1, 1000)],
    ]
    for row in rows:
        assert (row["calls"], row["write_units"]) == (["TransactWriteItems"], 5), row
        assert row["replay_calls"] == ["TransactWriteItems"], row
        assert 200 < row["wallet_bytes"] <= 1024, row


def test_a_warm_burn_takes_at_most_1_4_times_the_processor_time_of_a_hand_built_transaction(
    stage: Stage,
) -> None:
    """Median of the ratios of rounds in turns; measured 1.1. The usual way takes over twice the floor. Another process
    on the same core may disturb one measurement, and hardly three."""
    for _ in range(3):
        rows = {row["operation"]: row for row in operations.run(stage, rounds=7, calls=16)["rows"]}
        if rows["burn, warm"]["cpu_to_floor"] <= 1.4:
            break
    assert rows["burn, warm"]["cpu_to_floor"] <= 1.4
    assert rows["the usual way"]["cpu_to_floor"] > 2
    assert rows["the usual way"]["calls"] == ["PutItem", "GetItem", "TransactWriteItems", "UpdateItem"]


def test_batches_burn_five_times_as_much_as_singles_of_one_wallet_and_both_to_the_step(stage: Stage) -> None:
    """With latency, conflicts and 1 000 units a second and partition: the ledger's takes 90 burns as 180 of them."""
    singles, batches = (hot.race(stage, kind, 2, 1.5)[0] for kind in ("singles", "batches"))
    assert singles.exact
    assert batches.exact
    assert singles.table.conflicts + singles.table.lost > 0
    assert batches.table.throttled > 0
    assert batches.burned / batches.seconds >= 5 * singles.burned / singles.seconds
    assert batches.burned / batches.seconds < 1000 / 182 * 90 * 1.5


def test_the_sweep_books_ten_lots_of_a_wallet_in_one_transaction(stage: Stage) -> None:
    """Of 20 wallets; the stack's own schedule may be faster with some. Other tests' wallets may be due too."""
    accounts = sweep.plant(stage, 20)
    found = sweep.booked(stage, accounts)
    assert (found["wallets"], found["lots"], found["failed"]) == (20, 200, 0)
    assert found["calls"]["TransactWriteItems"] < 200
    for account in accounts:
        wallet = stage.executor().context(account, "credits", fresh=True).snapshot.wallet
        assert (wallet.version, wallet.totals.available) == (20, 0)


def test_a_budget_that_is_missed_is_told() -> None:
    """1.41 times the floor is too much, 1.4 is not; five times as many batches are enough, 4.9 are not."""
    row = {"calls": ["TransactWriteItems"], "write_units": 5, "log_bytes": 300, "cpu_to_floor": 1.41}
    names = [f"burn, {name}" for name in ("warm", "replayed", "cold", "refused", "contended once")]
    names += ["burn of 2 items, warm", "burn, limited key", "burn, limited key, takes a block"]
    names += ["burn of tiers over a month, warm", "burn of 2 items at own prices, warm"]
    names += ["burn in 1 budget, warm", "burn in 8 budgets, warm"]
    rows = [{"operation": name, **row} for name in names]
    hot_rows = {"rows": [{"exact": True}], "batches_to_singles": {"1": 4.9, "8": 5.0}}
    missed = [
        one.name for one in budgets.judged({"operations": {"rows": rows}, "hot": hot_rows}) if not one.met
    ]
    assert missed == ["burn, warm: processor time to the floor", "batches to singles of one wallet, 1 writer"]
    rows[0]["cpu_to_floor"] = 1.4
    assert all(one.met for one in budgets.judged({"operations": {"rows": rows}}))


def test_a_million_burns_cost_what_their_units_requests_time_and_lines_cost() -> None:
    """5 units $3.125, the HTTP API $1, Lambda's request $0.20 and 10 ms of half a GB $0.067, 200 bytes $0.10."""
    bill = Bill(calls=["TransactWriteItems"], write_units=5, log_bytes=200)
    assert round(bill.dollars_per_million(), 3) == 4.492
