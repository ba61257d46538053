"""A short run of ``make load`` on the shared stack, with all its checks but the growth of memory."""

from __future__ import annotations

from bench.load.running import Load, run
from tests.stack.conftest import App

SECONDS = 15
CLIENTS = 4
ACCOUNTS = 20


def test_fifteen_seconds_of_everything_at_once_end_with_every_answer_in_the_ledger(stack: App) -> None:
    """Laws 1 to 4, 8 and 9, and no 5xx but 503 with Retry-After; every burn that was acknowledged is there, once."""
    outcome = run(stack.stack, Load(SECONDS, CLIENTS, seed=1, accounts=ACCOUNTS), memory=False)
    assert outcome.findings == []
    burns = sum(told.kind == "burn" for told in outcome.books.told.values())
    assert burns == outcome.ledger.acknowledged
    assert {"burn", "grant", "hold", "capture", "transfer_in", "reversal"} <= set(outcome.ledger.kinds)
    assert outcome.books.purchases
