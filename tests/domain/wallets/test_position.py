"""Law 9: payments are facts, not deltas. What is posted is the difference between where a payment stands and where
its facts say it should.

The payment of these examples buys 100 credits for 10.00 USD: ten cents a credit.
"""

from __future__ import annotations

import itertools

import pytest

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.errors import WalletClosed
from scrip.domain.wallets.position import GivenBack
from tests.domain.builders import moment, story
from tests.domain.memory import Vault, shaped, vault

FACE = "100 cost=1000USD"


def pay(
    made: Vault, clawed: int = 0, frozen: int = 0, face: str = FACE, refunded: int | None = None
) -> list[str]:
    """The payment stands so; its money went back in proportion, where nothing else is said."""
    back = clawed * 10 if refunded is None else refunded
    return made.pay("p", face, clawed, back, frozen)


def paid(made: Vault) -> Vault:
    pay(made)
    return made


def moved(entry: Entry) -> tuple[int, int, str]:
    """Refunded and recognised minor units, and the credits that were short."""
    return entry.extra["refunded"], entry.extra["recognised"], entry.extra["short"]


def test_a_payment_grants_its_face_as_a_paid_lot() -> None:
    made = vault()
    assert pay(made) == ["grant"]
    assert made.look() == Totals(available=100, paid=100)


def test_the_same_facts_again_post_nothing() -> None:
    made = paid(vault())
    assert pay(made, clawed=30) == ["clawback"]
    version = made.wallet.version
    assert pay(made, clawed=30) == []
    assert made.wallet.version == version


def test_a_refund_claws_back_from_the_lot_that_the_payment_made() -> None:
    made = paid(vault("50 prio=0"))
    assert pay(made, clawed=30) == ["clawback"]
    assert story(made.entries[-1:]) == ["clawback -30 (30 of 2)"]
    assert moved(made.entries[-1]) == (300, 0, "0")
    assert made.open() == "1:50 2:70"
    assert made.lot(2).deferred == 700


def test_a_payment_that_arrives_after_its_refund_books_the_whole_face_then_a_clawback() -> None:
    """Nothing is netted: the ledger shows what happened."""
    made = vault()
    assert pay(made, clawed=100) == ["grant", "clawback"]
    assert story(made.entries) == ["grant +100", "clawback -100 (100 of 1)"]
    assert made.look() == Totals()


def test_a_payment_that_arrives_with_a_refund_pending_is_granted_and_frozen() -> None:
    made = vault()
    assert pay(made, clawed=20, frozen=30) == ["grant", "clawback", "freeze"]
    assert made.look() == Totals(available=50, frozen=30, paid=50)


# What was burned already


def test_what_was_burned_is_owed() -> None:
    made = paid(vault())
    made.burn(80)
    pay(made, clawed=50)
    assert made.look() == Totals(owed=30)
    assert story(made.entries[-1:]) == ["clawback -50 (20 of 1)"]
    # 8.00 was earned by the burn, 2.00 deferred; 5.00 goes back: 2.00 of the deferred and 3.00 of the earned.
    assert moved(made.entries[-1]) == (500, -300, "30")


def test_a_refund_after_everything_was_burned_is_owed_whole() -> None:
    made = paid(vault())
    made.burn(100)
    pay(made, clawed=100)
    assert story(made.entries[-1:]) == ["clawback -100"]
    assert moved(made.entries[-1]) == (1000, -1000, "100")
    assert made.look() == Totals(owed=100)
    made.grant("250")
    assert made.look() == Totals(available=150)


def test_what_was_burned_is_written_off_with_an_entry_that_says_so() -> None:
    made = paid(vault(refund_shortfall="write_off"))
    made.burn(80)
    pay(made, clawed=50)
    assert story(made.entries[-2:]) == ["clawback -50 (20 of 1)", "write_off +30"]
    assert made.entries[-1].extra == {"of": made.entries[-2].id, "forgives": [["0", "30", 1]]}
    assert made.look() == Totals()


def test_what_was_burned_is_taken_from_other_lots() -> None:
    made = paid(vault("15 prio=90 cost=30USD; 200 prio=95", refund_shortfall="other_lots"))
    made.burn(80)
    pay(made, clawed=50)
    assert story(made.entries[-1:]) == ["clawback -50 (20 of 3, 15 of 1 for 30USD, 15 of 2)"]
    assert made.look() == Totals(available=185)


def test_what_other_lots_lack_is_owed() -> None:
    made = paid(vault("15 prio=90", refund_shortfall="other_lots"))
    made.burn(100)
    pay(made, clawed=50)
    assert made.look() == Totals(owed=35)
    assert moved(made.entries[-1])[2] == "35"


def test_a_payment_that_repaid_debt_and_is_refunded_leaves_the_debt() -> None:
    made = vault(overdraft_limit=60)
    made.burn(60)
    assert pay(made, clawed=100) == ["grant", "clawback"]
    assert story(made.entries[1:]) == ["grant +100 (60 of 2 for 600USD)", "clawback -100 (40 of 2)"]
    assert made.look() == Totals(owed=60)


def test_more_money_may_go_back_than_is_deferred() -> None:
    """Nine of ten dollars are earned; a goodwill refund of 5.00 takes ten credits: 4.00 of it was earned."""
    made = paid(vault())
    made.burn(90)
    pay(made, clawed=10, refunded=500)
    assert moved(made.entries[-1]) == (500, -400, "0")


def test_money_may_go_back_without_credits() -> None:
    made = paid(vault())
    assert pay(made, clawed=0, refunded=50) == ["clawback"]
    assert story(made.entries[-1:]) == ["clawback +0"]
    assert made.lot(1).deferred == 950


def test_other_lots_keep_what_is_frozen() -> None:
    made = paid(vault(refund_shortfall="other_lots"))
    made.pay("q", "60 cost=60USD prio=99", frozen=40)
    made.burn(100)
    pay(made, clawed=50)
    assert made.look() == Totals(frozen=40, owed=30)


# What comes back after all


def test_a_refund_that_failed_after_all_reinstates_the_same_lot() -> None:
    """Law 7: with its cost basis and its expiry."""
    face = FACE + " exp=+30d"
    made = vault()
    pay(made, face=face)
    pay(made, clawed=100, face=face)
    assert made.lot(1).fate == "voided"
    made.wait("1d")
    assert pay(made, face=face) == ["reinstatement"]
    assert story(made.entries[-1:]) == ["reinstatement +100"]
    assert moved(made.entries[-1]) == (-1000, 0, "0")
    assert (made.lot(1).deferred, made.lot(1).expires_at) == (1000, moment("+30d"))
    assert made.look() == Totals(available=100, paid=100)


def test_a_reinstatement_undoes_the_debt_that_the_refund_made() -> None:
    made = paid(vault())
    made.burn(80)
    pay(made, clawed=50)
    assert made.look() == Totals(owed=30)
    pay(made)
    assert story(made.entries[-1:]) == ["reinstatement +50"]
    assert made.look() == Totals(available=20, paid=20)
    assert (recognised(made), made.lot(1).deferred) == (800, 200)


def test_what_was_written_off_is_not_given_twice() -> None:
    made = paid(vault(refund_shortfall="write_off"))
    made.burn(80)
    pay(made, clawed=50)
    pay(made)
    assert made.entries[-1].extra["given"] == "20"
    assert made.look() == Totals(available=20, paid=20)
    # And its money is earned again, as before the refund: 8.00 of the 10.00.
    assert recognised(made) == 800
    assert made.lot(1).deferred == 200


def test_what_was_written_off_is_not_given_twice_in_parts_either() -> None:
    made = paid(vault(refund_shortfall="write_off"))
    made.burn(80)
    pay(made, clawed=50)
    given = []
    for clawed in (40, 25, 10, 0):
        pay(made, clawed=clawed)
        given.append(made.entries[-1].extra["given"])
    assert given == ["0", "0", "10", "10"]
    assert made.look() == Totals(available=20, paid=20)
    assert pay(made, clawed=50) == ["clawback", "write_off"]
    assert made.look() == Totals()


def test_an_expired_lot_that_is_reinstated_expires_at_once() -> None:
    """Law 5: each credit once."""
    face = FACE + " exp=+1h"
    made = vault()
    pay(made, face=face)
    made.burn(10)
    pay(made, clawed=60, face=face)
    made.wait("2h")
    assert pay(made, face=face) == ["reinstatement"]
    assert story(made.commits[-1].entries) == [
        "expiry -30 (30 of 1 for 300USD)",
        "reinstatement +60",
        "expiry -60 (60 of 1 for 600USD)",
    ]
    assert made.wallet.totals == Totals()


def test_an_expired_lot_that_is_reinstated_expires_at_once_wherever_it_would_lie() -> None:
    """Past the window too, where it would come to a page."""
    face = FACE + " exp=+1h prio=60"
    made = vault("; ".join(["10 prio=10"] * 18))
    pay(made, face=face)
    pay(made, clawed=100, face=face)
    made.wait("2h")
    pay(made, face=face)
    assert story(made.commits[-1].entries) == ["reinstatement +100", "expiry -100 (100 of 19 for 1000USD)"]
    assert made.wallet.totals == Totals(available=180)


def test_an_expired_lot_that_is_reinstated_pays_the_debt_of_its_refund_before_it_expires() -> None:
    """What was burned in time was burned rightly: the debt falls with the refund that made it."""
    face = FACE + " exp=+1h"
    made = vault()
    pay(made, face=face)
    made.burn(80)
    pay(made, clawed=100, face=face)
    made.wait("2h")
    pay(made, face=face)
    assert made.look() == Totals()
    assert story(made.commits[-1].entries) == [
        "reinstatement +100",
        "expiry -20 (20 of 1 for 200USD)",
    ]


# Frozen shares


def test_a_pending_refund_freezes_its_share_and_one_that_failed_thaws_it() -> None:
    made = paid(vault())
    assert pay(made, frozen=30) == ["freeze"]
    assert made.look() == Totals(available=70, frozen=30, paid=70)
    assert story(made.entries[-1:]) == ["freeze +0 (30 of 1 for 0USD)"]
    assert pay(made) == ["thaw"]
    assert made.look() == Totals(available=100, paid=100)


def test_a_pending_refund_that_succeeds_takes_what_it_froze() -> None:
    made = paid(vault())
    pay(made, frozen=30)
    made.burn(70)
    assert pay(made, clawed=30) == ["clawback"]
    assert made.look() == Totals()
    assert moved(made.entries[-1]) == (300, 0, "0")


def test_a_refund_beside_a_pending_one_takes_what_is_free_first() -> None:
    made = paid(vault())
    pay(made, frozen=30)
    assert pay(made, clawed=50, frozen=30) == ["clawback"]
    assert made.look() == Totals(available=20, frozen=30, paid=20)


def test_no_more_is_frozen_than_there_is() -> None:
    made = paid(vault())
    made.burn(90)
    assert pay(made, frozen=30) == ["freeze"]
    assert made.look() == Totals(frozen=10)
    assert pay(made, frozen=30) == []


def test_a_lot_frozen_whole_is_spendable_again_when_it_thaws() -> None:
    made = paid(vault("5 prio=99"))
    pay(made, frozen=100)
    assert made.open() == "1:5"
    pay(made)
    assert made.open() == "2:100 1:5"


def test_a_freeze_finds_its_lot_in_a_page() -> None:
    made = vault("; ".join(["1 prio=1"] * 40))
    pay(made)
    assert pay(made, frozen=60) == ["freeze"]
    assert pay(made, clawed=60) == ["clawback", "thaw"]
    assert made.look() == Totals(available=80, paid=40)


def test_a_frozen_wallet_is_granted_and_clawed_back() -> None:
    made = shaped(paid(vault()), status="frozen")
    assert pay(made, clawed=30) == ["clawback"]
    assert made.look().available == 70


def test_a_closed_wallet_is_refused_so_that_a_person_looks() -> None:
    with pytest.raises(WalletClosed):
        pay(shaped(vault(), status="closed"))
    made = paid(vault())
    made.burn(100)
    with pytest.raises(WalletClosed):
        pay(shaped(made, status="closed"), clawed=10)


# Any order, any number of repeats


@pytest.mark.parametrize("shortfall", ["owe", "write_off"])
@pytest.mark.parametrize("way", list(itertools.permutations([(30, 0), (0, 20), (60, 10)])))
def test_any_way_to_the_same_facts_gives_the_same_end(
    way: tuple[tuple[int, int], ...], shortfall: str
) -> None:
    made = paid(vault(refund_shortfall=shortfall))
    made.burn(55)
    for clawed, frozen in way:
        pay(made, clawed=clawed, frozen=frozen)
        pay(made, clawed=clawed, frozen=frozen)
    pay(made, clawed=40, frozen=5)
    assert made.look() == Totals(frozen=5)
    assert made.lot(1).deferred + recognised(made) + 400 == 1000


def recognised(made: Vault) -> int:
    """Law 8, as the ledger tells it."""
    values: int = sum(draw.value.amount for entry in made.entries for draw in entry.draws if draw.value)
    corrected: int = sum(entry.extra.get("recognised", 0) for entry in made.entries)
    return values + corrected


# What ended before nobody spent, and what went on to somebody else


def test_what_expired_before_its_money_went_back_is_no_debt() -> None:
    """10.00 paid for 100 credits that all expire: the customer lost them already, and owes nothing for them."""
    face = FACE + " exp=+1h"
    made = vault()
    pay(made, face=face)
    made.wait("2h")
    assert pay(made, clawed=100, face=face) == ["clawback"]
    assert made.look() == Totals()
    # 10.00 of breakage was earned; it goes back.
    assert moved(made.entries[-1]) == (1000, -1000, "0")
    assert made.entries[-1].extra["unused"] == "100"
    made.grant("100 cost=10000USD")
    assert made.look() == Totals(available=100, paid=100)


@pytest.mark.parametrize("how", ["void", "debit"])
def test_what_was_taken_away_unspent_is_no_debt(how: str) -> None:
    made = paid(vault())
    made.void(1) if how == "void" else made.debit(100)
    pay(made, clawed=100)
    assert made.look() == Totals()


UNSPENT = [
    # burned, then the rest ends; credits of each refund; what is owed after each
    (30, [100], [30]),
    (30, [50, 100], [0, 30]),
    (30, [70, 71, 100], [0, 1, 30]),
    (80, [50], [30]),
    (80, [20, 50, 100], [0, 30, 80]),
    (100, [10], [10]),
]


@pytest.mark.parametrize(("burned", "clawed", "owed"), UNSPENT)
def test_only_what_was_burned_is_owed(burned: int, clawed: list[int], owed: list[int]) -> None:
    """What ended unspent is counted before what was burned, whatever the number of refunds."""
    face = FACE + " exp=+1h"
    made = vault()
    pay(made, face=face)
    made.burn(burned)
    made.wait("2h")
    seen = []
    for steps in clawed:
        pay(made, clawed=steps, face=face)
        seen.append(made.look().owed)
    assert seen == owed


def test_a_dispute_that_is_won_leaves_what_had_ended_ended() -> None:
    """30 burned, 50 voided, 20 left; the dispute is lost, then won: as if there had been none."""
    made = paid(vault())
    made.burn(30)
    made.void(1, 50)
    before = made.look()
    pay(made, clawed=100)
    assert made.look() == Totals(owed=30)
    assert moved(made.entries[-1]) == (1000, -800, "30")
    assert pay(made) == ["reinstatement"]
    assert made.look() == before == Totals(available=20, paid=20)
    assert made.entries[-1].extra["unused"] == "-50"
    pay(made, clawed=100)
    assert made.look() == Totals(owed=30)


def test_a_part_that_comes_back_is_what_was_counted_last() -> None:
    """Law 9: 100 taken and 50 given back is the same end as 50 taken."""
    ends = []
    for path in ([50], [100, 50]):
        made = paid(vault())
        made.burn(30)
        made.void(1, 60)
        for steps in path:
            pay(made, clawed=steps)
        ends.append((made.look(), made.lot(1).unused, made.lot(1).deferred))
    assert ends[0] == ends[1] == (Totals(), 20, 0)


def test_what_moved_away_is_owed_and_its_money_is_a_loss_not_negative_revenue() -> None:
    """Law 8: the receiver's 10.00 stay deferred, so the sender has neither earned them nor has them."""
    made, other = paid(vault(transferable=True)), Vault(account="beta")
    made.transfer(other, 100)
    pay(made, clawed=100)
    entry = made.entries[-1]
    assert (moved(entry), entry.extra["bad_debt"]) == ((1000, 0, "100"), 1000)
    assert made.look() == Totals(owed=100)
    assert other.lot(1).deferred == 1000
    assert pay(made) == ["reinstatement"]
    assert made.entries[-1].extra["bad_debt"] == -1000
    assert (moved(made.entries[-1])[:2], made.look()) == ((-1000, 0), Totals())


def test_money_comes_off_what_is_deferred_then_off_what_was_earned_and_the_rest_is_lost() -> None:
    """30 burned, 40 moved, 30 left of 10.00. Half goes back: 3.00 of the deferred and 2.00 of the earned; then all."""
    made, other = paid(vault(transferable=True)), Vault(account="beta")
    made.burn(30)
    made.transfer(other, 40)
    pay(made, clawed=50)
    assert (moved(made.entries[-1]), made.look()) == ((500, -200, "20"), Totals(owed=20))
    assert "bad_debt" not in made.entries[-1].extra
    pay(made, clawed=100)
    # 1.00 of the earned is left to give back; 4.00 are the other wallet's.
    assert (moved(made.entries[-1]), made.entries[-1].extra["bad_debt"]) == ((500, -100, "50"), 400)
    pay(made, clawed=50)
    # What was counted last is undone first: as after the first half.
    assert (moved(made.entries[-1])[:2], made.entries[-1].extra["bad_debt"]) == ((-500, 100), -400)
    assert made.look() == Totals(owed=20)


# What the entry says of its money

FACTS = {"refund:re_2": 300, "refund:re_1": 300, "dispute:dp_1": 600}


def test_a_clawback_names_what_it_stands_for_and_its_tax() -> None:
    """12.00 paid, 2.00 of it tax. Two refunds of 3.00 and a dispute over 6.00 come at once."""
    made = vault()
    face = "100 cost=1000USD tax=200"
    made.pay("p", face)
    made.pay("p", face, 25, 250, given=GivenBack(50, {"refund:re_1": 300}))
    extra = made.entries[-1].extra
    assert (extra["gross"], extra["tax"], extra["refunded"]) == (300, 50, 250)
    assert extra["facts"] == ["refund:re_1"]
    made.pay("p", face, 100, 1000, given=GivenBack(200, FACTS))
    extra = made.entries[-1].extra
    assert (extra["gross"], extra["tax"], extra["refunded"]) == (900, 150, 750)
    assert extra["facts"] == ["refund:re_2", "dispute:dp_1"], "refunds first"
    made.pay("p", face, 50, 500, given=GivenBack(100, {"refund:re_1": 300, "refund:re_2": 300}))
    extra = made.entries[-1].extra
    assert (extra["gross"], extra["tax"], extra["facts"]) == (-600, -100, ["dispute:dp_1"])


def test_an_amount_that_was_stated_anew_is_named_again() -> None:
    made = paid(vault())
    made.pay("p", FACE, 25, 250, given=GivenBack(0, {"refund:re_1": 250}))
    made.pay("p", FACE, 50, 500, given=GivenBack(0, {"refund:re_1": 500}))
    assert made.entries[-1].extra["facts"] == ["refund:re_1"]


# Tax


def test_tax_that_is_due_at_redemption_leaves_with_the_credits_it_was_paid_for() -> None:
    """2.00 of tax over 3 credits: 0.66, 0.67 and 0.67 fall due."""
    made = vault("3 cost=1000USD tax=200 due=redemption")
    assert [made.burn(1).draws[0].tax for _ in range(3)] == [66, 67, 67]
    made.reverse(made.entries[2], 1)
    assert made.lot(1).deferred_tax == 67
    assert made.entries[-1].draws[0].tax == 67


def test_tax_of_held_credits_falls_due_as_they_are_captured() -> None:
    made = vault("100 cost=1000USD tax=200 due=redemption")
    hold = made.hold(30)
    assert hold.draws[0].tax is None
    assert made.capture(hold.seq).draws[0].tax == 60


def test_a_refund_takes_tax_that_is_not_due_yet_first() -> None:
    """12.00 paid, 2.00 of it tax at redemption; 80 of 100 burned: 1.60 is due. 6.00 goes back with 1.00 of tax: the
    0.40 that is not due, and 0.60 that was."""
    made, face = vault(), "100 cost=1000USD tax=200 due=redemption"
    made.pay("p", face)
    made.burn(80)
    made.pay("p", face, 50, 500, given=GivenBack(100, {"dispute:dp_1": 600}))
    assert (made.entries[-1].extra["tax"], made.entries[-1].extra["tax_due"]) == (100, -60)
    made.pay("p", face)
    assert made.entries[-1].extra["tax"] == -100
    assert (made.lot(1).deferred_tax, made.lot(1).deferred) == (40, 200)
