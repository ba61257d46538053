"""One decision on one version of a wallet: what is due comes first, and what does not fit beside it comes after it
(law 5). A grant of 10 until the day after the start, and one of 5 for ever."""

from __future__ import annotations

import pytest

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Crowded, InsufficientCredits, PolicyViolation
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.burns import Burn, burn
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.decisions import Act, decide
from tests.domain.builders import START, moment, story
from tests.domain.memory import vault

CAUSE = Cause("k.b1", "f", "key:k1")
EXPIRY = moment("+1d")


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot(vault("10 exp=+1d; 5").wallet)


def burning(amount: int) -> Act:
    return lambda draft, now: burn(draft, Burn(amount, Policy()), now, CAUSE)


def nothing(_draft: Draft, _now: int) -> None:
    """Only time is at work."""


def crowded(_draft: Draft, _now: int) -> Entry:
    raise Crowded


def test_before_anything_is_due_the_request_alone_is_decided(snapshot: Snapshot) -> None:
    decided = decide(snapshot, EXPIRY - 1, EXPIRY + 7, burning(12))
    assert story(decided.decision.entries) == ["burn -12 (10 of 1, 2 of 2)"]
    assert decided.entry is decided.decision.entries[-1]
    assert (decided.decision.seen, decided.decision.wallet.version) == (2, 3)


def test_what_is_due_is_booked_ahead_of_the_request_in_one_decision(snapshot: Snapshot) -> None:
    decided = decide(snapshot, EXPIRY, EXPIRY + 7, burning(3))
    assert story(decided.decision.entries) == ["expiry -10 (10 of 1)", "burn -3 (3 of 2)"]
    assert decided.entry is decided.decision.entries[-1]


def test_a_request_is_refused_on_what_is_left_after_time_was_at_work(snapshot: Snapshot) -> None:
    with pytest.raises(InsufficientCredits):
        decide(snapshot, EXPIRY, EXPIRY + 7, burning(12))


def test_where_there_is_nothing_to_commit_it_says_when_time_changes_the_wallet_next(
    snapshot: Snapshot,
) -> None:
    decided = decide(snapshot, START, START, nothing)
    assert (decided.decision.entries, decided.entry, decided.next_change) == ((), None, EXPIRY)


def test_what_is_due_is_committed_where_nobody_asks_for_anything(snapshot: Snapshot) -> None:
    decided = decide(snapshot, EXPIRY, EXPIRY + 7, nothing)
    assert story(decided.decision.entries) == ["expiry -10 (10 of 1)"]
    assert (decided.entry, decided.next_change) == (None, None)


def test_a_request_that_does_not_fit_beside_what_is_due_is_decided_after_it(snapshot: Snapshot) -> None:
    decided = decide(snapshot, EXPIRY, EXPIRY + 7, crowded)
    assert story(decided.decision.entries) == ["expiry -10 (10 of 1)"]
    assert decided.entry is None


def test_what_fits_into_no_commit_at_all_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(PolicyViolation):
        decide(snapshot, START, START, crowded)
