"""Grants: what comes in, when it can be spent, and what it pays first."""

from __future__ import annotations

import pytest

from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, WalletClosed
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.lots import Money
from scrip.domain.wallets.grants import Grant
from tests.domain.builders import START, moment, story
from tests.domain.memory import shaped, vault


def test_a_grant_makes_one_lot_named_by_its_entry() -> None:
    made = vault("10")
    entry = made.grant_one(Grant(50, "paid", 7, None, moment("+7d"), Money(900, "USD"), {"source": "order"}))
    assert (entry.kind, entry.amount, entry.seq, entry.draws) == ("grant", 50, 2, ())
    assert entry.extra["lot"] == {
        "seq": 2,
        "kind": "paid",
        "granted": "50",
        "remaining": "50",
        "priority": 7,
        "effective_at": START,
        "expires_at": moment("+7d"),
        "inclusive": False,
        "cost": [900, "USD"],
    }
    assert made.lot(2).noted
    assert made.sidecars == {("note", "2"): {"source": "order"}}
    assert made.look() == Totals(available=60, paid=50)


def test_a_credit_is_paid_while_it_has_cost_basis_whatever_its_kind() -> None:
    """Law 7."""
    assert vault("10 kind=refund cost=100USD; 20 kind=paid").look() == Totals(available=30, paid=10)


def test_debt_is_repaid_first_as_part_of_the_same_entry() -> None:
    made = vault("10", overdraft_limit=100)
    made.burn(40)
    made.grant("100 cost=500USD")
    assert story(made.entries[-1:]) == ["grant +100 (30 of 3 for 150USD)"]
    assert made.entries[-1].extra["lot"]["remaining"] == "70"
    assert made.look() == Totals(available=70, paid=70)


def test_a_grant_smaller_than_the_debt_is_used_up_by_it() -> None:
    made = vault("10", overdraft_limit=100)
    made.burn(40)
    made.grant("20 note=x")
    assert made.look() == Totals(owed=10)
    assert (made.lot(3).remaining, made.lot(3).fate) == (0, "depleted")
    made.grant("10")
    assert made.look() == Totals()


def test_debt_stays_where_the_policy_does_not_repay_it_first() -> None:
    made = vault("10", overdraft_limit=100, repay_first=False)
    made.burn(40)
    made.grant("100")
    assert made.look() == Totals(available=100, owed=30)
    assert made.look().total == 70


def test_terms_are_those_at_the_grant() -> None:
    """Law 10: a policy that changes later touches no lot that is there."""
    made = vault("10 exp=+1h; 10 from=+2h", overdraft_limit=50)
    made.burn(30)
    made.policy = vault(expiry_boundary="inclusive", repay_first=False, overdraft_limit=50).policy
    assert made.lot(1).expires_at == moment("+1h")
    made.wait("2h")
    made.sweep()
    assert made.look() == Totals(owed=10), "the pending lot repays: it was granted under that policy"


def test_a_pending_lot_is_not_spendable_and_repays_nothing_yet() -> None:
    made = vault("10", overdraft_limit=100)
    made.burn(40)
    made.grant("100 from=+1d")
    assert made.look() == Totals(pending=100, owed=30)


def test_a_lot_that_begins_now_is_spendable_now() -> None:
    made = vault()
    made.grant_one(Grant(10, "promotional", effective_at=made.now))
    assert made.look() == Totals(available=10)


def test_an_inclusive_expiry_is_one_millisecond_later_inside() -> None:
    made = vault("10 exp=+1h", expiry_boundary="inclusive")
    assert (made.lot(1).expires_at, made.lot(1).inclusive) == (moment("+1h+1ms"), True)
    assert not vault("10", expiry_boundary="inclusive").lot(1).inclusive


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        (Grant(1, "promotional", effective_at=START - 1), "effective_at"),
        (Grant(1, "promotional", expires_at=START), "expires_at"),
        (Grant(1, "promotional", expires_at=START - 1), "expires_at"),
        (Grant(1, "promotional", effective_at=START + 5, expires_at=START + 5), "expires_at"),
        (Grant(1, "promotional", effective_at=START + 5, expires_at=START + 4), "expires_at"),
    ],
)
def test_a_lot_neither_begins_in_the_past_nor_ends_before_it_begins(grant: Grant, field: str) -> None:
    made = vault()
    with pytest.raises(InvalidRequest) as refusal:
        made.grant_one(grant)
    assert [error["field"] for error in refusal.value.facts["errors"]] == [field]
    assert made.wallet.version == 0


def test_the_shortest_life_is_one_millisecond() -> None:
    made = vault("10 exp=+1ms")
    assert made.look().available == 10
    made.wait("1ms")
    assert made.look().available == 0


def test_no_wallet_holds_more_than_ten_to_the_27() -> None:
    made = vault(f"{LARGEST_TOTAL - 5}")
    made.grant("3 from=+1d; 2")
    with pytest.raises(AmountOutOfRange) as refusal:
        made.grant("1")
    refusal.value.in_unit("credits", 6)
    assert refusal.value.facts == {"largest": "1000000000000000000000", "unit": "credits"}
    made.burn(1)
    made.grant("1")


def test_a_closed_wallet_takes_nothing_in() -> None:
    with pytest.raises(WalletClosed):
        shaped(vault(), status="closed").grant("1")


def test_lots_of_every_kind_live_side_by_side() -> None:
    made = vault("100; 50 exp=+7d; 30 prio=0 cost=300USD; 20 from=+1d; 10 kind=compensation exp=+1h")
    assert made.look() == Totals(available=190, pending=20, paid=30)
    assert made.open() == "3:30 5:10 2:50 1:100"
    made.wait("1d")
    assert made.open() == "3:30 2:50 1:100 4:20"
