"""Law 9: payments are facts, not deltas. What is posted is the difference between where a payment stands and where
its facts say it should.

The payment of these examples buys 100 credits for 10.00 USD: ten cents a credit.
"""

from __future__ import annotations

import itertools

import pytest

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.errors import WalletClosed
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
