"""Law 5: expiry is a fact of time. Booking it, sooner or later, changes nothing of what was true."""

from __future__ import annotations

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from tests.domain.builders import moment, story
from tests.domain.memory import Vault, hoard, kinds, vault


def test_a_lot_is_spendable_until_the_millisecond_before_it_expires() -> None:
    made = vault("100 exp=+1h")
    assert made.look(moment("+1h-1ms")).available == 100
    assert made.look(moment("+1h")).available == 0


def test_a_lot_with_an_inclusive_boundary_lives_one_millisecond_longer() -> None:
    made = vault("100 exp=+1h", expiry_boundary="inclusive")
    assert made.look(moment("+1h")).available == 100
    assert made.look(moment("+1h+1ms")).available == 0


def test_reads_show_an_expiry_that_nobody_has_booked_yet() -> None:
    made = vault("100 exp=+1h; 50")
    made.wait("30d")
    assert made.look() == Totals(available=50)
    assert made.wallet.totals.available == 150, "no sweep has run"


def test_the_sweep_books_it_once_at_its_own_instant() -> None:
    made = vault("100 exp=+1h cost=250USD; 50")
    made.wait("30d")
    assert made.sweep() == 1
    assert made.sweep() == 0
    assert story(made.entries[2:]) == ["expiry -100 (100 of 1 for 250USD)"]
    assert made.entries[2].at == moment("+1h")
    assert made.lot(1).fate == "expired"


def test_the_next_write_books_it_in_front_of_its_own_entry_and_in_the_same_commit() -> None:
    made = vault("100 exp=+1h; 50")
    made.wait("2h")
    made.burn(10)
    assert story(made.commits[-1].entries) == ["expiry -100 (100 of 1)", "burn -10 (10 of 2)"]
    assert [entry.at for entry in made.commits[-1].entries] == [moment("+1h"), moment("+2h")]


def test_an_expired_lot_pays_for_no_burn() -> None:
    made = vault("100 exp=+1h; 50")
    made.wait("1h")
    assert story([made.burn(20)]) == ["burn -20 (20 of 2)"]


def test_what_was_burned_in_time_does_not_expire() -> None:
    made = vault("100 exp=+1h")
    made.burn(70)
    made.wait("1h")
    made.sweep()
    assert story(made.entries[1:]) == ["burn -70 (70 of 1)", "expiry -30 (30 of 1)"]


def test_a_lot_burned_to_nothing_leaves_nothing_to_expire() -> None:
    made = vault("100 exp=+1h; 1")
    made.burn(100)
    made.wait("1h")
    assert made.sweep() == 0
    assert made.lot(1).fate == "depleted"


def test_several_instants_are_booked_in_their_order_each_at_its_own() -> None:
    made = vault("1 exp=+3h; 2 exp=+1h; 4 exp=+2h; 8 from=+90m; 16 exp=+1h; 32")
    made.wait("5h")
    made.burn(5)
    assert story(made.entries[6:]) == [
        "expiry -18 (2 of 2, 16 of 5)",
        "activation +0",
        "expiry -4 (4 of 3)",
        "expiry -1 (1 of 1)",
        "burn -5 (5 of 6)",
    ]
    hours = [moment("+1h"), moment("+90m"), moment("+2h"), moment("+3h"), moment("+5h")]
    assert [entry.at for entry in made.entries[6:]] == hours


def test_at_one_instant_lots_expire_before_lots_begin() -> None:
    made = vault("10 exp=+1h; 20 from=+1h; 30 from=+1h exp=+2h")
    made.wait("1h")
    made.sweep()
    assert story(made.entries[3:]) == ["expiry -10 (10 of 1)", "activation +0", "activation +0"]
    assert [entry.extra.get("lot") for entry in made.entries[4:]] == [2, 3], "in the order of their grants"
    assert made.open() == "3:30 2:20"


def test_lots_that_begin_at_one_instant_begin_in_the_order_of_their_grants() -> None:
    """The ninth before the tenth, and an earlier instant before all."""
    made = vault("; ".join(["1 from=+2h"] * 12) + "; 1 from=+1h")
    made.wait("2h")
    made.sweep()
    assert [entry.extra["lot"] for entry in made.entries[13:]] == [13, *range(1, 13)]


def test_a_pending_lot_is_visible_and_not_spendable_until_its_instant() -> None:
    made = vault("10; 40 from=+1d")
    assert made.look() == Totals(available=10, pending=40)
    assert made.look(moment("+1d-1ms")) == Totals(available=10, pending=40)
    assert made.look(moment("+1d")) == Totals(available=50)


def test_a_lot_that_began_and_ended_unseen_did_both() -> None:
    made = vault("10; 40 from=+1d exp=+2d")
    made.wait("7d")
    made.sweep()
    assert story(made.entries[2:]) == ["activation +0", "expiry -40 (40 of 2)"]
    assert [entry.at for entry in made.entries[2:]] == [moment("+1d"), moment("+2d")]


def test_a_pending_lot_repays_when_it_activates() -> None:
    made = vault("10; 40 from=+1d", overdraft_limit=30)
    made.burn(35)
    assert made.look() == Totals(pending=40, owed=25)
    made.wait("1d")
    assert made.look() == Totals(available=15)
    made.sweep()
    assert story(made.entries[3:]) == ["activation +0 (25 of 2)"]


def test_a_pending_lot_that_does_not_repay_leaves_the_debt() -> None:
    made = vault("10; 40 from=+1d", overdraft_limit=30, repay_first=False)
    made.burn(35)
    made.wait("1d")
    assert made.look() == Totals(available=40, owed=25)


def test_a_lot_that_repaid_all_it_had_is_used_up() -> None:
    made = vault("20 from=+1d cost=100USD", overdraft_limit=30)
    made.burn(30)
    made.wait("1d")
    made.sweep()
    assert made.look() == Totals(owed=10)
    assert story(made.entries[2:]) == ["activation +0 (20 of 1 for 100USD)"]
    assert made.lot(1).fate == "depleted"


def test_an_instant_before_the_wallets_last_is_clamped_up() -> None:
    """Skew between machines is never refused."""
    made = vault("100")
    made.wait("2s")
    made.burn(10)
    made.now -= 1_500
    assert made.burn(10).at == moment("+2s")


@pytest.mark.parametrize("order", ["priority_expiry_cost", "lago"])
def test_more_than_one_commit_can_hold_is_booked_in_several(order: str) -> None:
    """Each lot has its instant: 300 entries. Every one is booked once, at its own instant, and then nothing is due."""
    made = Vault(vault(order=order).policy, checked=False)
    made.grant("; ".join(f"1 exp=+{minute}m" for minute in range(300, 0, -1)) + "; 5")
    made.wait("1d")
    before = len(made.commits)
    assert made.look() == Totals(available=5)
    made.burn(2)
    made.check()
    expiries = made.entries[301:-1]
    assert [entry.at for entry in expiries] == [moment(f"+{minute}m") for minute in range(1, 301)]
    assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits[before:])
    assert len(made.commits) - before >= 4
    made.burn(1)
    assert made.dues == {}


def test_hundreds_of_lots_of_one_instant_expire_together() -> None:
    made = Vault(checked=False)
    made.grant("; ".join(["1 exp=+1h"] * 500) + "; 5")
    made.wait("1h")
    made.sweep()
    made.check()
    assert made.look() == made.wallet.totals == Totals(available=5)
    assert sum(len(entry.draws) for entry in made.entries if entry.kind == "expiry") == 500
    assert (made.pages, made.dues) == ({}, {})


def test_a_burn_waits_until_all_of_them_are_booked() -> None:
    """Nothing is ever committed while something is due: the bookings fill several commits of their own."""
    made = Vault(checked=False)
    made.grant("; ".join(["1 exp=+1h prio=60"] * 400) + "; " + "; ".join(["5"] * 17))
    made.wait("1h")
    before = len(made.commits)
    entry = made.burn(2)
    made.check()
    assert (entry.before, entry.after) == (Totals(available=85), Totals(available=83))
    assert [kinds(decision.entries) for decision in made.commits[before:]] == [["expiry"], ["expiry", "burn"]]


def test_pending_lots_beyond_what_is_read_at_a_time_begin_in_order() -> None:
    """Forty begin before the instant at which the window's lot expires; only 25 due items are read at a time."""
    made = vault("; ".join(f"1 from=+{minute}m" for minute in range(1, 41)) + "; 7 exp=+1h")
    made.wait("2h")
    made.sweep()
    booked = made.entries[41:]
    assert [entry.at for entry in booked] == sorted(entry.at for entry in booked)
    assert [entry.at for entry in booked] == [moment(f"+{minute}m") for minute in (*range(1, 41), 60)]
    assert booked[-1].kind == "expiry"


def test_lots_burned_long_before_they_would_expire_stop_no_later_write() -> None:
    """The due items of pages that were burned away are found to stand for nothing, hundreds at once, and go."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{minute}m" for minute in range(1, 617)) + "; 100 exp=+30d")
    for _ in range(22):
        made.burn(28)
    assert made.open() == "617:100"
    made.wait("2d")
    for left in (95, 90, 85):
        made.burn(5)
        assert made.look() == Totals(available=left)
    made.check()
    assert [at for at, _ in made.dues] in ([], [moment("+30d")])
    assert made.entries[-1].kind == "burn"


def test_hundreds_of_due_items_that_came_to_nothing_are_dropped_as_room_allows() -> None:
    """150 pages were burned away before their instant. No later commit is too large for it, and none is refused."""
    made = hoard(3016, "1 exp=+1h")
    for _ in range(4):
        made.burn(754)
    made.grant("; ".join(["1"] * 900))
    assert len(made.dues) == 150
    made.wait("1h")
    made.burn(816)
    assert len(made.dues) == 150, "a burn of that many lots leaves no room"
    while made.dues:
        before = len(made.dues)
        made.burn(1)
        assert len(made.dues) < before
        assert made.commits[-1].items <= limits.BOOKING_ITEMS + limits.COMMIT_SLACK
    made.burn(1)
    assert made.reads == []
    made.check()


def test_a_page_whose_first_to_expire_was_taken_back_waits_for_its_next() -> None:
    """The due item names too early an instant: it is moved, and nothing expires early or late."""
    made = vault("; ".join(["1 prio=1"] * 16) + "; 9 exp=+9d")
    made.pay("p", "7 exp=+1d cost=70USD")
    made.pay("p", "7 exp=+1d cost=70USD", clawed=7, refunded=70)
    made.wait("2d")
    made.burn(1)
    assert made.look() == Totals(available=24)
    assert list(made.dues) == [(moment("+9d"), next(iter(made.pages)))]
    made.until("+9d")
    assert made.look() == Totals(available=15)


def test_a_frozen_part_does_not_expire_and_expires_at_once_when_thawed() -> None:
    made = vault()
    made.pay("p", "100 exp=+1h cost=1000USD")
    made.pay("p", "100 exp=+1h cost=1000USD", frozen=30)
    made.wait("1h")
    assert made.look() == Totals(frozen=30)
    assert made.pay("p", "100 exp=+1h cost=1000USD") == ["thaw"]
    assert story(made.commits[-1].entries) == [
        "expiry -70 (70 of 1 for 700USD)",
        "thaw +0 (30 of 1 for 0USD)",
        "expiry -30 (30 of 1 for 300USD)",
    ]


def test_a_wallet_whose_lots_were_burned_in_time_leaves_the_index() -> None:
    """Nothing is due where a page's due item says so: the sweep books nothing, and does not look again."""
    made = vault("; ".join(["1 prio=1"] * 16 + ["1 exp=+1d"] * 4) + "; 1 exp=+9d")
    made.burn(20)
    made.wait("2d")
    assert made.wallet.sweep_at == moment("+1d")
    assert made.sweep() == 0
    assert made.wallet.sweep_at == moment("+9d")
    made.until("+9d")
    assert made.sweep() == 1


def test_the_place_in_the_index_is_never_after_what_is_due_next() -> None:
    made = vault("10 exp=+3d; 10 exp=+1d; 10")
    assert made.wallet.sweep_at == moment("+1d")
    made.burn(10)
    assert made.wallet.sweep_at == moment("+1d"), "moved later by the sweep alone: a burn need not pay for it"
    made.wait("1d")
    made.burn(1)
    made.until("+4d")
    made.sweep()
    assert made.wallet.sweep_at is None
