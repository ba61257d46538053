"""Law 7: what moves to another account keeps its cost basis, expiry, place, terms and note."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import (
    AmountOutOfRange,
    InsufficientCredits,
    PolicyViolation,
    WalletClosed,
    WalletFrozen,
)
from scrip.domain.credits.lots import NOTE, Money
from scrip.domain.credits.terms import Terms
from scrip.domain.wallets.grants import Grant
from tests.domain.builders import moment, story
from tests.domain.giving import hold, movable, parts, rule
from tests.domain.memory import Vault, kinds


def pair(text: str, others: str = "", **policy: Any) -> tuple[Vault, Vault]:
    """Two wallets of a unit whose credits may move."""
    made, other = (Vault(movable(**policy), account) for account in ("acme", "beta"))
    for wallet, lots in ((made, text), (other, others)):
        if lots:
            wallet.grant(lots)
    return made, other


def test_credits_move_in_burn_order_a_lot_for_a_lot() -> None:
    made, other = pair("100 cost=1000USD; 30 exp=+9d; 50 prio=90")
    sent = made.transfer(other, 60)
    assert story([sent]) == ["transfer_out -60 (30 of 2, 30 of 1 for 300USD)"]
    assert story(other.entries) == ["transfer_in +30", "transfer_in +30"]
    assert (made.open(), other.open()) == ("1:70 3:50", "1:30 2:30")
    assert sent.extra["to"] == "beta"
    assert [entry.extra["from"] for entry in other.entries] == ["acme", "acme"]


def test_a_lot_keeps_everything_but_its_kind() -> None:
    made, other = pair("")
    terms = Terms(scope=("images",), rollover=rule(fraction="0.5"))
    made.grant_one(
        Grant(
            amount=100,
            kind="paid",
            priority=7,
            expires_at=moment("+9d"),
            cost=Money(999, "USD"),
            note={"source": ["invoice", "in_1"], "tax_point": "purchase"},
            terms=terms,
        )
    )
    made.wait("1d")
    other.now = made.now
    other.grant("1")
    made.transfer(other, 100)
    there, here = other.lot(2), made.lot(1)
    assert there == here._replace(
        seq=2,
        kind="transfer",
        remaining=100,
        basis=999,
        n=100,
        terms=1,
        fate="",
        noted=True,
        moved_money=0,
    )
    assert (there.effective_at, there.expires_at) == (moment("+0s"), moment("+9d"))
    assert other.sidecars[NOTE, "2"] == {
        "source": ["invoice", "in_1"],
        "tax_point": "purchase",
        "moved_from": {"account": "acme", "lot": 1, "entry": made.entries[-1].id},
    }
    assert other.sidecars["terms", "all"] == {"terms": [terms.to_json()]}
    assert other.look().scoped == 100


def test_what_moved_expires_when_it_would_have() -> None:
    made, other = pair("100 exp=+1h cost=1000USD")
    made.transfer(other, 60)
    other.wait("1h")
    other.sweep()
    assert story(other.entries[1:]) == ["expiry -60 (60 of 1 for 600USD)"]


@pytest.mark.parametrize("boundary", ["exclusive", "inclusive"])
def test_what_moved_keeps_its_last_millisecond(boundary: str) -> None:
    """Law 10: the boundary is the lot's, and no second millisecond is added to it."""
    made, other = pair("100 exp=+1h", expiry_boundary=boundary)
    made.transfer(other, 100)
    last = moment("+1h") if boundary == "inclusive" else moment("+1h-1ms")
    assert (other.look(last).available, other.look(last + 1).available) == (100, 0)


SPLITS: list[tuple[int, int, list[int], list[int]]] = [
    # granted, its cost, transfers of it, the money that each takes along
    (3, 100, [1, 1, 1], [33, 33, 34]),
    (7, 10, [3, 3, 1], [4, 4, 2]),
    (9, 1, [4, 4, 1], [0, 0, 1]),
    (1000, 7, [1, 998, 1], [0, 6, 1]),
    (2, 0, [1, 1], [0, 0]),
]


@pytest.mark.parametrize(("granted", "cost", "moves", "money"), SPLITS)
def test_odd_splits_never_lose_a_minor_unit(
    granted: int, cost: int, moves: list[int], money: list[int]
) -> None:
    """Law 8, across two wallets: what left the one is what the other's lots cost."""
    made, other = pair(f"{granted} cost={cost}USD")
    for steps in moves:
        made.transfer(other, steps)
    assert [
        lot.cost and lot.cost.amount for lot in sorted(other.all_lots(), key=lambda lot: lot.seq)
    ] == money
    assert sum(money) == cost
    other.burn(granted)
    assert sum(parts(other, seq).get("recognised", 0) for seq in range(1, len(moves) + 1)) == cost


def test_of_a_burned_lot_only_what_is_deferred_moves() -> None:
    made, other = pair("7 cost=10USD")
    made.burn(2)  # 2 of the 10
    made.transfer(other, 4)  # 8 - 2
    assert parts(made, 1) == {"recognised": 2, "moved": 6, "deferred": 2}
    assert other.lot(1).cost == Money(6, "USD")


def test_there_and_back_again_it_is_whole() -> None:
    made, other = pair("100 exp=+9d cost=333USD")
    made.transfer(other, 33)  # 109
    other.transfer(made, 20)  # 66 of the 109
    other.transfer(made, 13)  # 43
    assert (made.look(), other.look()) == (Totals(available=100, paid=100), Totals())
    assert [made.lot(seq).cost for seq in (1, 3, 4)] == [
        Money(333, "USD"),
        Money(66, "USD"),
        Money(43, "USD"),
    ]
    assert sum(made.lot(seq).deferred for seq in (1, 3, 4)) == 333
    assert {made.lot(seq).expires_at for seq in (1, 3, 4)} == {moment("+9d")}
    made.burn(100)
    recognised = sum(parts(made, seq).get("recognised", 0) for seq in (1, 3, 4))
    assert recognised == 333


def test_what_the_receiver_owes_is_repaid_first() -> None:
    made, other = pair("100 cost=1000USD", overdraft_limit=50)
    other.burn(30)
    made.transfer(other, 40)
    assert story(other.entries[1:]) == ["transfer_in +40 (30 of 2 for 300USD)"]
    assert other.look() == Totals(available=10, paid=10)
    assert parts(other, 2) == {"recognised": 300, "deferred": 100}


def test_a_debt_larger_than_the_transfer_takes_all_of_it() -> None:
    made, other = pair("20; 20", overdraft_limit=50)
    other.burn(50)
    made.transfer(other, 40)
    assert (other.look(), other.lot(2).fate) == (Totals(owed=10), "depleted")


def test_a_lot_that_does_not_repay_does_not_repay_elsewhere() -> None:
    made, other = pair("40", overdraft_limit=50, repay_first=False)
    other.burn(30)
    made.transfer(other, 40)
    assert other.look() == Totals(available=40, owed=30)


def test_a_transfer_moves_sixteen_lots_and_not_one_more() -> None:
    made, other = pair("; ".join(["1"] * 17))
    with pytest.raises(PolicyViolation) as refusal:
        made.transfer(other, 17)
    assert refusal.value.facts["policy"] == "max_lots_per_transfer"
    assert (len(made.entries), len(other.entries)) == (17, 0)
    made.transfer(other, 16)
    made.transfer(other, 1)
    assert (made.look(), other.look()) == (Totals(), Totals(available=17))


def test_a_lot_that_lies_in_a_page_moves_like_one_in_the_window() -> None:
    made, other = pair("; ".join(["1"] * 40), "; ".join(["1"] * 40))
    for _ in range(4):
        made.transfer(other, 10)
    assert (made.look(), other.look()) == (Totals(), Totals(available=80))


def test_what_is_held_frozen_or_pending_does_not_move() -> None:
    made, other = pair("30; 50 from=+1d")
    made.pay("p", "20 cost=200USD")
    made.pay("p", "20 cost=200USD", frozen=5)
    hold(made, 10)
    with pytest.raises(InsufficientCredits) as refusal:
        made.transfer(other, 36)
    assert (refusal.value.facts["required"], refusal.value.facts["available"]) == (36, 35)
    made.transfer(other, 35)
    assert made.look() == Totals(held=10, frozen=5, pending=50)


def test_what_was_due_in_either_wallet_is_booked_first() -> None:
    made, other = pair("10; 5 exp=+1h", "7 exp=+1h")
    made.wait("2h")
    other.wait("2h")
    made.transfer(other, 10)
    assert kinds(made.entries[2:]) == ["expiry", "transfer_out"]
    assert kinds(other.entries[1:]) == ["expiry", "transfer_in"]


def test_the_receivers_time_is_never_before_its_last_entry() -> None:
    made, other = pair("10", "")
    other.wait("3s")
    other.grant("1")
    made.transfer(other, 10)
    assert (made.entries[-1].at, other.entries[-1].at) == (moment("+0s"), moment("+3s"))


REFUSED: list[tuple[str, Any, type[Exception]]] = [
    ("sender frozen", lambda made, other: made.set_status("frozen"), WalletFrozen),
    ("receiver frozen", lambda made, other: other.set_status("frozen"), WalletFrozen),
    ("sender closed", lambda made, other: (made.burn(10), made.set_status("closed")), WalletClosed),
    ("receiver closed", lambda made, other: other.set_status("closed"), WalletClosed),
    ("too little", lambda made, other: made.burn(1), InsufficientCredits),
    ("receiver full", lambda made, other: other.grant(str(limits.LARGEST_TOTAL - 9)), AmountOutOfRange),
]


@pytest.mark.parametrize(("_", "before", "error"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_transfer_is_refused_and_neither_wallet_changes(
    _: str, before: Any, error: type[Exception]
) -> None:
    made, other = pair("10")
    before(made, other)
    versions = made.wallet.version, other.wallet.version
    with pytest.raises(error):
        made.transfer(other, 10)
    assert (made.wallet.version, other.wallet.version) == versions


def test_credits_stay_with_their_account_unless_the_unit_says_otherwise() -> None:
    made, other = Vault(), Vault(account="beta")
    made.grant("10")
    with pytest.raises(PolicyViolation) as refusal:
        made.transfer(other, 10)
    assert refusal.value.facts["policy"] == "transferable"


def test_no_more_terms_arrive_than_a_wallet_can_keep() -> None:
    made, other = pair("")
    for number in range(limits.TERMS):
        other.grant_one(Grant(1, "promotional", terms=Terms(scope=(f"m{number}",))))
    made.grant_one(Grant(1, "promotional", terms=Terms(scope=("one-more",))))
    with pytest.raises(PolicyViolation) as refusal:
        made.transfer(other, 1)
    assert refusal.value.facts["policy"] == "max_terms"


def test_a_lot_that_was_carried_over_keeps_count_of_it() -> None:
    """Rolled once of at most one time: in the other wallet it is not carried again."""
    made, other = pair("")
    made.grant_one(
        Grant(
            10, "allowance", expires_at=moment("+1d"), terms=Terms(rollover=rule(times=1, expires_in="P1D"))
        )
    )
    made.wait("1d")
    made.sweep()
    other.now = made.now
    made.transfer(other, 10)
    other.wait("1d")
    other.sweep()
    assert story(other.entries) == ["transfer_in +10", "expiry -10 (10 of 1)"]
