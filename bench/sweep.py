"""The sweep: many lots due at once, found by the index and booked wallet by wallet; beside a transaction for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from bench.meter import billed
from bench.stage import CREDIT, Stage, empty, put_all, wallet_rows
from scrip import runtime
from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine import walks
from scrip.services.engine.executor import Moment
from scrip.services.wallets import sweep
from scrip.store import keys

WALLETS: Final = 1_000
WALLETS_FULL: Final = 10_000
LOTS: Final = 10
"""Lots of each wallet, all due."""
MINUTE_MS: Final = 60_000


def plant(stage: Stage, wallets: int) -> list[str]:
    """Wallets whose lots are all due by now, as their grants left them: one decision of the domain's own, under each
    account's name. The grants' rows are left out, since a sweep reads none."""
    then = runtime.now() - 2 * MINUTE_MS
    draft = Draft(Snapshot(empty("pattern")))
    for number in range(LOTS):
        order = grants.Grant(amount=CREDIT, kind="promotional", expires_at=then + MINUTE_MS + number)
        cause = Cause(key_entry_id("pattern", "credits", f"g-{number}"), "bulk", "bench")
        grants.grant(draft, order, Policy(), then, cause)
    pattern = draft.decision()
    accounts = [stage.name("due") for _ in range(wallets)]
    rows = [
        row
        for account in accounts
        for row in wallet_rows(replace(pattern, wallet=replace(pattern.wallet, account=account)))
    ]
    put_all(stage.tables, stage.tables.wallets, rows)
    return accounts


def run(stage: Stage, *, full: bool = False) -> dict[str, Any]:
    return booked(stage, plant(stage, WALLETS_FULL if full else WALLETS))


def booked(stage: Stage, accounts: Sequence[str]) -> dict[str, Any]:
    """Sweeps all shards once. ``accounts``: those whose lots are due."""
    shards: dict[str, int] = {}
    for account in accounts:
        shard = keys.shard(keys.wallet(account, "credits"))
        shards[shard] = shards.get(shard, 0) + 1
    failed: list[str] = []
    executor = stage.executor()
    with billed(stage.tables.client) as bill:
        began, worked = time.perf_counter(), time.process_time()
        swept = sweep.sweep(
            executor,
            range(walks.SHARDS),
            Moment(runtime.now()),
            lambda: True,
            lambda wallet, error: failed.append(f"{wallet.account}: {error}"),
        )
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
    lots = len(accounts) * LOTS
    booked = bill.calls.count("TransactWriteItems")
    return {
        "wallets": len(accounts),
        "lots": lots,
        "entries": swept.entries,
        "failed": len(failed),
        "seconds": round(seconds, 1),
        "lots_a_second": round(lots / seconds),
        "cpu_ms_a_lot": round(worked * 1000 / lots, 3),
        "calls": {name: bill.calls.count(name) for name in sorted(set(bill.calls))},
        "calls_a_lot": round(len(bill.calls) / lots, 3),
        "transactions_to_one_a_lot": round(booked / lots, 3),
        "write_units_a_lot": round(bill.billed_write_units / lots, 2),
        "shards": {
            "number": len(shards),
            "smallest": min(shards.values()),
            "largest": max(shards.values()),
            "mean": round(len(accounts) / walks.SHARDS, 1),
        },
    }
