"""What a forecast reads: once, whatever comes; and what it does where that is too much for its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.errors import CatchingUp
from scrip.services.engine.executor import Executor, Moment
from scrip.services.usage import forecasts
from scrip.store import items
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.domain.memory import vault
from tests.services.usage.test_rollups import NOW, burned, put


def test_where_the_time_is_up_what_was_read_is_kept_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2 500 burns, a thousand at a time: the third request has them all."""
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    entries = [burned(seq) for seq in range(1, 2501)]
    put(tables, entries)
    wallet = vault("10").wallet
    stored = replace(wallet, version=2500, at=NOW, recorded_at=NOW)
    tables.client.put_item(TableName="wallets", Item=items.wallet_item(stored))
    executor = Executor(tables, lambda _: None, now=lambda: NOW, in_time=lambda: False)
    for _ in range(2):
        with pytest.raises(CatchingUp):
            forecasts.forecast(executor, "acme", "credits", Moment(NOW))
    found, _ = forecasts.forecast(executor, "acme", "credits", Moment(NOW))
    assert found.used == 2500
