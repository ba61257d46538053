"""Holds: set aside from certain lots, capturable until their own deadline, whatever becomes of the lots (law 6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import (
    HoldNotOpen,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    PolicyViolation,
    WalletClosed,
    WalletFrozen,
)
from scrip.domain.wallets.holds import DRAWN, Hold
from tests.domain.builders import moment, steady, story
from tests.domain.memory import hoard, kinds, shaped, vault

# Placed


def test_a_hold_sets_credits_aside_in_burn_order_and_the_total_stays() -> None:
    made = vault("100 exp=+30d; 50 exp=+7d; 30 prio=0 cost=300USD")
    entry = made.hold(60)
    assert story([entry]) == ["hold +0 (30 of 3, 30 of 2)"], "no money leaves with what is only held"
    assert made.look() == Totals(available=120, held=60)
    assert made.open() == "2:20 1:100"
    assert made.found(4) == Hold(4, 60, moment("+15m"), "refuse", [(3, 30), (2, 30)])


def test_a_refused_hold_changes_nothing() -> None:
    made = vault("100")
    made.hold(70)
    before = (made.wallet, dict(made.sidecars), dict(made.dues))
    with pytest.raises(InsufficientCredits) as refusal:
        made.hold(31)
    assert refusal.value.facts == {"required": 31, "available": 30}
    assert (made.wallet, made.sidecars, made.dues) == before


def test_debt_cannot_be_held() -> None:
    made = vault("10", overdraft_limit=5)
    with pytest.raises(InsufficientCredits) as refusal:
        made.hold(11)
    assert refusal.value.facts == {"required": 11, "available": 10}


def test_a_hold_lasts_seven_days_at_most() -> None:
    made = vault("10")
    made.hold(1, "7d")
    with pytest.raises(InvalidRequest):
        made.hold(1, "604800001ms")
    with pytest.raises(InvalidRequest):
        made.extend(2, "604800001ms")
    with pytest.raises(InvalidRequest):
        made.hold(1, "0ms")


def test_credits_that_have_not_begun_cannot_be_held() -> None:
    made = vault("10 from=+1h")
    with pytest.raises(InsufficientCredits):
        made.hold(1)
    made.wait("1h")
    assert story([made.hold(1)]) == ["hold +0 (1 of 1)"]


# Given back


def test_a_release_gives_back_what_was_not_captured_the_last_drawn_first() -> None:
    made = vault("20; 10 prio=0")
    made.hold(25)
    made.capture(3, 4, final=False)
    assert story([made.release(3)]) == ["release +0 (15 of 1, 6 of 2)"]
    assert made.open() == "2:6 1:20"
    assert made.found(3).status == "released"


def test_a_hold_times_out_at_its_deadline_to_the_millisecond() -> None:
    """Law 5: whether or not it is booked."""
    made = vault("100")
    made.hold(30)
    assert made.look(moment("+15m-1ms")) == Totals(available=70, held=30)
    assert made.look(moment("+15m")) == Totals(available=100)
    assert (made.found(2).status, made.found(2, moment("+15m")).status) == ("open", "expired")
    made.wait("1h")
    assert made.sweep() == 1
    assert made.sweep() == 0
    assert story(made.entries[2:]) == ["release +0 (30 of 1)"]
    assert (made.entries[2].at, made.entries[2].cause) == (moment("+15m"), None)
    assert made.dues == {}


def test_a_burn_books_the_hold_that_timed_out_before_it_in_the_same_commit() -> None:
    made = vault("100")
    made.hold(30)
    made.wait("15m")
    made.burn(100)
    assert kinds(made.commits[-1].entries) == ["release", "burn"]


@pytest.mark.parametrize("ended", ["capture", "release", "time"])
def test_a_hold_that_has_ended_takes_nothing_more(ended: str) -> None:
    made = vault("100")
    made.hold(30)
    if ended == "time":
        made.wait("15m")
    else:
        getattr(made, ended)(2)
    before = made.wallet
    said = {"capture": "captured", "release": "released", "time": "expired"}[ended]
    attempts: list[Any] = [
        lambda: made.capture(2),
        lambda: made.capture(2, 1, final=False),
        lambda: made.release(2),
        lambda: made.extend(2, "1h"),
    ]
    for attempt in attempts:
        with pytest.raises(HoldNotOpen) as refusal:
            attempt()
        assert refusal.value.facts == {"hold_status": said}
    assert made.wallet == before


@pytest.mark.parametrize("text", ["1ms", "1m", "1h", "7d"])
def test_a_deadline_is_moved_sooner_or_later(text: str) -> None:
    made = vault("100")
    made.hold(30)
    made.wait("10m")
    entry = made.extend(2, text)
    assert story([entry]) == ["extend +0"]
    deadline = moment(f"+10m+{text}")
    assert made.found(2).expires_at == deadline
    assert made.look(deadline - 1) == Totals(available=70, held=30)
    assert made.look(deadline) == Totals(available=100)
    assert [due.at for due in made.dues.values()] == [deadline]


def test_there_is_no_hold_of_another_name() -> None:
    made = vault("100")
    made.hold(30)
    for seq in (0, 1, 3):
        with pytest.raises(NotFound):
            made.capture(seq)
    with pytest.raises(NotFound):
        made.found(1)


# Lots that end under a hold


def test_held_credits_of_an_expired_lot_are_captured_until_the_holds_own_deadline() -> None:
    made = vault("10 exp=+1h cost=100USD")
    made.hold(6, "1d")
    made.wait("2h")
    assert made.look() == Totals(held=6)
    made.sweep()
    made.until("+1d-1ms")
    made.capture(2)
    assert story(made.entries[2:]) == ["expiry -4 (4 of 1 for 40USD)", "capture -6 (6 of 1 for 60USD)"]


def test_what_is_given_back_to_an_expired_lot_expires_at_once() -> None:
    """Law 5: in the same commit, and its money is breakage."""
    made = vault("10 exp=+1h cost=100USD; 5")
    made.hold(12, "1d")
    made.wait("2h")
    entry = made.release(3)
    assert entry.extra["expiring"] == ["10", "10"], "an answer must not show it as available"
    assert story(made.commits[-1].entries) == [
        "release +0 (2 of 2, 10 of 1)",
        "expiry -10 (10 of 1 for 100USD)",
    ]
    assert [one.at for one in made.commits[-1].entries] == [moment("+2h"), moment("+2h")]
    assert made.look() == Totals(available=5)


def test_what_times_out_into_an_expired_lot_expires_at_that_instant() -> None:
    made = vault("10 exp=+1h")
    made.hold(10, "1d")
    made.wait("2d")
    assert made.look() == Totals()
    made.sweep()
    assert story(made.entries[2:]) == ["release +0 (10 of 1)", "expiry -10 (10 of 1)"]
    assert [one.at for one in made.entries[2:]] == [moment("+1d"), moment("+1d")]


def test_a_hold_and_its_lot_that_end_at_the_same_instant() -> None:
    """First the hold gives back, then the lot expires: once, and whole."""
    made = vault("10 exp=+1h")
    made.hold(6, "1h")
    assert made.look(moment("+1h-1ms")) == Totals(available=4, held=6)
    assert made.look(moment("+1h")) == Totals()
    made.wait("1h")
    made.sweep()
    assert story(made.entries[2:]) == ["release +0 (6 of 1)", "expiry -10 (10 of 1)"]


# Debt, and a wallet that is frozen or closed


@pytest.mark.parametrize(
    ("repays", "told", "left"),
    [
        (True, "release +0 (10 of 1, 4 of 1)", Totals(available=6)),
        (False, "release +0 (10 of 1)", Totals(available=10, owed=4)),
    ],
)
def test_what_is_given_back_repays_debt_first_where_its_lot_says_so(
    repays: bool, told: str, left: Totals
) -> None:
    made = vault("10", overdraft_limit=5, repay_first=repays)
    made.hold(10)
    made.burn(4)
    one = made.copy()
    assert story([made.release(2)]) == [told]
    assert made.look() == left
    one.wait("15m")
    one.sweep()
    assert story(one.entries[3:]) == [told]
    assert one.look() == left


def test_a_capture_that_gives_back_repays_debt_too() -> None:
    made = vault("10", overdraft_limit=5)
    made.hold(10)
    made.burn(5)
    made.capture(2, 2)
    assert story(made.entries[3:]) == ["release +0 (8 of 1, 5 of 1)", "capture -2 (2 of 1)"]
    assert made.look() == Totals(available=3)


def test_from_a_frozen_wallet_holds_are_captured_and_given_back_but_none_is_placed() -> None:
    made = vault("100")
    for _ in range(3):
        made.hold(10, over="burn_extra")
    made = shaped(made, status="frozen")
    with pytest.raises(WalletFrozen):
        made.hold(1)
    with pytest.raises(WalletFrozen):
        made.capture(2, 11)
    made.capture(2, 10)
    made.capture(3, 4)
    made.extend(4, "1h")
    made.release(4)
    assert made.look() == Totals(available=86)


def test_a_closed_wallet_says_so_of_every_hold_that_it_has_or_is_to_have() -> None:
    """And of one that it never had, that there is none: an unknown hold is refused first."""
    made = vault("10")
    made.hold(10)
    made.capture(2)
    made = shaped(made, status="closed")
    for refusal, seq in ((WalletClosed, 2), (NotFound, 9)):
        attempts: list[Any] = [
            lambda seq=seq: made.capture(seq),
            lambda seq=seq: made.capture(seq, 1, final=False),
            lambda seq=seq: made.release(seq),
            lambda seq=seq: made.extend(seq, "1h"),
        ]
        for attempt in attempts:
            with pytest.raises(refusal):
                attempt()
    with pytest.raises(WalletClosed):
        made.hold(1)


# Many of them


def test_5_000_open_holds_make_a_burn_no_slower() -> None:
    """They lie beside the wallet, and nothing reads them before they are asked for, or due."""
    plain = vault("100000")
    plain.burn(1)
    made = vault("100000")
    made.checked = False
    for number in range(5000):
        made.hold(2, f"{1000 + number}s")
    made.burn(1)
    assert (made.reads, made.commits[-1].items) == ([], plain.commits[-1].items)
    made.hold(2)
    assert (made.reads, made.commits[-1].items) == ([], 4), "the wallet, its entry, the hold and its deadline"
    made.capture(2500)
    assert (len(made.reads), made.commits[-1].items) == (1, 4)
    made.release(2501)
    assert (len(made.reads), made.commits[-1].items) == (1, 4)
    made.burn(1)
    assert (made.reads, made.commits[-1].items) == ([], plain.commits[-1].items)
    assert made.look() == Totals(available=90_000 - 2 + 2 - 2, held=10_002 - 4)
    made.check()


def test_holds_that_time_out_together_are_booked_a_part_at_a_time() -> None:
    made = vault("1000")
    made.checked = False
    for _ in range(300):
        made.hold(2)
    made.wait("1h")
    assert made.look() == Totals(available=1000)
    before = len(made.commits)
    assert made.burn(1000).amount == -1000
    assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits[before:])
    assert {entry.at for entry in made.entries[-301:-1]} == {moment("+15m")}
    assert kinds(made.entries[-301:]) == ["release"] * 300 + ["burn"]
    made.check()


def test_a_hold_of_hundreds_of_lots_is_captured_released_or_timed_out() -> None:
    held = hoard(700)
    held.hold(600)
    captured, released, parted, timed_out = (held.copy() for _ in range(4))
    captured.capture(701)
    assert captured.look() == Totals(available=100)
    released.release(701)
    assert released.look() == Totals(available=700)
    parted.capture(701, 599)
    assert parted.look() == Totals(available=101)
    timed_out.wait("1h")
    timed_out.burn(700)
    assert timed_out.look() == Totals()
    for made in (captured, released, parted, timed_out):
        assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits)
        assert made.found(701).held == 0
        made.check()


def test_a_hold_that_has_lost_its_draws_gives_nothing_back() -> None:
    """Those of hundreds of lots are kept apart: without them nobody knows which lots have the 600."""
    made = hoard(700)
    made.hold(600)
    del made.sidecars[DRAWN, "701"]
    with pytest.raises(LookupError, match="hold 701 has lost its draws"):
        made.release(701)
    assert made.wallet.totals == Totals(available=100, held=600)


def test_holds_of_hundreds_of_lots_time_out_together() -> None:
    """300 and 300 of 700 lots: all are there again, each in its place."""
    made = hoard(700)
    made.hold(300)
    made.hold(300)
    made.wait("1h")
    made.burn(650)
    assert made.look() == Totals(available=50)
    made.check()


class Promises(RuleBasedStateMachine):
    """Law 6 over random histories: at every moment every open hold can be captured whole."""

    def __init__(self) -> None:
        super().__init__()
        self.made = vault("50 exp=+2h; 30 cost=90USD exp=+20m", overdraft_limit=10)
        self.seqs: list[int] = []

    def open(self) -> list[Hold]:
        found = [self.made.found(seq) for seq in self.seqs]
        return [hold for hold in found if hold.status == "open"]

    @rule(
        amount=st.integers(1, 40), text=st.sampled_from(["", " exp=+1h", " cost=70USD", " scope=gpu exp=+3h"])
    )
    def grant(self, amount: int, text: str) -> None:
        if self.made.now < moment("+1h"):
            self.made.grant(f"{amount}{text}")

    @rule(
        amount=st.integers(1, 30),
        text=st.sampled_from(["1ms", "5m", "30m", "4h"]),
        meter=st.sampled_from([None, "gpu"]),
    )
    def hold(self, amount: int, text: str, meter: str | None) -> None:
        if amount <= self.made.look().available - (0 if meter else self.made.look().scoped):
            self.seqs.append(self.made.hold(amount, text, "burn_extra", meter).seq)

    @rule(amount=st.integers(1, 60))
    def burn(self, amount: int) -> None:
        self.made.burn(amount, "up_to")

    @precondition(lambda self: self.made.look().owed < 10)
    @rule()
    def overdraw(self) -> None:
        totals = self.made.look()
        self.made.burn(totals.available - totals.scoped + 1)

    @precondition(lambda self: self.open())
    @rule(data=st.data(), final=st.booleans())
    def capture(self, data: st.DataObject, final: bool) -> None:
        hold = data.draw(st.sampled_from(self.open()))
        amount = data.draw(st.integers(1, hold.held))
        self.made.capture(hold.seq, amount, final)

    @precondition(lambda self: self.open())
    @rule(data=st.data(), text=st.sampled_from(["1ms", "10m", "2h"]))
    def extend(self, data: st.DataObject, text: str) -> None:
        self.made.extend(data.draw(st.sampled_from(self.open())).seq, text)

    @precondition(lambda self: self.open())
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.made.release(data.draw(st.sampled_from(self.open())).seq)

    @rule(text=st.sampled_from(["1ms", "4m", "20m", "1h"]))
    def wait(self, text: str) -> None:
        self.made.wait(text)

    @rule()
    def sweep(self) -> None:
        self.made.sweep()

    @invariant()
    def every_open_hold_can_be_captured(self) -> None:
        still = self.open()
        assert self.made.look().held == sum(hold.held for hold in still)
        one = self.made.copy()
        for hold in still:
            assert hold.expires_at > one.now
            assert one.capture(hold.seq).amount == -hold.held
        one.check()


TestPromises = Promises.TestCase
TestPromises.settings = settings(steady, max_examples=40, stateful_step_count=20)


def test_what_fits_into_no_transaction_is_refused_and_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty lots held, a capture that burns fifty more, each at rest in a block of its own: over a hundred items."""
    monkeypatch.setattr(limits, "BLOCK_SEQS", 1)
    made = vault("; ".join(["1"] * 110))
    held = made.hold(50, over="burn_extra").seq
    with pytest.raises(PolicyViolation) as refusal:
        made.capture(held, 100)
    assert refusal.value.facts["policy"] == "max_lots_per_burn"
    assert made.look() == Totals(available=60, held=50)
    made.capture(held, 50)
    made.burn(50)
    assert made.look() == Totals(available=10)


def test_a_hold_of_before_has_its_draws_in_its_own_record_however_many_and_goes_on() -> None:
    """What was stored before draws were kept apart: a record of 20 draws, without ``apart``."""
    made = vault("; ".join(["5"] * 21))
    seq = made.hold(100).seq
    record, drawn = made.sidecars["hold", str(seq)], made.sidecars.pop(("drawn", str(seq)))
    assert (record["apart"], "draws" in record, len(drawn["draws"])) == (True, False, 20)
    before = {**{name: value for name, value in record.items() if name != "apart"}, **drawn}
    made.sidecars["hold", str(seq)] = before
    made.capture(seq, 12, final=False)
    assert made.found(seq).captured == 12
    assert made.sidecars["hold", str(seq)] == {**before, "captured": "12"}
    made.release(seq)
    assert made.look() == Totals(available=93)
