"""What notices ask of the tables and the bus: so many calls for each wallet, however many there are; and nothing of a
grant or a burn (docs/notices.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.events.lots import LotExpiring
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.audit.changes import Author
from scrip.services.catalogue import units
from scrip.services.engine import walks
from scrip.services.engine.executor import Executor, Moment
from scrip.services.notifications import notices
from scrip.store import items
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.noticing import failed

DAY = 86_400_000
NOW = 1_900_000_000_000
END = NOW + 7 * DAY
"""When all lots end: the notice of the week before is due now."""


class Counting(InMemory):
    """Tables in memory that count what they are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Counter[str] = Counter()

    def _call(self, name: str, **request: object) -> object:
        self.made[name] += 1
        return super()._call(name, **request)


def stocked(count: int) -> tuple[Executor, Counting]:
    """So many wallets with a lot that ends in a week, and an executor over them."""
    client = Counting()
    tables = Tables(client, "wallets", "ledger")  # type: ignore[arg-type]
    executor = Executor(tables, lambda _: None, now=lambda: NOW)
    policy = Policy(expiry_notices=("P7D", "P1D"))
    units.put_unit(executor, Unit("seats", 0, policy=policy), Moment(NOW), Author("key:ann", NOW))
    policy = executor.unit("seats").policy
    for number in range(count):
        draft = Draft(Snapshot(Wallet(f"a{number}", "seats", "priority_expiry_cost")))
        cause = Cause(key_entry_id(draft.wallet.account, "seats", "g"), "f", "test")
        order = grants.Grant(amount=5, kind="promotional", expires_at=END)
        grants.grant(draft, order, policy, NOW - 30 * DAY, cause)
        tables.client.put_item(TableName="wallets", Item=items.wallet_item(draft.decision().wallet))
    client.made.clear()
    return executor, client


def given(count: int) -> tuple[Counter[str], int]:
    """What it takes to give the notices of so many wallets: calls of the tables by name, and of the bus."""
    executor, client = stocked(count)
    told: list[str] = []
    batches = 0

    def tell(facts: Sequence[LotExpiring]) -> None:
        nonlocal batches
        batches += 1
        told.extend(fact.account for fact in facts)

    found = notices.sweep(executor, range(walks.SHARDS), Moment(NOW), tell, lambda: True, failed)
    assert (found.wallets, found.notices, found.done) == (count, count, True)
    assert sorted(told) == sorted(f"a{number}" for number in range(count))
    return client.made, batches


def test_each_wallet_takes_a_put_and_an_update_and_ten_share_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """500 wallets: 500 puts, 500 updates, 50 reads of what was given, and the walk itself."""
    monkeypatch.setattr(walks, "WORKERS", 1)
    made, batches = given(500)
    assert made["put_item"] == made["update_item"] == 500
    assert batches == 50
    # 64 queries of the index; a read of the wallets of each shard, and of what was given for each ten wallets; the unit
    # and its spans.
    assert made["query"] == 64
    assert made["batch_get_item"] + made["get_item"] <= 64 + 50 + 4
    assert sum(made.values()) + batches <= 2.6 * 500


@pytest.mark.long
def test_a_hundred_thousand_wallets_whose_lots_end_on_one_day_take_a_hundred_times_as_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walks, "WORKERS", 1)
    made, batches = given(100_000)
    assert made["put_item"] == made["update_item"] == 100_000
    assert batches == 10_000
    assert sum(made.values()) + batches <= 2.25 * 100_000
