"""Voids, reversals and debits: what is taken back goes where it came from (laws 1, 5 to 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import (
    AlreadyReversed,
    AmountOutOfRange,
    InsufficientCredits,
    LotNotOpen,
    NotFound,
    PolicyViolation,
)
from tests.domain.builders import moment, story
from tests.domain.giving import capture, hold, parts, release
from tests.domain.memory import Vault, hoard, vault

# Void


def test_a_void_takes_back_what_is_left_of_a_lot() -> None:
    made = vault("100 cost=1000USD; 50")
    made.burn(70)  # 50 that cost nothing, 20 that cost 200
    assert story([made.void(1)]) == ["void -80 (80 of 1 for 800USD)"]
    assert (made.lot(1).fate, made.look()) == ("voided", Totals())
    assert parts(made, 1) == {"recognised": 200, "breakage": 800}


def test_a_part_of_a_lot_may_be_voided_and_then_the_rest() -> None:
    made = vault("100 cost=333USD")
    assert story([made.void(1, 33), made.void(1, 33), made.void(1)]) == [
        "void -33 (33 of 1 for 109USD)",
        "void -33 (33 of 1 for 110USD)",
        "void -34 (34 of 1 for 114USD)",
    ]
    assert parts(made, 1) == {"breakage": 333}


def test_the_held_part_of_a_voided_lot_stays_and_may_be_captured() -> None:
    """Law 6."""
    made = vault("100 cost=1000USD")
    held = hold(made, 40)
    assert story([made.void(1)]) == ["void -60 (60 of 1 for 600USD)"]
    assert made.look() == Totals(held=40)
    assert story([capture(made, held)]) == ["capture -40 (40 of 1 for 400USD)"]
    assert (made.lot(1).fate, parts(made, 1)) == ("depleted", {"recognised": 400, "breakage": 600})


def test_what_a_hold_gives_back_to_a_voided_lot_is_there_again() -> None:
    made = vault("100")
    held = hold(made, 40)
    made.void(1)
    release(made, held)
    assert made.look() == Totals(available=40)
    made.void(1)
    assert made.lot(1).fate == "voided"


def test_the_frozen_part_of_a_voided_lot_stays_for_its_dispute() -> None:
    made = vault()
    made.pay("p", "100 cost=1000USD")
    made.pay("p", "100 cost=1000USD", frozen=30)
    assert story([made.void(1)]) == ["void -70 (70 of 1 for 700USD)"]
    assert made.look() == Totals(frozen=30)
    with pytest.raises(LotNotOpen):
        made.void(1)


def test_a_pending_lot_may_be_voided_before_it_begins() -> None:
    made = vault("100 from=+1d; 7")
    assert story([made.void(1, 60)]) == ["void -60 (60 of 1)"]
    assert made.look() == Totals(available=7, pending=40)
    made.void(1)
    made.wait("2d")
    assert (made.look(), made.dues) == (Totals(available=7), {})


NO_VOIDS: list[tuple[str, int, int | None, type[Exception]]] = [
    ("more than is left", 1, 41, AmountOutOfRange),
    ("a lot that was burned", 2, None, LotNotOpen),
    ("a part of a lot that was burned", 2, 1, LotNotOpen),
    ("a lot that expired", 3, None, LotNotOpen),
    ("an entry that made no lot", 5, None, NotFound),
    ("a lot that there never was", 99, None, NotFound),
    ("nothing there is", 0, None, NotFound),
]


@pytest.mark.parametrize(
    ("_", "seq", "amount", "error"), NO_VOIDS, ids=[row[0].replace(" ", "-") for row in NO_VOIDS]
)
def test_no_void_of(_: str, seq: int, amount: int | None, error: type[Exception]) -> None:
    made = vault("100; 20 prio=1; 30 exp=+1h")
    made.wait("1h")
    made.burn(20)  # books an expiry as 4, and is 5
    made.burn(60)
    before = len(made.entries)
    with pytest.raises(error):
        made.void(seq, amount)
    assert len(made.entries) == before


# What was a mistake


MISTAKES: list[tuple[str, str, Callable[[Vault], Any], str]] = [
    ("paid for", "100 note=ad", lambda made: noted(made, {"topup_id": "top_1"}), "refund that payment"),
    ("part of another", "100 note=ad", lambda made: noted(made, {"moved_from": 7}), "void it without `as`"),
    ("carried over", "100 kind=rollover", lambda made: None, "void it without `as`"),
    ("transferred", "100 kind=transfer", lambda made: None, "void it without `as`"),
    ("held", "100", lambda made: hold(made, 1), "release the hold first"),
    ("spent", "100", lambda made: made.burn(1), "some of it was spent"),
    ("spent, of money", "100 cost=1000USD", lambda made: made.burn(1), "some of it was spent"),
    ("ended", "100 cost=1000USD", lambda made: made.void(1, 1), "some of it was spent, moved or taken"),
]


def noted(made: Vault, note: dict[str, Any]) -> None:
    """Has lot 1 noted otherwise than its grant said, as orders and transfers note it."""
    made.sidecars["note", "1"] = note


@pytest.mark.parametrize(
    ("lot", "change", "said"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_what_was_no_mistake_is_not_taken_back_as_one(
    lot: str, change: Callable[[Vault], Any], said: str
) -> None:
    """Law 8: of its money it would else be said that nobody ever paid it."""
    made = vault(lot)
    change(made)
    before = len(made.entries)
    with pytest.raises(PolicyViolation, match=said) as refused:
        made.void(1, mistake=True)
    assert refused.value.facts["policy"] == "void_mistake"
    assert len(made.entries) == before


def test_a_mistake_may_be_taken_back_in_parts() -> None:
    """100 for 10.00: 40 of it are taken for 4.00, then 60 for 6.00. Nothing of it was ever paid."""
    made = vault("100 cost=1000USD")
    assert story([made.void(1, 40, mistake=True)]) == ["void -40 (40 of 1 for 400USD)"]
    assert made.sidecars["mistake", "1"] == {"steps": "40"}
    assert story([made.void(1, mistake=True)]) == ["void -60 (60 of 1 for 600USD)"]
    assert made.lot(1).unpaid == 1000
    made.check()


# Reversal


def test_a_reversal_gives_a_burn_back_to_its_lot() -> None:
    made = vault("100 cost=1000USD")
    burned = made.burn(70)
    assert story([made.reverse(burned)]) == ["reversal +70 (70 of 1 for 700USD)"]
    assert (made.look().available, parts(made, 1)) == (100, {"deferred": 1000})
    assert made.entries[-1].extra["of"] == burned.id


def test_several_lots_get_theirs_back_the_last_drawn_first() -> None:
    """30 of a free lot, 40 that cost 400, 10 of 50 that cost 500."""
    made = vault("30 prio=1; 40 prio=2 cost=400USD; 50 prio=3 cost=500USD")
    burned = made.burn(80)
    assert story([made.reverse(burned, 25), made.reverse(burned, 30), made.reverse(burned)]) == [
        "reversal +25 (10 of 3 for 100USD, 15 of 2 for 150USD)",
        "reversal +30 (25 of 2 for 250USD, 5 of 1)",
        "reversal +25 (25 of 1)",
    ]
    assert made.open() == "1:30 2:40 3:50"


PARTIAL: list[tuple[int, int, list[int], list[int]]] = [
    # granted, cost; parts that come back of a burn of all; their money
    (3, 100, [1, 1, 1], [33, 33, 34]),
    (7, 10, [1, 2, 3, 1], [1, 3, 4, 2]),
    (9, 1, [4, 5], [0, 1]),
    (4, 2, [1, 1, 1, 1], [0, 1, 0, 1]),
    (10, 1, [9, 1], [0, 1]),
]


@pytest.mark.parametrize(("granted", "cost", "back", "money"), PARTIAL)
def test_partial_reversals_add_up_to_the_minor_unit(
    granted: int, cost: int, back: list[int], money: list[int]
) -> None:
    """Law 8: between them nothing is lost, and in the end all of it is deferred again."""
    made = vault(f"{granted} cost={cost}USD")
    burned = made.burn(granted)
    given = [made.reverse(burned, steps).draws[0].value for steps in back]
    assert [value.amount for value in given if value] == money
    assert parts(made, 1) == {"deferred": cost}


def test_burned_again_after_a_partial_reversal_the_money_still_adds_up() -> None:
    made = vault("7 cost=10USD")
    burned = made.burn(5)  # 7
    made.reverse(burned, 3)  # 4 of these 7 come back: 10·3//5 ... of the burn's own 7
    made.burn(5)
    assert (made.look(), parts(made, 1)) == (Totals(), {"recognised": 10})


def test_a_reversal_that_asks_for_all_takes_what_is_left_of_the_burn() -> None:
    made = vault("100")
    burned = made.burn(70)
    made.reverse(burned, 20)
    assert made.reverse(burned).amount == 50
    assert made.entries[-1].extra["reversed"] == "70"


def test_a_capture_is_reversed_like_a_burn() -> None:
    made = vault("30 prio=1; 50 cost=500USD")
    captured = capture(made, hold(made, 60), 45)
    assert story([captured]) == ["capture -45 (30 of 1, 15 of 2 for 150USD)"]
    assert story([made.reverse(captured)]) == ["reversal +45 (15 of 2 for 150USD, 30 of 1)"]
    assert made.open() == "1:30 2:50"


def test_a_capture_beyond_its_hold_is_reversed_as_a_whole() -> None:
    made = vault("100", overdraft_limit=50)
    captured = capture(made, hold(made, 60), 130)
    assert made.look() == Totals(owed=30)
    assert story([made.reverse(captured)]) == ["reversal +130 (40 of 1, 60 of 1)"]
    assert made.look() == Totals(available=100)


def test_of_an_overdrawn_burn_the_debt_goes_first() -> None:
    made = vault("20", overdraft_limit=50)
    burned = made.burn(50)
    assert made.look() == Totals(owed=30)
    assert story([made.reverse(burned, 10)]) == ["reversal +10"]
    assert made.look() == Totals(owed=20)
    assert story([made.reverse(burned, 25)]) == ["reversal +25 (5 of 1)"]
    assert made.look() == Totals(available=5)
    assert story([made.reverse(burned)]) == ["reversal +15 (15 of 1)"]
    assert made.look() == Totals(available=20)


def test_a_reversal_repays_what_another_burn_owes() -> None:
    made = vault("50", overdraft_limit=50)
    first = made.burn(50)
    made.burn(40)
    assert story([made.reverse(first)]) == ["reversal +50 (50 of 1, 40 of 1)"]
    assert made.look() == Totals(available=10)


def test_a_reversal_repays_nothing_where_the_lots_terms_say_so() -> None:
    made = vault("50", overdraft_limit=50, repay_first=False)
    first = made.burn(50)
    made.burn(40)
    made.reverse(first)
    assert made.look() == Totals(available=50, owed=40)


def test_what_goes_back_to_an_expired_lot_expires_at_once() -> None:
    """Law 5; and its money is breakage then, not revenue."""
    made = vault("100 exp=+1h cost=1000USD; 10")
    burned = made.burn(60)
    made.wait("2h")
    made.reverse(burned)
    assert story(made.commits[-1].entries) == [
        "expiry -40 (40 of 1 for 400USD)",
        "reversal +60 (60 of 1 for 600USD)",
        "expiry -60 (60 of 1 for 600USD)",
    ]
    assert made.entries[-2].extra["expiring"] == ["60", "60"]
    assert (made.look(), parts(made, 1)) == (Totals(available=10), {"breakage": 1000})


def test_only_the_part_whose_lot_has_expired_expires() -> None:
    made = vault("30 exp=+1h; 70 cost=700USD")
    burned = made.burn(50)
    made.wait("1h")
    made.reverse(burned)
    assert story(made.commits[-1].entries) == [
        "reversal +50 (20 of 2 for 200USD, 30 of 1)",
        "expiry -30 (30 of 1)",
    ]
    assert made.entries[-2].extra["expiring"] == ["30", "0"]
    assert made.look() == Totals(available=70, paid=70)


def test_an_expired_lot_repays_nothing_on_its_way() -> None:
    made = vault("50 exp=+1h", overdraft_limit=50)
    burned = made.burn(50)
    made.burn(30)
    made.wait("1h")
    made.reverse(burned)
    assert made.look() == Totals(owed=30)


def test_a_reversal_after_a_refund_of_the_lot_keeps_the_money_true() -> None:
    """60 of 100 burned; then half the money went back: 50 credits, 40 from the lot and 10 owed. Reversed, 60 come
    back with the 600 they took along, and repay the 10."""
    made = vault()
    made.pay("p", "100 cost=1000USD")
    burned = made.burn(60)
    made.pay("p", "100 cost=1000USD", clawed=50, refunded=500)
    assert made.look() == Totals(owed=10)
    assert story([made.reverse(burned)]) == ["reversal +60 (60 of 1 for 600USD, 10 of 1 for 100USD)"]
    assert made.look() == Totals(available=50, paid=50)
    assert parts(made, 1) == {"deferred": 500, "refunded": 500}


def test_a_reversal_after_the_whole_lot_was_refunded_gives_nothing_away() -> None:
    made = vault()
    made.pay("p", "100 cost=1000USD")
    burned = made.burn(60)
    made.pay("p", "100 cost=1000USD", clawed=100, refunded=1000)
    made.reverse(burned)
    assert (made.look(), parts(made, 1)) == (Totals(), {"refunded": 1000})


def test_a_lot_that_was_voided_after_the_burn_takes_it_back() -> None:
    made = vault("100 cost=1000USD")
    burned = made.burn(60)
    made.void(1)
    made.reverse(burned)
    assert made.look() == Totals(available=60, paid=60)
    assert parts(made, 1) == {"deferred": 600, "breakage": 400}


def test_a_lot_that_was_emptied_by_others_takes_it_back() -> None:
    made = vault("100 cost=1000USD; 5")
    burned = made.burn(50)  # 5 free ones, 45
    made.burn(55)
    assert made.lot(1).fate == "depleted"
    made.reverse(burned)
    assert made.open() == "2:5 1:45"
    assert parts(made, 1) == {"deferred": 450, "recognised": 550}


@pytest.mark.parametrize("kind", ["grant", "void", "reversal", "expiry", "adjustment", "status", "hold"])
def test_no_reversal_of_an_entry_that_spends_nothing(kind: str) -> None:
    made = vault("100; 1 exp=+1h")
    made.reverse(made.burn(2))
    made.void(1, 1)
    hold(made, 1)
    made.debit(1)
    made.set_status("active")
    made.wait("1h")
    made.burn(1)
    entry = next(entry for entry in made.entries if entry.kind == kind)
    with pytest.raises(NotFound):
        made.reverse(entry)


def test_a_burn_is_reversed_once() -> None:
    made = vault("100")
    burned = made.burn(70)
    made.reverse(burned)
    for amount in (None, 1):
        with pytest.raises(AlreadyReversed):
            made.reverse(burned, amount)
    again = made.burn(70)
    assert made.reverse(again).amount == 70


def test_a_burn_of_nothing_has_nothing_to_reverse() -> None:
    made = vault("1")
    made.burn(1)
    with pytest.raises(AlreadyReversed):
        made.reverse(made.burn(5, "up_to"))


def test_no_more_is_reversed_than_was_burned() -> None:
    made = vault("100")
    burned = made.burn(70)
    with pytest.raises(AmountOutOfRange) as refusal:
        made.reverse(burned, 71)
    assert refusal.value.facts["largest"] == 70
    made.reverse(burned, 30)
    with pytest.raises(AmountOutOfRange) as refusal:
        made.reverse(burned, 41)
    assert refusal.value.facts["largest"] == 40


def test_a_reversal_never_fills_a_wallet_beyond_the_largest_total() -> None:
    made = vault("100")
    burned = made.burn(100)
    made.grant(str(limits.LARGEST_TOTAL - 40))
    with pytest.raises(AmountOutOfRange):
        made.reverse(burned, 41)
    assert made.reverse(burned, 40).after.total == limits.LARGEST_TOTAL


def test_a_burn_of_hundreds_of_lots_is_reversed_in_parts() -> None:
    """Each lot comes back from its rest to a page; what one transaction cannot hold is refused, and nothing is done."""
    made = hoard(900, "1 exp=+9d")
    burned = made.burn(700)
    before = made.wallet
    with pytest.raises(PolicyViolation) as refusal:
        made.reverse(burned)
    assert (refusal.value.facts["policy"], made.wallet) == ("max_lots_per_burn", before)
    for _ in range(7):
        made.reverse(burned, 100)
    assert made.look() == Totals(available=900)
    made.check()


# Debit


def test_a_debit_takes_credits_in_burn_order_and_their_money_is_breakage() -> None:
    made = vault("30 exp=+1d; 70 cost=700USD")
    assert story([made.debit(50)]) == ["adjustment -50 (30 of 1, 20 of 2 for 200USD)"]
    assert parts(made, 2) == {"deferred": 500, "breakage": 200}


def test_a_debit_makes_no_debt() -> None:
    made = vault("30", overdraft_limit=100)
    with pytest.raises(InsufficientCredits) as refusal:
        made.debit(31)
    assert (refusal.value.facts["required"], refusal.value.facts["available"]) == (31, 30)
    made.debit(30)
    assert made.look() == Totals()


def test_a_debit_leaves_what_is_held_and_what_is_pending() -> None:
    made = vault("30; 50 from=+1d")
    hold(made, 10)
    with pytest.raises(InsufficientCredits):
        made.debit(21)
    made.debit(20)
    assert made.look() == Totals(held=10, pending=50)


@pytest.mark.parametrize(
    "act", [lambda made: made.void(1), lambda made: made.debit(50), lambda made: made.burn(50)]
)
def test_what_was_due_is_booked_in_front_of_it(act: Any) -> None:
    made = vault("100; 9 exp=+1h")
    made.wait("2h")
    act(made)
    first, second = made.commits[-1].entries
    assert (first.kind, first.at, second.at) == ("expiry", moment("+1h"), moment("+2h"))
    assert isinstance(made, Vault)


def test_a_debit_of_more_lots_than_one_commit_can_hold_is_refused_and_nothing_moves() -> None:
    """2 500 lots of 1, 20 to an item: no commit takes 2 300 of them."""
    made = hoard(2500)
    with pytest.raises(PolicyViolation) as refused:
        made.debit(2300)
    assert refused.value.facts["policy"] == "max_lots_per_burn"
    assert (made.look().available, made.wallet.version) == (2500, 2500)
