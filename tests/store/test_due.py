"""The index of what is due: wallets oldest first and in pages, and how a wallet's place in it is moved (law 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.wallets.wallet import Wallet
from scrip.store import due, items, keys
from scrip.store.tables import Tables

SHARD = 7
NAMES = [
    name
    for name in (f"acme-{number}" for number in range(2000))
    if keys.shard(keys.wallet(name, "credits")) == keys.shard_name(SHARD)
][:7]
"""Accounts whose wallets are all in one partition of the index."""


def wallet(account: str, sweep_at: int | None, version: int = 1) -> Wallet:
    return Wallet(account, "credits", "priority_expiry_cost", version=version, sweep_at=sweep_at)


def put(tables: Tables, made: Wallet) -> None:
    tables.client.put_item(TableName="wallets", Item=items.wallet_item(made))


def listed(tables: Tables, now: int, shard: int = SHARD) -> list[str]:
    return [account for page in due.wallets(tables, shard, now) for account, _ in page]


@pytest.fixture
def seven(tables: Tables) -> list[str]:
    """Seven wallets, due at 10, 20 ... 70."""
    assert len(NAMES) == 7
    for number, name in enumerate(NAMES, 1):
        put(tables, wallet(name, 10 * number))
    return NAMES


@pytest.mark.parametrize(("now", "count"), [(9, 0), (10, 1), (49, 4), (70, 7), (10**15, 7)])
def test_wallets_are_listed_that_may_have_something_due_by_now(
    tables: Tables, seven: list[str], now: int, count: int
) -> None:
    assert listed(tables, now) == seven[:count]


def test_another_partition_lists_others(tables: Tables, seven: list[str]) -> None:
    assert listed(tables, 70, SHARD + 1) == []


def test_a_list_of_any_length_comes_in_pages(
    tables: Tables, seven: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "PAGE", 3)
    pages = [[account for account, _ in page] for page in due.wallets(tables, SHARD, 70)]
    assert pages == [seven[:3], seven[3:6], seven[6:]]


def test_a_page_may_begin_at_a_least_number_and_after_another_page(tables: Tables, seven: list[str]) -> None:
    def accounts(found: list[Any]) -> list[str]:
        return [keys.wallet_parts(item["pk"]["S"])[0] for item in found]

    first, end = due.listed(tables, keys.shard_name(SHARD), 20, 50, 2)
    assert accounts(first) == seven[1:3]
    second, end = due.listed(tables, keys.shard_name(SHARD), 20, 50, 2, end)
    assert accounts(second) == seven[3:5]
    third, end = due.listed(tables, keys.shard_name(SHARD), 20, 50, 2, end) if end else ([], None)
    assert (third, end) == ([], None)


def test_no_page_is_empty(tables: Tables, seven: list[str]) -> None:
    assert list(due.wallets(tables, SHARD, 9)) == []


def test_a_wallet_that_nothing_is_due_in_is_not_listed(tables: Tables) -> None:
    put(tables, wallet(NAMES[0], None))
    assert listed(tables, 10**15) == []


def test_a_wallets_place_is_moved_and_nothing_else_of_it(tables: Tables, seven: list[str]) -> None:
    made = wallet(seven[0], 10)
    due.postpone(tables, made, 65)
    assert listed(tables, 70) == [*seven[1:6], seven[0], seven[6]]
    item = tables.get("wallets", keys.wallet(seven[0], "credits"), keys.WALLET)
    assert item
    assert items.read_wallet(item) == made.sweep(65)


def test_a_wallet_is_taken_out_of_the_index(tables: Tables, seven: list[str]) -> None:
    due.postpone(tables, wallet(seven[0], 10), None)
    assert listed(tables, 70) == seven[1:]


def test_a_wallet_that_was_written_meanwhile_keeps_the_place_that_this_gave_it(
    tables: Tables, seven: list[str]
) -> None:
    """Its new version may have something due earlier: a late bound would break law 5."""
    seen = wallet(seven[0], 10)
    put(tables, replace(seen, version=2, sweep_at=15))
    due.postpone(tables, seen, 65)
    assert listed(tables, 15) == [seven[0]]


def test_no_wallet_is_made_by_moving_its_place(tables: Tables) -> None:
    due.postpone(tables, wallet("nobody", 10), 65)
    assert tables.get("wallets", keys.wallet("nobody", "credits"), keys.WALLET) is None
