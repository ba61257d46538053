"""Where a wallet's lots lie: in one order over window and pages, under due items, or exhausted in a block."""

from __future__ import annotations

import random

import pytest

from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import NeedDue, Snapshot, Wallet
from tests.domain.builders import lot, lots, moment
from tests.domain.memory import Vault, vault


@pytest.mark.parametrize("seed", range(4))
def test_lots_granted_in_any_order_are_burned_in_the_one_order(seed: int) -> None:
    dice = random.Random(seed)
    made = Vault(checked=False)
    for _ in range(300):
        made.grant(f"1 prio={dice.randint(0, 100)} exp=+{dice.randint(1, 99)}d")
    made.check_shape()
    expected = sorted(made.all_lots(), key=lambda lot: (lot.priority, lot.expires_at, lot.seq))
    drawn = [draw.lot for _ in range(100) for draw in made.burn(3).draws]
    assert drawn == [lot.seq for lot in expected]
    assert made.pages == {}


def test_the_due_item_of_a_page_follows_its_earliest_expiry() -> None:
    made = vault("; ".join(["1 prio=1"] * 16) + "; 1 exp=+9d")
    assert [at for at, _ in made.dues] == [moment("+9d")]
    made.grant("1 exp=+3d")
    assert [at for at, _ in made.dues] == [moment("+3d")]
    assert made.wallet.due_at == made.wallet.sweep_at == moment("+3d")
    made.until("+3d")
    assert made.sweep() == 1
    assert [at for at, _ in made.dues] == [moment("+9d")]
    assert made.wallet.sweep_at == moment("+9d")


def test_a_write_reads_due_items_only_when_something_may_be_due() -> None:
    made = vault("; ".join(["5 prio=1"] * 16) + "; 1 exp=+9d")
    made.until("+9d-1ms")
    made.burn(1)
    assert made.reads == []
    made.wait("1ms")
    made.burn(1)
    assert [type(need) for need in made.reads] == [NeedDue]
    made.burn(1)
    assert made.reads == []


def test_blocks_hold_twenty_lots_each() -> None:
    made = vault("; ".join(["1"] * 45))
    made.burn(45)
    assert {number: len(block) for number, block in made.blocks.items()} == {0: 19, 1: 20, 2: 6}


def test_lots_of_a_list_are_numbered_by_their_grants() -> None:
    assert [found.seq for found in lots("1; 2; 3", first=7)] == [7, 8, 9]


def test_a_lot_past_the_window_is_never_taken_before_the_windows_last() -> None:
    made = vault("; ".join(f"1 prio={number}" for number in range(60, 0, -1)))
    assert [draw.lot for draw in made.burn(60).draws] == list(range(60, 0, -1))


def test_a_lot_that_comes_to_rest_and_leaves_it_in_one_decision_was_in_no_block() -> None:
    """All of it frozen and thawed again: there is no block to take it from, and none is written. The wallet and its
    entry are, and two items of lists, since it is the wallet's first commit."""
    draft = Draft(Snapshot(Wallet("acme", "credits", "priority_expiry_cost")))
    one = lot("10")
    draft.add(one)
    frozen = one._replace(frozen=10)
    draft.replace(one, frozen)
    draft.replace(frozen, one)
    draft.record("grant", [], moment("+0s"))
    made = draft.decision()
    assert made.wallet.window == (one,)
    assert made.exhausted == {}
    assert made.items == 2 + 2
