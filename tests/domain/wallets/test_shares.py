"""Several items in one entry: each is paid from the lots that may pay for its meter, and all of them as one sum would
be where that is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import InsufficientCredits
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import pay
from scrip.domain.wallets.shares import ItemCost, Shares, pay_parts
from scrip.domain.wallets.wallet import Snapshot
from tests.domain.builders import steady, told
from tests.domain.memory import Vault


def wallet(lots: str) -> Draft:
    vault = Vault()
    vault.grant(lots)
    snapshot = Snapshot(vault.wallet)
    snapshot.sidecars["terms", "all"] = vault.sidecars.get(("terms", "all"))
    return Draft(snapshot)


def items(*costs: tuple[str | None, int]) -> list[ItemCost]:
    return [ItemCost(at, meter, steps) for at, (meter, steps) in enumerate(costs)]


def shown(paid: Shares) -> list[tuple[int, int, int]]:
    """Item, lot and steps of each draw."""
    return [(item, one.lot, one.amount) for item, one in zip(paid.items, paid.draws, strict=True)]


def test_items_are_paid_in_their_order_where_every_lot_may_pay() -> None:
    paid = pay_parts(wallet("4; 10 cost=30USD"), items(("a", 3), ("b", 5)), Policy())
    assert shown(paid) == [(0, 1, 3), (1, 1, 1), (1, 2, 4)]
    assert told(paid.draws) == "3 of 1, 1 of 1, 4 of 2 for 12USD"


@steady
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.sampled_from(["1", "0.5"]), st.booleans())
def test_items_take_what_one_sum_would(costs: list[int], share: str, first: bool) -> None:
    """Where no lot has a scope: the same lots, the same steps, the same money."""
    policy = Policy(promotional_share_max=share, stacking="promotional_first" if first else "free")
    lots = "7; 9 cost=100USD; 5; 30 cost=77USD"
    several = pay_parts(wallet(lots), items(*((None, one) for one in costs)), policy)
    together = pay(wallet(lots), sum(costs), policy)
    found: dict[int, tuple[int, int]] = {}
    for one in several.draws:
        steps, money = found.get(one.lot, (0, 0))
        found[one.lot] = (steps + one.amount, money + (one.value.amount if one.value else 0))
    assert found == {one.lot: (one.amount, one.value.amount if one.value else 0) for one in together.draws}


def test_the_item_with_the_fewest_credits_to_spare_is_paid_first() -> None:
    paid = pay_parts(wallet("5; 10 scope=a"), items(("a", 10), ("b", 5)), Policy())
    assert shown(paid) == [(1, 1, 5), (0, 2, 10)]


def test_what_lacks_is_of_all_items() -> None:
    with pytest.raises(InsufficientCredits) as refused:
        pay_parts(wallet("5; 10 scope=a; 9 scope=c"), items(("a", 16), ("b", 1)), Policy())
    assert refused.value.facts == {"required": 17, "available": 15, "out_of_scope": 9}


def test_up_to_takes_what_is_there_and_debt_is_what_the_overdraft_allows() -> None:
    paid = pay_parts(wallet("5; 10 scope=a"), items(("a", 20), ("b", 20)), Policy(), partly=True, overdraft=3)
    assert (sum(one.amount for one in paid.draws), paid.short, paid.owed) == (15, 25, 3)
