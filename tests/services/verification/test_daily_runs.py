"""Runs of a daily pass: each tells what it found itself, and saves every half minute; the next pass is due in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from itertools import chain, count, islice, repeat
from typing import Any, Final

import pytest

from scrip.services.verification import daily
from scrip.services.verification.daily import PASS_MS, DailyRun, RunResult
from scrip.store import documents, keys, ledger, scan
from tests.services.verification.scanned import Surveyed, of_part

DAY: Final = 1_794_295_800_000
Told = list[tuple[Sequence[Mapping[str, Any]], int]]


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    monkeypatch.setattr(daily, "WORKERS", 1)


def night(tables: Surveyed, now: int, asked: int | None = None, share: int = 0, shares: int = 1) -> RunResult:
    """One run, which has time for so many looks at it; None: for all."""
    left = repeat(True) if asked is None else chain([True] * asked, repeat(False))
    return DailyRun(tables.tables, share, shares, now, lambda: now).go(lambda: next(left))


def test_each_run_tells_what_it_found_itself_and_all_together_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five are found: two keys of none, a payment that cannot be read, two wallets without their items. Two of those
    that are sound have more entries than one, and are left out: 1 + 2 + 2 are verified."""
    monkeypatch.setattr(daily, "LARGEST", 1)
    tables, told = Surveyed(), Told()
    whole = Surveyed().run(largest=1)
    runs = list[RunResult]()
    for number in range(40):
        left = chain([True] * (3 + number % 3), repeat(False))
        run = DailyRun(tables.tables, 0, 1, DAY + number, lambda: DAY, lambda *one: told.append(one))
        runs.append(run.go(lambda left=left: next(left)))  # type: ignore[misc]
        if runs[-1].done:
            break
    assert len(runs) > 3
    assert [one.done for one in runs] == [False] * (len(runs) - 1) + [True]
    assert not any(one.idle for one in runs)
    assert sum(one.found for one in runs) == whole.total("found") == 5
    assert [finding for one in runs for finding in one.findings] == whole.listed("findings")
    assert [name for one in runs for name in one.left] == whole.listed("left_names")
    assert len(whole.listed("left_names")) == 2
    assert [finding for findings, _ in told for finding in findings] == whole.listed("findings")
    assert {begun for _, begun in told} == {DAY}, "the pass began with its first run"
    assert all(findings for findings, _ in told), "of nothing nothing is told"
    assert (runs[-1].wallets, runs[-1].entries) == (5, 5)
    assert astuple(night(tables, DAY + 50)) == (5, 5, 0, (), (), True, True)


def test_of_each_part_ten_findings_are_named_and_all_counted() -> None:
    tables = Surveyed()
    for name in islice(of_part(f"{keys.WALLETS}{{}}"), 2, 10):
        key = {"pk": {"S": f"{keys.WALLETS}{name}"}, "sk": {"S": "wallet"}}
        tables.dynamo.put_item(TableName="wallets", Item=key)
    result = night(tables, DAY)
    assert (result.found, len(result.findings), result.done) == (13, 10, True)


@pytest.mark.parametrize(
    ("later", "shares", "idle"),
    [(PASS_MS - 1, 1, True), (PASS_MS, 1, False), (1, 2, False)],
    ids=["too early", "after twenty hours", "of other shares"],
)
def test_the_next_pass_begins_twenty_hours_after_the_last_one_did(
    later: int, shares: int, idle: bool
) -> None:
    assert PASS_MS == 72_000_000
    tables = Surveyed()
    assert not night(tables, DAY).idle
    assert night(tables, DAY + later, shares=shares).idle is idle
    body = documents.get(tables.tables, keys.verification(0)).body
    assert (body["begun_at"], body["shares"]) == (DAY if idle else DAY + later, shares)


def test_a_pass_that_is_not_done_is_gone_on_with_however_late_it_is() -> None:
    tables = Surveyed()
    assert not night(tables, DAY, asked=3).done
    assert night(tables, DAY + 9 * PASS_MS).done
    assert documents.get(tables.tables, keys.verification(0)).body["begun_at"] == DAY


@pytest.mark.parametrize(("waited", "saves"), [(29_999, 1), (30_000, 2)])
def test_it_is_saved_half_a_minute_after_the_last_time(waited: int, saves: int) -> None:
    """The clock stands still but for one step after it began: it is saved by then, or not, and at the end."""
    tables, looks = Surveyed(), chain([DAY], repeat(DAY + waited))
    assert DailyRun(tables.tables, 0, 1, DAY, lambda: next(looks)).go(lambda: True).done
    assert documents.get(tables.tables, keys.verification(0)).rev == saves


def test_each_finding_is_told_once_though_each_page_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding each in two parts, and two in a third: pages of one item, and half a minute between two of them."""
    monkeypatch.setattr(scan, "PAGE", 1)
    tables, told, clock = Surveyed(), Told(), count(DAY, 30_000)
    tables.dynamo.tables["wallets"].partitions.clear()
    tables.dynamo.tables["ledger"].partitions.clear()
    names = [
        next(islice(of_part(f"{keys.WALLETS}{{}}", part), n, None))
        for part, n in ((0, 0), (2, 0), (3, 0), (3, 1))
    ]
    for name in names:
        key = {"pk": {"S": f"{keys.WALLETS}{name}"}, "sk": {"S": "wallet"}}
        tables.dynamo.put_item(TableName="wallets", Item=key)
    DailyRun(tables.tables, 0, 1, DAY, lambda: next(clock), lambda *one: told.append(one)).go(lambda: True)
    assert [[one["account"] for one in findings] for findings, _ in told] == [
        [f"{keys.WALLETS}{name}"] for name in names
    ]
