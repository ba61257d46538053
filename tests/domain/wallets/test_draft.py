"""A draft keeps law 1: totals follow the lots, and an entry's amount is what they changed by. What is refused half-way
leaves nothing behind."""

from __future__ import annotations

import pytest

from scrip.domain.credits.entries import GENESIS, Totals
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from tests.domain.builders import START, lot, moment
from tests.domain.memory import vault


@pytest.fixture
def draft() -> Draft:
    """Of a wallet without entries."""
    return Draft(Snapshot(Wallet("acme", "credits", "priority_expiry_cost")))


def test_law_1_an_entrys_amount_is_what_the_totals_changed_by(draft: Draft) -> None:
    """100 are granted of which 30 repay nothing, since they are owed in the same entry; then 25 are spent."""
    one = lot("100 cost=1000USD")
    draft.add(one)
    draft.owe(30)
    first = draft.record("grant", [], START)
    assert (first.amount, first.after) == (70, Totals(available=100, owed=30, paid=100))
    draft.replace(one, one._replace(remaining=75))
    second = draft.record("burn", [], START)
    assert (second.amount, second.before, second.after.total) == (-25, first.after, 45)


def test_entries_follow_each_other_in_number_and_hash(draft: Draft) -> None:
    draft.add(lot("5"))
    first = draft.record("grant", [], START)
    second = draft.record("status", [], START)
    assert (first.seq, first.previous_hash, second.seq) == (1, GENESIS, 2)
    assert second.previous_hash == first.hash()
    made = draft.decision().wallet
    assert (made.version, made.head) == (2, second.hash())


def test_a_lot_counts_by_where_it_lies(draft: Draft) -> None:
    """Of 100 steps 40 are held and 10 frozen; 20 more are pending, and 7 are exhausted: all of them held."""
    draft.add(lot("100", remaining=60, held=40, frozen=10))
    draft.add_pending(lot("20 from=+1d", 2))
    draft.add(lot("7", 3, remaining=0, held=7))
    assert draft.totals == Totals(available=50, held=47, frozen=10, pending=20)
    assert draft.totals.total == 127


def test_a_pending_lot_that_begins_moves_from_pending_to_available(draft: Draft) -> None:
    waiting = lot("20 from=+1d")
    draft.add_pending(waiting)
    draft.activate(waiting, waiting)
    assert draft.totals == Totals(available=20)
    assert draft.record("grant", [], moment("+1d")).amount == 20


def test_what_is_recorded_is_never_before_its_predecessors_nor_before_it_happened() -> None:
    """Law 4. By a clock at 5 000 an entry of 2 000 is recorded at 5 000; by one that is behind, at 4 000, the next too;
    one that holds from 6 000 on is recorded then."""
    empty = Wallet("acme", "credits", "priority_expiry_cost")
    first = Draft(Snapshot(empty), recorded_at=5_000)
    first.record("status", [], 2_000)
    wallet = first.decision().wallet
    behind = Draft(Snapshot(wallet), recorded_at=4_000)
    behind.record("status", [], 3_000)
    behind.record("status", [], 6_000)
    found = [(entry.at, entry.recorded_at) for entry in (*first.entries, *behind.entries)]
    assert found == [(2_000, 5_000), (3_000, 5_000), (6_000, 6_000)]
    assert (wallet.recorded_at, behind.decision().wallet.recorded_at) == (5_000, 6_000)


def test_what_is_only_looked_at_is_not_recorded(draft: Draft) -> None:
    assert draft.record("status", [], START).recorded_at is None


def test_an_instant_is_never_before_the_wallets_last(draft: Draft) -> None:
    draft.add(lot("5"))
    assert draft.record("grant", [], moment("+1d")).at == moment("+1d")
    assert draft.record("status", [], START).at == moment("+1d")


def test_a_change_without_an_entry_is_an_error_before_anything_is_written(draft: Draft) -> None:
    draft.add(lot("5"))
    with pytest.raises(AssertionError, match="a change without an entry"):
        draft.decision()


def test_a_decision_weighs_as_much_as_the_items_of_its_transaction(draft: Draft) -> None:
    """Wallet, entry and the due item of a pending lot; two items of lists, as it is the first commit; then also a note.

    From its second commit on the lists have it.
    """
    draft.add_pending(lot("20 from=+1d"))
    draft.record("grant", [], START)
    assert draft.weight() == 3 + 2
    draft.keep("note", "1", {"source": "ad"})
    assert draft.weight() == draft.decision().items == 4 + 2
    later = Draft(Snapshot(draft.decision().wallet))
    later.record("status", [], START)
    assert later.weight() == later.decision().items == 2


def test_what_is_taken_as_booked_weighs_nothing_more(draft: Draft) -> None:
    draft.add_pending(lot("20 from=+1d"))
    draft.record("grant", [], START)
    draft.take_as_booked()
    assert (draft.entries, draft.weight()) == ([], 1)


def test_a_rollback_leaves_nothing_of_what_was_done_since() -> None:
    """Forty lots of one: the window, a page, an exhausted lot and a debt are as they were."""
    made = vault("; ".join(["1"] * 40))
    snapshot = Snapshot(made.wallet)
    snapshot.pages, snapshot.front, snapshot.complete = dict(made.pages), len(made.pages), True
    draft, same = Draft(snapshot), Draft(snapshot)
    for each in (draft, same):
        each.keep("note", "1", {"source": "ad"})
        each.record("status", [], START)
    saved = draft.savepoint()
    for found in list(draft.every_open_lot())[:20]:
        draft.replace(found, found._replace(remaining=0))
    draft.add(lot("9", 41))
    draft.owe(5)
    draft.keep("note", "2", {"source": "ad"})
    draft.record("burn", [], moment("+1d"))
    assert draft.decision() != same.decision()
    draft.rollback(saved)
    assert draft.decision() == same.decision()
