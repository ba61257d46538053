"""Money of a payment that is kept and becomes credit (laws 1, 7, 8): refunded on the lot that it paid for, cost basis
of the one that comes back. The vault checks every law after each step.

The payment of these examples buys 100 credits for 10.00 USD: ten cents a credit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import WalletClosed
from scrip.domain.wallets.position import Position
from tests.domain.builders import grants, story
from tests.domain.memory import Vault, vault

FACE = "100 cost=1000USD"


def paid(**policy: Any) -> Vault:
    made = vault(**policy)
    made.pay("p", FACE)
    return made


def stands(made: Vault, clawed: int = 0, frozen: int = 0) -> list[str]:
    return made.pay("p", FACE, clawed, clawed * 10, frozen)


def test_as_many_credits_come_back_as_a_lot_of_their_own() -> None:
    made = paid()
    made.burn(30)
    entry = made.keep("p", 70, 700)
    assert story(made.entries[-2:]) == ["clawback -70 (70 of 1)", "grant +70"]
    assert made.entries[-2].extra["refunded"] == 700
    lot = made.lot(entry.seq)
    assert (lot.kind, lot.granted, lot.deferred, lot.expires_at) == ("refund", 70, 700, None)
    assert (made.lot(1).remaining, made.lot(1).deferred, made.lot(1).fate) == (0, 0, "voided")
    assert made.look() == Totals(available=70, paid=70)


def test_what_is_kept_is_cumulative_and_only_the_difference_is_booked() -> None:
    made = paid()
    made.keep("p", 20, 200)
    entry = made.keep("p", 50, 500)
    assert made.lot(entry.seq).granted == 30
    assert (made.positions["p"].credited, made.positions["p"].kept) == (50, 500)
    assert made.lot(1).deferred == 500


def test_the_last_credits_of_a_lot_leave_no_money_behind() -> None:
    """A minor unit that rounding down left: it waits for no credit any more, and is earned."""
    made = paid()
    made.keep("p", 100, 999)
    assert made.entries[-2].extra["recognised"] == 1


def test_debt_is_repaid_out_of_what_comes_back() -> None:
    made = paid(overdraft_limit=15)
    stands(made, frozen=100)
    made.burn(10)
    stands(made)
    assert made.look() == Totals(available=100, paid=100, owed=10)
    made.keep("p", 40, 400)
    assert made.look() == Totals(available=90, paid=90)


def test_a_step_that_is_frozen_by_rounding_goes_first_to_what_is_kept() -> None:
    made = paid()
    stands(made, frozen=31)
    made.keep("p", 70, 700)
    assert made.entries[-2].extra["thawed"] == "1"
    assert (made.lot(1).remaining, made.lot(1).frozen) == (30, 30)
    assert stands(made, clawed=30) == ["clawback"]
    assert made.look() == Totals(available=70, paid=70)


@pytest.mark.parametrize(
    ("shortfall", "after"),
    [
        ("owe", Totals(available=30, paid=30, owed=30)),
        ("write_off", Totals(available=30, paid=30)),
        ("other_lots", Totals()),
    ],
)
def test_a_dispute_of_all_of_it_takes_the_face_and_a_win_gives_it_back(shortfall: str, after: Totals) -> None:
    """What became credit is short, and follows the policy."""
    made = paid(refund_shortfall=shortfall)
    made.keep("p", 30, 300)
    assert "clawback" in stands(made, clawed=100)
    assert made.look() == after
    assert "reinstatement" in stands(made)
    assert made.look().total == 100
    assert made.positions["p"].credited == 30


def test_a_closed_wallet_takes_nothing_back() -> None:
    made = paid()
    made.burn(100)
    made.set_status("closed")
    with pytest.raises(WalletClosed):
        made.keep("p", 1, 10)


TAXED = "100 cost=10000USD tax=2000 due=redemption"


def test_money_that_is_kept_takes_its_share_of_the_tax_along() -> None:
    """Law 7. 120.00 paid, 20.00 of it tax at redemption; 60.00 is kept: 10.00 of it goes along."""
    made = vault()
    made.pay("p", TAXED)
    entry = made.keep("p", 50, 5000, tax=1000)
    old, new = made.lot(1), made.lot(entry.seq)
    assert (old.deferred_tax, old.moved_tax) == (1000, 1000)
    assert (new.tax, new.tax_at_redemption, new.deferred) == (1000, True, 5000)
    assert (made.entries[-2].extra["gross"], made.entries[-2].extra["tax"]) == (6000, 1000)
    assert sum(draw.tax or 0 for draw in made.burn(100).draws) == 2000


def test_the_lot_says_what_order_was_paid() -> None:
    made = vault()
    sale = {"topup_id": "top_1", "tax_point": "redemption", "tax": {"amount": 2000, "currency": "USD"}}
    face = replace(grants(TAXED)[0], note={"source": ["payment", "dodo:p"], "terms": "None.", **sale})
    granted = made.grant_one(face)
    made.positions["p"] = Position(lot=granted.seq)
    entry = made.keep("p", 25, 2500, tax=500)
    assert made.sidecars["note", str(entry.seq)] == {**sale, "tax": {"amount": 500, "currency": "USD"}}
