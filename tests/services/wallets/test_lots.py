"""What a list of lots reads: each page of it what is in it, wherever it lies (laws 1 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from bench.meter import item_size
from bench.stage import wallet_rows, with_lots
from scrip.domain.credits.errors import Contended
from scrip.domain.wallets.lot_lists import BEGINNING, LotPlace
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import lots as listing
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.store.stored import hearing

NOW = 1_900_000_000_000


@pytest.fixture
def executor() -> Executor:
    return Executor(Tables(InMemory(), "wallets", "ledger"))  # type: ignore[arg-type]


def plant(executor: Executor, count: int) -> None:
    """A wallet with so many open lots, as their grants leave it."""
    for row in wallet_rows(with_lots("acme", count, NOW)):
        executor.tables.client.put_item(TableName="wallets", Item=row)


def page(executor: Executor, after: LotPlace, limit: int = 100) -> tuple[list[int], LotPlace | None, float]:
    """A page's lots, the next place, and the read units that it took: one for each 4 KB of a consistent read."""
    units = 0.0

    def note(parsed: Any, **_: Any) -> None:
        nonlocal units
        for items in parsed.get("Responses", {}).values():
            units += sum(-(-item_size(item) // 4096) for item in items)
        read = parsed.get("Items", [parsed["Item"]] if "Item" in parsed else [])
        units += max(1, -(-sum(map(item_size, read)) // 4096)) if "Responses" not in parsed else 0

    with hearing(executor.tables, "after-call.dynamodb", note):
        found, following, _ = listing.lots(
            executor, "acme", "credits", Moment(NOW), listing.LotQuery(False, after, limit)
        )
    return [one.lot.seq for one in found], following, units


def whole(executor: Executor, limit: int = 100) -> tuple[list[int], list[float]]:
    """A whole list, and what each of its pages took."""
    found: list[int] = []
    taken: list[float] = []
    after: LotPlace | None = BEGINNING
    while after is not None:
        seqs, after, units = page(executor, after, limit)
        found += seqs
        taken.append(units)
    return found, taken


def test_2_000_lots_in_pages_of_100_are_read_about_once(executor: Executor) -> None:
    """2 000 lots are 100 KB, 25 read units. Each of twenty pages adds the wallet, twice, and the page it begins in:
    six units or so, the last no more than the second. It was 441 when each page read all of them."""
    plant(executor, 2000)
    page(executor, BEGINNING)  # the unit is remembered from now on
    found, taken = whole(executor)
    assert found == list(range(1, 2001))
    assert len(taken) == 20
    assert sum(taken) <= 140
    assert max(taken) <= 8


def test_a_page_costs_the_same_of_a_wallet_ten_times_as_large(executor: Executor) -> None:
    plant(executor, 20_000)
    after: LotPlace | None = BEGINNING
    page(executor, BEGINNING)
    taken = []
    for _ in range(12):
        assert after
        _, after, units = page(executor, after, 1000)
        taken.append(units)
    assert max(taken) <= 30, "1 000 lots are 50 KB"


def test_a_wallet_that_is_written_while_it_is_read_is_read_again(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1: a page never shows lots of two versions."""
    plant(executor, 100)
    seen = []

    def written_since(snapshot: Any, unit: Any) -> Any:
        seen.append(snapshot.wallet.version)
        return executor._read("acme", unit) if len(seen) < 3 else None

    monkeypatch.setattr(executor, "written_since", written_since)
    assert len(page(executor, BEGINNING)[0]) == 100
    assert len(seen) == 3
    monkeypatch.setattr(executor, "written_since", lambda _snapshot, unit: executor._read("acme", unit))
    with pytest.raises(Contended):
        page(executor, BEGINNING)
