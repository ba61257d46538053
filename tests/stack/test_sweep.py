"""The sweep on the real tables: a night's worth of wallets, once each; and the real schedule."""

from __future__ import annotations

import time

import pytest

from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from scrip.store import items, keys
from scrip.store.tables import Item
from tests.stack.conftest import App

WALLETS = 400


def due_wallets(executor: Executor, prefix: str, count: int, expires_at: int) -> None:
    """Wallets with 100 credits, 40 of which expire at ``expires_at``."""
    wallets, rows = [], []
    for number in range(count):
        draft = Draft(Snapshot(Wallet(f"{prefix}-{number}", "credits", "priority_expiry_cost")))
        for amount, expiry in ((60, None), (40, expires_at)):
            order = grants.Grant(amount=amount * 10**6, kind="promotional", expires_at=expiry)
            cause = Cause(key_entry_id(draft.wallet.account, "credits", f"grant-{amount}"), "bulk", "test")
            grants.grant(draft, order, Policy(), expires_at - 1000, cause)
        decision = draft.decision()
        wallets.append(items.wallet_item(decision.wallet))
        rows += [items.entry_item(entry) for entry in decision.entries]
    _write(executor, wallets, rows)


def _write(executor: Executor, wallets: list[Item], rows: list[Item]) -> None:
    for table, written in ((executor.tables.wallets, wallets), (executor.tables.ledger, rows)):
        for start in range(0, len(written), 25):
            executor.tables.client.batch_write_item(
                RequestItems={table: [{"PutRequest": {"Item": row}} for row in written[start : start + 25]]}
            )


def test_a_night_of_due_wallets_is_booked_once_and_a_second_sweep_finds_nothing(
    stack: App, executor: Executor, account: str
) -> None:
    """Law 5: an event whose ``time`` is in the past is the sweep's now; four slices see to all shards."""
    expired = int(time.time() * 1000) - 5000
    due_wallets(executor, account, WALLETS, expired)
    swept = [stack.sweep(shards=[first, first + 15]) for first in (0, 16, 32, 48)]
    # The schedule may have been faster with some of them.
    assert sum(one["wallets"] for one in swept) <= WALLETS
    assert all(one["done"] and not one["failed"] for one in swept)

    def all_booked() -> bool:
        return all(stack.balance(f"{account}-{number}")["version"] == 3 for number in range(0, WALLETS, 37))

    stack.eventually(all_booked)
    again = stack.sweep()
    assert (again["wallets"], again["entries"]) == (0, 0)
    for number in (0, 211, WALLETS - 1):
        name = f"{account}-{number}"
        assert [(entry["kind"], entry["amount"]) for entry in stack.entries(name)] == [
            ("expiry", "-40"),
            ("grant", "40"),
            ("grant", "60"),
        ]
        assert stack.verify(name)["findings"] == []


def test_lots_that_were_burned_before_they_expired_leave_nothing_for_the_sweep(
    stack: App, executor: Executor, account: str
) -> None:
    """60 lots of 1, in the window and in pages, all burned: the bounds they left behind are put right once."""
    draft = Draft(Snapshot(Wallet(account, "credits", "priority_expiry_cost")))
    expired = int(time.time() * 1000) - 5000
    for number in range(60):
        order = grants.Grant(amount=10**6, kind="promotional", expires_at=expired)
        cause = Cause(key_entry_id(account, "credits", f"grant-{number}"), "bulk", "test")
        grants.grant(draft, order, Policy(), expired - 60_000, cause)
    decision = draft.decision()
    pk = keys.wallet(account, "credits")
    beside = [items.page_item(pk, page) for page in decision.pages.values() if page]
    beside += [items.due_item(pk, due) for due in decision.dues.values() if due]
    wallets = [items.wallet_item(decision.wallet), *beside]
    _write(executor, wallets, [items.entry_item(entry) for entry in decision.entries])
    before = WalletRequest(account, "credits", "all", "test", Moment(expired - 30_000, pinned=True))
    execute(executor, BurnCredits("60"), before)
    stack.sweep()
    assert stack.sweep()["wallets"] == 0
    assert stack.balance(account)["version"] == 61


@pytest.mark.long
def test_the_real_schedule_wakes_the_sweep(stack: App, account: str) -> None:
    """Nobody calls the function here: the rule does, every minute."""
    stack.grant(account, "20", expires_in="PT1S")
    stack.eventually(lambda: stack.entries(account)[0]["kind"] == "expiry", seconds=100)
    assert stack.balance(account)["version"] == 2
