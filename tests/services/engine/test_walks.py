"""Walks give each wallet that may have something due to one worker, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from scrip import runtime
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine import walks
from tests.aws import NEW_YEAR, Deployment
from tests.noticing import moment
from tests.sweeps import shard

pytestmark = pytest.mark.usefixtures("one_shard_at_a_time", "in_memory")
NOON = "2030-01-01T12:00:00.000Z"


def test_each_wallet_is_given_to_one_worker_once(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "WORKERS", 4)
    names = [f"{account}-{number}" for number in range(9)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "1", clock=NEW_YEAR, expires_at="2030-01-01T12:00:00.001Z")
    now = moment(NOON).at
    found = walks.walk(
        runtime.executor(), range(walks.SHARDS), now, lambda mine: [wallet.account for wallet in mine]
    )
    assert len(found) == 4
    assert Counter(name for some in found for name in some) == Counter(names)


def test_what_a_worker_leaves_is_still_in_the_index(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "WORKERS", 1)
    scrip.grant(account, "1", clock=NEW_YEAR, expires_at=NOON)

    def some(mine: Iterator[Wallet]) -> str | None:
        found = next(mine, None)
        return found.account if found else None

    for _ in range(2):
        assert walks.walk(runtime.executor(), [shard(account)], moment(NOON).at, some) == [account]
