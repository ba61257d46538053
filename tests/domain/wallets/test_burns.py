"""Burns: in order, exact or up to what is there, never more than there is (law 2)."""

from __future__ import annotations

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import (
    InsufficientCredits,
    PolicyViolation,
    Steps,
    WalletClosed,
    WalletFrozen,
)
from tests.domain.builders import moment, story
from tests.domain.memory import Vault, hoard, shaped, vault


def test_a_burn_takes_credits_and_says_from_which_lots() -> None:
    made = vault("100 exp=+30d; 50 exp=+7d; 30 prio=0 cost=300USD; 20 from=+1d")
    assert story([made.burn(60)]) == ["burn -60 (30 of 3 for 300USD, 30 of 2)"]
    assert made.open() == "2:20 1:100"
    assert made.look() == Totals(available=120, pending=20)


def test_an_entry_says_what_was_before_and_after() -> None:
    made = vault("100; 30 cost=90USD prio=0")
    entry = made.burn(10)
    assert (entry.before.available, entry.before.paid) == (130, 30)
    assert (entry.after.available, entry.after.paid) == (120, 20)
    assert (entry.amount, entry.seq, entry.at) == (-10, 3, made.now)


def test_one_burn_of_10_from_10_000_for_a_thousand_dollars_earns_one_dollar() -> None:
    made = vault("10000 cost=100000USD")
    assert story([made.burn(10)]) == ["burn -10 (10 of 1 for 100USD)"]


def test_the_thousand_and_first_burn_of_10_is_refused() -> None:
    made = vault("10000 cost=100000USD")
    made.checked = False
    for _ in range(1000):
        assert made.burn(10).draws[0].value.amount == 100  # type: ignore[union-attr]
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(10)
    assert refusal.value.facts == {"required": 10, "available": 0}
    made.check()


def test_a_burn_of_all_there_is_leaves_nothing() -> None:
    made = vault("10; 20; 30")
    made.burn(60)
    assert made.look() == Totals()
    assert {lot.fate for lot in made.all_lots()} == {"depleted"}


def test_a_refusal_changes_nothing_and_tells_amounts_of_the_unit() -> None:
    """Law 3."""
    made = vault("10; 20 from=+1d")
    before = made.wallet
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(11)
    assert made.wallet == before
    assert all(isinstance(fact, Steps) for fact in refusal.value.facts.values())
    refusal.value.in_unit("credits", 1)
    assert refusal.value.facts == {"required": "1.1", "available": "1", "unit": "credits"}


def test_up_to_takes_what_is_there_and_says_what_is_missing() -> None:
    made = vault("10; 20")
    entry = made.burn(50, "up_to")
    assert (entry.amount, entry.extra["missing"]) == (-30, "20")
    assert made.look() == Totals()


def test_up_to_of_nothing_is_an_entry_of_zero() -> None:
    made = vault()
    entry = made.burn(5, "up_to")
    assert (entry.amount, entry.draws, entry.extra["missing"]) == (0, (), "5")
    assert made.wallet.version == 1


def test_an_overdraft_pays_what_is_lacking_up_to_its_limit() -> None:
    made = vault("10", overdraft_limit=5)
    entry = made.burn(14)
    assert (entry.amount, entry.extra["missing"]) == (-14, "0")
    assert made.look() == Totals(owed=4)
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(2)
    assert refusal.value.facts == {"required": 2, "available": 0}
    made.burn(1)
    assert made.look() == Totals(owed=5)
    with pytest.raises(InsufficientCredits):
        made.burn(1)


def test_up_to_makes_no_debt() -> None:
    made = vault("10", overdraft_limit=5)
    made.burn(14, "up_to")
    assert made.look() == Totals()


def test_an_overdraft_limit_that_was_lowered_never_goes_below_zero() -> None:
    made = vault("10", overdraft_limit=5)
    made.burn(15)
    made.policy = vault(overdraft_limit=2).policy
    made.grant("3")
    with pytest.raises(InsufficientCredits):
        made.burn(1)


def test_a_frozen_wallet_spends_nothing() -> None:
    made = shaped(vault("10"), status="frozen")
    with pytest.raises(WalletFrozen):
        made.burn(1)
    with pytest.raises(WalletFrozen):
        made.burn(1, "up_to")


def test_a_frozen_wallet_takes_grants_and_expiry_goes_on() -> None:
    made = shaped(vault("10 exp=+1h"), status="frozen")
    made.grant("5")
    made.wait("1h")
    assert made.sweep() == 1
    assert made.wallet.status == "frozen"
    assert made.look() == Totals(available=5)


def test_a_closed_wallet_says_so_before_anything_else() -> None:
    made = shaped(vault(), status="closed")
    with pytest.raises(WalletClosed):
        made.burn(1)


def test_what_is_frozen_by_a_pending_refund_is_not_spent() -> None:
    made = vault("10 prio=90")
    made.pay("p", "100 cost=1000USD", frozen=30)
    assert made.look() == Totals(available=80, frozen=30, paid=70)
    assert story([made.burn(75)]) == ["burn -75 (70 of 2 for 700USD, 5 of 1)"]
    with pytest.raises(InsufficientCredits):
        made.burn(6)


def test_a_lot_granted_later_that_sorts_first_is_taken_first() -> None:
    made = vault("10; 10")
    made.burn(1)
    made.grant("10 prio=0")
    assert [draw.lot for draw in made.burn(12).draws] == [4, 1]


# The limit: as many lots as one commit can hold


def test_one_burn_takes_some_800_lots_of_neighbouring_sequences() -> None:
    """A window of 16 and 40 pages of 20."""
    made = hoard(1000)
    entry = made.burn(816)
    assert len(entry.draws) == 816
    assert made.commits[-1].items <= limits.COMMIT_ITEMS - limits.COMMIT_SLACK // 2
    made.check()
    assert made.look() == Totals(available=184)


def test_a_burn_that_needs_more_lots_is_refused_by_name() -> None:
    made = hoard(1000)
    before = made.wallet
    with pytest.raises(PolicyViolation) as refusal:
        made.burn(817)
    assert refusal.value.facts == {"policy": "max_lots_per_burn"}
    assert made.wallet == before


def test_up_to_takes_the_lots_that_fit_and_says_what_is_missing() -> None:
    made = hoard(1000)
    entry = made.burn(1000, "up_to")
    assert (entry.amount, entry.extra["missing"]) == (-816, "184")
    assert len(made.reads) <= 5, "no more is read than can be taken"
    assert made.burn(1000, "up_to").amount == -184
    made.check()


def test_lots_of_distant_sequences_fill_a_commit_sooner() -> None:
    """Each lot that is used up comes to rest in the block of its sequence: 2000 lots, every twentieth of them first."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 prio={seq % 20}" for seq in range(1, 2001)))
    entry = made.burn(100, "up_to")
    assert 60 <= len(entry.draws) < 100
    assert made.commits[-1].items <= limits.COMMIT_ITEMS
    made.check()


@pytest.mark.parametrize("lives", ["1 exp=+1d", "1 cost=7USD exp=+1d"])
def test_the_limit_is_the_same_for_lots_that_expire(lives: str) -> None:
    made = hoard(900, lives)
    assert len(made.burn(816).draws) == 816
    made.check()


def test_a_burn_that_does_not_fit_beside_what_was_due_comes_after_it() -> None:
    """Expiries are committed first, on their own; then the burn has room for all its lots."""
    made = Vault(checked=False)
    made.grant("; ".join(["1 exp=+1h prio=1"] * 200) + "; " + "; ".join(["1"] * 816))
    made.wait("2h")
    before = len(made.commits)
    entry = made.burn(816)
    assert len(entry.draws) == 816
    assert [len(decision.entries) for decision in made.commits[before:]] == [1, 1]
    assert [entry.at for entry in made.entries[-2:]] == [moment("+1h"), moment("+2h")]
    made.check()
    assert made.look() == Totals()


def test_a_small_burn_is_committed_with_what_was_due() -> None:
    made = Vault(checked=False)
    made.grant("; ".join(["1 exp=+1h prio=1"] * 200) + "; 50")
    made.wait("2h")
    before = len(made.commits)
    made.burn(10)
    assert [len(decision.entries) for decision in made.commits[before:]] == [2]
    made.check()
